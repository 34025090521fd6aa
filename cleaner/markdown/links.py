"""The destinations of links: only addresses of the web and of mail, in the form that Markdown can hold."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit

from cleaner.markdown.text_runs import InlineMarkup

#: Schemes that links may have; "" is that of a relative one.
_SCHEMES = frozenset(("http", "https", "mailto", ""))

#: Characters of the address of a page; a longer one is not put before each of its relative links.
MAX_BASE_CHARS = 300

# Linear: one character each, with bounded look-ahead.
_UNFIT = re.compile(r"[\s\x00-\x20\x7f-\xa0<>\\`\"|\ud800-\udfff]")
_NAMED = re.compile(r"&(?=#?[0-9A-Za-z]{1,40};)")
_BREAKS = re.compile(r"[\t\r\n]")


class Links:
    """The destinations of a page's links.

    A link that covers several lines is written on the first kept one only, so that its address is not repeated.
    """

    def __init__(self, markup: InlineMarkup, url: str) -> None:
        self._links = markup.links
        self._base = _base(_base("", url), markup.base)
        self._known: dict[int, str] = {}
        self._lines: dict[int, int] = {}
        self.line = 0

    def address(self, number: int) -> str:
        """Return the destination of a link on the line being written, "" for none."""
        if self._lines.setdefault(number, self.line) != self.line:
            return ""
        if number not in self._known:
            self._known[number] = destination(self._links[number - 1], self._base)
        return self._known[number]


def destination(href: str, base: str = "") -> str:
    """Return the destination of ``href`` in Markdown, "" for one inside the page, or outside of the web.

    >>> destination("../b?x=1", "https://example.org/a/"), destination("javascript:alert(1)"), destination("a (b)")
    ('https://example.org/b?x=1', '', '<a%20(b)>')
    """
    href = _BREAKS.sub("", href).strip(_EDGES)
    if not href or href.startswith("#"):
        return ""
    try:
        whole = urljoin(base, href)
        if urlsplit(whole).scheme not in _SCHEMES or urlsplit(href).scheme not in _SCHEMES:
            return ""
    except ValueError:
        return ""
    fit = _UNFIT.sub(lambda char: quote(char[0], safe="", errors="replace"), whole)
    fit = _NAMED.sub(r"\\&", fit)
    return f"<{fit}>" if "(" in fit or ")" in fit else fit


def _base(outer: str, href: str) -> str:
    try:
        whole = urljoin(outer, href)
    except ValueError:
        return outer
    return whole if whole.startswith(("http://", "https://")) and len(whole) <= MAX_BASE_CHARS else outer


_EDGES = "".join(map(chr, range(33)))
