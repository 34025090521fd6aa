"""Reading: bytes to a Page, by detecting kind and encoding and reading HTML or text. Gathers facts, judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from cleaner.lines.numbered import check_line_count
from cleaner.read.decode import Decoded, decode, is_wide
from cleaner.read.facts import site_of_url
from cleaner.read.sniff import kind_of, refuse_binary, refuse_known_formats
from cleaner.read.text import count_filled_lines, count_lines, lines_of
from cleaner.records import Kind, Note, Page, Rule, Shape

if TYPE_CHECKING:
    from cleaner.read.flatten import Flattener

RULES = (
    Rule(
        "SY102",
        "unreadable-part",
        "could not be read in full",
        goes="(a page with bytes that are invalid in its encoding)",
        stays="The vote is on Monday.",
    ),
    Rule(
        "SY106",
        "metadata-unread",
        "has metadata that could not be read",
        goes="(a page on which reading the metadata fails)",
        stays="The vote is on Monday.",
    ),
)


def read_page(
    data: bytes | str,
    *,
    source: str = "<memory>",
    url: str | None = None,
    kind: Kind | None = None,
    known: Mapping[str, Shape] | None = None,
) -> Page:
    """Read one page: its lines with their shapes, and the facts about the page as a whole.

    ``kind`` is detected from the content when it is None; ``known`` has shapes that were counted before, by text.
    Damaged text is read as far as possible, with the note SY102. Raises UnreadableError (reason ``binary``) when the
    bytes are no text, and TooManyLinesError when the page has more lines than fit into memory.
    """
    if isinstance(data, str):
        decoded = Decoded(data, "utf-8")
    else:
        refuse_known_formats(data, source)
        decoded = decode(data)
        if not (decoded.is_utf8 and b"\0" not in data) and not is_wide(data):
            refuse_binary(data, source)
    if (kind or kind_of(decoded.text)) == "html":
        page = _html(data, decoded, source, url)
    else:
        page = _text(data, decoded, source, url or "", known)
    notes = page.notes
    if decoded.replaced:
        number = "1 character" if decoded.replaced == 1 else f"{decoded.replaced} characters"
        notes += (Note("SY102", f"{number} could not be read as {decoded.encoding}"),)
    return replace(page, data=data, encoding=decoded.encoding, bom=decoded.bom, notes=notes)


def _html(data: bytes | str, decoded: Decoded, source: str, url: str | None) -> Page:
    from cleaner.read.html import read_html  # noqa: PLC0415  cleaning text needs no parser

    return read_html(_for_parser(data, decoded), source=source, url=url)


def _for_parser(data: bytes | str, decoded: Decoded) -> bytes | str:
    """Return what the parser reads: the bytes when they are UTF-8, as in most pages, else the decoded text."""
    return data[decoded.bom :] if isinstance(data, bytes) and decoded.is_utf8 else decoded.text


def parse_again(page: Page, target: Flattener) -> None:
    """Parse the HTML of a page a second time, with ``target`` as the parser target."""
    from cleaner.read.html import parse_html  # noqa: PLC0415

    data = page.data
    parse_html(_for_parser(data, Decoded(data, "utf-8") if isinstance(data, str) else decode(data)), target)


def _text(data: bytes | str, decoded: Decoded, source: str, url: str, known: Mapping[str, Shape] | None) -> Page:
    from cleaner.lines.shape import shapes_of  # noqa: PLC0415  importing the package needs no numpy
    from cleaner.read.language import language_of  # noqa: PLC0415

    check_line_count(count_lines(decoded.text), lambda: count_filled_lines(decoded.text), source)
    lines = lines_of(data, decoded)
    texts = [line.text for line in lines]
    return Page(
        source=source,
        kind="text",
        lines=lines,
        shapes=shapes_of(texts, known),
        language=language_of(texts),
        url=url,
        site=site_of_url(url),
    )
