"""CH: the frame of a page: legal lines, account links, controls."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.detectors import Context, Found, Rule, detector
from cleaner.records import Page

_FRAME_BLOCKS = frozenset(
    {"footer", "copyright", "legal", "imprint", "impressum", "colophon", "toolbar", "topbar", "login"}
)


@detector(
    Rule(
        "CH101",
        "legal-line",
        "is a legal or footer line",
        goes="The vote is on Monday.\n> Privacy Policy\n> Terms of Use",
        stays="Her terms of use for the word were strict, and nobody dared to cross them in a meeting.",
    ),
    Rule(
        "CH102",
        "mentions-legal",
        "mentions a legal notice in a longer line",
        goes="> Harbour Post Media Group, 12 Quay Street, Little Harbour, company number 12 345, all rights reserved",
        stays="The law gives all tenants the right to repairs.",
    ),
    Rule(
        "CH111",
        "account-link",
        "asks to sign in or register",
        goes="> Sign In / Up\nThe vote is on Monday.",
        stays="Sign in the window read: closed until spring.",
    ),
    Rule(
        "CH112",
        "mentions-account",
        "mentions an account in a longer line",
        goes="> Thanks for visiting us again, dear guest of the harbour pages, now log in to your account and see it all",
        stays="She opened an account at the harbour bank in 1931.",
    ),
    Rule(
        "CH121",
        "page-control",
        "is a control of the page",
        goes="> Skip to content\nThe vote is on Monday.",
        stays="Readers who skip to the end will miss the joke.",
    ),
    Rule(
        "CH122",
        "mentions-control",
        "holds a control of the page in a longer line",
        goes="> The harbour timetable of the coming winter season in the old format for printers, skip to main content",
        stays="The main content of the barrel was salted fish.",
    ),
    Rule(
        "CH301",
        "frame-block",
        "stands in a block named after the page's frame",
        goes="<main><p>The vote is on Monday, said the mayor of the town.</p></main>"
        "<div class='site-footer'><p>Harbour Post, 12 Quay Street</p></div>",
        stays="<main class='article'><p>The vote is on Monday, said the mayor of the town.</p></main>",
    ),
    phrases={"account": ("CH11",), "controls": ("CH12",), "legal": ("CH10",)},
    resembles="LM104",
)
def chrome(page: Page, context: Context) -> Iterator[Found]:
    """Legal lines, account links and page controls."""
    yield from context.hits("CH")
    yield from context.in_blocks(_FRAME_BLOCKS, "CH301")
