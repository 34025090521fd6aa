"""The pages that the HTML report shows: those of the most doubtful results, and a random sample, always the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from heapq import heappush, heappushpop
from typing import Any, NamedTuple

from cleaner.report.summary import is_failure

#: Pages in each list of the overview; ``pages.jsonl`` holds all of them.
MAX_RANKED_PAGES = 20

#: A page of fewer words is not listed under "Most removed": it may well consist of menus only.
MIN_RANKED_WORDS = 50

#: The note of a body that a paywall cuts off.
PAYWALL_CODE = "SY201"

#: Characters of a name or a message that a list shows.
MAX_TEXT_CHARS = 300


class Brief(NamedTuple):
    """The entry of a page in a list. ``place`` is the number of earlier rows with the same output.

    ``message`` holds the notes of the page, or why it was not cleaned.
    """

    number: int
    place: int
    source: str
    title: str
    confidence: float
    kept: int
    removed: int
    message: str

    @property
    def share(self) -> float:
        """The share of its words that were removed."""
        return self.removed / (self.kept + self.removed) if self.removed else 0.0


@dataclass(frozen=True, slots=True)
class Ranking:
    """A list of pages: ``total`` is its length, ``pages`` are the first of them."""

    name: str
    total: int
    pages: tuple[Brief, ...]


class _TopPages:
    """Keeps the ``most`` pages of the lowest rank; equal ones in the order of the rows."""

    def __init__(self, name: str, most: int) -> None:
        self.name, self.most, self.total = name, most, 0
        self._heap: list[tuple[tuple[float, ...], Brief]] = []

    def add(self, rank: tuple[float, ...], brief: Brief) -> None:
        """Count a page, and keep it when it is among the first."""
        self.total += 1
        entry = (tuple(-part for part in (*rank, brief.number)), brief)
        if len(self._heap) < self.most:
            heappush(self._heap, entry)
        elif self._heap and entry > self._heap[0]:
            heappushpop(self._heap, entry)

    def first(self, number: int) -> tuple[Brief, ...]:
        """Return the first pages."""
        return tuple(brief for _, brief in sorted(self._heap, reverse=True)[:number])


class PageSelection:
    """Selects up to ``most`` pages to show, and MAX_RANKED_PAGES for each list; memory does not grow with the pages."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._part = most // 5
        self._failed = _TopPages("Not cleaned", MAX_RANKED_PAGES)
        self._doubtful = _TopPages("Low confidence", max(MAX_RANKED_PAGES, 2 * self._part))
        self._lean = _TopPages("Most removed", max(MAX_RANKED_PAGES, self._part))
        self._walled = _TopPages("Cut off by a paywall", max(MAX_RANKED_PAGES, self._part))
        self._noted = _TopPages("With another note", max(MAX_RANKED_PAGES, self._part))
        self._skipped = _TopPages("Skipped: not pages", MAX_RANKED_PAGES)
        self._sample = _TopPages("Random sample", most)

    def add(self, row: Mapping[str, Any], number: int, place: int) -> None:
        """Count one row."""
        source = _cut(row["source"])
        if "error" in row:
            message = _cut(f"{row['error']['reason']}: {row['error']['message']}")
            top = self._failed if is_failure(row) else self._skipped
            top.add((), Brief(number, 0, source, "", 0.0, 0, 0, message))
            return
        words, notes = row["words"], row["notes"]
        message = _cut("; ".join(f"{note['code']} {note['why']}" for note in notes))
        numbers = row["confidence"], words["kept"], words["removed"]
        brief = Brief(number, place, source, _cut(row["title"]), *numbers, message)
        total = brief.kept + brief.removed
        self._sample.add((_random_number(row["source"]),), brief)
        if total:
            self._doubtful.add((brief.confidence,), brief)
        if total >= MIN_RANKED_WORDS:
            self._lean.add((-brief.share, -brief.removed), brief)
        if notes:
            walled = any(note["code"] == PAYWALL_CODE for note in notes)
            (self._walled if walled else self._noted).add((brief.confidence,), brief)

    def rankings(self) -> tuple[Ranking, ...]:
        """Return the lists that are not empty."""
        tops = (self._failed, self._doubtful, self._lean, self._walled, self._noted, self._skipped)
        return tuple(Ranking(top.name, top.total, top.first(MAX_RANKED_PAGES)) for top in tops if top.total)

    def selected_pages(self) -> tuple[Brief, ...]:
        """Return the pages to show, those of low confidence first: the first of each list, and the random sample."""
        lists = (self._walled, self._noted, self._lean)
        picked = [brief for top in lists for brief in top.first(self._part)]
        picked += [*self._doubtful.first(2 * self._part), *self._sample.first(self._most)]
        chosen = list({brief.number: brief for brief in picked}.values())[: self._most]
        return tuple(sorted(chosen, key=lambda brief: (brief.confidence, brief.number)))


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT_CHARS else text[: MAX_TEXT_CHARS - 1] + "\u2026"


def _random_number(source: str) -> int:
    """Return a pseudo-random number that is always the same for a source."""
    return int.from_bytes(blake2b(source.encode("utf-8", "surrogatepass"), digest_size=6).digest(), "big")
