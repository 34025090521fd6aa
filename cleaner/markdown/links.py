"""Where links lead: only to places of the web, and as Markdown can hold them."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit

from cleaner.markdown.runs import Marks

#: Schemes that links may have; "" is that of a relative one.
_SCHEMES = frozenset(("http", "https", "mailto", ""))

#: An address of a page that is longer is not put before each of its relative links.
LONGEST_BASE = 300

# Linear: one sign each, with bounded look-ahead.
_UNFIT = re.compile(r"[\s\x00-\x20\x7f-\xa0<>\\`\"|\ud800-\udfff]")
_NAMED = re.compile(r"&(?=#?[0-9A-Za-z]{1,40};)")
_BREAKS = re.compile(r"[\t\r\n]")


class Links:
    """The destinations of a page's links.

    One that covers several lines is written on the first that was kept: else its address would stand there for each.
    """

    def __init__(self, marks: Marks, url: str) -> None:
        self._links = marks.links
        self._base = _base(_base("", url), marks.base)
        self._known: dict[int, str] = {}
        self._lines: dict[int, int] = {}
        self.line = 0

    def address(self, number: int) -> str:
        """The destination of a link on the line under way, "" for none."""
        if self._lines.setdefault(number, self.line) != self.line:
            return ""
        if number not in self._known:
            self._known[number] = destination(self._links[number - 1], self._base)
        return self._known[number]


def destination(href: str, base: str = "") -> str:
    """What Markdown has as destination for ``href``, "" where it leads nowhere: into the page, or out of the web.

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
    fit = _UNFIT.sub(lambda sign: quote(sign[0], safe="", errors="replace"), whole)
    fit = _NAMED.sub(r"\\&", fit)
    return f"<{fit}>" if "(" in fit or ")" in fit else fit


def _base(outer: str, href: str) -> str:
    try:
        whole = urljoin(outer, href)
    except ValueError:
        return outer
    return whole if whole.startswith(("http://", "https://")) and len(whole) <= LONGEST_BASE else outer


_EDGES = "".join(map(chr, range(33)))
