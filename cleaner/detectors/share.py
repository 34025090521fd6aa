"""SH: share bars and links to social networks."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.detectors import Context, Found, Rule, detector
from cleaner.records import Page

_SHARE_BLOCKS = frozenset(
    {"share", "sharing", "shares", "social", "addtoany", "addthis", "sharedaddy", "follow", "socials"}
)


@detector(
    Rule(
        "SH101",
        "share-action",
        "is a button for sharing the page",
        goes="The vote is on Monday.\n> Share on Facebook",
        stays="Share prices fell on Monday.",
        promise=1.5,
    ),
    Rule(
        "SH102",
        "mentions-sharing",
        "asks to share in a longer line",
        goes="> If you liked the story of the lock keeper and his daughter, be so kind and share this article with all of your friends",
        stays="They share a boat with two other families.",
    ),
    Rule(
        "SH111",
        "follow-us",
        "names a social network or asks to follow",
        goes="The vote is on Monday.\n> Follow us on Instagram",
        stays="Follow the river for two miles, then turn left.",
    ),
    Rule(
        "SH112",
        "mentions-follow",
        "asks to follow in a longer line",
        goes="> The harbour pages write about boats, bread and the weather since 1931, so follow us on Facebook or at the quay",
        stays="Those who follow the minister on her tour rarely sleep.",
    ),
    Rule(
        "SH301",
        "share-block",
        "stands in a block named after sharing",
        goes="<main><p>The vote is on Monday, said the mayor of the town.</p></main><ul class='social-links'><li>Mastodon</li></ul>",
        stays="<main class='share-economy'><p>The vote is on Monday, said the mayor of the town.</p></main>",
    ),
    phrases={"share": ("SH10", "SH11")},
    resembles="LM107",
)
def share(page: Page, context: Context) -> Iterator[Found]:
    """Share bars, social networks."""
    yield from context.hits("SH")
    yield from context.in_blocks(_SHARE_BLOCKS, "SH301")
