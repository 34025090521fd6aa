"""DU: lines that stand more than once on the page, or on other pages of its site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cleaner.detectors import Context, Found, Rule, detector
from cleaner.lines.fold import core
from cleaner.lines.table import LineTable
from cleaner.records import Page

#: A repeated line of at least this many words is a copy; a shorter one is a label.
COPY_WORDS = 4


@detector(
    Rule(
        "DU401",
        "repeat-at-once",
        "repeats the line before it",
        goes="The guard checks the western gate. AP photo.\n> The guard checks the western gate. AP photo.\nThe vote is on Monday.",
        stays="Small boats: $10 and $15\nSmall boats: $12 and $18\nThe vote is on Monday.",
        promise=3.0,
    ),
    Rule(
        "DU402",
        "repeated-line",
        "stands earlier on this page",
        goes="A new harbour wall for the islands\nThe vote is on Monday.\n> A new harbour wall for the islands",
        stays="A new harbour wall for the islands\nThe vote is on Monday.\nA new harbour wall",
    ),
    Rule(
        "DU403",
        "repeated-label",
        "is a label that stands several times on this page",
        goes="> Read more\nThe lock\n> Read more\nThe dyke\n> Read more",
        stays="Read more\nThe lock",
    ),
    Rule(
        "DU404",
        "returns-later",
        "stands again further down this page",
        goes="> A new harbour wall for the islands\nThe vote is on Monday.\nA new harbour wall for the islands",
        stays="A new harbour wall for the islands\nThe vote is on Monday.",
    ),
)
def repeats(page: Page, context: Context) -> Iterator[Found]:
    """Lines repeated in the page."""
    table = context.table
    texts = _texts(table)
    total = Counter(texts)
    seen: set[str] = set()
    last = ""
    for number, shape, text in zip(table.numbers, table.shapes, texts, strict=True):
        if not text:
            continue
        if total[text] > 1:
            code = _code(text, shape.words, last, seen)
            if code != "DU403" or total[text] > 2:
                yield number, code, ""
            seen.add(text)
        last = text


def _texts(table: LineTable) -> list[str]:
    """The texts to compare: folded lines, but with their figures, since rows of a table of prices differ in nothing else."""
    alike = Counter(table.cores)
    return [
        bare
        if (alike[bare] == 1 and bare) or (not shape.digits and text.isascii())
        else core(" ".join(text.lower().split()))
        for bare, shape, text in zip(table.cores, table.shapes, table.texts, strict=True)
    ]


def _code(text: str, words: int, last: str, seen: set[str]) -> str:
    if words < COPY_WORDS:
        return "DU403"
    if text == last:
        return "DU401"
    return "DU402" if text in seen else "DU404"
