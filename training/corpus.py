"""Labelled lines from the development pages, read and detected by the product itself."""

from __future__ import annotations

import gzip
import hashlib
import json
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
from training.labels import matched_words

#: Flattened forms that the text weights are measured on; the others stay unseen for the check.
TEXT_FORMS = ("html_text", "crop", "resili_main", "traf_recall")

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """The filled lines of one page: codes, words, and words that the gold body holds, per line."""

    page: str
    form: str
    fold: int
    gold_words: int
    codes: tuple[tuple[str, ...], ...]
    words: tuple[int, ...]
    content: tuple[int, ...]


def fold_of(url: str, page: str) -> int:
    """The fold of a page, the same for all pages of a domain."""
    domain = urlparse(url).netloc.lower().removeprefix("www.") or page
    return int(hashlib.sha256(domain.encode()).hexdigest(), 16) % FOLDS


def samples(data: Path, kind: Kind, part: int = 1) -> Iterator[Sample]:
    """Yield every ``part``-th development page of ``data/wcxb`` as HTML, or in its flattened forms."""
    index = json.loads((data / "wcxb" / "index.json").read_text("utf-8"))
    names = sorted(index)[::part]
    forms = {"html": {}} if kind == "html" else {form: _flat(data, form) for form in TEXT_FORMS}
    for name in names:
        gold = (data / "wcxb" / "gold" / f"{name}.txt").read_text("utf-8")
        fold = fold_of(index[name]["url"] or "", name)
        for form, texts in forms.items():
            raw = (
                gzip.decompress((data / "wcxb" / "html" / f"{name}.html.gz").read_bytes())
                if kind == "html"
                else texts.get(name)
            )
            if raw:
                found = _sample(raw, kind, gold)
                if found:
                    yield Sample(name, form, fold, *found)


def _flat(data: Path, form: str) -> dict[str, str]:
    with gzip.open(data / "text" / "flat" / "dev" / f"{form}.json.gz", "rt", encoding="utf-8") as stored:
        texts: dict[str, str] = json.load(stored)
    return texts


def _sample(
    raw: bytes | str, kind: Kind, gold: str
) -> tuple[int, tuple[tuple[str, ...], ...], tuple[int, ...], tuple[int, ...]] | None:
    try:
        page = read_page(raw, kind=kind)
    except UnreadableError:
        return None
    if kind == "html":
        page = replace(page, kept_by_extractor=kept_by_extractor(page))
    found, _ = detect(page, None, Settings())
    codes: list[set[str]] = [set() for _ in page.lines]
    for number, code, _ in found:
        codes[number - 1].add(code)
    labels = matched_words([line.text for line in page.lines], gold)
    filled = [n for n, line in enumerate(page.lines) if not line.blank]
    return (
        len(gold.split()),
        tuple(tuple(sorted(codes[n])) for n in filled),
        tuple(labels[n][0] for n in filled),
        tuple(labels[n][1] for n in filled),
    )
