"""KP: voices for keeping: running text by its shape, forum posts, lines amid the prose."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from cleaner.detectors import Context, Found, Rule, detector, each
from cleaner.records import Page

#: Upper bounds in words of the classes of length, shared by both tables below.
_BOUNDS = (3, 7, 11, 19, 34, 59)
_SENTENCES = ("", "KP201", "KP202", "KP203", "KP204", "KP205", "KP206")
_UNENDED = ("", "", "", "KP211", "KP212", "KP213", "KP214")


def _sentence(code: str, size: str, goes: str) -> Rule:
    return Rule(code, f"sentence-of-{size}-words", f"is a sentence of {size} words", goes=goes, stays="Home")


def _unended(code: str, size: str, goes: str) -> Rule:
    return Rule(
        code,
        f"text-of-{size}-words",
        f"is a text of {size} words without a stop",
        goes=goes,
        stays="The vote is on Monday.",
    )


_TEN = "the boats of both families lay at the old quay"


@detector(
    _sentence("KP201", "4-7", "> The vote is on Monday."),
    _sentence("KP202", "8-11", f"> In winter {_TEN}.".replace(" old", "")),
    _sentence("KP203", "12-19", f"> In winter and in spring {_TEN}."),
    _sentence("KP204", "20-34", f"> In winter {_TEN}, and {_TEN}."),
    _sentence("KP205", "35-59", f"> In winter {_TEN}, and {_TEN}, and {_TEN}, then {_TEN}."),
    _sentence("KP206", "60-and-more", "> In winter " + ", and ".join([_TEN] * 6) + "."),
    _unended("KP211", "12-19", f"> In winter and in spring {_TEN}"),
    _unended("KP212", "20-34", f"> In winter {_TEN}, and {_TEN}"),
    _unended("KP213", "35-59", f"> In winter {_TEN}, and {_TEN}, and {_TEN}, then {_TEN}"),
    _unended("KP214", "60-and-more", "> In winter " + ", and ".join([_TEN] * 6)),
    Rule(
        "KP221",
        "plain-words",
        "is made of plain words, as running text is",
        goes="> and it was the end of all that we had",
        stays="Harbour Post Media Group",
    ),
)
def prose(page: Page, context: Context) -> Iterator[Found]:
    """Running text by its length, its stop and its function words."""
    columns = context.columns(page)
    for number, shape in zip(columns.numbers, columns.shapes, strict=True):
        words = shape.words
        if words <= _BOUNDS[0]:
            continue
        code = (_SENTENCES if shape.ends_sentence else _UNENDED)[bisect_left(_BOUNDS, words)]
        if code:
            yield number, code, ""
        if shape.function_words * 3 >= words:
            yield number, "KP221", ""


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
        "shows a sign of a forum in a longer line",
        goes="> harbourmaster, member of the club for boats and bread, lives in Little Harbour with two dogs, join date: May 1931",
        stays="The join date of both halves is under the floor.",
    ),
    Rule(
        "KP401",
        "amid-prose",
        "stands between lines of running text",
        goes=f"In winter and in spring {_TEN}.\n> The gate\nIn winter and in spring {_TEN}.",
        stays=f"The gate\nIn winter and in spring {_TEN}.",
    ),
    Rule(
        "KP402",
        "over-prose",
        "stands over a line of running text",
        goes=f"Home\n> The gate\nIn winter and in spring {_TEN}.",
        stays=f"In winter and in spring {_TEN}.\nThe gate",
    ),
    Rule(
        "KP411",
        "page-without-prose",
        "stands on a page that has hardly any running text",
        goes="> The gate\n> The wall\n> The lock",
        stays=f"In winter and in spring {_TEN}.\nThe gate",
    ),
)
def surroundings(page: Page, context: Context) -> Iterator[Found]:
    """Short lines amid prose, forum signs, pages without prose."""
    yield from context.hits("KP")
    columns = context.columns(page)
    rows = zip(columns.numbers, columns.prose, columns.shapes, strict=True)
    filled = [(number, flag) for number, flag, shape in rows if shape.words]
    if not any(columns.prose):
        yield from each([number for number, _ in filled], "KP411")
        return
    named = context.named()
    above = False
    for (number, flag), (_, below) in pairwise(filled):
        if below and not flag and number not in named:
            yield number, "KP401" if above else "KP402", ""
        above = flag
