"""The development pages with their gold bodies, and samples of them that are the same on every machine."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lxml import etree, html

Corpus = Literal["wcxb", "news", "sites", "snippets"]

#: Ways to flatten a page: three of the whole page, its body with some residue around it, three leaky extractors.
FORMS = ("html_text", "inscriptis", "bs4nl", "crop", "resili_main", "traf_recall", "readability")

#: Countries that have enough news pages for figures of their own.
_COUNTRIES = ("de", "us", "uk", "ca", "za")
_ENGLISH = {"us", "uk", "ca", "za", "au", "na", "tz", "my"}

_INLINE_TAGS = (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q s samp small span strike "
    "strong sub sup time tt u var wbr"
)
_INLINE = frozenset(_INLINE_TAGS.split())
_HIDDEN_TAGS = frozenset(("script", "style", "template", "head", "noscript"))


@dataclass(frozen=True, slots=True)
class Item:
    """One HTML page of a corpus. ``group`` is its type, country or language.

    ``language`` is the English name of its language, ``site`` its host, "" when that is not known; ``required`` and
    ``forbidden`` are segments of its text that must and must not stay.
    """

    corpus: Corpus
    name: str
    group: str
    language: str
    url: str | None = None
    site: str = ""
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()

    def html(self, data: Path) -> bytes:
        """The page as it was fetched."""
        return gzip.decompress((data / self.corpus / "html" / f"{self.name}.html.gz").read_bytes())

    def gold(self, data: Path) -> str:
        """The gold body; "" where a corpus has segments only."""
        if self.corpus == "snippets":
            return ""
        text = (data / self.corpus / "gold" / f"{self.name}.txt").read_text("utf-8")
        # Gold paragraphs of this corpus are pieces of markup; those of the others are text that may show some.
        return visible_text(text.encode()) if self.corpus == "sites" else text


def items(data: Path, corpus: Corpus, part: int = 1) -> list[Item]:
    """The sampled pages of a corpus, by hash of their names."""
    index = json.loads((data / corpus / "index.json").read_text("utf-8"))
    return [_item(corpus, name, index[name]) for name in sample(index, part)]


def _item(corpus: Corpus, name: str, entry: Mapping[str, str]) -> Item:
    if corpus == "news":
        country = entry["country"]
        language = "German" if country in ("de", "at") else "English" if country in _ENGLISH else ""
        return Item(corpus, name, country if country in _COUNTRIES else "other", language)
    if corpus == "sites":
        return Item(corpus, name, entry["language"], entry["language"], site=entry.get("site", ""))
    group, language = (entry["type"], "English") if corpus == "wcxb" else ("all", "German")
    required, forbidden = (tuple(entry[key] or ()) for key in ("with", "without"))
    return Item(corpus, name, group, language, entry["url"] or None, required=required, forbidden=forbidden)


def sample(names: Iterable[str], part: int = 1) -> list[str]:
    """One name in ``part``, by hash: smaller samples lie in larger ones."""
    ranked = sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    return ranked[: -(-len(ranked) // part)]


@dataclass(frozen=True, slots=True)
class Flat:
    """One flattened page: ``labels`` holds per line its words and how many of them the gold body has there."""

    form: str
    name: str
    text: str
    gold: str
    labels: Sequence[Sequence[int]]


def flats(data: Path, form: str, part: int = 1) -> Iterator[Flat]:
    """Yield the sampled pages of a form that are not empty."""
    texts: dict[str, str] = _stored(data / "text" / "flat" / "dev" / f"{form}.json.gz")
    labels: dict[str, list[list[int]]] = _stored(data / "text" / "lab" / "dev" / f"{form}.json.gz")
    # Sampled among all pages, so that every form shows the same ones.
    for name in sample(json.loads((data / "wcxb" / "index.json").read_text("utf-8")), part):
        if texts.get(name):
            gold = (data / "wcxb" / "gold" / f"{name}.txt").read_text("utf-8")
            yield Flat(form, name, texts[name], gold, labels[name])


def _stored(path: Path) -> Any:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return json.load(file)


def visible_text(data: bytes, encoding: str = "utf-8") -> str:
    """All text that a page shows, one line a block; "" when nothing can be parsed."""
    try:
        root = html.document_fromstring(data, parser=html.HTMLParser(encoding=encoding, huge_tree=True))
    except etree.ParserError:
        return ""
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    pieces: list[str] = []
    for event, element in walk:
        if event == "start":
            hidden = element.tag in _HIDDEN_TAGS
            pieces += (_gap(element.tag), "" if hidden else element.text or "")
            if hidden:
                walk.skip_subtree()
        else:
            pieces += (_gap(element.tag) if event == "end" else "", element.tail or "")
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _gap(tag: str) -> str:
    return "" if tag in _INLINE else "\n"
