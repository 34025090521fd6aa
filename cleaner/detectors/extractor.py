"""EX: which lines another extractor keeps, where the settings ask for a second opinion."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.detectors import Context, Hit, Rule, detector
from cleaner.records import Page


@detector(
    Rule(
        "EX101",
        "extractor-left-out",
        "was left out by trafilatura, asked for a second opinion",
        goes="> Home\nThe vote is on Monday.",
        stays="The vote is on Monday.",
    ),
    Rule(
        "EX102",
        "extractor-kept",
        "was kept by trafilatura, asked for a second opinion",
        goes="Home\n> The vote is on Monday.",
        stays="Home",
        keeps=True,
    ),
)
def extractor(page: Page, context: Context) -> Iterator[Hit]:
    """Every line of a page that trafilatura was run on."""
    del context
    if page.kept_by_extractor is None:
        return
    for line in page.lines:
        if not line.blank:
            yield Hit(line.number, "EX102" if line.number in page.kept_by_extractor else "EX101")
