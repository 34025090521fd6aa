"""A second opinion: which lines of an HTML page trafilatura keeps. Imported on first use."""

from __future__ import annotations

from cleaner.lines.fold import fold
from cleaner.records import Page

#: trafilatura slows down and cuts beyond these (research/reliability.md), so it is not asked there.
LARGEST, DEEPEST = 5_000_000, 200


def kept_by_extractor(page: Page) -> frozenset[int] | None:
    """Numbers of the lines that trafilatura's extraction holds; None when it cannot be asked.

    A line counts as held when its folded text stands in the extracted text, whatever the line breaks.
    """
    if page.kind != "html" or len(page.data) > LARGEST or _depth(page) > DEEPEST:
        return None
    from trafilatura import extract  # noqa: PLC0415 - it costs a third of a second

    try:
        text = extract(page.data, include_comments=False, include_tables=True)
    except Exception:  # whatever goes wrong there, there is no second opinion
        return None
    if not text:
        return None
    held = f" {fold(text)} "
    return frozenset(
        line.number for line, shape in zip(page.lines, page.shapes, strict=True) if _holds(held, shape.folded)
    )


def _holds(held: str, folded: str) -> bool:
    return bool(folded) and f" {folded} " in held


def _depth(page: Page) -> int:
    depth = [0] * len(page.blocks)
    for at, block in enumerate(page.blocks):
        depth[at] = depth[block.parent] + 1 if block.parent >= 0 else 1
    return max(depth, default=0)
