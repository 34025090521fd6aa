"""KP and NV by density: how much of the page is running text, how much residue by its words.

A page that some extractor has been over holds little residue, and its short lines are headings and lists; on a
whole page most short lines are its frame. The classes are crude on purpose: they shift a line's odds, other
voices tell it apart from its neighbours.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, compress

from cleaner.detectors import Context, Found, Rule, detector, each
from cleaner.records import Page

_TEN = "In winter and in spring the boats of both families lay at the old quay."

#: Bounds of the share of the page's lines that are residue by their words.
_SHARES = (0.004, 0.04, 0.15)

#: Bounds of the share of the page's words that stand in running text.
_TEXT_SHARES = (0.35, 0.65, 0.88)

#: Filled lines to each side in which residue words count as near, and the bounds of their number.
_REACH, _NUMBERS = 6, (1, 3, 6)


_NO, _FEW, _SOME, _MANY = (
    f"> The gate\n{_TEN}\n{_TEN}",
    f"> The gate\n{_TEN}\nSign in\n" + f"{_TEN}\n" * 28,
    f"> The gate\n{_TEN}\nSign in\n" + f"{_TEN}\n" * 10,
    f"> The gate\nSign in\n{_TEN}",
)


@detector(
    Rule("KP421", "clean-page", "is short, on a page without residue words", goes=_NO, stays=_MANY.replace("> ", "")),
    Rule(
        "KP422",
        "nearly-clean-page",
        "is short, on a page with hardly any residue words",
        goes=_FEW,
        stays=_NO.replace("> ", ""),
    ),
    Rule("KP423", "mixed-page", "is short, on a page with some residue words", goes=_SOME, stays=_NO.replace("> ", "")),
    Rule(
        "KP424",
        "page-of-residue",
        "is short, on a page with many residue words",
        goes=_MANY,
        stays=_NO.replace("> ", ""),
    ),
    Rule(
        "KP431",
        "page-of-short-lines",
        "is short, on a page of mostly short lines",
        goes="> Gate\n> Lock",
        stays=f"Gate\n{_TEN}",
    ),
    Rule(
        "KP432",
        "page-with-text",
        "is short, on a page with some running text",
        goes=f"{_TEN}\n" + "> Gate and lock of the quay\n" * 3,
        stays="Gate",
    ),
    Rule(
        "KP433",
        "page-mostly-text",
        "is short, on a page that is mostly running text",
        goes=f"{_TEN}\n" + "> Gate of the quay\n",
        stays="Gate",
    ),
    Rule("KP434", "page-of-text", "is short, on a page of running text", goes=f"{_TEN}\n{_TEN}\n> Gate", stays="Gate"),
    Rule(
        "KP441",
        "text-of-clean-page",
        "is running text on a page without residue words",
        goes=f"> {_TEN}\nThe gate",
        stays=f"{_TEN}\nSign in",
    ),
    Rule(
        "KP442",
        "text-of-nearly-clean-page",
        "is running text on a page with hardly any residue words",
        goes="Sign in\n" + f"> {_TEN}\n" * 29,
        stays=_TEN,
    ),
    Rule(
        "KP443",
        "text-of-mixed-page",
        "is running text on a page with some residue words",
        goes="Sign in\n" + f"> {_TEN}\n" * 12,
        stays=_TEN,
    ),
    Rule(
        "KP444",
        "text-of-page-of-residue",
        "is running text on a page with many residue words",
        goes=f"Sign in\n> {_TEN}",
        stays=_TEN,
    ),
    Rule(
        "NV421",
        "near-residue",
        "is short and has residue words near by",
        goes=f"> The gate\n> Sign in\n{_TEN}",
        stays=f"The gate\n{_TEN}",
    ),
    Rule(
        "NV422",
        "near-much-residue",
        "is short and has much residue by words near by",
        goes=f"> Sign in\n> Privacy Policy\n> Contact us\n{_TEN}",
        stays=f"Sign in\n{_TEN}",
    ),
    Rule(
        "NV423",
        "amid-residue",
        "is short and stands amid residue by words",
        goes="> Sign in\n" * 6 + _TEN,
        stays=f"Sign in\n{_TEN}",
    ),
)
def density(page: Page, context: Context) -> Iterator[Found]:
    """How much running text and how much residue by words the page holds, and how near."""
    named = context.named()
    marked = named | {m.line for m in context.matches.get("NV", ()) if m.code.endswith("1")}
    columns = context.columns(page)
    numbers, prose = columns.numbers, columns.prose
    words = columns.prose_words[-1] / max(1, columns.words[-1])
    residue = 1 + bisect_right(_SHARES, len(marked) / max(1, len(numbers)))
    text = 1 + bisect_right(_TEXT_SHARES, words)
    short = [number for number, flag in zip(numbers, prose, strict=True) if not flag]
    unnamed = [number for number in short if number not in named]  # the named say what they are, on any page
    yield from each(compress(numbers, prose), f"KP44{residue}")
    yield from each(unnamed, f"KP42{residue}")
    yield from each(unnamed, f"KP43{text}")
    edge = [0] * _REACH
    before = [0, *accumulate([*edge, *[n in marked for n in numbers], *edge])]
    for number, flag, above, below in zip(numbers, prose, before, before[2 * _REACH + 1 :], strict=False):
        if below > above and not flag:
            yield number, f"NV42{bisect_right(_NUMBERS, below - above)}", ""
