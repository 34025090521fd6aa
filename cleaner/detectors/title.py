"""TI: the page's title. It stays by default."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.detectors import Context, Hit, Rule, detector, is_prose
from cleaner.phrases import core, fold
from cleaner.records import Page

_TEN = "In winter and in spring the boats of both families lay at the old quay."

#: A title stands within this many filled lines of the top of a text, and of the first prose.
_TOP, _REACH = 3, 4


@detector(
    Rule(
        "TI101",
        "title",
        "is the page's title",
        goes=f"<title>The old quay</title><h1>The old quay</h1><p>{_TEN}</p>",
        stays=f"<title>The old quay</title><p>{_TEN}</p>",
    ),
    Rule(
        "TI201",
        "first-line",
        "opens the text as a headline does",
        goes=f"> The Quay in Winter\n\n{_TEN}",
        stays=f"{_TEN}\n\nThe Quay in Winter",
    ),
)
def title(page: Page, context: Context) -> Iterator[Hit]:
    """The line that is the title, once."""
    labels = context.lines("CH", "NV10", "NL", "SH", "CM", "RL", "CK", "AD", "BY", "CP")
    if page.title:
        wanted = core(fold(page.title))
        number = next((n for n, shape in enumerate(page.shapes, 1) if core(shape.folded) == wanted), 0)
        if number:
            yield Hit(number, "TI101")
        return
    filled = [(n, shape) for n, shape in enumerate(page.shapes, 1) if shape.folded]
    for at, (number, shape) in enumerate(filled[:_TOP]):
        if is_prose(shape):
            return
        if number not in labels and shape.words >= 3 and any(is_prose(s) for _, s in filled[at + 1 : at + 1 + _REACH]):
            yield Hit(number, "TI201")
            return
