"""HTML to Page, in one pass of lxml's SAX parser; no tree is ever built.

A tree silently loses all content below 255 nested elements. The parser gets UTF-8 only, in pieces, and it resolves no
document type, entity or address in the page.
"""

from __future__ import annotations

import re
from itertools import repeat
from typing import Any, cast

from lxml import etree

from cleaner.lines.numbered import check_line_count, lines_from
from cleaner.lines.shape import shapes_of
from cleaner.read import facts
from cleaner.read.flatten import Flattener
from cleaner.read.language import language_of
from cleaner.records import Line, Note, Page, PageFacts

#: Bytes that the parser gets in one call.
PARSER_PIECE_BYTES = 65_536

# One class, no repeat: linear.
_SURROGATE = re.compile("[\ud800-\udfff]")

#: Control bytes and DEL; they are single bytes in UTF-8, so no other character changes.
_CONTROLS = bytes([*range(9), 11, *range(14, 32), 127])


def read_html(html: str | bytes, *, source: str, url: str | None = None, piece: int = PARSER_PIECE_BYTES) -> Page:
    """Flatten HTML, bytes being UTF-8, into a page with lines, blocks and facts; ``piece`` is in bytes."""
    flat = Flattener()
    complete = parse_html(html, flat, piece)
    texts = flat.layer.texts
    check_line_count(len(texts), lambda: sum(map(bool, texts)), source)
    lines = _lines(flat)
    known = PageFacts(types=frozenset(flat.types), free=flat.free, **flat.facts)
    address = facts.address_of(url, known)
    headings = [(line.markup.heading, line.text) for line in lines if line.markup is not None and line.markup.heading]
    page = Page(
        source=source,
        kind="html",
        lines=lines,
        shapes=shapes_of(texts),
        language=language_of(texts, flat.lang),
        title=facts.title_of(flat.title, headings, known),
        url=address,
        site=facts.site_of_url(address),
        blocks=flat.layer.blocks(),
        facts=known,
        notes=() if complete else (Note("SY102", "the parser could not read a part of the page; its text is missing"),),
    )
    # The parser and its target refer to each other, so only the garbage collector frees them, and it would go through
    # the thousands of records of this page. Therefore the target drops its references.
    vars(flat).clear()
    return page


def _utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text).encode("utf-8")


def parse_html(html: str | bytes, flat: Flattener, piece: int = PARSER_PIECE_BYTES) -> bool:
    """Flatten HTML, bytes being UTF-8, into ``flat``; return whether all of it could be read."""
    data = (html if isinstance(html, bytes) else _utf8(html)).translate(None, _CONTROLS)
    if not data.strip():
        return True
    parser = etree.HTMLParser(target=cast(Any, flat), huge_tree=True, encoding="utf-8")
    complete = True
    try:
        for start in range(0, len(data), piece):
            parser.feed(data[start : start + piece])
        parser.close()
    except etree.LxmlError:  # the text read so far is kept; "no element found" is a page without text
        flat.close()
        complete = not data.strip(b"< \t\r\n")
    return complete and not any(entry.level >= etree.ErrorLevels.FATAL for entry in parser.error_log)


def _lines(flat: Flattener) -> tuple[Line, ...]:
    texts, markups = flat.layer.texts, flat.layer.markups()
    return lines_from(texts, [len(text) + 1 for text in texts], repeat("\n"), markups=markups)
