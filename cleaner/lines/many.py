"""Lines and shapes of a page with very many lines, made when they are asked for.

A line takes some 180 bytes and its shape as many: a page of five million lines would take gigabytes before anybody has
looked at it. Up to MANY lines they are made once and kept, as everybody asks for them again and again.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, count, islice, repeat
from typing import overload

from cleaner.records import Line, Markup, Shape

#: Shapes made at a time.
AT_ONCE = 5_000

#: Lines that a page may have, blank ones too, for its lines to be kept: they take 90 MB then.
MANY = 500_000


def lines_from(
    texts: Sequence[str],
    sizes: Iterable[int],
    newlines: Iterable[str],
    start: int = 0,
    markups: Sequence[Markup | None] | None = None,
) -> Sequence[Line]:
    """Lines one after the other from ``start``; ``sizes`` are those of texts with newlines, ``newlines`` may go on."""
    starts = accumulate(sizes, initial=start)
    if len(texts) > MANY:
        return ManyLines(texts, array("q", starts), list(islice(newlines, len(texts))), markups)
    bounds = list(starts)
    rows = zip(count(1), texts, bounds, bounds[1:], newlines, markups or repeat(None), strict=False)
    return tuple(map(Line._make, rows))


def shapes_from(texts: Sequence[str], known: Mapping[str, Shape] | None = None) -> Sequence[Shape]:
    """The shapes of texts, in order."""
    from cleaner.lines.shape import shapes_of  # noqa: PLC0415  numpy, which the bare import shall not cost

    return ManyShapes(texts) if len(texts) > MANY else shapes_of(texts, known)


class ManyLines(Sequence[Line]):
    """Lines as columns: texts, places where lines start and the last one ends, newlines, markups."""

    def __init__(
        self,
        texts: Sequence[str],
        starts: Sequence[int],
        newlines: Sequence[str],
        markups: Sequence[Markup | None] | None,
    ) -> None:
        self._texts, self._starts, self._newlines, self._markups = texts, starts, newlines, markups

    def __len__(self) -> int:
        return len(self._texts)

    def __iter__(self) -> Iterator[Line]:
        ends = islice(self._starts, 1, None)
        columns = self._texts, self._starts, ends, self._newlines, self._markups or repeat(None)
        return map(Line._make, zip(count(1), *columns, strict=False))

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Line, ...]: ...
    def __getitem__(self, at: int | slice) -> Line | tuple[Line, ...]:
        if isinstance(at, slice):
            return tuple([self[n] for n in range(*at.indices(len(self)))])
        n = range(len(self))[at]
        markup = self._markups[n] if self._markups else None
        return Line(n + 1, self._texts[n], self._starts[n], self._starts[n + 1], self._newlines[n], markup)


class ManyShapes(Sequence[Shape]):
    """Shapes that are counted when they are asked for, many at a time."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def __len__(self) -> int:
        return len(self._texts)

    def __iter__(self) -> Iterator[Shape]:
        for at in range(0, len(self._texts), AT_ONCE):
            yield from self[at : at + AT_ONCE]

    @overload
    def __getitem__(self, at: int) -> Shape: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Shape, ...]: ...
    def __getitem__(self, at: int | slice) -> Shape | tuple[Shape, ...]:
        from cleaner.lines.shape import shapes_of  # noqa: PLC0415

        return shapes_of(self._texts[at]) if isinstance(at, slice) else shapes_of([self._texts[at]])[0]
