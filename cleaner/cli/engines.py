"""Options that say where the work of a run is done: on this machine, or by an engine that spreads it over many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
from click.core import ParameterSource

from cleaner.cli.options import Command, standing_for
from cleaner.corpus.run import Job
from cleaner.corpus.run import run as run_job
from cleaner.corpus.task import Format
from cleaner.report.rows import Row
from cleaner.report.summary import Summary

_LOCAL, _RAY = "local", "ray"


@dataclass(frozen=True, slots=True)
class Engine:
    """Where the work is done; ``address`` is that of a cluster, None for an engine of our own."""

    name: str = _LOCAL
    address: str | None = None

    def format(self, wanted: Format) -> Format:
        """The format of outputs. Raises UsageError where options do not go with the engine."""
        if self.name == _LOCAL:
            if self.address is not None:
                raise click.UsageError("--ray-address goes with --engine ray; add that, or leave it out.")
            return wanted
        if wanted != "parquet" and _given("format"):
            raise click.UsageError("--engine ray writes Parquet; leave out --format, or --engine for other formats.")
        if self.address is not None and _given("jobs"):
            raise click.UsageError("how much is done at once is up to the cluster; leave out --jobs, or --ray-address.")
        return "parquet"

    def run(self, job: Job, seen: Callable[[Row], None], counted: Callable[[], None]) -> Summary:
        """Do a job; see ``cleaner.corpus.run``."""
        if self.name == _LOCAL:
            return run_job(job, seen, counted)
        from cleaner.engines.ray.run import run  # noqa: PLC0415 (an extra)

        return run(job, self.address, seen, counted)


def engine_options(command: Command) -> Command:
    """Add --engine and --ray-address; the command gets one ``engine``."""

    def gathered(engine: str, ray_address: str | None, **values: Any) -> Any:
        return command(engine=Engine(engine, ray_address), **values)

    standing_for(command, gathered)
    for add in reversed(_OPTIONS):
        gathered = add(gathered)
    return gathered  # type: ignore[return-value]


def _given(name: str) -> bool:
    context = click.get_current_context()
    return context.get_parameter_source(name) not in (None, ParameterSource.DEFAULT)


_OPTIONS = (
    click.option(
        "--engine",
        type=click.Choice((_LOCAL, _RAY)),
        default=_LOCAL,
        show_default=True,
        help="What does the work; ray spreads it over machines and writes Parquet (docs/engines.md).",
    ),
    click.option(
        "--ray-address",
        metavar="ADDRESS",
        help="The Ray cluster to use, such as auto or 10.0.0.1:6379; without it Ray is started here.",
    ),
)
