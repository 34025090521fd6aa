"""What labels come to: how often each code was right, with the range that so few answers leave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import sqrt

from cleaner.review.labels import Label

#: The normal deviate of a 95% range.
_DEVIATE = 1.959964

#: A code is named as poor when even the upper end of its range is below this: nine of ten removals should be right. Of
#: fewer than so many labels nobody should conclude anything.
POOR, FEWEST = 0.9, 5

#: The bands of scores that are told apart.
BANDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many removals under ``name`` were right and wrong, of lines with a label."""

    name: str
    right: int
    wrong: int

    @property
    def labels(self) -> int:
        """How many there are."""
        return self.right + self.wrong

    @property
    def precision(self) -> float:
        """The share that was right."""
        return self.right / self.labels

    @property
    def bounds(self) -> tuple[float, float]:
        """The 95% range of the precision (Wilson 1927): what it may be, seen so few labels."""
        number, square = self.labels, _DEVIATE**2
        middle = (self.precision + square / (2 * number)) / (1 + square / number)
        root = sqrt(self.precision * (1 - self.precision) / number + square / (4 * number**2))
        half = _DEVIATE * root / (1 + square / number)
        return max(0.0, middle - half), min(1.0, middle + half)

    @property
    def poor(self) -> bool:
        """True when the labels are enough to say that the code is too often wrong."""
        return self.labels >= FEWEST and self.bounds[1] < POOR


def by_code(labels: Iterable[Label]) -> Iterator[Tally]:
    """Yield a tally for each code, sorted."""
    yield from _tallies((label.code, label) for label in labels)


def by_family(labels: Iterable[Label]) -> Iterator[Tally]:
    """Yield a tally for each family of codes, sorted."""
    yield from _tallies((label.code[:2], label) for label in labels)


def by_band(labels: Iterable[Label]) -> Iterator[Tally]:
    """Yield a tally for each band of scores: where scores are honest, precision lies within the band."""
    yield from _tallies((_band(label.score), label) for label in labels)


def in_all(labels: Iterable[Label]) -> Tally | None:
    """The tally of all labels, None when there are none."""
    return next(_tallies(("all", label) for label in labels), None)


def _tallies(named: Iterable[tuple[str, Label]]) -> Iterator[Tally]:
    counts: dict[str, list[int]] = {}
    for name, label in named:
        counts.setdefault(name, [0, 0])[label.answer == "keep"] += 1
    for name, (right, wrong) in sorted(counts.items()):
        yield Tally(name, right, wrong)


def _band(score: float) -> str:
    last = len(BANDS) - 2
    at = next((at for at, end in enumerate(BANDS[1:]) if score < end), last)
    return f"{BANDS[at]:.2f} to {BANDS[at + 1]:.2f}"
