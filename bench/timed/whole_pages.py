"""Whole pages made of many lines or elements of one kind: cleaning takes linear time on them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from bench.timed.bounds import TimeBound, growth
from bench.timed.shapes import PROSE
from cleaner import clean

#: Lines or elements of a page; the other one has a fourth as many.
SIZE = 1600

#: Lines of an article and of what stands around one.
LINES = (
    PROSE,
    "Nobody on the quay could say when the gate had last been opened, and nobody asked.",
    "Im Winter lagen die Boote beider Familien am alten Kai, und niemand fuhr hinaus.",
    "Sign In / Up",
    "Related: A wall for the islands",
    "Share on Facebook",
    "Loading, please wait...",
    "Home | News | Sport",
    "don | 4/29/2017 11:19:41 PM",
)


def article(lines: int) -> str:
    """A text of so many lines, article and residue mixed."""
    pick = random.Random(7)  # noqa: S311
    return "\n".join(pick.choice(LINES) for _ in range(lines))


#: Pages by their number of lines or elements.
SHAPES: dict[str, Callable[[int], str]] = {
    "article": article,
    "one long line": lambda n: "the boats lay at the quay " * (4 * n),
    "whitespace": lambda n: " \t" * (20 * n) + "end",
    "short lines": lambda n: "ab\n" * (10 * n),
    "same sentence": lambda n: (PROSE + "\n") * n,
    "nested divs": lambda n: "<p>start</p>" + "<div>" * (5 * n) + PROSE,
    "list items": lambda n: "<ul>" + "<li class='menu-item'><a href='/'>Boats</a>" * (3 * n),
    "comment headers": lambda n: "don | 4/29/2017 11:19:41 PM\nA no-fly zone, probably good.\n" * n,
}


def bounds() -> Iterator[TimeBound]:
    """Yield one bound per shape; a longer text may be judged a few times more until nothing more goes."""
    for name, shape in SHAPES.items():
        yield growth(name, lambda n, shape=shape: _cleaning(shape(n)), SIZE, at_most=9.0)  # type: ignore[misc]


def _cleaning(page: str) -> Callable[[], object]:
    return lambda: clean(page)
