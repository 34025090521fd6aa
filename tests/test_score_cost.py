"""Features and trees cost what a page is long: four times the page, four times the time."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from cleaner.read import read_page
from cleaner.records import Page
from cleaner.score.features.registry import names_of
from cleaner.score.features.table import first_scores, table_of
from tests.score_pages import CODES, NAMES, SENTENCE, VOCABULARY, facts_of, grown
from tests.timing import cpu_seconds

SHAPES: dict[str, tuple[int, Callable[[int], str]]] = {
    "nested divs": (20_000, lambda n: "<p>start</p>" + "<div class=x>word " * n),
    "nested divs without text": (20_000, lambda n: "<p>start</p>" + "<div>" * n + SENTENCE),
    "list items": (20_000, lambda n: "<ul>" + "<li class='menu-item'><a href='/'>Boats</a>" * n),
    "one-word lines": (50_000, lambda n: "ab\n" * n),
    "one-word lines, each of its own": (50_000, lambda n: "".join(f"b{k:x}z\n" for k in range(n))),
    "one-word lines between blank lines": (50_000, lambda n: "ab\n\n" * n),
    "equal sentences": (20_000, lambda n: (SENTENCE + "\n") * n),
    "one line": (2_000_000, lambda n: "the boats lay at the quay " * (n // 26)),
    "one line of signs": (2_000_000, lambda n: "| " * (n // 2)),
    "one word": (2_000_000, lambda n: "a" * n),
}


def scored(page: Page) -> Callable[[], object]:
    """The features and trees of a page, from facts that nobody has asked before."""
    trees = grown(random.Random(5), 20, len(names_of(page.kind)))
    codes = [[CODES[n % len(CODES)]] for n in range(len(page.lines))]

    def call() -> object:
        facts = facts_of(page, codes)
        table = table_of(facts, first_scores(facts, VOCABULARY, NAMES), names_of(page.kind))
        return trees.log_odds(table)

    return call


@pytest.mark.parametrize("shape", SHAPES)
def test_time_grows_linearly(shape: str) -> None:
    size, make = SHAPES[shape]
    kind = "html" if make(4).startswith("<") else "text"
    small, large = (scored(read_page(make(n), kind=kind)) for n in (size // 4, size))
    small()
    # quadratic cost would be sixteen times
    assert cpu_seconds(large) < 6 * cpu_seconds(small) + 0.02
