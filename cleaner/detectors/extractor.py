"""EX: lines that another extractor keeps or leaves out, where the settings switch the second opinion on."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.detectors import Context, Hit, Rule, detector
from cleaner.records import Page


@detector(
    Rule(
        "EX101",
        "extractor-left-out",
        "was left out by trafilatura, which gave a second opinion",
        goes="> Home\nThe vote is on Monday.",
        stays="The vote is on Monday.",
    ),
    Rule(
        "EX102",
        "extractor-kept",
        "was kept by trafilatura, which gave a second opinion",
        goes="Home\n> The vote is on Monday.",
        stays="Home",
        keeps=True,
    ),
)
def extractor(page: Page, context: Context) -> Iterator[Hit]:
    """A hit for each filled line of a page on which trafilatura was run."""
    del context
    if page.kept_by_extractor is None:
        return
    for line in page.lines:
        if not line.blank:
            yield Hit(line.number, "EX102" if line.number in page.kept_by_extractor else "EX101")
