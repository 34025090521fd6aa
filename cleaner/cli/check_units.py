"""Checking units, which are files and rows of data files, and reporting units that cannot be checked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from cleaner.cli.terminal import fail
from cleaner.corpus.finished.own_files import is_own_file
from cleaner.corpus.inputs import Input
from cleaner.corpus.items import Fields
from cleaner.diff import git_patch
from cleaner.errors import CleanScrapeError
from cleaner.inplace.rows import DataRow, clean_row, is_data_file, read_data_rows
from cleaner.inplace.text import check_file, patchable
from cleaner.records import Cleaned
from cleaner.report.findings.places import places_in_row, places_in_text
from cleaner.report.findings.record import Finding, Origin, Placed, findings_of
from cleaner.report.rows import page_row
from cleaner.report.summary import format_count
from cleaner.settings.record import Settings
from cleaner.sites.finder import TemplateFinder
from cleaner.workers.pool import Failure, map_in_order, message_without_source

#: A unit of checking: a file, or a row of a data file.
Unit = Input | DataRow

#: Additional details of a finding: none, its place in the file, or its evidence and the lines around it.
FindingDetail = Literal["", "places", "evidence"]


@dataclass(frozen=True, slots=True)
class UnitFindings:
    """The findings in a unit, and a patch when one is asked for and possible.

    For rows ``removed`` holds the offset in the file of each range that would be removed, with its bytes.
    """

    findings: tuple[Finding, ...]
    patch: bytes = b""
    removed: tuple[tuple[int, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class UnitChecker:
    """How units are checked.

    There are patches when the root of the repository is given, from which their paths count: ``patch_root``.
    ``sites`` is the profile of their sites, None when there is none.
    """

    settings: Settings
    fields: Fields
    patch_root: Path | None
    sites: TemplateFinder | None = None
    detail: FindingDetail = ""

    def check_units(self, units: Iterable[Unit], jobs: int) -> Iterator[tuple[Unit, UnitFindings | Failure]]:
        """Yield each unit with its findings, in order."""
        return map_in_order(self.check_unit, units, jobs)

    def check_unit(self, unit: Unit) -> UnitFindings:
        """Check one unit, in a worker. Raises CleanScrapeError."""
        return self._in_row(unit) if isinstance(unit, DataRow) else self._in_file(unit)

    def _in_file(self, item: Input) -> UnitFindings:
        path = item.path or Path(item.name)
        if is_own_file(path):
            return UnitFindings(())
        cleaned = check_file(path, self.settings, self.sites)
        wanted = bool(cleaned.dropped) and (self.patch_root is not None or self.detail == "places")
        in_file = wanted and patchable(path, cleaned)
        findings = self._findings(cleaned, unit_origin(item), places_in_text(cleaned) if in_file else None)
        if self.patch_root is None or not findings or not in_file:
            return UnitFindings(findings)
        return UnitFindings(findings, git_patch(patch_path(path, self.patch_root), page_row(cleaned)[2]))

    def _in_row(self, row: DataRow) -> UnitFindings:
        result = clean_row(row, self.fields, self.settings, self.sites)
        origin = replace(unit_origin(row), label=result.label)
        in_file = self.detail == "places" and result.spans and not row.packed
        placed = places_in_row(row.number, row.start, row.line, result.spans) if in_file else None
        spans = result.joined_spans if self.patch_root else ()
        removed = tuple((row.start + start, row.line[start:end]) for start, end in spans)
        return UnitFindings(self._findings(result.cleaned, origin, placed), removed=removed)

    def _findings(self, cleaned: Cleaned, origin: Origin, placed: Placed | None) -> tuple[Finding, ...]:
        return tuple(findings_of(cleaned, origin, placed, explained=self.detail == "evidence"))


def unit_origin(unit: Unit) -> Origin:
    """Return where the page of a unit comes from."""
    if isinstance(unit, DataRow):
        return Origin(unit.path.as_posix(), unit.number or None)
    return Origin(unit.name)


def read_units(items: Iterable[Input]) -> Iterator[Unit]:
    """Yield the files; a data file that is not an output of ours is replaced by its rows."""
    for item in items:
        path = item.path or Path(item.name)
        if item.reason or not is_data_file(path):
            yield item
        elif not is_own_file(path):
            yield from read_data_rows(path)


def clean_unit(unit: Unit, fields: Fields, settings: Settings, sites: TemplateFinder | None) -> Cleaned:
    """Clean the page of a unit. Raises CleanScrapeError."""
    if isinstance(unit, DataRow):
        return clean_row(unit, fields, settings, sites).cleaned
    return check_file(unit.path or Path(unit.name), settings, sites)


@dataclass(slots=True)
class Failures:
    """Counts files and rows that could not be processed, and reports each on standard error."""

    files: int = 0
    rows: int = 0

    def add(self, unit: Unit, error: CleanScrapeError | Failure) -> None:
        """Report a file or row and the reason why it could not be processed."""
        message = error.message if isinstance(error, Failure) else message_without_source(error)
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


def patch_path(path: Path, root: Path) -> str:
    """Return the name of a file in a patch: from ``root`` on where it lies below that, else its whole path."""
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links, which git does not
    return (whole.relative_to(root) if whole.is_relative_to(root) else whole).as_posix().lstrip("/")
