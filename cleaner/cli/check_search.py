"""What ``check`` finds, in files and in the rows of data files, and what it could not check."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from cleaner.cli.terminal import fail
from cleaner.corpus.finished.own_files import is_ours
from cleaner.corpus.inputs import Input
from cleaner.corpus.items import Fields
from cleaner.diff import git_patch
from cleaner.errors import CleanScrapeError
from cleaner.inplace.rows import DataRow, clean_row, is_data_file, read_data_rows
from cleaner.inplace.sites import Compared
from cleaner.inplace.text import check_file, patchable
from cleaner.records import Cleaned
from cleaner.report.findings.places import places_in_row, places_in_text
from cleaner.report.findings.record import Finding, Placed, Whence, findings_of
from cleaner.report.rows import page_row
from cleaner.report.summary import format_count
from cleaner.settings.record import Settings
from cleaner.workers.limits import Limits
from cleaner.workers.pool import Failure, Pool, message_of, ordered

#: What is checked at a time: a file, or a row of a data file.
Unit = Input | DataRow

#: What findings carry besides: nothing, their places in their files, or the lines around them and the evidence.
Detail = Literal["", "places", "evidence"]


@dataclass(frozen=True, slots=True)
class UnitFindings:
    """What a check found in a unit, and a patch when one is asked for and possible.

    For rows ``gone`` has the offsets in the file of what would go, with the bytes there.
    """

    findings: tuple[Finding, ...]
    patch: bytes = b""
    gone: tuple[tuple[int, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """How units are checked; there are patches when a ``top`` is given for their paths.

    ``compared`` is the profile of their sites, None when there is none.
    """

    settings: Settings
    fields: Fields
    top: Path | None
    compared: Compared | None = None
    detail: Detail = ""

    def results(self, units: Iterable[Unit], jobs: int) -> Iterator[tuple[Unit, UnitFindings | Failure]]:
        """Yield each unit with what was found in it, in order."""
        if jobs < 2:
            yield from ordered(self.find_in, units, 1)
            return
        with Pool(self.find_in, jobs, Limits(), size_of) as pool:
            yield from pool.ordered(units)

    def find_in(self, unit: Unit) -> UnitFindings:
        """Check one unit; this is what a worker does. Raises CleanScrapeError."""
        return self._in_row(unit) if isinstance(unit, DataRow) else self._in_file(unit)

    def _in_file(self, item: Input) -> UnitFindings:
        path = item.path or Path(item.name)
        if is_ours(path):
            return UnitFindings(())
        cleaned = check_file(path, self.settings, self.compared)
        there = bool(cleaned.dropped) and (self.top is not None or self.detail == "places")
        whole = there and patchable(path, cleaned)
        found = self._findings(cleaned, whence_of(item), places_in_text(cleaned) if whole else None)
        if self.top is None or not found or not whole:
            return UnitFindings(found)
        return UnitFindings(found, git_patch(patched_name(path, self.top), page_row(cleaned)[2]))

    def _in_row(self, row: DataRow) -> UnitFindings:
        done = clean_row(row, self.fields, self.settings, self.compared)
        whence = replace(whence_of(row), label=done.label)
        whole = self.detail == "places" and done.spans and not row.packed
        placed = places_in_row(row.number, row.start, row.line, done.spans) if whole else None
        gone = tuple((row.start + start, row.line[start:end]) for start, end in done.gone) if self.top else ()
        return UnitFindings(self._findings(done.cleaned, whence, placed), gone=gone)

    def _findings(self, cleaned: Cleaned, whence: Whence, placed: Placed | None) -> tuple[Finding, ...]:
        return tuple(findings_of(cleaned, whence, placed, explained=self.detail == "evidence"))


def whence_of(unit: Unit) -> Whence:
    """Where the page of a unit comes from."""
    if isinstance(unit, DataRow):
        return Whence(unit.path.as_posix(), unit.number or None)
    return Whence(unit.name)


def units_of(items: Iterable[Input]) -> Iterator[Unit]:
    """Yield the files, and the rows of data files that are not outputs of ours, in place of those."""
    for item in items:
        path = item.path or Path(item.name)
        if item.reason or not is_data_file(path):
            yield item
        elif not is_ours(path):
            yield from read_data_rows(path)


def size_of(unit: Unit) -> int:
    """About how many bytes a unit has."""
    return len(unit.line) if isinstance(unit, DataRow) else unit.size


def clean_unit(unit: Unit, fields: Fields, settings: Settings, compared: Compared | None) -> Cleaned:
    """The page of a unit, cleaned. Raises CleanScrapeError."""
    if isinstance(unit, DataRow):
        return clean_row(unit, fields, settings, compared).cleaned
    return check_file(unit.path or Path(unit.name), settings, compared)


@dataclass(slots=True)
class Failed:
    """Says what could not be processed and why, and counts it."""

    files: int = 0
    rows: int = 0

    def tell(self, unit: Unit, error: CleanScrapeError | Failure) -> None:
        """Name a file or row with what was wrong."""
        message = error.message if isinstance(error, Failure) else message_of(error)
        fail(f"{unit.source}: {message} [{error.reason}]")
        if isinstance(unit, DataRow) and unit.number:
            self.rows += 1
        else:
            self.files += 1

    def __bool__(self) -> bool:
        return bool(self.files or self.rows)

    def __str__(self) -> str:
        counts = ((self.files, "file"), (self.rows, "row"))
        return " and ".join(format_count(count, what) for count, what in counts if count)


def patched_name(path: Path, top: Path) -> str:
    """The name of a file in a patch: below ``top`` where it lies there, else its whole path."""
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links, which git does not
    return (whole.relative_to(top) if whole.is_relative_to(top) else whole).as_posix().lstrip("/")
