"""Labelled lines from the development pages, read and detected by the product itself."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlparse

from cleaner.errors import UnreadableError
from cleaner.pipeline import detect
from cleaner.read import read_page
from cleaner.read.witness import kept_by_extractor
from cleaner.records import Kind
from cleaner.settings import Settings
from training.labels import matched_words, words_of

#: Flattened forms that the text weights are measured on; the others stay unseen for the check.
TEXT_FORMS = ("html_text", "crop", "resili_main", "traf_recall")

#: A form on which thresholds are chosen, but no weights measured: an extractor's output with hardly any residue.
CHECKED_FORMS = ("readability",)

FOLDS = 5


#: Some gold bodies hold markup.
_TAG = re.compile(r"<[^<>]{1,300}>")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a sample comes from: its page, "html" with its corpus or a flattened form, and its fold."""

    page: str
    form: str
    fold: int

    @property
    def kind(self) -> Kind:
        """What the page is read as; flattened forms have names such as html_text."""
        return "html" if self.form.startswith("html ") else "text"


@dataclass(frozen=True, slots=True)
class Sample:
    """The filled lines of one page: codes, words, and words that the gold body holds, per line."""

    source: Source
    gold_words: int
    codes: tuple[tuple[str, ...], ...]
    words: tuple[int, ...]
    content: tuple[int, ...]


def fold_of(url: str, page: str) -> int:
    """The fold of a page, the same for all pages of a domain."""
    domain = urlparse(url).netloc.lower().removeprefix("www.") or page
    return int(hashlib.sha256(domain.encode()).hexdigest(), 16) % FOLDS


def samples(data: Path, kind: Kind, part: int = 1) -> Iterator[Sample]:
    """Yield every ``part``-th development page, as HTML (``data/wcxb``, ``data/news``) or in its flattened forms."""
    if kind == "text":
        texts = {form: _flat(data, form) for form in (*TEXT_FORMS, *CHECKED_FORMS)}
        for page, fold, gold in _pages(data / "wcxb", part):
            for form, flat in texts.items():
                yield from _sample(Source(page, form, fold), flat.get(page, ""), gold)
        return
    for corpus in ("wcxb", "news"):
        for page, fold, gold in _pages(data / corpus, part):
            raw = gzip.decompress((data / corpus / "html" / f"{page}.html.gz").read_bytes())
            yield from _sample(Source(page, f"html {corpus}", fold), raw, gold)


def _pages(root: Path, part: int) -> Iterator[tuple[str, int, str]]:
    """Yield name, fold and gold body of every ``part``-th page."""
    index = json.loads((root / "index.json").read_text("utf-8"))
    for name in sorted(index)[::part]:
        gold = (root / "gold" / f"{name}.txt").read_text("utf-8")
        address = index[name].get("url") or index[name].get("site") or ""
        yield name, fold_of(address, name), _TAG.sub(" ", gold)


def _flat(data: Path, form: str) -> dict[str, str]:
    with gzip.open(data / "text" / "flat" / "dev" / f"{form}.json.gz", "rt", encoding="utf-8") as stored:
        texts: dict[str, str] = json.load(stored)
    return texts


def _sample(source: Source, raw: bytes | str, gold: str) -> Iterator[Sample]:
    try:
        page = read_page(raw, kind=source.kind)
    except UnreadableError:
        return
    if source.kind == "html":
        page = replace(page, kept_by_extractor=kept_by_extractor(page))
    found, _ = detect(page, None, Settings())
    codes: list[set[str]] = [set() for _ in page.lines]
    for number, code, _ in found:
        codes[number - 1].add(code)
    labels = matched_words([line.text for line in page.lines], gold)
    filled = [n for n, line in enumerate(page.lines) if not line.blank]
    if filled:
        yield Sample(
            source,
            len(words_of(gold)),
            tuple(tuple(sorted(codes[n])) for n in filled),
            tuple(labels[n][0] for n in filled),
            tuple(labels[n][1] for n in filled),
        )
