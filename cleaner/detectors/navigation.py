"""NV: navigation, breadcrumbs and tags by their words."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.detectors import Context, Hit, Rule, detector
from cleaner.records import Page


@detector(
    Rule(
        "NV101",
        "navigation-label",
        "is a label of navigation",
        goes="> Contact us\nThe vote is on Monday.",
        stays="Contact was lost at noon.",
    ),
    Rule(
        "NV102",
        "mentions-navigation",
        "holds a label of navigation in a longer line",
        goes="> Harbour Post, Little Harbour, the islands, the quay, the boats, back to homepage",
        stays="The homepage of the club shows a boat.",
    ),
    Rule(
        "NV111",
        "breadcrumb",
        "is a breadcrumb or a line of tags",
        goes="> Tags: harbour\nThe vote is on Monday.",
        stays="Tags hung from every rope.",
    ),
    Rule(
        "NV112",
        "mentions-tags",
        "opens with the words of a breadcrumb or of tags",
        goes="> Filed under: harbour, boats, islands, winter, bread, weather, council, vote",
        stays="The plan was filed under the wrong letter.",
    ),
    phrases={"navigation": ("NV10", "NV11")},
    resembles="LM101",
)
def labels(page: Page, context: Context) -> Iterator[Hit]:
    """Labels of navigation, breadcrumbs and tags."""
    del page
    yield from context.hits("NV")
