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


def before(values: NDArray[Any]) -> Floats:
    """The sum of the values before each line, and of all."""
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + 1))
    np.cumsum(values, axis=-1, out=sums[..., 1:])
    return sums


class Means:
    """Means of ``values`` over spans, each line with its weight.

    Several rows of values have several means of each span, and several rows of spans several of each row's lines.
    """

    __slots__ = ("_total", "_weight")

    def __init__(self, values: Floats, weight: Floats) -> None:
        self._total, self._weight = before(values * weight), before(weight)

    @property
    def all(self) -> float:
        """The mean of all lines of one row of values."""
        return float(self._total[-1] / max(1e-9, self._weight[-1]))

    def over(self, first: Ints, last: Ints) -> Floats:
        """The mean of each span; 0 for empty spans."""
        weight = self._weight[last] - self._weight[first]
        return np.asarray((self._total[..., last] - self._total[..., first]) / np.maximum(weight, 1e-9))

    def near(self, reaches: Sequence[tuple[int, int]]) -> Floats:
        """Per reach a row with each line's mean over the lines from ``first`` to before ``last``, counted from it."""
        size = len(self._weight) - 1
        places = np.arange(size) + np.array(reaches, int)[..., None]
        ends = np.clip(places, 0, size)
        return self.over(ends[:, 0], ends[:, 1])

    def around(self, reach: int) -> Floats:
        """Per line the mean over it and ``reach`` lines on each side."""
        first, last = window(len(self._weight) - 1, reach, reach)
        return self.over(first, last)

    def ahead(self, reach: int) -> Floats:
        """Per line the mean over the ``reach`` lines before it."""
        return np.asarray(self.near([(-reach, 0)])[0])

    def behind(self, reach: int) -> Floats:
        """Per line the mean over the ``reach`` lines after it."""
        return np.asarray(self.near([(1, reach + 1)])[0])


def window(size: int, left: int, right: int) -> tuple[Ints, Ints]:
    """The spans that reach ``left`` lines back and ``right`` lines on from each line."""
    at = np.arange(size)
    return np.maximum(0, at - left), np.minimum(size, at + right + 1)


def last_before(flags: Bools) -> Ints:
    """Per line the index of the nearest flagged line at or before it, -1 for none."""
    at = np.where(flags, np.arange(flags.shape[-1]), -1)
    return np.maximum.accumulate(at, axis=-1) if at.size else at


def first_after(flags: Bools) -> Ints:
    """Per line the index of the nearest flagged line at or after it, the number of lines for none."""
    size = flags.shape[-1]
    at = np.where(flags, np.arange(size), size)
    return np.minimum.accumulate(at[..., ::-1], axis=-1)[..., ::-1] if at.size else at


def shifted(values: NDArray[Any], by: int, fill: float = 0.0) -> Floats:
    """The value ``by`` lines further on (back when negative), ``fill`` beyond the ends."""
    moved = np.full(len(values), fill)
    if by > 0:
        moved[:-by] = values[by:]
    elif by < 0:
        moved[-by:] = values[:by]
    return moved
