"""How ``check`` prints its findings: the formats, and standard output or a file."""

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
from cleaner.cli.check_units import Failures, FindingDetail, Unit, UnitFindings, unit_origin
from cleaner.cli.options import Command, with_options
from cleaner.cli.terminal import fail
from cleaner.corpus.inputs import Input
from cleaner.errors import CleanScrapeError, InputError
from cleaner.files.atomic import replace_unchanged, snapshot_if_there
from cleaner.report.findings.concise import Concise
from cleaner.report.findings.document import Document
from cleaner.report.findings.full import Full, no_paint
from cleaner.report.findings.github import GitHub
from cleaner.report.findings.record import Problem, Renderer
from cleaner.report.findings.sarif import Sarif
from cleaner.workers.pool import Failure, message_without_source

#: The formats, and the additional details that their findings need.
FORMATS: dict[str, FindingDetail] = {
    "concise": "",
    "full": "evidence",
    "github": "places",
    "json": "places",
    "sarif": "places",
    "diff": "",
}

#: The default format, and the format that is a patch.
DEFAULT_FORMAT, DIFF = "concise", "diff"

#: Columns of the format ``full``: the least on a terminal, and those of a file.
MIN_TERMINAL_COLUMNS, FILE_COLUMNS = 40, 120

#: Bytes of a report that are kept in memory before they go to a temporary file.
_SPOOL_BYTES = 8 * 1024 * 1024

_STYLES: dict[str, dict[str, Any]] = {"head": {"bold": True}, "line": {"fg": "red"}, "faint": {"dim": True}}


class Sink(Protocol):
    """Takes findings and prints them; call ``close`` at the end."""

    def show(self, unit: Unit, found: UnitFindings) -> None:
        """Take the findings in a unit."""

    def problem(self, unit: Unit, failure: Failure) -> None:
        """Take the reason why a unit could not be checked."""

    def close(self) -> None:
        """Write what is still to be written."""


@dataclass(frozen=True, slots=True)
class RenderedReport:
    """A sink that writes findings with a renderer."""

    renderer: Renderer
    write: Callable[[str], object]

    def show(self, unit: Unit, found: UnitFindings) -> None:
        """Write the findings."""
        for finding in found.findings:
            self.write(self.renderer.finding(finding))

    def problem(self, unit: Unit, failure: Failure) -> None:
        """Write that a unit could not be checked."""
        self.write(self.renderer.problem(Problem(unit_origin(unit), failure.reason, failure.message)))

    def close(self) -> None:
        """Write the text after all findings."""
        self.write(self.renderer.end())
        for remark in self.renderer.remarks():
            fail(remark)


@dataclass(frozen=True, slots=True)
class Output:
    """The format of the findings, and the file to write them to; None for standard output."""

    format: str
    path: Path | None

    @property
    def usual(self) -> bool:
        """True for findings in the default format on standard output."""
        return self.format == DEFAULT_FORMAT and self.path is None

    @property
    def diff(self) -> bool:
        """True when findings are printed as patches."""
        return self.format == DIFF

    @property
    def detail(self) -> FindingDetail:
        """The additional details that findings need for this format."""
        return FORMATS[self.format]

    def refuse(self, paths: Iterable[Path]) -> None:
        """Raise UsageError when the file to write is one of the files to check."""
        if self.path and any(_same(path, self.path) for path in paths):
            raise click.UsageError(f"{str(self.path)!r} is to be checked; name another file with -o.")

    def without_own(self, items: Iterable[Input]) -> Iterator[Input]:
        """Yield the items without the file to write, which may hold the findings of an earlier check."""
        for item in items:
            if not (self.path and _same(item.path or Path(item.name), self.path)):
                yield item

    @contextmanager
    def open_sink(self, root: Path, failures: Failures) -> Iterator[Sink]:
        """Yield the sink of the findings, which is closed when the block ends without an error.

        A file is written only then, as a whole. ``root`` is the root of the repository, from which some formats count
        paths. Raises InputError for a file that cannot be written.
        """
        if self.diff:
            patches = Patches(root, failures)
            yield patches
            patches.close()
            return
        with _file(self.path) if self.path else _standard(self.format) as write:
            report = RenderedReport(self._renderer(root), write)
            write(report.renderer.begin())
            yield report
            report.close()

    def _renderer(self, root: Path) -> Renderer:
        makers: dict[str, Callable[[], Renderer]] = {
            "concise": Concise,
            "full": partial(Full, FILE_COLUMNS) if self.path else lambda: Full(_terminal_columns(), _paint()),
            "github": partial(GitHub, root),
            "json": Document,
            "sarif": partial(Sarif, root),
        }
        return makers[self.format]()


def output_options(command: Command) -> Command:
    """Add --format, --output and --diff; the command gets one ``output``."""

    def wrapper(format: str, path: Path | None, diff: bool, **values: Any) -> Any:
        if diff and format not in (DEFAULT_FORMAT, DIFF):
            raise click.UsageError("--diff is short for --format diff; leave out one of the two.")
        format = DIFF if diff else format
        if path and format == DIFF:
            raise click.UsageError("--format diff prints a patch to standard output; leave out -o.")
        return command(output=Output(format, path), **values)

    return with_options(command, wrapper, _OPTIONS)


_OPTIONS = (
    click.option(
        "--format",
        type=click.Choice(list(FORMATS)),
        default=DEFAULT_FORMAT,
        show_default=True,
        help="The form of the findings; diff is a patch of text files and JSONL, for git apply.",
    ),
    click.option(
        "--output",
        "-o",
        "path",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write the findings into FILE, not to standard output.",
    ),
    click.option("--diff", is_flag=True, help="Short for --format diff."),
)


def _same(one: Path, other: Path) -> bool:
    return os.path.abspath(one) == os.path.abspath(other)  # noqa: PTH100 - no link is followed


def _terminal_columns() -> int:
    return max(get_terminal_size().columns, MIN_TERMINAL_COLUMNS)


def _paint() -> Callable[[str, str], str]:
    """Return the function that colours texts; it leaves them unchanged where colour is not wanted or not possible."""
    context = click.get_current_context(silent=True)
    without = (context is not None and context.color is False) or os.environ.get("TERM") == "dumb"
    return no_paint if without or not sys.stdout.isatty() else lambda role, text: click.style(text, **_STYLES[role])


@contextmanager
def _standard(form: str) -> Iterator[Callable[[str], object]]:
    """Write to standard output; formats for programs are written in UTF-8, whatever the terminal uses."""
    for_people = form in ("concise", "full")
    yield lambda text: click.echo(text if for_people else text.encode(), nl=False)


@contextmanager
def _file(path: Path) -> Iterator[Callable[[str], object]]:
    """Write to a file that takes the place of the one at ``path`` when the block ends without an error."""
    if not path.parent.is_dir():  # report this before all the work is done
        raise InputError(f"{path}: there is no folder {path.parent}; make it first", source=str(path))
    try:
        before = snapshot_if_there(path)
        # No file is created beside it before the end, since the folder may be one of those that are checked.
        with SpooledTemporaryFile(_SPOOL_BYTES) as draft:
            yield lambda text: draft.write(text.encode())
            draft.seek(0)
            with replace_unchanged(path, before) as file:
                copyfileobj(draft, file)
    except CleanScrapeError as error:
        raise InputError(f"{path}: {message_without_source(error)}", source=str(path), reason=error.reason) from error
