"""The sums that the overview shows, counted row by row in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cleaner.report.html.selection import PageSelection
from cleaner.report.summary import Summary

#: Bars in a chart; one more bar sums up the rest.
MAX_BARS = 10

#: Columns in the chart of confidence.
CONFIDENCE_STEPS = 20

#: Sites and languages that are counted by name; when there are more, the smaller half is counted together.
MAX_COUNTED_NAMES = 20_000

#: Characters of a name that stand beside a bar.
MAX_BAR_CHARS = 80


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: how many words were removed and kept under a name, and its length, 1 for the longest bar.

    The bar for the sum of the rest has no length, since it would make all other bars too short to compare.
    """

    name: str
    removed: int
    kept: int
    length: float = 0.0
    hint: str = ""


class WordCounts:
    """Counts words kept and removed by name, for at most MAX_COUNTED_NAMES names."""

    def __init__(self) -> None:
        self._removed: Counter[str] = Counter()
        self._kept: Counter[str] = Counter()
        self._others = [0, 0]
        self.joined = 0

    def add(self, name: str, removed: int, kept: int) -> None:
        """Count words under a name."""
        self._removed[name] += removed
        self._kept[name] += kept
        if len(self._removed) > MAX_COUNTED_NAMES:
            for least, _ in self._ranked()[MAX_COUNTED_NAMES // 2 :]:
                self._others[0] += self._removed.pop(least)
                self._others[1] += self._kept.pop(least)
                self.joined += 1

    def _ranked(self) -> list[tuple[str, int]]:
        return sorted(self._removed.items(), key=lambda pair: (-pair[1], pair[0]))

    def bars(self, unknown: str = "unknown", hints: Mapping[str, str] | None = None) -> tuple[Bar, ...]:
        """Return the longest bars, and one for the rest."""
        ranked = self._ranked()
        listed, rest = ranked[:MAX_BARS], ranked[MAX_BARS:]
        longest = max((removed for _, removed in listed), default=0) or 1
        hints = hints or {}
        bars = [
            Bar(name[:MAX_BAR_CHARS] or unknown, removed, self._kept[name], removed / longest, hints.get(name, ""))
            for name, removed in listed
        ]
        if rest or self.joined:
            number = f"{len(rest) + self.joined:,}{' or fewer' if self.joined else ''} others"
            removed = sum(n for _, n in rest) + self._others[0]
            bars.append(Bar(number, removed, sum(self._kept[n] for n, _ in rest) + self._others[1]))
        return tuple(bars)


@dataclass(slots=True)
class Overview:
    """The sums of the rows of a report; ``selection`` selects the pages to show."""

    selection: PageSelection
    summary: Summary = field(default_factory=Summary)
    steps: list[int] = field(default_factory=lambda: [0] * CONFIDENCE_STEPS)
    families: WordCounts = field(default_factory=WordCounts)
    sites: WordCounts = field(default_factory=WordCounts)
    languages: WordCounts = field(default_factory=WordCounts)
    places: Counter[str] = field(default_factory=Counter)
    damaged: int = 0

    def add(self, number: int, row: Mapping[str, Any], shared: bool) -> None:
        """Count one row; ``shared`` when its output is a file of many records.

        Raises LookupError, TypeError and AttributeError for a row that is damaged.
        """
        place = self.places[row["output"]] if shared else 0
        self.selection.add(row, number, place)
        self.summary.add(row)
        if "error" in row:
            return
        if shared:
            self.places[row["output"]] += 1
        words = row["words"]
        if words["kept"] + words["removed"]:
            self.steps[min(CONFIDENCE_STEPS - 1, int(row["confidence"] * CONFIDENCE_STEPS))] += 1
        for code, sums in row["codes"].items():
            self.families.add(code[:2], sums["words"], 0)
        self.sites.add(row["site"], words["removed"], words["kept"])
        self.languages.add(row["language"], words["removed"], words["kept"])
