"""Pages made to be slow or deep as Markdown: writing takes linear time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench.timed.bounds import TimeBound
from bench.timed.hostile import linear_structure
from bench.timed.shapes import STRUCTURES
from bench.timed.stages import Stage
from cleaner import clean
from cleaner.markdown import markdown

#: Bytes of a page; the other one has half as many.
SIZE = 200_000

#: HTML by its number of bytes.
SHAPES: dict[str, Callable[[int], str]] = {
    "quotes": lambda n: "<blockquote>" * (n // 12) + "barge",
    "quotes with text": lambda n: "<blockquote>barge" * (n // 17),
    "lists": lambda n: "<ul><li>" * (n // 8) + "barge",
    "lists with text": lambda n: "<ol><li>barge" * (n // 13),
    "items": lambda n: "<ul>" + "<li>barge" * (n // 9),
    "emphasis": lambda n: "<p>" + "<b><i>a" * (n // 7),
    "emphasis that overlaps": lambda n: "<p>" + "<b>a<i>b</b>c</i>" * (n // 17),
    "emphasis in words": lambda n: "<p>" + "a<i>b</i>" * (n // 9),
    "emphasis that cannot be read": lambda n: "<p>" + "a<b>(</b>" * (n // 9),
    "emphasis of nothing": lambda n: "<p>" + "a<b></b>" * (n // 8),
    "code": lambda n: "<p>" + "<code>`</code> " * (n // 15),
    "code of ticks": lambda n: "<p><code>" + "`" * n,
    "code of growing ticks": lambda n: "<pre>" + "\n".join("`" * k for k in range(int((2 * n) ** 0.5))),
    "links": lambda n: "<p>" + "<a href=x>y</a>" * (n // 15),
    "a link round lines": lambda n: f"<a href='/{'x' * 1900}'>" + "<div>a</div>" * (n // 12),
    "links of one base": lambda n: f"<base href='http://e.org/{'x' * 280}/'><p>" + "<a href=x>y</a>" * (n // 15),
    "lines": lambda n: "<p>" + "a<br>" * (n // 5),
    "rows": lambda n: "<table>" + "<tr><td>a<td>b" * (n // 14),
    "cells": lambda n: "<table><tr>" + "<td>a" * (n // 5),
    "short rows": lambda n: "<table><tr>" + "<td>a" * (n // 10) + "<tr><td>b" * (n // 18),
    "rows over rows": lambda n: "<table><tr>" + "<td rowspan=9999>" * (n // 34) + "a" + "<tr><td>b" * (n // 18),
    "wide cells": lambda n: "<table>" + "<tr><td colspan=9999>a<td>b" * (n // 27),
    "tables": lambda n: "<table><tr><td>a" * (n // 16),
    "tables of nothing": lambda n: "<table><tr><td>" * (n // 15) + "a",
    "special characters": lambda n: "<p>" + "*_[&amp;#" * (n // 9),
    "hashes": lambda n: "<h1>" + "# " * (n // 2),
    "blank pre": lambda n: "<pre>a" + "\n" * n + "b</pre>",
}


def bounds() -> Iterator[TimeBound]:
    """Yield one bound per shape."""
    for name, shape in {**SHAPES, **STRUCTURES}.items():
        yield linear_structure(name, _writing, shape, SIZE)


def _writing(data: bytes) -> Iterator[tuple[str, Stage]]:
    cleaned = clean(data)
    yield "markdown", lambda: markdown(cleaned)
