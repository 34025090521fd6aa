"""TI: the page's title. It stays by default."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.detectors import Context, Hit, Rule, detector
from cleaner.lines.fold import core, fold
from cleaner.records import Page

_PROSE = "In winter and in spring the boats of both families lay at the old quay."

#: The headline of a text page is searched in this many filled lines above the running text; words that it may have.
_MAX_LINES_ABOVE, _HEADLINE_WORDS = 6, range(3, 26)

#: A line of at least this many words is preferred as the headline when it comes first.
_LONG_HEADLINE_WORDS = 5

#: Running text begins with a sentence that is followed by another within this many filled lines.
_MAX_LINES_BETWEEN = 3


@detector(
    Rule(
        "TI101",
        "title",
        "is the page's title",
        goes=f"<title>The old quay</title><h1>The old quay</h1><p>{_PROSE}</p>",
        stays=f"<title>The old quay</title><p>{_PROSE}</p>",
    ),
    Rule(
        "TI201",
        "headline",
        "stands over the text as its headline does",
        goes=f"> The Quay in Winter\n\n{_PROSE}",
        stays=f"{_PROSE}\n\nThe Quay in Winter",
    ),
    keeps=True,
    promise=-3.0,
)
def title(page: Page, context: Context) -> Iterator[Hit]:
    """The line that is the title of the page: at most one."""
    if page.title:
        wanted = core(fold(page.title))
        titles = (n for n, s in enumerate(page.shapes, 1) if wanted in s.folded and core(s.folded) == wanted)
        number = next(titles, 0) if wanted else 0
        if number:
            yield Hit(number, "TI101")
        return
    frame = context.lines("CH", "NV10", "NL", "SH", "CM", "RL", "CK", "AD")
    labels = frame | context.lines("BY", "CP")
    table = context.table
    start = _prose_start(table.prose)
    first = max(0, start - _MAX_LINES_ABOVE)
    above = list(zip(table.numbers[first:start], table.shapes[first:start], strict=True))
    edge = max((n for n, _ in above if n in frame), default=0)
    dated = {table.numbers[at] for at, found in table.timestamps.items() if found.date}
    signed = next((n for n, _ in above if n > edge and n in dated), 0)
    headlines = [
        (min(shape.words, _LONG_HEADLINE_WORDS), n if signed else -n)
        for n, shape in above
        if edge < n < (signed or start + n + 1)
        and n not in labels
        and shape.words in _HEADLINE_WORDS
        and not shape.folded.endswith(_NO_HEADLINE_ENDS)
    ]
    if headlines:
        # right above the byline, else the first: standfirsts and captions come below the headline
        yield Hit(abs(max(headlines)[1]), "TI201")


#: A headline may end with a question mark or an exclamation mark, but not with these.
_NO_HEADLINE_ENDS = (".", ":", ",", ";", "\u3002", "\uff1a")


def _prose_start(prose: list[bool]) -> int:
    """Index of the first line of running text; 0 when the page has none."""
    for at, flag in enumerate(prose):
        if flag and (any(prose[at + 1 : at + 1 + _MAX_LINES_BETWEEN]) or not any(prose[at + 1 :])):
            return at
    return 0
