"""Check every link of the documentation without a network: ``python docs/check_links.py [SITE]``, or ``make site``.

In the Markdown of the project, as GitHub shows it: files that links lead to are there, and have the heading that an
anchor names. In a site that was built: every address leads to a file of the site and a place in it, and nothing is
fetched from elsewhere. Of addresses on the web only the form is checked.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]

#: What is no letter, digit, blank, hyphen or underscore has no place in an anchor of GitHub. Linear: single characters.
_SIGNS = re.compile(r"[^\w\- ]")

#: The name of a host on the web. Linear: labels are parted by full stops, which they do not hold.
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?::[0-9]+)?", re.IGNORECASE)

#: What a browser fetches by itself, and the attribute that says from where.
FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href", "use": "href"}

#: What ``link`` may name without its being fetched.
_NAMED = {"canonical", "next", "prev", "index", "search", "genindex", "author", "license"}


def sources(root: Path = ROOT) -> Iterator[str]:
    """Yield what is wrong with the links in the Markdown of the project: its pages at the top and those of docs/."""
    for page in [*sorted(root.glob("*.md")), *sorted(root.glob("docs/*.md"))]:
        for target in links(page.read_text("utf-8")):
            if fault := _web(target) if "//" in target or target.startswith("mailto:") else _file(page, target):
                yield f"{page.relative_to(root).as_posix()}: {target}: {fault}"


def links(text: str) -> list[str]:
    """The targets of the links and pictures of a page of Markdown, in order."""
    tokens = (inner for token in _parsed(text) for inner in token.children or ())
    found = (token.attrGet({"link_open": "href", "image": "src"}.get(token.type, "")) for token in tokens)
    return [str(target) for target in found if target is not None]


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives the headings of a page of Markdown; of two with one name the second gets ``-1``."""
    found: dict[str, int] = {}
    tokens = _parsed(text)
    for opening, inside in pairwise(tokens):
        if opening.type == "heading_open":
            shown = "".join(token.content for token in inside.children or () if token.type in ("text", "code_inline"))
            name = _SIGNS.sub("", shown.strip().lower()).replace(" ", "-")
            times = found[name] = found.get(name, -1) + 1
            if times:
                found[f"{name}-{times}"] = 0
    return set(found)


def built(site: Path) -> Iterator[str]:
    """Yield what is wrong with the links of a site that was built, and what its pages would fetch from elsewhere."""
    for page in sorted(site.rglob("*.html")):
        name = page.relative_to(site).as_posix()
        for element, _, address, _ in _tree(page).iterlinks():
            kind = element.tag
            if urlsplit(address).scheme in ("http", "https") or address.startswith("//"):
                fetched = kind in FETCHED and not (kind == "link" and _NAMED & set(element.get("rel", "").split()))
                if fetched or kind == "form":
                    yield f"{name}: {kind} asks for {address}; a page may fetch nothing from elsewhere"
                elif fault := _web(address):
                    yield f"{name}: {address}: {fault}"
            elif not address.startswith(("data:", "mailto:")) and (fault := _place(page, address)):
                yield f"{name}: {address}: {fault}"
    for style in sorted(site.rglob("*.css")):
        for address in re.findall(r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^'\")\s]+)", style.read_text("utf-8")):
            yield f"{style.relative_to(site).as_posix()}: asks for {address}; a page may fetch nothing from elsewhere"


@cache
def _parsed(text: str) -> list[Token]:
    return MarkdownIt().enable("table").parse(text)


@cache
def _tree(page: Path) -> html.HtmlElement:
    return html.fromstring(page.read_bytes())


@cache
def _ids(page: Path) -> frozenset[str]:
    return frozenset(_tree(page).xpath("//@id | //a/@name"))


def _file(page: Path, target: str) -> str:
    """What is wrong with a link to a file of the project, "" for nothing."""
    path, _, anchor = unquote(target).partition("#")
    file = (page.parent / path) if path else page
    if not file.exists():
        return "there is no such file"
    if anchor and file.suffix == ".md" and anchor not in anchors(file.read_text("utf-8")):
        return "the page has no such heading"
    return ""


def _place(page: Path, address: str) -> str:
    """What is wrong with a link to a place of the site, "" for nothing."""
    parts = urlsplit(address)
    file = page.parent / unquote(parts.path) if parts.path else page
    if not file.is_file():
        return "there is no such file"
    if parts.fragment and file.suffix == ".html" and unquote(parts.fragment) not in _ids(file):
        return "the page has no such place"
    return ""


def _web(address: str) -> str:
    """What is wrong with the form of an address on the web, "" for nothing."""
    parts = urlsplit(address)
    if parts.scheme == "mailto":
        return "" if "@" in parts.path else "is no address"
    if parts.scheme != "https":
        return "is no address that begins with https://"
    return "" if _HOST.fullmatch(parts.netloc) else "names no host"


if __name__ == "__main__":
    faults = [*sources(), *(fault for site in sys.argv[1:] for fault in built(Path(site)))]
    print(*faults, sep="\n", end="\n" if faults else "")
    sys.exit(f"{len(faults)} links are wrong" if faults else 0)
