"""Pages made to be slow or deep: Markdown takes linear time, and its output no more than the page allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cleaner import clean
from cleaner.markdown import markdown
from cleaner.markdown.places import DEEPEST
from tests import bombs
from tests.test_bombs import SIZE, slow
from tests.test_markdown_words import whole, wrong

WORD = "barge "

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
    "signs": lambda n: "<p>" + "*_[&amp;#" * (n // 9),
    "hashes": lambda n: "<h1>" + "# " * (n // 2),
    "blank pre": lambda n: "<pre>a" + "\n" * n + "b</pre>",
}


def written(data: bytes) -> Iterator[tuple[str, bombs.Stage]]:
    """Yield the writing of a page."""
    cleaned = clean(data)
    yield "markdown", lambda: markdown(cleaned)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_takes_linear_time(shape: str) -> None:
    small, large = (bombs.as_markup(SHAPES[shape](size)) for size in (SIZE // 2, SIZE))
    assert slow(written, small, large, 0.0) == []


@pytest.mark.parametrize("bomb", bombs.STRUCTURES)
def test_a_structure_takes_linear_time(bomb: str) -> None:
    small, large = (bombs.as_markup(bombs.STRUCTURES[bomb](size)) for size in (SIZE // 2, SIZE))
    assert slow(written, small, large, 0.0) == []


@pytest.mark.parametrize("shape", SHAPES)
def test_the_output_of_a_shape_is_of_its_size(shape: str) -> None:
    page = whole(f"<!DOCTYPE html><html><body>{SHAPES[shape](SIZE // 4)}")
    assert len(markdown(page)) < 25 * len(page.page.data)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_small_shape_shows_its_words(shape: str) -> None:
    assert wrong(whole(f"<!DOCTYPE html><html><body>{SHAPES[shape](900)}")) == []


@pytest.mark.parametrize(("opens", "mark"), [("<blockquote>", "> "), ("<ul><li>", "- ")])
def test_what_lies_deeper_than_anybody_reads_is_written_at_a_bound(opens: str, mark: str) -> None:
    body = markdown(whole(f"<!DOCTYPE html><html><body>{opens * 50_000}barge"))
    assert body == f"{mark * DEEPEST}barge\n"


def test_rows_too_short_for_a_parser_are_no_table():
    """markdown-it and cmark end a table after filling in 65,536 cells."""
    wide = "<table><tr>" + "<td>a" * 300 + "<tr><td>b" * 300 + "</table><p>end"
    page = whole(f"<!DOCTYPE html><html><body>{wide}")
    assert "| ---" not in markdown(page)
    assert wrong(page) == []
