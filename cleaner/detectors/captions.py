"""CP: captions of pictures, their credits, and the controls of players and galleries. They stay by default."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from cleaner.detectors import Context, Found, Rule, detector, each
from cleaner.lines.dates import shape_words
from cleaner.lines.table import LineTable
from cleaner.records import Page

_CAPTION_BLOCKS = frozenset({"caption", "captions", "figcaption", "credit", "credits", "photocredit", "wpcaption"})

_PROSE = "In winter and in spring the boats of both families lay at the old quay."
_MAIN = f"<main><p>{_PROSE}</p><p>{_PROSE}</p></main>"
_LONG_LINE = (
    "The boats of both families at the old quay of Little Harbour in the cold winter of the year of the long storm"
)

#: Longer lines are paragraphs: their ends are not searched for credits.
_MAX_CAPTION_CHARS = 400


@detector(
    Rule(
        "CP101",
        "photo-credit",
        "is a photo credit",
        goes="> Photo credit: Jane\n" + _PROSE,
        stays="The photo hung over the bar.",
    ),
    Rule(
        "CP102",
        "captioned-credit",
        "holds a photo credit in a longer line",
        goes=f"> {_LONG_LINE}. Getty Images\n{_PROSE}",
        stays="The pictures were taken at noon by the harbour master's son.",
    ),
    Rule(
        "CP111",
        "media-control",
        "belongs to a player or a gallery",
        goes="> Click to enlarge\n" + _PROSE,
        stays="They planned to enlarge the quay.",
    ),
    Rule(
        "CP112",
        "mentions-media-control",
        "holds a word of a player or a gallery in a longer line",
        goes=f"> {_LONG_LINE}, click to enlarge\n{_PROSE}",
        stays="They planned to enlarge the quay, with a click of the pen.",
    ),
    Rule(
        "CP201",
        "credit-in-brackets",
        "ends in a photo credit in brackets",
        goes=f"> The boats at the old quay (Photo: Jane Doe)\n{_PROSE}",
        stays="The boats lay at the old quay (the photo shows only one).",
    ),
    Rule(
        "CP202",
        "credit-at-end",
        "ends in a photo credit",
        goes=f"> The boats at the old quay last December. HP photo.\n{_PROSE}",
        stays="She kept the boat and he kept the photo.",
    ),
    Rule(
        "CP203",
        "agency-and-name",
        "ends in an agency and a name set apart by a stroke",
        goes=f"> The boats at the old quay. HARBOURPRESS/Jane Doe\n{_PROSE}",
        stays="The boats were sold to him and/or her.",
    ),
    Rule(
        "CP301",
        "caption-block",
        "stands in a caption or a block named after one",
        goes=f"{_MAIN}<figure><figcaption>The boats at the old quay</figcaption></figure>",
        stays=f"<div class='caption'>{_MAIN}</div>",
    ),
    keeps=True,
    phrases={"captions": ("CP10", "CP11")},
    promise=-1.0,
)
def captions(page: Page, context: Context) -> Iterator[Found]:
    """Captions, photo credits and media controls; a caption that stands twice in a row counts once."""
    table = context.table
    pairs = zip(table.numbers[1:], table.texts, table.texts[1:], strict=False)
    again = {number for number, above, text in pairs if above == text}
    yield from (hit for hit in _found(page, context, table) if hit[0] not in again)


def _found(page: Page, context: Context, table: LineTable) -> Iterator[Found]:
    yield from context.hits("CP")
    named = set(context.named(_CAPTION_BLOCKS, max_share=0.2))
    if "figcaption" in {block.tag for block in page.blocks}:
        named.update([line.number for line in table.lines if line.markup and "figcaption" in line.markup.path])
    yield from each(sorted(named), "CP301")
    brackets, credit = _patterns()
    words = frozenset(word.rpartition(" ")[2] for word in shape_words("photo"))
    for number, text, bare in zip(table.numbers, table.texts, table.cores, strict=True):
        # most lines have no such end and need no search with the patterns
        closed, worded = text[-1] in ")].\uff09", bare.rpartition(" ")[2] in words
        if not (closed or worded or "/" in text) or len(text) > _MAX_CAPTION_CHARS:
            continue
        end = text[-_CREDIT_CHARS:]
        if closed and brackets.search(end):
            yield number, "CP201", ""
        elif (worded or "/" in end) and credit.search(end):
            yield number, "CP202", ""
        elif "/" in end and _AGENCY.search(end):
            yield number, "CP203", ""


#: Characters at the end of a line that are searched for a credit.
_CREDIT_CHARS = 100

# Linear: bounded quantifiers on at most _CREDIT_CHARS characters.
_AGENCY = re.compile(
    r"(?:^|[.!?\"\u201d)] |[(\u00a9] ?)(?:[A-Z]{3,20}(?:-[A-Z]{2,10})?|Reuters|Getty Images)(?: (?:Photo|Images))? ?/ ?"
    r"[A-Z\u00c0-\u00de][a-z\u00df-\u00ff.][\w.-]{0,20}(?: [A-Z\u00c0-\u00de][\w.-]{0,20}){1,3}\)?\.?$"
)


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A credit in brackets, and one at the end of a caption. Linear, as above."""
    word = f"(?i:{'|'.join(map(re.escape, shape_words('photo')))})"
    link = r"(?::|\||(?i:by|von|de|di|par|door|av) |\u2013|-|/ ?(?=[A-Z]))"
    brackets = re.compile(rf"[(\[\uff08]\s?(?:[^\W\d_]{{2,20}} )?{word}\s?{link}[^()\[\]]{{2,70}}[)\]\uff09]\.?$")
    end = re.compile(rf"(?:[.!?\"\u201d)] (?:[A-Z][\w&.-]{{1,20}} ){{1,3}}|^[A-Z]{{2,5}} )(?:/ ?)?{word}\.?$")
    return brackets, end
