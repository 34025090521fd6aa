"""PW: lines that ask the reader to pay or sign in to read on, and the note that a body is cut off."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from cleaner.detectors import Context, Found, Hit, Rule, detector, each
from cleaner.records import Page

_PAYWALL_BLOCKS = frozenset({"paywall", "paywalled", "piano", "regwall", "premiumwall"})

_PROSE = "In winter and in spring the boats of both families lay at the old quay."
_LONG_LINE = (
    "The council of Little Harbour votes on the quay and on the price of bread on Monday evening in the old hall"
)
_MAIN = f"<main><p>{_PROSE}</p><p>{_PROSE}</p></main>"

#: Filled lines that may stand between the last running text and the line that cuts it off.
_MAX_LINES_BELOW_PROSE = 6

#: Words of the longest line that cuts a body off; a longer one only mentions a paywall.
_MAX_CUT_OFF_WORDS = 30

#: Below the line that cuts the body off, at most this share of the running text may follow.
_MAX_PROSE_SHARE_BELOW = 0.25


@detector(
    Rule(
        "PW101",
        "subscription-ask",
        "asks to pay, subscribe or sign in",
        goes=f"{_PROSE}\n> Already a subscriber?",
        stays="Most subscribers of the paper live on the islands.",
        promise=1.5,
    ),
    Rule(
        "PW102",
        "mentions-subscription",
        "asks to pay, subscribe or sign in in a longer line",
        goes=f"> {_LONG_LINE}, become a subscriber",
        stays="She had been a subscriber to the concerts since 1931.",
    ),
    Rule(
        "PW111",
        "cut-off-line",
        "says that the rest of the text is cut off here",
        goes=f"{_PROSE}\n> To read the full article",
        stays="The full article of the law has nine parts.",
    ),
    Rule(
        "PW112",
        "mentions-cut-off",
        "says in a longer line that the rest of the text is cut off here",
        goes=f"> {_LONG_LINE}, to read the full article",
        stays="The clerk read the full article of the law aloud.",
    ),
    Rule(
        "PW301",
        "paywall-block",
        "stands in a block named after a paywall",
        goes=f"{_MAIN}<div class='paywall'><p>Boats for members</p></div>",
        stays=f"<div class='paywall'><p>{_PROSE}</p></div>",
    ),
    Rule(
        "PW401",
        "after-cut-off",
        "stands after the line that cuts the body off",
        goes=f"{_PROSE}\n{_PROSE}\nTo read the full article\n> Boats for members",
        stays=f"{_PROSE}\nTo read the full article\n{_PROSE}\n{_PROSE}",
    ),
    Rule(
        "SY201",
        "cut-off-body",
        "the body is cut off by a paywall",
        goes=f"{_PROSE}\n{_PROSE}\nLoading, please wait...\nTo read the full article\nRelated Articles",
        stays=f"Already a subscriber?\n{_PROSE}\n{_PROSE}\nRelated Articles",
    ),
    phrases={"paywall": ("PW10", "PW11")},
    resembles="LM106",
)
def paywall(page: Page, context: Context) -> Iterator[Found]:
    """Requests to pay by their words, blocks by their names, and the line at which the body is cut off."""
    yield from context.hits("PW")
    yield from context.in_blocks(_PAYWALL_BLOCKS, "PW301")
    cut = cut_off(page, context)
    if cut:
        yield Hit(0, "SY201", f"(line {cut})")
        table = context.table
        yield from each(
            [n for n, prose in zip(table.numbers, table.prose, strict=True) if n > cut and not prose], "PW401"
        )


def cut_off(page: Page, context: Context) -> int:
    """The number of the line that cuts the body off, 0 when none does.

    Such a line states that the text is cut off, and stands right under the running text, with hardly any below. On a
    page whose metadata state that it is not free, a request to pay or to sign in at this place is enough.
    """
    asks = context.lines("PW11")
    if not page.facts.free:
        asks |= context.lines("PW101")
    table = context.table
    for number in sorted(asks):
        at = bisect_left(table.numbers, number)
        near = any(table.prose[max(0, at - 1 - _MAX_LINES_BELOW_PROSE) : at])
        late = table.prose_words_above[at] >= (1 - _MAX_PROSE_SHARE_BELOW) * table.prose_words_above[-1]
        if near and late and table.shapes[at].words <= _MAX_CUT_OFF_WORDS:
            return number
    return 0
