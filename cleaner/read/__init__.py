"""Bytes to Page: sniffing, decoding, HTML and text. Gathers facts and judges nothing."""

from __future__ import annotations

from cleaner.phrases import fold
from cleaner.records import Kind, Line, Page, Shape


def read_page(data: bytes | str, *, source: str = "<memory>", url: str | None = None, kind: Kind | None = None) -> Page:
    """STUB, to be replaced: UTF-8 text only."""
    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    lines, at = [], 0
    for n, row in enumerate(text.split("\n"), 1):
        size = len(row if isinstance(data, str) else row.encode()) + 1
        lines.append(Line(n, row, at, at + size))
        at += size
    shapes = tuple(Shape(fold(x.text), len(x.text.split()), 0, x.text.rstrip().endswith((".", "!", "?")), 0, sum(map(str.isdigit, x.text)), 0) for x in lines)
    return Page(source, "text", tuple(lines), shapes, data=data, url=url or "")
