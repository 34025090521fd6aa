"""What to ask about: removed lines grouped by code and content, the most doubtful first.

The rows of a report are gone through twice, in memory that does not grow with them: once to choose, once to count the
chosen and to fetch what stands around them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Any

from cleaner.corpus.finished.report import Bodies, parsed, report_of, rows_of
from cleaner.corpus.report_files import shard_number
from cleaner.errors import CleanScrapeError
from cleaner.report.page_lines import PageLine, read_page_lines
from cleaner.review.labels import Answer, Key, Label
from cleaner.settings.allow_list import shortened
from cleaner.settings.record import line_hash

#: Names that are looked through for one that was meant.
MOST_NAMES = 10_000

#: What may be wrong with a row that somebody edited.
_DAMAGE = (CleanScrapeError, LookupError, TypeError, AttributeError, ValueError)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which removals to ask about: the ``limit`` most doubtful of those that fit.

    ``below`` bounds their probability; ``code`` and ``site`` may be "", ``source`` is a glob. ``context`` is the number
    of lines to fetch on each side.
    """

    limit: int = 200
    below: float = 1.01
    code: str = ""
    site: str = ""
    source: str = "*"
    context: int = 3

    def fits(self, row: Mapping[str, Any]) -> bool:
        """True when lines of the page are asked about."""
        return self.site in ("", row["site"]) and fnmatchcase(row["source"], self.source)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A group of removed lines: those of one code and one content. ``row`` and ``line`` are its most doubtful place."""

    key: Key
    row: int
    line: PageLine
    source: str
    site: str
    language: str
    kind: str
    pages: int = 0
    before: tuple[PageLine, ...] = ()
    behind: tuple[PageLine, ...] = ()

    @property
    def order(self) -> tuple[float, str, str]:
        """The most doubtful come first, and what is alike in that in the order of code and content."""
        return self.line.score, *self.key

    @property
    def place(self) -> str:
        """Where it stands, as ``explain`` and ``allow`` take it."""
        return f"{self.source}:{self.line.number}"

    def labelled(self, answer: Answer) -> Label:
        """The label that an answer makes of it."""
        code, line = self.key
        text = shortened(self.line.text)
        where = (self.source, self.site, self.language, self.kind, self.pages)
        return Label(code, line, answer, self.line.score, text, self.line.why, *where)


def doubts(out: Path, wanted: Wanted, known: Container[Key]) -> tuple[Doubt, ...]:
    """The groups to ask about, less those with a ``known`` key.

    Raises InputError when there is no report.
    """
    report = report_of(out)
    chosen: dict[Key, Doubt] = {}
    for doubt in _removed(report, wanted):
        if doubt.key not in known and doubt.line.score < wanted.below:
            old = chosen.get(doubt.key)
            if old is None or doubt.line.score < old.line.score:
                chosen[doubt.key] = doubt
            if len(chosen) > max(8 * wanted.limit, 1_000):
                chosen = _lowest(chosen, 2 * wanted.limit)
    chosen = _lowest(chosen, wanted.limit)
    pages = Counter(dict.fromkeys(chosen, 0))
    last: dict[Key, int] = {}
    for doubt in _removed(report, wanted):
        if doubt.key in pages and last.get(doubt.key) != doubt.row:
            pages[doubt.key] += 1
            last[doubt.key] = doubt.row
    around = _around(out, report, chosen.values(), wanted.context)
    return tuple(replace(around.get(key, doubt), pages=pages[key]) for key, doubt in chosen.items())


def removed_at(out: Path, source: str, number: int) -> Doubt | None:
    """The removed line at a place of a report, None when none went there.

    Raises InputError when there is no report.
    """
    for row_number, row in _rows(report_of(out)):
        if row["source"] == source:
            return next((replace(d, pages=1) for d in _of_row(row_number, row, "") if d.line.number == number), None)
    return None


def sources(out: Path) -> list[str]:
    """The names of the pages that a report knows, the first MOST_NAMES. Raises InputError when there is no report."""
    return [str(row["source"]) for _, row in islice(_rows(report_of(out)), MOST_NAMES)]


def _lowest(found: Mapping[Key, Doubt], number: int) -> dict[Key, Doubt]:
    return {doubt.key: doubt for doubt in sorted(found.values(), key=lambda doubt: doubt.order)[:number]}


def _removed(report: Path, wanted: Wanted) -> Iterator[Doubt]:
    """Every removed line that shows something, page by page; rows that are damaged are passed over."""
    for number, row in _rows(report):
        try:
            if wanted.fits(row):
                yield from _of_row(number, row, wanted.code)
        except _DAMAGE:
            continue


def _rows(report: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The rows of pages that were cleaned, with their numbers."""
    for number, data in enumerate(rows_of(report), 1):
        try:
            row = parsed(data, "row of the report")
        except CleanScrapeError:
            continue
        if "error" not in row and isinstance(row.get("source"), str):
            yield number, row


def _of_row(number: int, row: Mapping[str, Any], code: str) -> Iterator[Doubt]:
    for entry in row["removed"]:
        text = entry["text"]
        if text.strip() and entry["code"].startswith(code):
            line = PageLine(entry["line"], text, False, entry["code"], entry["score"], entry["why"])
            key = (entry["code"], line_hash(text))
            yield Doubt(key, number, line, row["source"], row["site"], row["language"], row["kind"])


def _around(out: Path, report: Path, chosen: Any, context: int) -> dict[Key, Doubt]:
    """The groups with the lines around their place, where the body can be read."""
    by_row: dict[int, list[Doubt]] = {}
    for doubt in chosen:
        by_row.setdefault(doubt.row, []).append(doubt)
    bodies, places = Bodies(out), Counter[str]()
    found: dict[Key, Doubt] = {}
    for number, data in enumerate(rows_of(report), 1):
        try:
            row = parsed(data, "row of the report")
            output = str(row["output"])
            nth = places[output]
            if shard_number(output) is not None:
                places[output] += 1
            if number in by_row:
                lines = [line for line in read_page_lines(row, bodies.plain(row, nth)) if not line.blank]
                found |= {doubt.key: _with_context(doubt, lines, context) for doubt in by_row[number]}
        except (*_DAMAGE, OSError):
            continue
    return found


def _with_context(doubt: Doubt, lines: list[PageLine], context: int) -> Doubt:
    at = next((at for at, line in enumerate(lines) if line.number == doubt.line.number), None)
    if at is None:
        return doubt
    return replace(
        doubt, before=tuple(lines[max(0, at - context) : at]), behind=tuple(lines[at + 1 : at + 1 + context])
    )
