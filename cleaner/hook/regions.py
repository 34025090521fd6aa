"""Where in a file the lines of a page stand, by lines and columns.

Only what is exact is told: files in UTF-8 whose bytes all read as it, and rows that hold nothing that others would take
for a line end.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from cleaner.hook.literal import Span, line_spans
from cleaner.hook.rows import Row
from cleaner.records import Cleaned
from cleaner.report.findings import Region


def regions_of_file(cleaned: Cleaned, data: bytes) -> Sequence[Region]:
    """The regions of the lines of a text file, each with its line end; none where they cannot be told."""
    page = cleaned.page
    if page.kind != "text" or page.encoding != "utf-8" or page.data != data or not _reads(data):
        return ()
    return [
        Region(line.number, 1, *((line.number + 1, 1) if line.newline else (line.number, len(line.text) + 1)))
        for line in page.lines
    ]


def regions_of_row(row: Row, value: Span) -> Sequence[Region]:
    """The regions of the lines of a row's text, which stands at ``value``; none where they cannot be told."""
    if b"\r" in row.line.rstrip(b"\r\n") or not _reads(row.line):
        return ()
    spans = line_spans(row.line, (value[0] + 1, value[1] - 1))
    if not spans:
        return ()
    cuts = [0, spans[0][0], *(end for _, end in spans)]
    columns = list(accumulate(len(row.line[first:last].decode()) for first, last in pairwise(cuts)))
    return [Region(row.number, first + 1, row.number, last + 1) for first, last in pairwise(columns)]


def _reads(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
