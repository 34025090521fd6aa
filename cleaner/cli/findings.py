"""What ``check`` finds, in files and in the rows of data files: lines for the terminal, and patches."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

from cleaner import hook
from cleaner.cli.terminal import fail
from cleaner.corpus.account.ours import is_ours
from cleaner.corpus.inputs import Input
from cleaner.corpus.inputs.formats.spans import row_span
from cleaner.corpus.items import Fields
from cleaner.corpus.workers import Failure, Pool, message_of, ordered
from cleaner.corpus.workers.limits import Limits
from cleaner.errors import CleanScrapeError
from cleaner.hook.compared import Compared
from cleaner.hook.literal import merged
from cleaner.hook.regions import regions_of_file, regions_of_row
from cleaner.hook.replace import changed, read_file
from cleaner.hook.rows import Row, RowCleaned, clean_row, is_data_file, no_patch_of, rows_of
from cleaner.hunks import git_patch, hunks
from cleaner.records import Cleaned
from cleaner.report.escape import display_name, shown
from cleaner.report.findings import Removal, Where, removals
from cleaner.report.lines import findings
from cleaner.report.rows import page_row
from cleaner.report.summary import counted
from cleaner.settings import Settings

#: What is checked at a time: a file, or a row of a data file.
Unit = Input | Row

#: Characters of an id or a URL that a finding shows.
LONGEST_LABEL = 80


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: its lines for the terminal, a patch when one is asked for and possible.

    For rows ``gone`` has the offsets in the file of what would go, with the bytes there. ``removals`` are the findings
    as records, where they are asked for.
    """

    lines: tuple[str, ...]
    patch: bytes = b""
    gone: tuple[tuple[int, bytes], ...] = ()
    removals: tuple[Removal, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """How units are checked; there are patches when a ``top`` is given for their paths.

    ``compared`` is the profile of their sites, None when there is none. With ``records_from``, a folder, there are
    records of the findings, whose paths count from there.
    """

    settings: Settings
    fields: Fields
    top: Path | None
    compared: Compared | None = None
    records_from: Path | None = None

    def results(self, units: Iterable[Unit], jobs: int) -> Iterator[tuple[Unit, Finding | Failure]]:
        """Yield each unit with what was found in it, in order."""
        if jobs < 2:
            yield from ordered(self.find_in, units, 1)
            return
        with Pool(self.find_in, jobs, Limits(), size_of) as pool:
            yield from pool.ordered(units)

    def find_in(self, unit: Unit) -> Finding:
        """Check one unit; this is what a worker does. Raises CleanScrapeError."""
        return self._in_row(unit) if isinstance(unit, Row) else self._in_file(unit)

    def _in_file(self, item: Input) -> Finding:
        path = item.path or Path(item.name)
        if is_ours(path):
            return Finding(())
        cleaned = hook.findings(path, self.settings, self.compared)
        lines = tuple(findings(cleaned, item.source))
        if self.records_from is not None:
            regions = regions_of_file(cleaned, read_file(path)[0]) if lines else ()
            where = Where(patched_name(path, self.records_from), regions=regions)
            return Finding(lines, removals=tuple(removals(cleaned, where)))
        if self.top is None or not lines or not hook.patchable(path, cleaned):
            return Finding(lines)
        return Finding(lines, git_patch(patched_name(path, self.top), page_row(cleaned)[2]))

    def _in_row(self, row: Row) -> Finding:
        found = clean_row(row, self.fields, self.settings, self.compared)
        if self.records_from is not None:
            exact = bool(found.gone) and not no_patch_of(row.path)
            regions = regions_of_row(row, row_span(row.line, self.fields.text)) if exact else ()
            where = Where(patched_name(row.path, self.records_from), row.number, label_of(found), regions)
            return Finding(tuple(_row_lines(row, found)), removals=tuple(removals(found.cleaned, where)))
        gone = tuple((row.start + start, row.line[start:end]) for start, end in found.gone)
        return Finding(tuple(_row_lines(row, found)), gone=gone if self.top else ())


def units_of(items: Iterable[Input]) -> Iterator[Unit]:
    """Yield the files, and the rows of data files that are not outputs of ours, in place of those."""
    for item in items:
        path = item.path or Path(item.name)
        if item.reason or not is_data_file(path):
            yield item
        elif not is_ours(path):
            yield from rows_of(path)


def size_of(unit: Unit) -> int:
    """About how many bytes a unit has."""
    return len(unit.line) if isinstance(unit, Row) else unit.size


def page_of(unit: Unit, fields: Fields, settings: Settings, compared: Compared | None) -> Cleaned:
    """The page of a unit, cleaned. Raises CleanScrapeError."""
    if isinstance(unit, Row):
        return clean_row(unit, fields, settings, compared).cleaned
    return hook.findings(unit.path or Path(unit.name), settings, compared)


def _row_lines(row: Row, found: RowCleaned) -> Iterator[str]:
    """Yield ``path:row: CODE reason (line 3 of ID) [score]`` for each line that would go, blank ones aside."""
    label = label_of(found)
    for verdict in found.cleaned.dropped:
        if not verdict.line.blank:
            where = f"(line {verdict.line.number} of its text{label and f'; {label}'})"
            said = f"{row.source}: {verdict.code} {verdict.why} {where} [{verdict.drop_probability:.2f}]"
            yield shown(said)


def label_of(found: RowCleaned) -> str:
    """The id of a row, or else its URL, as a finding shows it."""
    return found.label if len(found.label) <= LONGEST_LABEL else found.label[: LONGEST_LABEL - 3] + "..."


@dataclass(slots=True)
class Failed:
    """Says what could not be processed and why, and counts it."""

    files: int = 0
    rows: int = 0

    def tell(self, unit: Unit, error: CleanScrapeError | Failure) -> None:
        """Name a file or row with what was wrong."""
        message = error.message if isinstance(error, Failure) else message_of(error)
        fail(f"{unit.source}: {message} [{error.reason}]")
        if isinstance(unit, Row) and unit.number:
            self.rows += 1
        else:
            self.files += 1

    def __bool__(self) -> bool:
        return bool(self.files or self.rows)

    def __str__(self) -> str:
        counts = ((self.files, "file"), (self.rows, "row"))
        return " and ".join(counted(count, what) for count, what in counts if count)


@dataclass(slots=True)
class Printer:
    """Prints findings as they come, or patches when there is a ``top`` for their paths; ``close`` it in the end.

    Findings that no patch can hold go to standard error then. ``failed`` gets files changed since they were read.
    """

    top: Path | None
    failed: Failed
    _path: Path | None = None
    _patchable: bool = False
    _gone: list[tuple[int, bytes]] = field(default_factory=list)

    def show(self, unit: Unit, finding: Finding) -> None:
        """Print what was found in a unit; what was found in a row waits for the patch of its file."""
        if isinstance(unit, Row) and finding.gone and self._takes(unit.path):
            self._gone += finding.gone
        elif finding.patch:
            _print_patch(finding.patch)
        else:
            for line in finding.lines:
                click.echo(line, err=self.top is not None)

    def failed_at(self, unit: Unit, failure: Failure) -> None:
        """A failure is told on standard error alone."""

    def _takes(self, path: Path) -> bool:
        """True when there can be a patch of a data file; says so when there cannot."""
        if path != self._path:
            self.close()
            hindrance = no_patch_of(path)
            self._path, self._patchable = path, not hindrance
            if hindrance:
                fail(f"{display_name(path.as_posix())}: {hindrance}, so there is no patch; these are the findings")
        return self._patchable

    def close(self) -> None:
        """Print the patch of the data file that came last."""
        gone, self._gone = self._gone, []
        if not (gone and self._path and self.top):
            return
        try:
            data, _ = read_file(self._path)
            if any(data[start : start + len(taken)] != taken for start, taken in gone):
                raise changed(self._path)
        except CleanScrapeError as error:
            self.failed.tell(Row(self._path, 0), error)
            return
        spans = merged((start, start + len(taken)) for start, taken in gone)
        _print_patch(git_patch(patched_name(self._path, self.top), hunks(data, spans)))


def _print_patch(patch: bytes) -> None:
    """For people a patch is made safe: what a page holds must not steer the terminal."""
    if sys.stdout.isatty():
        patch = "".join(shown(line) + "\n" for line in patch.decode("utf-8", "replace").split("\n")[:-1]).encode()
    click.echo(patch, nl=False)


def patched_name(path: Path, top: Path) -> str:
    """The name of a file in a patch: below ``top`` where it lies there, else its whole path."""
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links, which git does not
    return (whole.relative_to(top) if whole.is_relative_to(top) else whole).as_posix().lstrip("/")
