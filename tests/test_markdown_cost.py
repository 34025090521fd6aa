"""Markdown of pages made to be slow or deep: no more output than the page allows, and all of its words.

That writing takes linear time is measured by ``bench.timed``.
"""

from __future__ import annotations

import pytest

from bench.timed.markdown import SHAPES
from cleaner.markdown import markdown
from cleaner.markdown.containers import MAX_CONTAINER_DEPTH
from tests.test_markdown_words import whole, wrong

#: Bytes of a page.
SIZE = 50_000


@pytest.mark.parametrize("shape", SHAPES)
def test_the_output_of_a_shape_is_of_its_size(shape: str) -> None:
    page = whole(f"<!DOCTYPE html><html><body>{SHAPES[shape](SIZE)}")
    assert len(markdown(page)) < 25 * len(page.page.data)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_small_shape_shows_its_words(shape: str) -> None:
    assert wrong(whole(f"<!DOCTYPE html><html><body>{SHAPES[shape](900)}")) == []


@pytest.mark.parametrize(("opens", "mark"), [("<blockquote>", "> "), ("<ul><li>", "- ")])
def test_what_lies_deeper_than_anybody_reads_is_written_at_a_bound(opens: str, mark: str) -> None:
    body = markdown(whole(f"<!DOCTYPE html><html><body>{opens * 50_000}barge"))
    assert body == f"{mark * MAX_CONTAINER_DEPTH}barge\n"


def test_rows_too_short_for_a_parser_are_no_table():
    """markdown-it and cmark end a table after filling in 65,536 cells."""
    wide = "<table><tr>" + "<td>a" * 300 + "<tr><td>b" * 300 + "</table><p>end"
    page = whole(f"<!DOCTYPE html><html><body>{wide}")
    assert "| ---" not in markdown(page)
    assert wrong(page) == []
