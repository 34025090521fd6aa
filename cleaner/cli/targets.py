"""The files and folders named to ``check`` and ``fix``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from cleaner.cli.options import Command, NeededArgument, with_options
from cleaner.corpus.inputs import Input, find
from cleaner.inplace.rows import is_large
from cleaner.settings.files import Configuration

#: Files for each worker process: with fewer, starting one takes longer than it saves.
FILES_PER_WORKER = 20


@dataclass(frozen=True, slots=True)
class Targets:
    """The files and folders named, and whether excluded files are left out even when they are named."""

    paths: tuple[Path, ...]
    force_exclude: bool

    def inputs(self, configuration: Configuration) -> Iterator[Input]:
        """Yield the files named and those in the folders named, without the excluded ones."""
        for path in self.paths:
            if not path.is_dir():
                if not (self.force_exclude and configuration.excludes(path)):
                    yield Input(path.as_posix(), path)  # an unreadable one as well: it is reported later
                continue
            for item in find(path):
                if item.path and not configuration.excludes(item.path, None if self.force_exclude else path):
                    yield Input(item.path.as_posix(), item.path, item.reason, item.message)

    def worker_count(self, jobs: int) -> int:
        """Return how many of ``jobs`` worker processes to start: few files need fewer."""
        if any(path.is_dir() or is_large(path) for path in self.paths):
            return jobs
        return min(jobs, len(self.paths) // FILES_PER_WORKER + 1)


def targets_options(command: Command) -> Command:
    """Add PATHS and --force-exclude; the command gets one ``targets``."""

    def wrapper(paths: tuple[Path, ...], force_exclude: bool, **values: Any) -> Any:
        return command(targets=Targets(paths, force_exclude), **values)

    path = click.Path(path_type=Path, readable=False)
    excluded = click.option("--force-exclude", is_flag=True, help="Leave out excluded files even when they are named.")
    named = click.argument("paths", metavar="PATHS...", nargs=-1, required=True, type=path, cls=NeededArgument)
    return with_options(command, wrapper, [named, excluded])
