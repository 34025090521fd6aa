"""KP and NV by company: how much running text stands in the block that a line shares with others.

A list inside the article's block is content, the same list in a block of its own is a menu. The block asked is
the smallest around a line that holds any running text (after the densities of Sun, Song and Liao 2011).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from cleaner.detectors import Context, Hit, Rule, detector, is_prose
from cleaner.records import Page

_TEN = "<p>In winter and in spring the boats of both families lay at the old quay.</p>"
_GATE, _LIST = "<p>Gate</p>", "<ul>" + "<li>Boats of the quay</li>" * 6 + "</ul>"

#: Bounds of the share of running text among the words of the block.
_SHARES = (0.1, 0.3, 0.6, 0.85)
_CODES = ("NV361", "NV362", "KP361", "KP362", "KP363")


@detector(
    Rule(
        "NV361",
        "company-of-no-text",
        "shares its block with hardly any running text",
        goes=f"<div>{_TEN}{_LIST * 12}</div>",
        stays=f"<div>{_TEN}{_GATE}</div>",
    ),
    Rule(
        "NV362",
        "company-of-little-text",
        "shares its block with little running text",
        goes=f"<div>{_TEN}{_LIST * 3}</div>",
        stays=f"<div>{_TEN}{_GATE}</div>",
    ),
    Rule(
        "KP361",
        "company-of-some-text",
        "shares its block with some running text",
        goes=f"<div>{_TEN}{_LIST}</div>",
        stays=f"<div>{_LIST}</div>",
    ),
    Rule(
        "KP362",
        "company-of-much-text",
        "shares its block with much running text",
        goes=f"<div>{_TEN * 3}{_LIST}</div>",
        stays=f"<div>{_LIST}</div>",
    ),
    Rule(
        "KP363",
        "company-of-text",
        "shares its block with running text",
        goes=f"<div>{_TEN}{_GATE}</div>",
        stays=f"<div>{_LIST}</div>",
    ),
)
def company(page: Page, context: Context) -> Iterator[Hit]:
    """The share of running text in the smallest block around each line that holds any."""
    del context
    if not page.blocks:
        return
    words = [0, *accumulate(shape.words for shape in page.shapes)]
    prose = [0, *accumulate(shape.words if is_prose(shape) else 0 for shape in page.shapes)]
    around: list[float] = []
    for block in page.blocks:
        held = prose[block.last] - prose[block.first]
        outside = around[block.parent] if block.parent >= 0 else -1.0
        around.append(held / (words[block.last] - words[block.first]) if held else outside)
    for line in page.lines:
        own = line.markup.block if line.markup and not line.blank else -1
        parent = page.blocks[own].parent if own >= 0 else -1
        if parent >= 0 and around[parent] >= 0:
            yield Hit(line.number, _CODES[bisect_right(_SHARES, around[parent])])
