"""RL: other pages offered to the reader: headings of lists, lead-ins between paragraphs, teasers."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, pairwise

from cleaner.detectors import Context, Found, Hit, Rule, detector, each
from cleaner.lines.phrases import Match
from cleaner.lines.posts import MAX_NAME_WORDS, is_meta
from cleaner.lines.table import LineTable, is_prose
from cleaner.records import Page, Shape

_RELATED_BLOCKS = frozenset(
    {"related", "recommended", "recommendation", "recommendations", "recirculation", "recirc", "suggested", "similar"}
    | {"trending", "popular", "mostread", "readnext", "outbrain", "taboola"}
)
_OFFER_BLOCKS = frozenset(
    {"teaser", "teasers", "promo", "promos", "latest", "more", "upnext", "headlines", "cards", "recent"}
)

_PROSE = "In winter and in spring the boats of both families lay at the old quay."
_LONG_LINE = (
    "The council of Little Harbour votes on the quay and on the price of bread on Monday evening in the old hall"
)
_LONG_FRENCH_LINE = (
    "Le conseil de Petit-Port vote lundi soir sur le quai, sur le phare et sur le prix du pain dans la vieille halle"
)
_LONG_TURKISH_LINE = (
    "Küçük Liman meclisi pazartesi akşamı rıhtım, fener ve ekmek fiyatı için eski salonda yeniden oy kullanacak"
)
_MAIN = f"<main><p>{_PROSE}</p><p>{_PROSE}</p></main>"
_TITLE = "Council votes to close the old quay"
_TEASERS = f"{_TITLE}\n> The old quay is to be closed for...\nBread at the price of cake\n> The bakers of the town have had to..."

#: Words of a headline: fewer are labels, more are sentences.
_HEADLINE_WORDS = range(4, 26)

#: Filled lines that a list may have at the end of a page, and between paragraphs.
_MAX_TAIL_LINES, _MAX_INNER_LINES = 60, 12

#: A list stands at the end of its page when at most this share of the running text is below it.
_MAX_PROSE_SHARE_BELOW = 0.25

#: Words of running text from which a page has a body that a list can stand below, and words of a paragraph that ends a
#: list between paragraphs.
_MIN_BODY_WORDS, _MIN_PARAGRAPH_WORDS = 60, 30


@detector(
    Rule(
        "RL101",
        "related-heading",
        "is the heading of a list of other pages",
        goes=f"{_PROSE}\n> Related articles",
        stays="The most popular boat of the harbour is the smallest.",
    ),
    Rule(
        "RL102",
        "mentions-related",
        "holds the heading of a list of other pages in a longer line",
        goes=f"> {_LONG_FRENCH_LINE}, cela pourrait vous intéresser",
        stays="The two families are related by marriage.",
    ),
    Rule(
        "RL111",
        "related-lead-in",
        "is the lead-in of a link to another page",
        goes=f"{_PROSE}\n> Read also: Bread",
        stays="Related to this is the question of the roof.",
        promise=4.0,
    ),
    Rule(
        "RL112",
        "related-link",
        "opens with the lead-in of a link to another page",
        goes=f"{_PROSE}\n> Related: {_TITLE} before the winter storms come",
        stays="Related to this is the question of the roof, which the council has put off since the spring.",
        promise=4.0,
    ),
    Rule(
        "RL121",
        "teaser-tail",
        "asks to read on elsewhere",
        goes=f"{_TITLE}\n> Read more",
        stays="Children who read more than an hour a day sleep better, the study says.",
    ),
    Rule(
        "RL122",
        "mentions-reading-on",
        "asks to read on elsewhere in a longer line",
        goes=f"> {_LONG_TURKISH_LINE}, haberin devamı için tıklayın",
        stays="She could not continue, reading the letter was too much.",
    ),
    phrases={"related": ("RL10", "RL11", "RL12")},
    resembles="LM102",
)
def related_words(page: Page, context: Context) -> Iterator[Hit]:
    """Headings, lead-ins and tails of teasers, by their words."""
    del page
    yield from context.hits("RL")


@detector(
    Rule(
        "RL201",
        "teaser-stamp",
        "is the age of another page, as lists of pages show it",
        goes="Child labour is rising in the harbour towns\n> | yesterday at 10:20 | (1)",
        stays="Jane Doe | yesterday at 10:20",
    ),
    Rule(
        "RL202",
        "repeated-teaser",
        "is a headline that stands twice with its teaser",
        goes=f"> {_TITLE}   20 hours ago |\n> {_TITLE}\n> there are still 129 boats in more",
        stays=f"{_TITLE}\n{_TITLE}\n{_PROSE}",
    ),
    Rule(
        "RL203",
        "stamped-title",
        "is the title over the age of another page",
        goes="> Child labour is rising in the harbour towns\n| yesterday at 10:20 | (1)",
        stays=f"Child labour is rising in the harbour towns\n{_PROSE}",
    ),
    Rule(
        "RL204",
        "headline-with-age",
        "is a headline with its age, as lists of pages show it",
        goes=f"> {_TITLE} 3 days ago",
        stays="The boats left 3 days ago.",
    ),
    Rule(
        "RL205",
        "cut-teaser",
        "is one of several short texts that break off, below the running text",
        goes=f"{_PROSE}\n{_TEASERS}",
        stays=f"{_TITLE}\nThe old quay is to be closed for...\n{_PROSE}",
    ),
    Rule(
        "RL206",
        "early-cut-teaser",
        "is one of several short texts that break off, above the running text or on a page without any",
        goes=_TEASERS,
        stays=f"{_PROSE}\n{_TEASERS}",
    ),
    Rule(
        "RL211",
        "headline-after-lead-in",
        "is a headline after the lead-in of a link",
        goes=f"{_PROSE}\n> Related: {_TITLE}\n{_PROSE}",
        stays=f"{_PROSE}\nRelated to this is the question of the roof.\n{_PROSE}",
    ),
    Rule(
        "RL301",
        "related-block",
        "is a short line in a block named after related pages",
        goes=f"{_MAIN}<div class='related-posts'><p>{_TITLE}</p></div>",
        stays=f"<div class='related-posts'><p>{_PROSE}</p></div>",
    ),
    Rule(
        "RL302",
        "linked-teaser-block",
        "is a link in a block named after teasers",
        goes=f"{_MAIN}<div class='teaser'><a href='/b'>{_TITLE}</a></div>",
        stays=f"{_MAIN}<div class='teaser'><p>{_TITLE}</p></div>",
    ),
    Rule(
        "RL303",
        "text-in-related-block",
        "is text in a block named after related pages",
        goes=f"{_MAIN}{_MAIN}<div class='related-posts'><p>{_PROSE}</p></div>",
        stays=f"{_MAIN}<div class='related-posts'><p>{_TITLE}</p></div>",
    ),
    Rule(
        "RL401",
        "under-related-heading",
        "stands under the heading of a list of other pages at the end of the page",
        goes=f"{_PROSE}\n" * 4 + f"Related articles\n> {_TITLE}\n> Bread at the price of cake",
        stays=f"Related articles\n{_TITLE}\n{_PROSE}\n{_PROSE}",
    ),
    Rule(
        "RL402",
        "text-under-related-heading",
        "is text under the heading of a list of other pages at the end of the page",
        goes=f"{_PROSE}\n" * 4 + f"Related articles\n{_TITLE}\n> {_PROSE}",
        stays=f"Related articles\n{_TITLE}\n{_PROSE}\n{_PROSE}",
    ),
    Rule(
        "RL403",
        "under-inner-related-heading",
        "stands under the heading of a list of other pages amid the text",
        goes=f"{_PROSE}\nRelated articles\n> {_TITLE}\n{_LONG_LINE}, {_PROSE}\n{_PROSE}",
        stays=f"{_PROSE}\n" * 4 + f"Related articles\n{_TITLE}",
    ),
    resembles="LM102",
)
def teasers(page: Page, context: Context) -> Iterator[Found]:
    """Lists of other pages by shape, by markup, and by the lines under their headings."""
    table = context.table
    yield from _stamped(table)
    yield from _repeated(table)
    yield from _cut(table)
    for number in sorted(context.lines("RL11")):
        if _is_headline(page.shapes[number - 1]):
            yield number, "RL211", ""
    yield from _blocks(page, context)
    yield from _lists(table, context)


def _is_headline(shape: Shape) -> bool:
    return shape.words in _HEADLINE_WORDS and not shape.ends_sentence


def _stamped(table: LineTable) -> Iterator[Found]:
    """Yield titles and the ages of the pages they lead to."""
    numbers, shapes, texts = table.numbers, table.shapes, table.texts
    for at, found in table.timestamps.items():
        if is_meta(found) and (found.led or found.after):
            yield numbers[at], "RL201", ""
            if at and _is_headline(shapes[at - 1]):
                yield numbers[at - 1], "RL203", ""
        elif (
            found.age and len(found.before.split()) > MAX_NAME_WORDS and not found.after and texts[at][-1] not in ".!?"
        ):
            yield numbers[at], "RL204", ""


def _repeated(table: LineTable) -> Iterator[Found]:
    """Yield the three lines "headline with age", "headline", "teaser that ends in more"."""
    twice = [at for at, (first, second) in enumerate(pairwise(table.texts[:-1])) if first.startswith(second)]
    for at in twice:
        if table.shapes[at + 1].words >= 3 and _breaks_off(table.texts[at + 2]):
            yield from each(table.numbers[at : at + 3], "RL202")


def _cut(table: LineTable) -> Iterator[Found]:
    """Yield the short texts under headlines that break off, when there are several."""
    shapes = table.shapes
    dotted = [at for at, text in enumerate(table.texts) if "..." in text or "\u2026" in text]
    dotted = [at for at in dotted if _ENDS_IN_DOTS.search(table.lines[at].text[-20:])]
    found = [at for at in dotted if at and _is_headline(shapes[at - 1]) and shapes[at].words >= 6]
    if len(found) > 1:
        whole = [shape.words if prose else 0 for shape, prose in zip(shapes, table.prose, strict=True)]
        for at in dotted:
            whole[at] = 0
        above = [0, *accumulate(whole)]
        yield from ((table.numbers[at], "RL205" if above[at] * 2 > above[-1] else "RL206", "") for at in found)


#: Dots at the end of a text, perhaps in brackets. Linear: anchored at the end, and at most 16 characters.
_ENDS_IN_DOTS = re.compile(r"(?:\.\.\.|\u2026)[ \])\u00bb\u203a>\u2192]{0,4}(?i:read more)?$")


def _breaks_off(text: str) -> bool:
    bare = text.rstrip(" ]\u00bb\u203a>\u2192)").lower()
    return bare.endswith(("...", "\u2026", "[\u2026", " more", "read more"))


def _blocks(page: Page, context: Context) -> Iterator[Found]:
    named = context.named(_RELATED_BLOCKS)
    for number, token in named.items():
        yield number, "RL303" if is_prose(page.shapes[number - 1]) else "RL301", f"({token})"
    for number, token in context.named(_OFFER_BLOCKS).items():
        line = page.lines[number - 1]
        if number not in named and line.markup and line.markup.link_chars * 2 > len(line.text):
            yield number, "RL302", f"({token})"


def _is_heading(match: Match) -> bool:
    """True for a lead-in that is a whole line, above the links that it introduces."""
    return match.code == "RL111" and match.share >= 0.9


def _lists(table: LineTable, context: Context) -> Iterator[Found]:
    """Yield the lines under each heading of a list, up to where the list must end."""
    headings = context.lines("RL101") | {m.line for m in context.matches.get("RL", ()) if _is_heading(m)}
    stops = context.lines("CM101", "CM111", "CH101")
    numbers, total, done = table.numbers, table.prose_words_above[-1], 0
    for heading in sorted(headings):
        if heading < done:
            continue
        first = bisect_right(numbers, heading)
        tail = total >= _MIN_BODY_WORDS and total - table.prose_words_above[first] <= _MAX_PROSE_SHARE_BELOW * total
        for at in range(first, min(len(numbers), first + (_MAX_TAIL_LINES if tail else _MAX_INNER_LINES))):
            if numbers[at] in stops or (not tail and table.shapes[at].words >= _MIN_PARAGRAPH_WORDS):
                break
            done = numbers[at]
            yield done, ("RL402" if table.prose[at] else "RL401") if tail else "RL403", ""
