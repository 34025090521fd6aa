"""How ``check`` says what it found: the formats, standard output or a file, and patches."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import copyfileobj, get_terminal_size
from tempfile import SpooledTemporaryFile
from typing import Any, Protocol

import click

from cleaner.cli.check_patches import Patches
from cleaner.cli.check_search import Detail, Failed, Unit, UnitFindings, whence_of
from cleaner.cli.options import Command, standing_for
from cleaner.cli.terminal import fail
from cleaner.corpus.inputs import Input
from cleaner.errors import CleanScrapeError, InputError
from cleaner.files.atomic import replace_unchanged, snapshot
from cleaner.report.findings.concise import Concise
from cleaner.report.findings.document import Document
from cleaner.report.findings.full import Full, plain
from cleaner.report.findings.github import GitHub
from cleaner.report.findings.record import Problem, Renderer
from cleaner.report.findings.sarif import Sarif
from cleaner.workers.pool import Failure, message_of

#: The formats, and what their findings carry; the first is the usual one.
FORMATS: dict[str, Detail] = {
    "concise": "",
    "full": "evidence",
    "github": "places",
    "json": "places",
    "sarif": "places",
}
USUAL = next(iter(FORMATS))

#: Columns that the format for people takes at least, and in a file at most.
NARROWEST, WIDEST = 40, 120

#: Bytes of a report that are kept in memory before they go to a file.
_IN_MEMORY = 8 * 1024 * 1024

_STYLES: dict[str, dict[str, Any]] = {"head": {"bold": True}, "line": {"fg": "red"}, "faint": {"dim": True}}


class Sink(Protocol):
    """Takes what was found; ``close`` it in the end."""

    def show(self, unit: Unit, found: UnitFindings) -> None:
        """Take what was found in a unit."""

    def problem(self, unit: Unit, failure: Failure) -> None:
        """Take that a unit could not be checked."""

    def close(self) -> None:
        """Say the rest."""


@dataclass(frozen=True, slots=True)
class Report:
    """Writes what a renderer makes of findings."""

    renderer: Renderer
    write: Callable[[str], object]

    def show(self, unit: Unit, found: UnitFindings) -> None:
        """Write the findings."""
        for finding in found.findings:
            self.write(self.renderer.finding(finding))

    def problem(self, unit: Unit, failure: Failure) -> None:
        """Write that a unit could not be checked."""
        self.write(self.renderer.problem(Problem(whence_of(unit), failure.reason, failure.message)))

    def close(self) -> None:
        """Write what stands behind all findings."""
        self.write(self.renderer.end())
        for remark in self.renderer.remarks():
            fail(remark)


@dataclass(frozen=True, slots=True)
class Output:
    """The format of the findings, or patches instead; ``path`` is the file to write to, None for standard output."""

    format: str
    path: Path | None
    diff: bool

    @property
    def plain(self) -> bool:
        """True when nothing was asked for: findings in the usual format on standard output."""
        return self.format == USUAL and self.path is None and not self.diff

    @property
    def detail(self) -> Detail:
        """What findings are to carry."""
        return "" if self.diff else FORMATS[self.format]

    def refuse(self, paths: Iterable[Path]) -> None:
        """Raise UsageError when the file to write is one of the files to check."""
        if self.path and any(_same(path, self.path) for path in paths):
            raise click.UsageError(f"{str(self.path)!r} is to be checked; name another file with -o.")

    def others(self, items: Iterable[Input]) -> Iterator[Input]:
        """Yield the items but for the file that is written: what it holds are the findings of an earlier check."""
        for item in items:
            if not (self.path and _same(item.path or Path(item.name), self.path)):
                yield item

    @contextmanager
    def opened(self, top: Path, failed: Failed) -> Iterator[Sink]:
        """What takes the findings; closed when the block ends well. A file is written whole then, or not at all.

        Paths are given from ``top`` on where the format wants that. Raises InputError for a file that cannot be
        written.
        """
        if self.diff:
            patches = Patches(top, failed)
            yield patches
            patches.close()
            return
        with _file(self.path) if self.path else _standard(self.format) as write:
            report = Report(self._renderer(top), write)
            write(report.renderer.begin())
            yield report
            report.close()

    def _renderer(self, top: Path) -> Renderer:
        made: dict[str, Callable[[], Renderer]] = {
            "concise": Concise,
            "full": partial(Full, WIDEST) if self.path else lambda: Full(_columns(), _paint()),
            "github": partial(GitHub, top),
            "json": Document,
            "sarif": partial(Sarif, top),
        }
        return made[self.format]()


def output_options(command: Command) -> Command:
    """Add --format, --output and --diff; the command gets one ``output``."""

    def gathered(format: str, path: Path | None, diff: bool, **values: Any) -> Any:
        if diff and (format != USUAL or path):
            raise click.UsageError("--diff prints a patch, which has a format of its own and goes to standard output.")
        return command(output=Output(format, path, diff), **values)

    standing_for(command, gathered)
    for add in reversed(_OPTIONS):
        gathered = add(gathered)
    return gathered  # type: ignore[return-value]


_OPTIONS = (
    click.option(
        "--format", type=click.Choice(list(FORMATS)), default=USUAL, help="How findings are printed; concise by itself."
    ),
    click.option(
        "--output",
        "-o",
        "path",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write the findings into FILE, not to standard output.",
    ),
    click.option("--diff", is_flag=True, help="Print a patch of the text files instead, for git apply."),
)


def _same(one: Path, other: Path) -> bool:
    return os.path.abspath(one) == os.path.abspath(other)  # noqa: PTH100 - no link is followed


def _columns() -> int:
    return max(get_terminal_size().columns, NARROWEST)


def _paint() -> Callable[[str, str], str]:
    """Colour for people who want it."""
    context = click.get_current_context(silent=True)
    without = (context is not None and context.color is False) or os.environ.get("TERM") == "dumb"
    return plain if without or not sys.stdout.isatty() else lambda role, text: click.style(text, **_STYLES[role])


@contextmanager
def _standard(form: str) -> Iterator[Callable[[str], object]]:
    """Writes to standard output; what programs read is UTF-8, whatever the terminal is."""
    people = form in ("concise", "full")
    yield lambda text: click.echo(text if people else text.encode(), nl=False)


@contextmanager
def _file(path: Path) -> Iterator[Callable[[str], object]]:
    """Writes to a file that takes the place of the one at ``path`` when the block ends well."""
    if not path.parent.is_dir():  # said before the work
        raise InputError(f"{path}: there is no folder {path.parent}; make it first", source=str(path))
    try:
        before = snapshot(path) if os.path.lexists(path) else None
        # Nothing is put beside the file before the end: the folder may be one of those that are checked.
        with SpooledTemporaryFile(_IN_MEMORY) as draft:
            yield lambda text: draft.write(text.encode())
            draft.seek(0)
            with replace_unchanged(path, before) as file:
                copyfileobj(draft, file)
    except CleanScrapeError as error:
        raise InputError(f"{path}: {message_of(error)}", source=str(path), reason=error.reason) from error
