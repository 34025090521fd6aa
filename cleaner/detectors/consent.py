"""CK: cookie and consent lines."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.detectors import Context, Found, Rule, detector
from cleaner.records import Page

_CONSENT_BLOCKS = frozenset(
    {"cookie", "cookies", "consent", "gdpr", "ccpa", "cmp", "onetrust", "cookiebot", "didomi", "usercentrics"}
)


@detector(
    Rule(
        "CK101",
        "consent-line",
        "asks for consent or informs about cookies",
        goes="The vote is on Monday.\n> This site uses cookies to improve your user experience.",
        stays="The cookie policy of the bakery is simple: bake fewer.",
        promise=1.0,
    ),
    Rule(
        "CK102",
        "mentions-consent",
        "mentions cookies or consent in a longer line",
        goes="> Harbour Post and its many partners along the whole coast do this: we use cookies to learn who reads what, how "
        "long they stay on each page, and which of our boats they might want to hire for the summer.",
        stays="Her grandmother sold cookies at the station.",
    ),
    Rule(
        "CK301",
        "consent-block",
        "stands in a block named after cookies or consent",
        goes="<main><p>The vote is on Monday, said the mayor of the town.</p></main>"
        "<div id='cookie-banner'><p>We value your time</p></div>",
        stays="<main class='cookie-recipes'><p>The vote is on Monday, said the mayor of the town.</p></main>",
    ),
    phrases={"consent": ("CK10",)},
    resembles="LM104",
)
def consent(page: Page, context: Context) -> Iterator[Found]:
    """Cookie banners and consent dialogs."""
    yield from context.hits("CK")
    yield from context.in_blocks(_CONSENT_BLOCKS, "CK301")
