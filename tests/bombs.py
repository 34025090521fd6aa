"""Bombs: inputs made to be slow, by size, and the stages of cleaning that each of them must pass in linear time."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from types import ModuleType

import cleaner
from cleaner.detectors import Context
from cleaner.detectors.run import detectors
from cleaner.lines.characters import count_signs
from cleaner.lines.phrases import load
from cleaner.lines.shape import shapes_of
from cleaner.lines.table import LineTable
from cleaner.read import read_page
from cleaner.read.language import language_of
from cleaner.records import Page
from cleaner.report.rows import page_row, to_json
from cleaner.score.features import blocks as block_features
from cleaner.score.features import line as line_features
from cleaner.score.features import neighbours as near_features
from cleaner.score.features.facts import Facts, codes_of
from cleaner.score.features.table import first_scores, table_of
from cleaner.score.model.stored import load_scorer
from cleaner.score.model.words import tokens_of, word_scores
from cleaner.score.weights import load_weights

SHARED = Path(os.environ.get("CLEAN_SCRAPE_SHARED", Path(__file__).parent.parent.parent / "shared"))
HOSTILE = SHARED / "bench" / "hostile.py"

Stage = Callable[[], object]

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
    "one letter, other blanks": lambda n: "a\u00a0" * (n // 2),
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
    """The shared bench of bad inputs, where it is."""
    if not HOSTILE.exists():
        return None
    if "hostile" not in sys.modules:
        spec = importlib.util.spec_from_file_location("hostile", HOSTILE)
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules["hostile"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["hostile"]


def as_text(line: str) -> bytes:
    """A text of three lines, the bomb between prose."""
    return f"{PROSE}\n{line}\n{PROSE} Twice.\n".encode("utf-8", "surrogatepass")


def as_html(line: str) -> bytes:
    """The same as HTML."""
    return as_markup(f"<p>{escape(line)}</p>")


def as_markup(markup: str) -> bytes:
    """A page of HTML with markup between prose."""
    page = f"<html><body><article><p>{PROSE}</p>{markup}<p>{PROSE} Twice.</p></article></body></html>"
    return page.encode("utf-8", "surrogatepass")


def cleaning(data: bytes) -> Iterator[tuple[str, Stage]]:
    """Yield reading, cleaning and reporting of a page."""
    yield "read", lambda: read_page(data)
    yield "clean", lambda: cleaner.clean(data)
    cleaned = cleaner.clean(data)
    yield "report", lambda: to_json(page_row(cleaned)[0])


def stages(data: bytes) -> Iterator[tuple[str, Stage]]:
    """Yield each stage that looks at lines, and each detector, ready to run on a page."""
    page = read_page(data)
    texts, folded = [line.text for line in page.lines], [shape.folded for shape in page.shapes]
    yield "signs", lambda: count_signs(texts)
    yield "shapes", lambda: shapes_of(texts)
    yield "language", lambda: language_of(texts)
    lexicon = load(("en",))
    yield "phrases", lambda: lexicon.scan(folded)
    yield "table of lines", lambda: filled_in(LineTable(page))
    context = Context(LineTable(page), lexicon.scan(folded))
    filled_in(context.table)
    for one in detectors():
        yield one.name, lambda one=one: list(one.run(page, context))  # type: ignore[misc]
    yield from scoring(page)


def filled_in(table: LineTable) -> None:
    """Compute all features that detectors may ask for."""
    names = ("lines", "shapes", "numbers", "texts", "cores", "prose", "prose_words_above", "timestamps", "words_above")
    for name in names:
        getattr(table, name)


def scoring(page: Page) -> Iterator[tuple[str, Stage]]:
    """Yield the stages of the learned scorer."""
    scorer = load_scorer(page.kind)

    def facts() -> Facts:
        table = LineTable(page)
        codes = codes_of([()] * len(table.at))
        bias = load_weights(page.kind).bias
        return Facts(table, codes, codes.sums({}) + bias)

    known = facts()
    folded = [shape.folded for shape in known.shapes]
    first = first_scores(known, scorer.vocabulary, scorer.names)
    joint = first.word
    table = table_of(known, first, scorer.features)
    yield "words", lambda: tokens_of(folded)
    yield "word scores", lambda: word_scores(known.tokens, scorer.vocabulary)
    yield "first scores", lambda: first_scores(facts(), scorer.vocabulary, scorer.names)
    yield "line features", lambda: list(line_features.line_features(known))
    yield "text features", lambda: list(line_features.text_features(known))
    yield "windows", lambda: list(near_features.window_features(known, joint))
    yield "kinds of lines", lambda: block_features.shape_signatures(known)
    yield "table", lambda: table_of(known, first, scorer.features)
    yield "trees", lambda: scorer.log_odds(table)
