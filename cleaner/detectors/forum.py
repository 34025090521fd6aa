"""KP: words that show that the page is a forum, whose posts are its content."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.detectors import Context, Hit, Rule, detector
from cleaner.records import Page


@detector(
    Rule(
        "KP111",
        "forum-sign",
        "shows that this page is a forum, whose posts are its content",
        goes="> Reply with quote\nThe vote is on Monday.",
        stays="The forum met in the old town hall.",
    ),
    Rule(
        "KP112",
        "mentions-forum",
        "shows in a longer line that this page is a forum",
        goes="> harbourmaster, member of the club for boats and bread, lives in Little Harbour with two dogs, join date: May 1931",
        stays="The join date of both halves is under the floor.",
    ),
    keeps=True,
    phrases={"forum": ("KP11",)},
)
def forum(page: Page, context: Context) -> Iterator[Hit]:
    """Phrases that only forums have."""
    del page
    yield from context.hits("KP")
