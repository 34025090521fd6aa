"""AD: advertisements, their labels, and commercial disclosures."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.detectors import Context, Found, Rule, detector
from cleaner.records import Page

_AD_BLOCKS = frozenset(
    {"ad", "ads", "advert", "advertisement", "adsense", "sponsor", "sponsored", "promo", "promotion", "dfp", "banner"}
)


@detector(
    Rule(
        "AD101",
        "ad-label",
        "labels an advertisement",
        goes="The vote is on Monday.\n> Advertisement",
        stays="The advertisement in the window promised two boats for one.",
        promise=1.5,
    ),
    Rule(
        "AD102",
        "mentions-ad",
        "mentions an advertisement's label in a longer line",
        goes="> Boats for two, for four, for the whole family and the dog, now at the quay, article continues below this ad",
        stays="The ad ran for two weeks and sold nothing.",
    ),
    Rule(
        "AD111",
        "commercial-disclosure",
        "discloses that links earn money",
        goes="The vote is on Monday.\n> We may earn a commission from links on this page.",
        stays="The commission will vote on the links between both ports.",
    ),
    Rule(
        "AD112",
        "mentions-disclosure",
        "discloses earnings in a longer line",
        goes="> Every rope in this list was tied, pulled and soaked by two editors over a winter; should you buy one of them here, "
        "then we may earn a commission, which pays for more rope and for the editors who pull at it.",
        stays="Agents earn a commission of two per cent on each boat.",
    ),
    Rule(
        "AD301",
        "ad-block",
        "stands in a block named after advertising",
        goes="<main><p>The vote is on Monday, said the mayor of the town.</p></main><div class='ad-slot'><p>Boats for two</p></div>",
        stays="<main class='ad-history'><p>The vote is on Monday, said the mayor of the town.</p></main>",
    ),
    phrases={"ads": ("AD10", "AD11")},
    resembles="LM106",
)
def ads(page: Page, context: Context) -> Iterator[Found]:
    """Labels of advertisements, blocks named after them, and disclosures."""
    yield from context.hits("AD")
    yield from context.in_blocks(_AD_BLOCKS, "AD301")
