"""Options for the engine of a run: local on this machine, or Ray on many machines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
from click.core import ParameterSource

from cleaner.cli.options import Command, with_options
from cleaner.corpus.run import Job, run_job
from cleaner.corpus.task import OutputFormat
from cleaner.report.rows import Row
from cleaner.report.summary import Summary

_LOCAL, _RAY = "local", "ray"


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine, and the ``address`` of a cluster; None starts the engine on this machine."""

    name: str = _LOCAL
    address: str | None = None

    def format(self, wanted: OutputFormat) -> OutputFormat:
        """Return the format of the outputs. Raises UsageError for options that the engine does not take."""
        if self.name == _LOCAL:
            if self.address is not None:
                raise click.UsageError("--ray-address goes with --engine ray; add that, or leave it out.")
            return wanted
        if wanted != "parquet" and _given("format"):
            raise click.UsageError("--engine ray writes Parquet; leave out --format, or --engine for other formats.")
        if self.address is not None and _given("jobs"):
            raise click.UsageError("--jobs has no effect on a cluster; leave out --jobs, or --ray-address.")
        return "parquet"

    def run(self, job: Job, on_row: Callable[[Row], None], on_counted: Callable[[], None]) -> Summary:
        """Do a job, as ``cleaner.corpus.run.run_job`` does."""
        if self.name == _LOCAL:
            return run_job(job, on_row, on_counted)
        from cleaner.engines.ray.run import run_job_on_ray  # noqa: PLC0415 (an extra)

        return run_job_on_ray(job, self.address, on_row, on_counted)


def engine_options(command: Command) -> Command:
    """Add --engine and --ray-address; the command gets one ``engine``."""

    def wrapper(engine: str, ray_address: str | None, **values: Any) -> Any:
        return command(engine=Engine(engine, ray_address), **values)

    return with_options(command, wrapper, _OPTIONS)


def _given(name: str) -> bool:
    context = click.get_current_context()
    return context.get_parameter_source(name) not in (None, ParameterSource.DEFAULT)


_OPTIONS = (
    click.option(
        "--engine",
        type=click.Choice((_LOCAL, _RAY)),
        default=_LOCAL,
        show_default=True,
        help="Where to clean: local, or ray, which uses many machines and writes Parquet (docs/engines.md).",
    ),
    click.option(
        "--ray-address",
        metavar="ADDRESS",
        help="The Ray cluster to use, such as auto or 10.0.0.1:6379; without it Ray is started on this machine.",
    ),
)
