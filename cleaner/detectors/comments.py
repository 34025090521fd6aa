"""CM: comments of readers, by the words of their headings, forms and actions."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.detectors import Context, Hit, Rule, detector
from cleaner.records import Page

_COMMENT = "The quay needs a new roof and not one more study of it."
_PROSE = "In winter and in spring the boats of both families lay at the old quay."
_LONG_LINE = (
    "The council of Little Harbour votes on the quay and on the price of bread on Monday evening in the old hall"
)


@detector(
    Rule(
        "CM101",
        "comment-heading",
        "is the heading of a comment section",
        goes=f"{_PROSE}\n> 12 comments\n> Leave a reply",
        stays="Comments on the plan were invited until Monday.",
    ),
    Rule(
        "CM102",
        "mentions-comments",
        "holds the heading of a comment section in a longer line",
        goes=f"> {_LONG_LINE}, comments are closed for this article",
        stays="She left a comment in the visitors' book.",
    ),
    Rule(
        "CM111",
        "comment-form",
        "is a label or rule of a comment form",
        goes=f"{_PROSE}\n> Your email address will not be published.\n> Post comment",
        stays="Her address was published by mistake.",
        resembles="LM105",
    ),
    Rule(
        "CM112",
        "mentions-comment-form",
        "holds a label or rule of a comment form in a longer line",
        goes=f"> {_LONG_LINE}, your email address will not be published",
        stays="The name was never published.",
        resembles="LM105",
    ),
    Rule(
        "CM121",
        "comment-action",
        "is an action on a comment",
        goes=f"{_COMMENT}\n> Reply\n> Report abuse",
        stays="In reply to the council, the mayor said that the quay was safe.",
    ),
    Rule(
        "CM122",
        "mentions-comment-action",
        "holds an action on a comment in a longer line",
        goes=f"> {_LONG_LINE}, log in to reply",
        stays="Staff must report abuse of the alarm at once, the court said.",
    ),
    phrases={"comments": ("CM10", "CM11", "CM12")},
    resembles="LM103",
)
def comment_words(page: Page, context: Context) -> Iterator[Hit]:
    """Headings, forms and actions of comment sections, by their words."""
    del page
    yield from context.hits("CM")
