"""DU: lines that stand more than once: on this page, or on the other pages of the site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cleaner.detectors import Context, Hit, Rule, detector
from cleaner.phrases import core
from cleaner.records import Page

#: A repeated line of at least this many words is a copy; shorter ones are labels.
COPY_WORDS = 4


@detector(
    Rule(
        "DU401",
        "repeat-at-once",
        "repeats the line before it",
        goes="The guard checks the western gate. AP photo.\n> The guard checks the western gate. AP photo.\nThe vote is on Monday.",
        stays="Small boats: $10 and $15\nSmall boats: $12 and $18\nThe vote is on Monday.",
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
    Rule(
        "DU501",
        "site-template",
        "stands on many pages of this site",
        goes="> Harbour Post, the paper of the islands\nThe vote is on Monday.",
        stays="The vote is on Monday.",
        # log(.68 / .02): the shares of boilerplate and of article characters it marks on 71 sites
        weight=3.5,
    ),
)
def repeats(page: Page, context: Context) -> Iterator[Hit]:
    """Lines repeated in the page, and lines of the site's template."""
    # figures count: rows of a table of prices differ in nothing else
    cores = [core(" ".join(line.text.lower().split())) for line in page.lines]
    total = Counter(text for text in cores if text)
    seen: set[str] = set()
    last = ""
    for line, shape, text in zip(page.lines, page.shapes, cores, strict=True):
        if not text:
            continue
        if context.profile and context.profile.repeats(shape.folded):
            yield Hit(line.number, "DU501")
        if total[text] > 1:
            code = _code(text, shape.words, last, seen)
            if code != "DU403" or total[text] > 2:
                yield Hit(line.number, code)
        seen.add(text)
        last = text


def _code(text: str, words: int, last: str, seen: set[str]) -> str:
    if words < COPY_WORDS:
        return "DU403"
    if text == last:
        return "DU401"
    return "DU402" if text in seen else "DU404"
