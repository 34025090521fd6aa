"""A second opinion by another extractor: which lines of an HTML page trafilatura keeps. It is imported on first use."""

from __future__ import annotations

from cleaner.lines.fold import fold
from cleaner.records import Page

#: For pages with more bytes or a deeper nesting of elements, trafilatura is slow or loses text, so it is not called.
MAX_EXTRACTOR_BYTES, MAX_EXTRACTOR_DEPTH = 5_000_000, 200


def kept_by_extractor(page: Page) -> frozenset[int] | None:
    """Return the numbers of the lines that trafilatura keeps; None when it cannot be called or fails.

    A line counts as kept when its folded text is part of the extracted text, whatever the line breaks.
    """
    if page.kind != "html" or len(page.data) > MAX_EXTRACTOR_BYTES or _depth(page) > MAX_EXTRACTOR_DEPTH:
        return None
    from trafilatura import extract  # noqa: PLC0415 - it costs a third of a second

    try:
        text = extract(page.data, include_comments=False, include_tables=True)
    except Exception:  # if it fails for any reason, there is no second opinion
        return None
    if not text:
        return None
    extracted = f" {fold(text)} "
    return frozenset(
        line.number for line, shape in zip(page.lines, page.shapes, strict=True) if _contains(extracted, shape.folded)
    )


def _contains(extracted: str, folded: str) -> bool:
    return bool(folded) and f" {folded} " in extracted


def _depth(page: Page) -> int:
    depth = [0] * len(page.blocks)
    for at, block in enumerate(page.blocks):
        depth[at] = depth[block.parent] + 1 if block.parent >= 0 else 1
    return max(depth, default=0)
