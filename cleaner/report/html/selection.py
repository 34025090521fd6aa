"""Which pages a person is shown: those that most need a look, and some that chance picks, the same ones each time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from heapq import heappush, heappushpop
from typing import Any, NamedTuple

from cleaner.report.summary import is_failure

#: Pages in each list of the overview; who wants more asks ``pages.jsonl``.
LISTED = 20

#: Pages of fewer words are not told among those of which most went: a menu that went says little.
LEAST_WORDS = 50

#: The note of a body that a paywall cuts off.
PAYWALLED = "SY201"

#: Characters of a name or a message that a list shows.
LONGEST = 300


class Brief(NamedTuple):
    """What lists tell of one page. ``place`` counts the rows before it that name the same output."""

    number: int
    place: int
    source: str
    title: str
    confidence: float
    kept: int
    removed: int
    said: str

    @property
    def share(self) -> float:
        """The share of its words that went."""
        return self.removed / (self.kept + self.removed) if self.removed else 0.0


@dataclass(frozen=True, slots=True)
class Ranking:
    """A list of pages: ``total`` belong into it, ``pages`` are the first of them."""

    name: str
    total: int
    pages: tuple[Brief, ...]


class _Top:
    """The ``most`` pages of lowest rank; equal ones in the order of the rows."""

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
        """The first pages."""
        return tuple(brief for _, brief in sorted(self._heap, reverse=True)[:number])


class PageSelection:
    """Chooses up to ``most`` pages to show, and LISTED for each list; memory does not grow with the pages."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._part = most // 5
        self._failed = _Top("Not cleaned", LISTED)
        self._doubtful = _Top("Low confidence", max(LISTED, 2 * self._part))
        self._lean = _Top("Most removed", max(LISTED, self._part))
        self._walled = _Top("Cut off by a paywall", max(LISTED, self._part))
        self._noted = _Top("With another note", max(LISTED, self._part))
        self._skipped = _Top("Skipped: no pages by what they are", LISTED)
        self._drawn = _Top("Drawn by chance", most)

    def add(self, row: Mapping[str, Any], number: int, place: int) -> None:
        """Take one row into account."""
        source = _cut(row["source"])
        if "error" in row:
            said = _cut(f"{row['error']['reason']}: {row['error']['message']}")
            top = self._failed if is_failure(row) else self._skipped
            top.add((), Brief(number, 0, source, "", 0.0, 0, 0, said))
            return
        words, notes = row["words"], row["notes"]
        said = _cut("; ".join(f"{note['code']} {note['why']}" for note in notes))
        numbers = row["confidence"], words["kept"], words["removed"]
        brief = Brief(number, place, source, _cut(row["title"]), *numbers, said)
        total = brief.kept + brief.removed
        self._drawn.add((_chance(row["source"]),), brief)
        if total:
            self._doubtful.add((brief.confidence,), brief)
        if total >= LEAST_WORDS:
            self._lean.add((-brief.share, -brief.removed), brief)
        if notes:
            walled = any(note["code"] == PAYWALLED for note in notes)
            (self._walled if walled else self._noted).add((brief.confidence,), brief)

    def rankings(self) -> tuple[Ranking, ...]:
        """The lists that hold anything."""
        tops = (self._failed, self._doubtful, self._lean, self._walled, self._noted, self._skipped)
        return tuple(Ranking(top.name, top.total, top.first(LISTED)) for top in tops if top.total)

    def shown(self) -> tuple[Brief, ...]:
        """The pages to show, those of low confidence first: the first of each list, and what chance adds."""
        lists = (self._walled, self._noted, self._lean)
        picked = [brief for top in lists for brief in top.first(self._part)]
        picked += [*self._doubtful.first(2 * self._part), *self._drawn.first(self._most)]
        chosen = list({brief.number: brief for brief in picked}.values())[: self._most]
        return tuple(sorted(chosen, key=lambda brief: (brief.confidence, brief.number)))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "\u2026"


def _chance(source: str) -> int:
    """A number that is as good as drawn, and the same for a source whatever stands around it."""
    return int.from_bytes(blake2b(source.encode("utf-8", "surrogatepass"), digest_size=6).digest(), "big")
