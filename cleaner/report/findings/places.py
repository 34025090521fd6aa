"""The places in a file of the lines that would be removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cleaner.records import Cleaned
from cleaner.report.findings.record import Place, Placed


def places_in_text(cleaned: Cleaned) -> Placed:
    """Return the places of the lines that would be removed from a text page, which its file holds as it is.

    They are exact in UTF-8 only: programs may decode other bytes to other characters, and so to other lines.
    """
    page = cleaned.page
    exact = page.encoding == "utf-8" and isinstance(page.data, bytes) and _is_utf8(page.data)
    return Placed(tuple(_in_text(cleaned)), exact)


def _in_text(cleaned: Cleaned) -> Iterator[Place]:
    line = column = 1
    for verdict in cleaned.verdicts:
        at = verdict.line
        begin = line, column
        if at.newline.endswith("\n"):
            line, column = line + 1, 1
        else:
            column += len(at.text) + len(at.newline)
        if not verdict.keep:
            yield Place(at.start, at.end, *begin, line, column)


def places_in_row(number: int, start: int, row: bytes, spans: Iterable[tuple[int, int]]) -> Placed:
    """Return the places of the byte ranges ``spans`` of a row: line ``number`` of its file, from byte ``start`` on."""
    exact = _is_utf8(row)
    places = []
    at, column = 0, 1
    for first, last in spans:
        begin = column + _characters(row[at:first])
        column = begin + _characters(row[first:last])
        at = last
        places.append(Place(start + first, start + last, number, begin, number, column))
    return Placed(tuple(places), exact)


def _characters(data: bytes) -> int:
    return len(data) if data.isascii() else len(data.decode("utf-8", "replace"))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
