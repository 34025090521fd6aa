"""The sums that the overview shows, gathered row by row in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cleaner.report.html.selection import PageSelection
from cleaner.report.summary import Summary

#: Bars in a chart; the rest is summed up.
BARS = 10

#: Columns of the chart of confidence.
STEPS = 20

#: Sites and languages that are counted by name; when there are more, the smaller half joins the others.
MOST_NAMES = 20_000

#: Names are cut for their bars.
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: ``removed`` words of a thing of which ``kept`` stayed, and its ``length`` beside the longest bar.

    The sum of all others has no length: it would make the bars of single things too short to tell apart.
    """

    name: str
    removed: int
    kept: int
    length: float = 0.0
    hint: str = ""


class Groups:
    """Words kept and removed by name, for as many names as memory is given."""

    def __init__(self) -> None:
        self._removed: Counter[str] = Counter()
        self._kept: Counter[str] = Counter()
        self._others = [0, 0]
        self.joined = 0

    def add(self, name: str, removed: int, kept: int) -> None:
        """Count words under a name."""
        self._removed[name] += removed
        self._kept[name] += kept
        if len(self._removed) > MOST_NAMES:
            for least, _ in self._ranked()[MOST_NAMES // 2 :]:
                self._others[0] += self._removed.pop(least)
                self._others[1] += self._kept.pop(least)
                self.joined += 1

    def _ranked(self) -> list[tuple[str, int]]:
        return sorted(self._removed.items(), key=lambda pair: (-pair[1], pair[0]))

    def bars(self, unknown: str = "unknown", hints: Mapping[str, str] | None = None) -> tuple[Bar, ...]:
        """The longest bars, and one for the others."""
        ranked = self._ranked()
        told, rest = ranked[:BARS], ranked[BARS:]
        longest = max((removed for _, removed in told), default=0) or 1
        hints = hints or {}
        bars = [
            Bar(name[:LONGEST_NAME] or unknown, removed, self._kept[name], removed / longest, hints.get(name, ""))
            for name, removed in told
        ]
        if rest or self.joined:
            number = f"{len(rest) + self.joined:,}{' or fewer' if self.joined else ''} others"
            removed = sum(n for _, n in rest) + self._others[0]
            bars.append(Bar(number, removed, sum(self._kept[n] for n, _ in rest) + self._others[1]))
        return tuple(bars)


@dataclass(slots=True)
class Overview:
    """What the rows of a report come to; ``selection`` knows which pages to show."""

    selection: PageSelection
    summary: Summary = field(default_factory=Summary)
    steps: list[int] = field(default_factory=lambda: [0] * STEPS)
    families: Groups = field(default_factory=Groups)
    sites: Groups = field(default_factory=Groups)
    languages: Groups = field(default_factory=Groups)
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
            self.steps[min(STEPS - 1, int(row["confidence"] * STEPS))] += 1
        for code, sums in row["codes"].items():
            self.families.add(code[:2], sums["words"], 0)
        self.sites.add(row["site"], words["removed"], words["kept"])
        self.languages.add(row["language"], words["removed"], words["kept"])
