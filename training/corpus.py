"""Labelled lines from the development pages, read and detected by the product itself."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import numpy as np

from cleaner.detectors.run import detect
from cleaner.errors import UnreadableError
from cleaner.lines.table import LineTable
from cleaner.read import read_page
from cleaner.records import Kind, Page
from cleaner.score.spans import Floats, Ints
from training.forms import EXCERPTS_PER_PAGE, draw_excerpt, flatten_page
from training.labels import matched_words, words_of

#: Flattened forms that the text model is fitted on.
TEXT_FORMS = ("html_text", "crop", "resili_main", "traf_recall", "bs4nl")

#: Forms that no fit sees: thresholds are chosen on them as well, and they show whether the model generalises.
UNSEEN_FORMS = ("inscriptis", "readability")

#: A few lines of a page: fits see them, thresholds are not chosen on them.
SHORT_FORM = "excerpt"

CORPORA = ("wcxb", "news")

FOLDS = 5

#: Some gold bodies hold markup.
_TAG = re.compile(r"<[^<>]{1,300}>")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a sample comes from: page, corpus, form ("html" or a flattened one), domain, kind of page or country."""

    page: str
    corpus: str
    form: str
    domain: str
    group: str

    @property
    def kind(self) -> Kind:
        """The kind of page that it is read as."""
        return "html" if self.form == "html" else "text"

    @property
    def fold(self) -> int:
        """The fold, the same for all pages of a domain in all their forms."""
        return fold_of(self.domain)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The filled lines of one page; arrays hold one value per filled line unless stated otherwise.

    ``at`` are their indexes into ``page.lines``, ``codes`` what detectors found. ``words`` counts the words of each
    line and ``content`` those that the gold body holds at that place. ``ids`` has a number for every word of the
    lines, in order; ``gold`` says how often each number stands in the gold body.
    """

    source: Source
    page: Page
    at: Ints
    codes: tuple[tuple[str, ...], ...]
    words: Floats
    content: Floats
    ids: Ints
    gold: Ints

    @property
    def residue(self) -> Floats:
        """The share of each line's words that the gold body does not hold."""
        return np.asarray(1 - self.content / np.maximum(1, self.words))

    @property
    def weight(self) -> Floats:
        """The weight of each line in the first stage: its words, damped so that long pages do not dominate."""
        return np.asarray((self.words + 2) / np.sqrt(self.words.sum() + 50))

    @property
    def folded(self) -> list[str]:
        """The folded text of each line."""
        return [self.page.shapes[n].folded for n in self.at.tolist()]

    @property
    def counted(self) -> list[int]:
        """The words of each line as the product counts them."""
        return [self.page.shapes[n].words for n in self.at.tolist()]


@cache
def fold_of(domain: str) -> int:
    """Return the fold of a domain."""
    return int(hashlib.sha256(domain.encode()).hexdigest(), 16) % FOLDS


def samples(data: Path, kind: Kind, part: int = 1) -> Iterator[Sample]:
    """Yield every ``part``-th development page, as HTML or in its flattened forms."""
    for corpus in CORPORA:
        if kind == "html":
            yield from html_samples(data, corpus, part)
        else:
            yield from _text_samples(data, corpus, part)


def html_samples(data: Path, corpus: str, part: int = 1) -> Iterator[Sample]:
    """Yield the pages of a corpus as HTML."""
    for page, row, gold in _pages(data / corpus, part):
        yield from sample(_source(page, corpus, "html", row), raw_page(data, corpus, page), gold)


def site_samples(data: Path, kind: Kind, part: int = 1) -> Iterator[Sample]:
    """Yield the pages of every ``part``-th development site of several pages, as HTML or in its flattened forms."""
    corpus, sites = "sites", defaultdict[str, list[str]](list)
    for page, row, _ in _pages(data / corpus, 1):
        sites[row["site"]].append(page)
    wanted = {page for site in sorted(sites)[::part] for page in sites[site] if len(sites[site]) > 1}
    for page, row, gold in _pages(data / corpus, 1):
        if page not in wanted:
            continue
        raw = raw_page(data, corpus, page)
        if kind == "html":
            yield from sample(_source(page, corpus, "html", row), raw, gold)
            continue
        for form, text in flatten_page(page, raw, gold).items():
            yield from sample(_source(page, corpus, form, row), text, gold)


def _text_samples(data: Path, corpus: str, part: int) -> Iterator[Sample]:
    forms = (*TEXT_FORMS, *UNSEEN_FORMS)
    stored = {form: _flat(data, form) for form in forms} if corpus == "wcxb" else {}
    for page, row, gold in _pages(data / corpus, part):
        made = {form: texts.get(page, "") for form, texts in stored.items()}
        if not stored:
            made = flatten_page(page, raw_page(data, corpus, page), gold)
        for form in forms:
            yield from sample(_source(page, corpus, form, row), made[form], gold)
        for n in range(EXCERPTS_PER_PAGE):
            text, body = draw_excerpt(f"{page} {n}", made["html_text"], gold)
            yield from sample(_source(page, corpus, SHORT_FORM, row), text, body)


def _pages(root: Path, part: int) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Yield name, row of the index and gold body of every ``part``-th page."""
    index = json.loads((root / "index.json").read_text("utf-8"))
    for name in sorted(index)[::part]:
        gold = root / "gold" / f"{name}.txt"
        yield name, index[name], _TAG.sub(" ", gold.read_text("utf-8", "replace")) if gold.is_file() else ""


def raw_page(data: Path, corpus: str, page: str) -> bytes:
    """The page as it was fetched."""
    return gzip.decompress((data / corpus / "html" / f"{page}.html.gz").read_bytes())


def _source(page: str, corpus: str, form: str, row: Mapping[str, Any]) -> Source:
    """The source of a page; pages without an address are grouped by publisher."""
    domain = urlparse(row.get("url") or "").netloc.lower().removeprefix("www.") or row.get("site") or page
    return Source(page, corpus, form, domain, row.get("type") or row.get("country") or row.get("language") or "")


def _flat(data: Path, form: str) -> dict[str, str]:
    with gzip.open(data / "text" / "flat" / "dev" / f"{form}.json.gz", "rt", encoding="utf-8") as stored:
        texts: dict[str, str] = json.load(stored)
    return texts


def sample(source: Source, raw: bytes | str, gold: str) -> Iterator[Sample]:
    """Yield the sample of a page; nothing for a page that cannot be read or has no filled line."""
    try:
        page = replace(read_page(raw, kind=source.kind), data=b"")
    except UnreadableError:
        return
    table = LineTable(page)
    at = table.at
    if not at:
        return
    found, _ = detect(table)
    codes: list[set[str]] = [set() for _ in page.lines]
    for number, code, _ in found:
        codes[number - 1].add(code)
    numbers: dict[str, int] = {}
    theirs = [numbers.setdefault(word, len(numbers)) for word in words_of(gold)]
    mine = [[numbers.setdefault(word, len(numbers)) for word in words_of(page.lines[n].text)] for n in at]
    labels = matched_words([line.text for line in page.lines], gold)
    yield Sample(
        source,
        page,
        np.array(at, int),
        tuple(tuple(sorted(codes[n])) for n in at),
        np.array([labels[n][0] for n in at], float),
        np.array([labels[n][1] for n in at], float),
        np.array([word for line in mine for word in line], int),
        np.bincount(np.array(theirs, int), minlength=len(numbers)),
    )
