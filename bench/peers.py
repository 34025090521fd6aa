"""What else cleans pages: extractors on HTML, line rules on text.

The packages are imported on first use, so that the benchmark runs without the ones that are not installed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from xml.sax.saxutils import escape

from bench.pages import visible_text

#: Page and the English name of its language ("" when unknown) in, text out.
HtmlPeer = Callable[[bytes, str], str]
#: Lines in, one verdict a line out: does it stay?
TextPeer = Callable[[Sequence[str]], list[bool]]


def trafilatura(page: bytes, language: str = "") -> str:
    """trafilatura without comments, else as it comes."""
    return import_module("trafilatura").extract(page, include_comments=False) or ""


def resiliparse(page: bytes, language: str = "") -> str:
    """The main content by Resiliparse, decoded by its own means."""
    tool = import_module("resiliparse.extract.html2text")
    return str(tool.extract_plain_text(decoded(page), main_content=True))


def readability(page: bytes, language: str = "") -> str:
    """The text of readability-lxml's summary."""
    summary = import_module("readability").Document(decoded(page)).summary()
    return visible_text(summary.encode("utf-8", "replace"))


def justext(page: bytes, language: str = "") -> str:
    """The good paragraphs by jusText, with its stop list of the language, or without stop words as it advises."""
    tool = import_module("justext")
    # With an encoding given, it does not guess.
    page = decoded(page).encode("utf-8", "replace")
    if language in tool.get_stoplists():
        found = tool.justext(page, tool.get_stoplist(language), encoding="utf-8")
    else:
        found = tool.justext(page, frozenset(), stopwords_low=0, stopwords_high=0, encoding="utf-8")
    return "\n".join(paragraph.text for paragraph in found if not paragraph.is_boilerplate)


def decoded(page: bytes) -> str:
    """A page as text, for tools that take no bytes."""
    if "resiliparse" in missing():
        return page.decode("utf-8", "replace")
    tool = import_module("resiliparse.parse.encoding")
    return str(tool.bytes_to_str(page, tool.detect_encoding(page, from_html_meta=True)))


_MODULES = {
    "trafilatura": "trafilatura",
    "resiliparse": "resiliparse",
    "readability-lxml": "readability",
    "jusText": "justext",
}
_HTML: dict[str, HtmlPeer] = {
    "trafilatura": trafilatura,
    "resiliparse": resiliparse,
    "readability-lxml": readability,
    "jusText": justext,
}


def html_peers() -> dict[str, HtmlPeer]:
    """The extractors that are installed, by name."""
    return {name: peer for name, peer in _HTML.items() if name not in missing()}


@cache
def missing() -> tuple[str, ...]:
    """The extractors that are not installed."""
    return tuple(name for name, module in _MODULES.items() if find_spec(module) is None)


#: Ends of sentences and of quotations.
_TERMINAL = (".", "!", "?", '"', "”")
_POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")


def leave_alone(lines: Sequence[str]) -> list[bool]:
    """Keep every line."""
    return [True] * len(lines)


def c4_lines(lines: Sequence[str]) -> list[bool]:
    """The line rules of C4 (Raffel et al. 2020, section 2.2), without its rules for whole pages.

    A line stays when it ends with a terminal punctuation mark, has at least five words, and mentions
    neither JavaScript nor policies.
    """
    return [line.rstrip().endswith(_TERMINAL) and len(line.split()) >= 5 and not _warns(line) for line in lines]


def fineweb_lines(lines: Sequence[str]) -> list[bool]:
    """FineWeb's measures (Penedo et al. 2024, section 3), which judge whole pages there, as rules for lines.

    Its C4 rules are those without terminal punctuation, with at least three words; its own filters count lines
    that do not end with punctuation, lines under 30 characters and characters in repeated lines. Here
    a line goes that is short and does not end with punctuation, or that stands on the page before.
    """
    seen: set[str] = set()
    keep = []
    for line in lines:
        text = line.strip()
        rough = len(text.split()) < 3 or _warns(line) or (len(text) < 30 and not text.endswith(_TERMINAL))
        keep.append(not rough and text not in seen)
        seen.add(text)
    return keep


def _warns(line: str) -> bool:
    low = line.lower()
    return "javascript" in low or any(phrase in low for phrase in _POLICY)


def wrapped(peer: HtmlPeer) -> TextPeer:
    """An extractor on text: every line becomes a paragraph, and the lines that come back stay."""

    def keep(lines: Sequence[str]) -> list[bool]:
        body = "".join(f"<p>{escape(_printable(line))}</p>\n" for line in lines if line.strip())
        back = peer(f'<html><head><meta charset="utf-8"></head><body>{body}</body></html>'.encode(), "English")
        left = Counter(_squeezed(line) for line in back.splitlines())
        stays = []
        for line in lines:
            key = _squeezed(line)
            stays.append(not key or left[key] > 0)
            left[key] -= 1
        return stays

    return keep


#: Control characters, which XML does not take: one class, linear.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")


def _printable(line: str) -> str:
    return _CONTROL.sub(" ", line)


def _squeezed(line: str) -> str:
    return " ".join(_printable(line).split())


def text_peers() -> dict[str, TextPeer]:
    """Line rules, and installed extractors that judge paragraph by paragraph."""
    rules: dict[str, TextPeer] = {"leave alone": leave_alone, "C4 lines": c4_lines, "FineWeb lines": fineweb_lines}
    html = html_peers()
    return rules | {f"{name} on <p>": wrapped(html[name]) for name in ("jusText", "trafilatura") if name in html}
