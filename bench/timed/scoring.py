"""Features and trees take time in proportion to the length of a page: four times the page, four times the time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench.timed.bounds import Call, TimeBound, growth
from bench.timed.shapes import PROSE
from bench.timed.stages import facts_of
from cleaner.read import read_page
from cleaner.records import Kind
from cleaner.score.features.table import feature_table, first_stage_scores
from cleaner.score.model.stored import load_scorer

#: Pages by size: a number of pieces, or of characters.
SHAPES: dict[str, tuple[int, Callable[[int], str]]] = {
    "nested divs": (20_000, lambda n: "<p>start</p>" + "<div class=x>word " * n),
    "nested divs without text": (20_000, lambda n: "<p>start</p>" + "<div>" * n + PROSE),
    "list items": (20_000, lambda n: "<ul>" + "<li class='menu-item'><a href='/'>Boats</a>" * n),
    "one-word lines": (50_000, lambda n: "ab\n" * n),
    "one-word lines, each of its own": (50_000, lambda n: "".join(f"b{k:x}z\n" for k in range(n))),
    "one-word lines between blank lines": (50_000, lambda n: "ab\n\n" * n),
    "equal sentences": (20_000, lambda n: (PROSE + "\n") * n),
    "one line": (2_000_000, lambda n: "the boats lay at the quay " * (n // 26)),
    "one line of separators": (2_000_000, lambda n: "| " * (n // 2)),
    "one word": (2_000_000, lambda n: "a" * n),
}


def bounds() -> Iterator[TimeBound]:
    """Yield one bound per shape of page."""
    for name, (size, shape) in SHAPES.items():
        yield growth(name, _scoring(shape), size)


def _scoring(shape: Callable[[int], str]) -> Callable[[int], Call]:
    """Prepare the features and trees of a page of a size, from facts that have computed nothing yet."""
    kind: Kind = "html" if shape(4).startswith("<") else "text"
    scorer = load_scorer(kind)

    def prepare(size: int) -> Call:
        page = read_page(shape(size), kind=kind)

        def call() -> object:
            facts = facts_of(page)
            table = feature_table(facts, first_stage_scores(facts, scorer.vocabulary, scorer.names), scorer.features)
            return scorer.log_odds(table)

        return call

    return prepare
