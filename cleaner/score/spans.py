"""Sums and means over spans of lines, in constant time for each span.

A span is half open, ``first`` to ``last``, in indexes of filled lines. Sums run in the order of the lines
(``cumsum``), so that they are the same on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: The name of a feature, and its value for each filled line of a page.
NamedValues = tuple[str, Floats]


def running_sums(values: NDArray[Any]) -> Floats:
    """Return running sums along the last axis: the sum of the values before each line, then the sum of all."""
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + 1))
    np.cumsum(values, axis=-1, out=sums[..., 1:])
    return sums


class Means:
    """Weighted means of ``values`` over spans of lines, each in constant time.

    ``weight`` has one value per line. ``values`` has one as well, or several rows of them: results then have one row
    per row of values. A span without weight has the mean 0.
    """

    __slots__ = ("_total", "_weight")

    def __init__(self, values: Floats, weight: Floats) -> None:
        self._total, self._weight = running_sums(values * weight), running_sums(weight)

    @property
    def overall(self) -> float:
        """The mean over all lines; only for one row of values."""
        return float(self._total[-1] / max(1e-9, self._weight[-1]))

    def over(self, first: Ints, last: Ints) -> Floats:
        """Return the mean of each span; the result has the shape of ``first``, below the rows of values."""
        weight = self._weight[last] - self._weight[first]
        return np.asarray((self._total[..., last] - self._total[..., first]) / np.maximum(weight, 1e-9))

    def over_windows(self, windows: Sequence[tuple[int, int]]) -> Floats:
        """Return one row per window with the mean around each line.

        A window is a pair of offsets from the line, in lines: from the first to before the last.
        """
        size = len(self._weight) - 1
        places = np.arange(size) + np.array(windows, int)[..., None]
        ends = np.clip(places, 0, size)
        return self.over(ends[:, 0], ends[:, 1])

    def mean_around(self, reach: int) -> Floats:
        """Return per line the mean over it and ``reach`` lines on each side."""
        first, last = window_spans(len(self._weight) - 1, reach, reach)
        return self.over(first, last)

    def mean_before(self, reach: int) -> Floats:
        """Return per line the mean over the ``reach`` lines before it."""
        return np.asarray(self.over_windows([(-reach, 0)])[0])

    def mean_after(self, reach: int) -> Floats:
        """Return per line the mean over the ``reach`` lines after it."""
        return np.asarray(self.over_windows([(1, reach + 1)])[0])


def window_spans(size: int, left: int, right: int) -> tuple[Ints, Ints]:
    """Return per line the span from ``left`` lines before it to ``right`` lines after it, as ``first`` and ``last``."""
    at = np.arange(size)
    return np.maximum(0, at - left), np.minimum(size, at + right + 1)


def last_at_or_before(flags: Bools) -> Ints:
    """Return per line the index of the nearest flagged line at or before it, -1 for none."""
    at = np.where(flags, np.arange(flags.shape[-1]), -1)
    return np.maximum.accumulate(at, axis=-1) if at.size else at


def first_at_or_after(flags: Bools) -> Ints:
    """Return per line the index of the nearest flagged line at or after it, the number of lines for none."""
    size = flags.shape[-1]
    at = np.where(flags, np.arange(size), size)
    return np.minimum.accumulate(at[..., ::-1], axis=-1)[..., ::-1] if at.size else at


def shift_values(values: NDArray[Any], by: int, fill: float = 0.0) -> Floats:
    """Return per line the value ``by`` lines after it (before it when negative), ``fill`` beyond the ends."""
    moved = np.full(len(values), fill)
    if by > 0:
        moved[:-by] = values[by:]
    elif by < 0:
        moved[-by:] = values[:by]
    return moved
