"""Sums of labels: how often each code was right, with a confidence interval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import sqrt

from cleaner.review.labels import Label

#: The normal deviate of a 95% range.
_DEVIATE = 1.959964

#: A code is poor when even the upper end of its range is below this precision: nine of ten removals should be right.
#: With fewer labels than this there is no conclusion.
POOR_PRECISION, MIN_LABELS = 0.9, 5

#: The limits of the bands of scores.
SCORE_BANDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many removals under ``name`` were right and wrong, of lines with a label."""

    name: str
    right: int
    wrong: int

    @property
    def labels(self) -> int:
        """The number of labels."""
        return self.right + self.wrong

    @property
    def precision(self) -> float:
        """The share of removals that was right."""
        return self.right / self.labels

    @property
    def bounds(self) -> tuple[float, float]:
        """The 95% confidence interval of the precision (Wilson 1927)."""
        number, square = self.labels, _DEVIATE**2
        middle = (self.precision + square / (2 * number)) / (1 + square / number)
        root = sqrt(self.precision * (1 - self.precision) / number + square / (4 * number**2))
        half = _DEVIATE * root / (1 + square / number)
        return max(0.0, middle - half), min(1.0, middle + half)

    @property
    def poor(self) -> bool:
        """True when there are enough labels to conclude that the code is too often wrong."""
        return self.labels >= MIN_LABELS and self.bounds[1] < POOR_PRECISION


def by_code(labels: Iterable[Label]) -> Iterator[Tally]:
    """Yield a tally for each code, sorted."""
    yield from _tallies((label.code, label) for label in labels)


def by_family(labels: Iterable[Label]) -> Iterator[Tally]:
    """Yield a tally for each family of codes, sorted."""
    yield from _tallies((label.code[:2], label) for label in labels)


def by_score(labels: Iterable[Label]) -> Iterator[Tally]:
    """Yield a tally for each band of scores; where scores are calibrated, the precision lies within the band."""
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
    last = len(SCORE_BANDS) - 2
    at = next((at for at, end in enumerate(SCORE_BANDS[1:]) if score < end), last)
    return f"{SCORE_BANDS[at]:.2f} to {SCORE_BANDS[at + 1]:.2f}"
