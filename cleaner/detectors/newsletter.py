"""NL: newsletter boxes."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.detectors import Context, Found, Rule, detector
from cleaner.records import Page

_NEWSLETTER_BLOCKS = frozenset(
    {"newsletter", "newsletters", "signup", "subscribe", "subscription", "mailchimp", "optin", "mc4wp"}
)


@detector(
    Rule(
        "NL101",
        "newsletter-line",
        "belongs to a newsletter box",
        goes="The vote is on Monday.\n> Sign up for our newsletter",
        stays="The club's newsletter of 1931 tells of a flood.",
        promise=1.0,
    ),
    Rule(
        "NL102",
        "mentions-newsletter",
        "asks to subscribe to a newsletter in a longer line",
        goes="> For all the stories from the quay and the islands, picked by hand each morning, sign up for our newsletter today",
        stays="He wrote for a newsletter about knots.",
    ),
    Rule(
        "NL301",
        "newsletter-block",
        "stands in a block named after a newsletter",
        goes="<main><p>The vote is on Monday, said the mayor of the town.</p></main><div class='newsletter-box'><p>Be first</p></div>",
        stays="<main class='newsletter-archive'><p>The vote is on Monday, said the mayor of the town.</p></main>",
        resembles="LM105",
    ),
    phrases={"newsletter": ("NL10",)},
    resembles="LM106",
)
def newsletter(page: Page, context: Context) -> Iterator[Found]:
    """Newsletter boxes and their forms."""
    yield from context.hits("NL")
    yield from context.in_blocks(_NEWSLETTER_BLOCKS, "NL301")
