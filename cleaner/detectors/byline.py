"""BY: author and date of the page. They stay by default; a user can drop them by their codes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cleaner.detectors import Context, Hit, Rule, detector
from cleaner.lines.dates import Timestamp, shape_words
from cleaner.lines.posts import is_name
from cleaner.records import Page, Shape

_BYLINE_BLOCKS = frozenset(
    {"byline", "author", "authors", "dateline", "posted", "timestamp", "pubdate", "published", "publishdate"}
)

_PROSE = "In winter and in spring the boats of both families lay at the old quay."
_MAIN = f"<main><p>{_PROSE}</p><p>{_PROSE}</p></main>"
_LONG_NAMES = "Jane Doe and John Doe and Jack Doe of the Harbour Post in Little Harbour and of the Quay Street Mail"

#: Words of the longest byline. A sentence that opens with "By" is longer, or ends like one.
_MAX_BYLINE_WORDS = 24

#: Filled lines above the first running text in which bylines and dates of the page itself stand.
_MAX_LINES_ABOVE_PROSE = 8

#: Sentence ends only: names are cut short with a full stop ("Jane D.").
_SENTENCE_END = re.compile(r"\b\w{3,}[.!?]$")


@detector(
    Rule(
        "BY101",
        "author-line",
        "names the author",
        goes="> By Jane Doe\n" + _PROSE,
        stays="By Monday the boats were gone.",
    ),
    Rule(
        "BY102",
        "long-author-line",
        "names the author in a longer line",
        goes=f"> Written by {_LONG_NAMES}\n{_PROSE}",
        stays="By noon the council had voted on the quay, on the roof and on the price of bread.",
    ),
    Rule(
        "BY111",
        "date-line",
        "says when the page was written",
        goes="> Published on 5 May\n" + _PROSE,
        stays="The book was published on a rainy day and sold three copies in its first and only year.",
    ),
    Rule(
        "BY112",
        "long-date-line",
        "says in a longer line when the page was written",
        goes=f"> Jane Doe and John Doe of the Harbour Post in Little Harbour, first published on 5 May\n{_PROSE}",
        stays="The rules were last updated when the quay was built, and nobody has looked at them since.",
    ),
    Rule(
        "BY121",
        "reading-time",
        "says how long reading takes",
        goes="> 5 min read\n" + _PROSE,
        stays="It took 5 minutes.",
    ),
    Rule(
        "BY122",
        "mentions-reading-time",
        "says in a longer line how long reading takes",
        goes=f"> {_LONG_NAMES}, 5 min read\n{_PROSE}",
        stays="The minister took 5 minutes to read the letter aloud.",
    ),
    Rule(
        "BY201",
        "byline-shape",
        "names a writer and a date near the top, as bylines do",
        goes="Council votes to close the old quay\n> Jane Doe | 15/5/2016\n" + _PROSE,
        stays=f"{_PROSE}\nJane Doe | 15/5/2016\nI say no.",
    ),
    Rule(
        "BY202",
        "date-alone",
        "is a date near the top",
        goes="Council votes to close the old quay\n> May 3, 2020 at 4:15 pm\n" + _PROSE,
        stays=f"{_PROSE}\nMay 3, 2020 at 4:15 pm\nI say no.",
    ),
    Rule(
        "BY301",
        "byline-block",
        "stands in a block named after author or date",
        goes=f"{_MAIN}<div class='byline'><p>Jane Doe</p></div>",
        stays=f"<div class='author'>{_MAIN}</div>",
    ),
    keeps=True,
    phrases={"byline": ("BY10", "BY11", "BY12")},
    promise=-2.5,
)
def byline(page: Page, context: Context) -> Iterator[Hit]:
    """Author lines, date timestamps and reading times."""
    for hit in context.hits("BY"):
        if _may_be(page.lines[hit.line - 1].text, page.shapes[hit.line - 1]):
            yield hit
    for number, token in context.named(_BYLINE_BLOCKS, max_share=0.2).items():
        if page.shapes[number - 1].words <= _MAX_BYLINE_WORDS:
            yield Hit(number, "BY301", f"({token})")
    table = context.table
    start = table.prose.index(True) if any(table.prose) else 0
    for at in range(max(0, start - _MAX_LINES_ABOVE_PROSE), start):
        code = _shape_code(table.timestamps[at]) if at in table.timestamps else ""
        if code:
            yield Hit(table.numbers[at], code)


def _may_be(text: str, shape: Shape) -> bool:
    return shape.words <= _MAX_BYLINE_WORDS and not (shape.ends_sentence and _SENTENCE_END.search(text.rstrip()))


def _shape_code(found: Timestamp) -> str:
    if not found.before:
        return "BY202" if len(found.after.split()) <= 4 else ""
    lead, _, rest = found.before.partition(" ")
    name = rest if lead.lower() in shape_words("by") else found.before
    return "BY201" if is_name(name) and len(found.after.split()) <= 6 else ""
