"""The byte ranges of the lines of a JSON string in a file.

A line is removed from a string by removing its bytes, so all other escapes stay as they were written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from cleaner.diff import Span

# Linear: every match begins at a backslash and takes a bounded number of bytes, the escaped character among them,
# so that the n of an escaped backslash before an n is no newline.
_ESCAPE = re.compile(rb"\\(?:((?:r|u000[dD])(?:\\(?:n|u000[aA]))?|n|u000[aA])|.)", re.DOTALL)


def line_spans(row: bytes, value: Span) -> list[Span]:
    """Return the byte ranges in ``row`` of the lines of a string, each with its line end.

    ``value`` is the range of the string without its quotes. Lines end at \\n, \\r\\n and \\r, as in ``Page.lines``.

    >>> line_spans(b'"a\\\\nb"', (1, 5))
    [(1, 4), (4, 5)]
    """
    start, end = value
    ends = list(_line_ends(row, start, end))
    if not ends or ends[-1] < end:
        ends.append(end)
    return [span for span in pairwise((start, *ends)) if span[0] < span[1]]


def _line_ends(row: bytes, start: int, end: int) -> Iterator[int]:
    for escape in _ESCAPE.finditer(row, start, end):
        if escape.group(1) is not None:
            yield escape.end()


def join_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Join sorted ranges that touch."""
    found: list[Span] = []
    for start, end in spans:
        if found and found[-1][1] == start:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return tuple(found)


def delete_spans(data: bytes, spans: Sequence[Span]) -> bytes:
    """Return ``data`` without the byte ranges ``spans``, which are sorted and do not overlap."""
    at, parts = 0, []
    for start, end in spans:
        parts.append(data[at:start])
        at = end
    return b"".join((*parts, data[at:]))
