"""Lines put together from the pieces of a file of JSON Lines, with their numbers and places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cleaner.files.opening import PAGE_CAP

# Blank lines, any number at once: a file of nothing but newlines would take long line by line.
# Linear: all quantifiers are possessive.
_BLANK_LINES = re.compile(rb"(?:[ \t\r]*+\n)++")

_LINE_FEED = 0x0A


class NumberedLine(NamedTuple):
    """A line with the newline that ends it; ``number`` counts from 1, ``start`` is its offset in the unpacked file.

    Of a line that is ``too_long``, with more than PAGE_CAP bytes, only the beginning is there.
    """

    number: int
    start: int
    data: bytes
    too_long: bool


class LineSplitter:
    """Splits pieces into lines at newlines alone, in bounded memory. Most blank lines are left out."""

    def __init__(self) -> None:
        self._number, self._start, self._size = 1, 0, 0
        self._parts: list[bytes] = []

    def add(self, piece: bytes) -> Iterator[NumberedLine]:
        """Yield the lines that end in the next piece."""
        at = 0
        while at < len(piece):
            blank = _BLANK_LINES.match(piece, at) if not self._size else None
            if blank:
                self._number += piece.count(b"\n", at, blank.end())
                self._start += blank.end() - at
                at = blank.end()
                continue
            end = piece.find(b"\n", at) + 1 or len(piece)
            if self._size <= PAGE_CAP:
                self._parts.append(piece[at : min(end, at + PAGE_CAP + 1 - self._size)])
            self._size += end - at
            if piece[end - 1] == _LINE_FEED:
                yield from self.rest()
            at = end

    def rest(self) -> Iterator[NumberedLine]:
        """Yield the line under way, if there is one."""
        if self._size:
            data = b"".join(self._parts)
            ended = data.endswith(b"\n")
            yield NumberedLine(self._number, self._start, data, len(data) - ended > PAGE_CAP)
            self._number, self._start, self._size = self._number + 1, self._start + self._size, 0
            self._parts = []
