"""The lines to review: removed lines grouped by code and content, the most doubtful first.

The rows of a report are read several times, in memory that does not grow with their number: to choose the groups, to
count their pages, and to fetch the lines around them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Any

from cleaner.corpus.finished.report import Bodies, find_rows_file, parse_object, read_report_rows
from cleaner.corpus.report_files import shard_number
from cleaner.errors import CleanScrapeError
from cleaner.report.page_lines import PageLine, read_page_lines
from cleaner.review.labels import Answer, Label, LabelKey
from cleaner.settings.allow_list import shorten_text
from cleaner.settings.record import line_hash

#: Names of pages that are compared with a wrong name, to suggest one.
MAX_PAGE_NAMES = 10_000

#: Errors of reading a row that was edited.
_DAMAGED = (CleanScrapeError, LookupError, TypeError, AttributeError, ValueError)


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Selects the removals to review: of those that match, the ``limit`` most doubtful ones.

    Scores are less than ``below``, codes begin with ``code``, ``site`` "" means all sites, and ``source`` is a glob for
    names of pages. ``context`` is the number of lines to fetch on each side.
    """

    limit: int = 200
    below: float = 1.01
    code: str = ""
    site: str = ""
    source: str = "*"
    context: int = 3

    def matches(self, row: Mapping[str, Any]) -> bool:
        """Return whether lines of the page of a report row are to be reviewed."""
        return self.site in ("", row["site"]) and fnmatchcase(row["source"], self.source)


@dataclass(frozen=True, slots=True)
class Removal:
    """A group of removed lines of one code and content. ``row`` and ``line`` are the place with the lowest score."""

    key: LabelKey
    row: int
    line: PageLine
    source: str
    site: str
    language: str
    kind: str
    pages: int = 0
    before: tuple[PageLine, ...] = ()
    after: tuple[PageLine, ...] = ()

    @property
    def order(self) -> tuple[float, str, str]:
        """The sorting key: the most doubtful first, then by code and content."""
        return self.line.score, *self.key

    @property
    def place(self) -> str:
        """The page and the number of the line, as ``explain`` and ``allow`` take it."""
        return f"{self.source}:{self.line.number}"

    def to_label(self, answer: Answer) -> Label:
        """Return the label for an answer."""
        code, line = self.key
        text = shorten_text(self.line.text)
        where = (self.source, self.site, self.language, self.kind, self.pages)
        return Label(code, line, answer, self.line.score, text, self.line.why, *where)


def doubtful_removals(out: Path, wanted: ReviewFilter, known: Container[LabelKey]) -> tuple[Removal, ...]:
    """Return the groups to review, without those whose key is ``known``.

    Raises InputError when there is no report.
    """
    report = find_rows_file(out)
    chosen: dict[LabelKey, Removal] = {}
    for removal in _removed(report, wanted):
        if removal.key not in known and removal.line.score < wanted.below:
            old = chosen.get(removal.key)
            if old is None or removal.line.score < old.line.score:
                chosen[removal.key] = removal
            if len(chosen) > max(8 * wanted.limit, 1_000):
                chosen = _lowest(chosen, 2 * wanted.limit)
    chosen = _lowest(chosen, wanted.limit)
    pages = Counter(dict.fromkeys(chosen, 0))
    last: dict[LabelKey, int] = {}
    for removal in _removed(report, wanted):
        if removal.key in pages and last.get(removal.key) != removal.row:
            pages[removal.key] += 1
            last[removal.key] = removal.row
    around = _around(out, report, chosen.values(), wanted.context)
    return tuple(replace(around.get(key, removal), pages=pages[key]) for key, removal in chosen.items())


def removed_at(out: Path, source: str, number: int) -> Removal | None:
    """Return the removed line at a place of a report, None when no line was removed there.

    Raises InputError when there is no report.
    """
    for row_number, row in _rows(find_rows_file(out)):
        if row["source"] == source:
            return next((replace(d, pages=1) for d in _of_row(row_number, row, "") if d.line.number == number), None)
    return None


def page_names(out: Path) -> list[str]:
    """Return the names of the first MAX_PAGE_NAMES pages of a report. Raises InputError when there is no report."""
    return [str(row["source"]) for _, row in islice(_rows(find_rows_file(out)), MAX_PAGE_NAMES)]


def pages_among(out: Path, names: Container[str]) -> set[str]:
    """Return those of ``names`` that are pages of a report. Raises InputError when there is no report."""
    return {row["source"] for _, row in _rows(find_rows_file(out)) if row["source"] in names}


def _lowest(found: Mapping[LabelKey, Removal], number: int) -> dict[LabelKey, Removal]:
    return {removal.key: removal for removal in sorted(found.values(), key=lambda removal: removal.order)[:number]}


def _removed(report: Path, wanted: ReviewFilter) -> Iterator[Removal]:
    """Yield every removed line that is not blank, page by page; damaged rows are skipped."""
    for number, row in _rows(report):
        try:
            if wanted.matches(row):
                yield from _of_row(number, row, wanted.code)
        except _DAMAGED:
            continue


def _rows(report: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the rows of pages that were cleaned, with their numbers."""
    for number, data in enumerate(read_report_rows(report), 1):
        try:
            row = parse_object(data, "row of the report")
        except CleanScrapeError:
            continue
        if "error" not in row and isinstance(row.get("source"), str):
            yield number, row


def _of_row(number: int, row: Mapping[str, Any], code: str) -> Iterator[Removal]:
    for entry in row["removed"]:
        text = entry["text"]
        if text.strip() and entry["code"].startswith(code):
            line = PageLine(entry["line"], text, False, entry["code"], entry["score"], entry["why"])
            key = (entry["code"], line_hash(text))
            yield Removal(key, number, line, row["source"], row["site"], row["language"], row["kind"])


def _around(out: Path, report: Path, chosen: Any, context: int) -> dict[LabelKey, Removal]:
    """Return the groups with the lines around their place, where the body can be read."""
    by_row: dict[int, list[Removal]] = {}
    for removal in chosen:
        by_row.setdefault(removal.row, []).append(removal)
    bodies, places = Bodies(out), Counter[str]()
    found: dict[LabelKey, Removal] = {}
    for number, data in enumerate(read_report_rows(report), 1):
        try:
            row = parse_object(data, "row of the report")
            output = str(row["output"])
            nth = places[output]
            if shard_number(output) is not None:
                places[output] += 1
            if number in by_row:
                lines = [line for line in read_page_lines(row, bodies.plain(row, nth)) if not line.blank]
                found |= {removal.key: _with_context(removal, lines, context) for removal in by_row[number]}
        except (*_DAMAGED, OSError):
            continue
    return found


def _with_context(removal: Removal, lines: list[PageLine], context: int) -> Removal:
    at = next((at for at, line in enumerate(lines) if line.number == removal.line.number), None)
    if at is None:
        return removal
    return replace(
        removal, before=tuple(lines[max(0, at - context) : at]), after=tuple(lines[at + 1 : at + 1 + context])
    )
