"""A page as it was read: its lines, with what is known about each and about the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["html", "text"]


class Block(NamedTuple):
    """One block element of an HTML page.

    ``first`` and ``last`` span its lines as a half-open range of indexes into ``Page.lines``; ``parent`` is an index
    into ``Page.blocks``, -1 at the top. ``tokens`` are its own lower-case words from class, id and role, split at case,
    hyphens and underscores.
    """

    tag: str
    parent: int
    first: int
    last: int
    tokens: tuple[str, ...]


class Markup(NamedTuple):
    """What the markup states about one line of an HTML page: facts only.

    ``block`` indexes ``Page.blocks``. ``path`` holds the tags of the nearest block ancestors, outermost first;
    ``tokens`` the class, id and role words of those ancestors. ``section`` is the nearest of nav, header, footer,
    aside, main, article, form, dialog or noscript, "" if none. ``link_chars`` counts characters inside links,
    ``heading`` is 1 to 6 or 0. ``control`` is true for the text of buttons, labels and options.
    """

    block: int
    path: tuple[str, ...] = ()
    tokens: frozenset[str] = frozenset()
    section: str = ""
    link_chars: int = 0
    heading: int = 0
    list_depth: int = 0
    table_depth: int = 0
    hidden: bool = False
    control: bool = False


class Line(NamedTuple):
    """One line of the text layer.

    ``text`` is without its line end, which is ``newline``: "\\n", "\\r\\n", "\\r" or "" at the end of the data. For
    text ``start`` and ``end`` bound the line with its newline, in bytes of the source (in characters when the source
    was a ``str``); for HTML in characters of the text layer.
    """

    number: int
    text: str
    start: int
    end: int
    newline: str = "\n"
    markup: Markup | None = None

    @property
    def blank(self) -> bool:
        """True when the line shows nothing: it holds only whitespace and zero-width spaces, which folding removes."""
        bare = self.text.strip()
        return not bare or ("\u200b" in bare and not bare.replace("\u200b", "").strip())


class Shape(NamedTuple):
    """Language-neutral facts about the text of one line, counted once for all detectors.

    ``folded`` is lower-case, with straight quotes, single spaces and every run of digits as "0". ``words`` counts
    words; two CJK characters count as one. ``function_words`` counts words such as "the" or "und". ``ends_sentence``:
    the last character is a full stop, question mark or the like. ``capitals`` counts words that begin with a capital,
    ``separators`` characters such as | and bullets.
    """

    folded: str
    words: int
    function_words: int
    ends_sentence: bool
    capitals: int
    digits: int
    separators: int


@dataclass(frozen=True, slots=True)
class Note:
    """A message for the user about a page as a whole: its code and its reason."""

    code: str
    why: str


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What an HTML page states about itself; texts are "" where it states nothing.

    ``types`` are the names of ``@type`` in its JSON-LD; ``free`` is false when it states there that it is not free to
    read. ``og_type``, ``og_title``, ``og_url`` and ``site_name`` are its Open Graph tags (ogp.me), ``published``
    is ``article:published_time``, and ``canonical`` the address that it gives as its own.
    """

    types: frozenset[str] = frozenset()
    free: bool = True
    og_type: str = ""
    og_title: str = ""
    og_url: str = ""
    site_name: str = ""
    description: str = ""
    published: str = ""
    canonical: str = ""

    def has_type(self, *parts: str) -> bool:
        """Tell whether the name of a type contains one of ``parts``, which are in lower case."""
        return any(part in name.lower() for name in self.types for part in parts)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as lines, with the facts that reading it gave; detectors get nothing else.

    ``data`` is the source as read (bytes after decompression, or the ``str`` that was handed in), ``encoding`` is the
    one that decoded it and ``bom`` the length of its byte order mark in bytes. ``facts`` are what an HTML page states
    about itself. ``kept_by_extractor`` holds the numbers of the lines that trafilatura keeps, None where it did not
    run.
    """

    source: str
    kind: Kind
    lines: Sequence[Line]
    shapes: Sequence[Shape]
    data: bytes | str = b""
    encoding: str = "utf-8"
    bom: int = 0
    language: str = ""
    title: str = ""
    url: str = ""
    site: str = ""
    blocks: tuple[Block, ...] = ()
    facts: PageFacts = PageFacts()
    notes: tuple[Note, ...] = ()
    kept_by_extractor: frozenset[int] | None = None
