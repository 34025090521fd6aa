"""Inputs made to be slow ("bombs"), by size: single lines, and HTML whose structure is the problem."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from html import escape
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

SHARED = Path(os.environ.get("CLEAN_SCRAPE_SHARED", Path(__file__).parents[3] / "shared"))
HOSTILE = SHARED / "bench" / "hostile.py"

#: Prose around each bomb, so that there is something to keep.
PROSE = "The council voted on Tuesday to close the old lock before the winter storms arrive, said the mayor."

#: Lines of about n characters, written here; all the others come from the shared bench.
LINES: dict[str, Callable[[int], str]] = {
    "dotted names": lambda n: "a.b-c." * (n // 6) + "@",
    "credits": lambda n: "(Photo: " * (n // 8),
    "stamps": lambda n: "Jane Doe | 3 days ago | " * (n // 24),
    "ellipses": lambda n: "\u2026 read more " * (n // 12),
    "teasers": lambda n: "Read more: " * (n // 11),
    "numbers": lambda n: "1,2.3" * (n // 5),
    "one letter, other spaces": lambda n: "a\u00a0" * (n // 2),
    "capital sigma": lambda n: "\u03a3" * n,
}

#: Pages of HTML whose structure is the bomb; each is about n bytes long, or takes as long to read.
STRUCTURES: dict[str, Callable[[int], str]] = {
    "deep divs": lambda n: "<div>" * (n // 11) + "x" + "</div>" * (n // 11),
    "deep inline": lambda n: "<p>" + "<b>" * (n // 7) + "x" + "</b>" * (n // 7),
    "adoption": lambda n: "<b><a href=x><p>y</b>" * (n // 21),
    "nested tables": lambda n: "<table><tr><td>" * (n // 38) + "x" + "</td></tr></table>" * (n // 38),
    "attributes": lambda n: "<div " + " ".join(f"a{i:x}=1" for i in range(n // 8)) + "><p>x</p></div>",
    "tags": lambda n: "<p>" + "<i></i>" * (n // 7) + "</p>",
    "links": lambda n: "<ul>" + "".join(f'<li><a href="/t/{i}">Tag {i}</a></li>' for i in range(n // 40)) + "</ul>",
    "less than": lambda n: "<p>" + "<" * n + "</p>",
    "ampersands": lambda n: "<p>" + "&" * (n // 2) + "&am" * (n // 6) + "</p>",
    "openers": lambda n: "<p>" + "<!--" * (n // 8) + "--></p><p>" + "<![CDATA[" * (n // 18) + "]]></p>",
    "comments": lambda n: "<p>" + "<!-- a -->" * (n // 10) + "</p>",
    "entities": lambda n: "<p>" + "&notit;&#x41" * (n // 12) + "</p>",
    "spans": lambda n: "<table>" + '<tr><td colspan="99999999" rowspan="99999999">a</td></tr>' * (n // 57) + "</table>",
    "cells": lambda n: "<table>" + "<tr><td>1</td><td>2</td><td>3</td></tr>" * (n // 39) + "</table>",
}


def hostile() -> ModuleType | None:
    """The module of bad inputs beside the development data; None where there is none."""
    if not HOSTILE.exists():
        return None
    if "hostile" not in sys.modules:
        loader = SourceFileLoader("hostile", str(HOSTILE))
        module = sys.modules["hostile"] = ModuleType("hostile")
        module.__file__ = str(HOSTILE)
        loader.exec_module(module)
    return sys.modules["hostile"]


def as_text(line: str) -> bytes:
    """A text of three lines, the line between prose."""
    return f"{PROSE}\n{line}\n{PROSE} Twice.\n".encode("utf-8", "surrogatepass")


def as_html(line: str) -> bytes:
    """A page of HTML with the line as a paragraph between prose."""
    return as_markup(f"<p>{escape(line)}</p>")


def as_markup(markup: str) -> bytes:
    """A page of HTML with markup between prose."""
    page = f"<html><body><article><p>{PROSE}</p>{markup}<p>{PROSE} Twice.</p></article></body></html>"
    return page.encode("utf-8", "surrogatepass")
