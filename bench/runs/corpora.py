"""Inputs for runs, laid out on disk: development pages as they are, pages of about 10 KB, and generated short ones."""

from __future__ import annotations

import html
import json
import random
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TextIO, cast

import zstandard

from bench.pages import flats, items

#: Bytes of a small page.
SMALL = 10_000

#: Files in one folder, so that no folder slows down those who list it.
_IN_A_FOLDER = 1000

_SENTENCES = (
    "The ferry to the island leaves at seven in the morning and comes back before it gets dark.",
    "Nobody at the workshop could say who had ordered the second boiler, or where the first one had gone.",
    "When the snow melted, the lower road was closed for a week and the school bus took the long way round.",
    "She keeps the seeds in paper bags, writes the year on each of them and sows the oldest ones first.",
    "According to the report, two of the five bridges need new bearings within the next three years.",
    "Our test took an hour; the pump ran all the time, and the water in the tank stayed below forty degrees.",
    "He learned the trade from his aunt, who had repaired clocks in the same house for thirty years.",
    "The council will meet again in March to decide what is to be done with the old fire station.",
    "Boil the potatoes in their skins, let them cool, and peel them only when the sauce is ready.",
    "In the end the vote was close: eleven were for the plan, ten against it, and one stayed at home.",
    "The library lends tools as well as books, and the drill is away more often than any novel.",
    "Prices went up by a tenth last year, but the bakery still sells its rolls for the same few coins.",
    "Most of the letters were written in pencil, and the rain had made the last pages hard to read.",
    "A second team measured the same slope in autumn and found that it had moved by four centimetres.",
    "If the light stays red, switch the device off, wait for a minute and start it again.",
    "The orchestra played the slow movement faster than usual, and the hall was quiet until the last note.",
)
_RESIDUE = ("Home", "Log in", "Share this page", "Read more", "3 comments", "Subscribe to our newsletter", "Contact")


@dataclass(frozen=True, slots=True)
class Corpus:
    """The input of a run. ``bytes`` is the size of its pages, unpacked; ``html`` tells whether extractors read it."""

    name: str
    path: Path
    pages: int
    bytes: int
    html: bool = False

    @property
    def is_folder(self) -> bool:
        """Whether each page is a file of its own."""
        return self.path.is_dir()


def development(data: Path, part: int, below: Path) -> Corpus:
    """Development pages as they were fetched, one plain file each."""
    pages = (item.html(data) for item in items(data, "wcxb", part))
    return _folder("HTML as it is", pages, below / "as-it-is", ".html")


def small(data: Path, count: int, below: Path) -> tuple[Corpus, Corpus, Corpus]:
    """Pages of about 10 KB: as HTML, as text, and the texts as one JSONL.zst."""
    texts = list(islice(_pieces(data), count))
    as_html = _folder("HTML of 10 KB", map(_as_html, texts), below / "small-html", ".html")
    as_text = _folder("text of 10 KB", (text.encode() for text in texts), below / "small-text", ".txt")
    return as_html, as_text, _rows("text of 10 KB, JSONL.zst", texts, below / "small.jsonl.zst")


def short(count: int, form: str, below: Path) -> Corpus:
    """Generated pages of 1 to 2 KB, as ``files`` or as one ``jsonl``; the same bytes everywhere."""
    texts = map(generated, range(count))
    if form == "jsonl":
        return _rows("JSONL", texts, below / f"short-{count}.jsonl")
    return _folder("files", (text.encode() for text in texts), below / f"short-{count}", ".txt")


def head(corpus: Corpus, count: int, below: Path) -> Corpus:
    """The first pages of a corpus, in a place of their own."""
    place = below / f"first-{count}-{corpus.path.name}"
    if not corpus.is_folder:
        with _opened(corpus.path, "rt") as rows:
            return _rows(corpus.name, [json.loads(row)["text"] for row in islice(rows, count)], place)
    first = sorted(path for path in corpus.path.rglob("*") if path.is_file())[:count]
    place.mkdir(exist_ok=True)
    for path in first:
        shutil.copyfile(path, place / path.name)
    return replace(corpus, path=place, pages=len(first), bytes=sum(path.stat().st_size for path in first))


def generated(number: int) -> str:
    """A short page with residue above and below; no two are alike."""
    draw = random.Random(number)  # noqa: S311 (no secret)
    prose = [f"{draw.choice(_SENTENCES)} {draw.choice(_SENTENCES)}" for _ in range(draw.randint(5, 10))]
    title = f"Notes of day {number}"
    return "\n".join([*draw.sample(_RESIDUE, 3), "", title, "", *prose, "", *draw.sample(_RESIDUE, 2), ""])


def _pieces(data: Path) -> Iterator[str]:
    """Yield flattened pages, cut at ends of lines into pieces of 10 KB; what is left over is left out."""
    for flat in flats(data, "html_text"):
        piece: list[str] = []
        size = 0
        for line in flat.text.split("\n"):
            piece.append(line)
            size += len(line.encode()) + 1
            if size >= SMALL:
                yield "\n".join([*piece, ""])
                piece, size = [], 0


def _as_html(text: str) -> bytes:
    first, *others = (html.escape(line) for line in text.split("\n") if line)
    paragraphs = "".join(f"<p>{line}</p>\n" for line in others)
    head = f"<!doctype html><html lang=en><head><title>{first}</title></head><body><main><h1>{first}</h1>\n"
    return f"{head}{paragraphs}</main></body></html>\n".encode()


def _folder(name: str, pages: Iterable[bytes], path: Path, ending: str) -> Corpus:
    size = number = 0
    for number, page in enumerate(pages, 1):
        place = path / f"{(number - 1) // _IN_A_FOLDER:03}"
        if (number - 1) % _IN_A_FOLDER == 0:
            place.mkdir(parents=True)
        (place / f"{number:06}{ending}").write_bytes(page)
        size += len(page)
    return Corpus(name, path, number, size, html=ending == ".html")


def _rows(name: str, texts: Iterable[str], path: Path) -> Corpus:
    size = number = 0
    with _opened(path, "wt") as out:
        for number, text in enumerate(texts, 1):
            out.write(json.dumps({"id": f"{number:06}", "text": text}, ensure_ascii=False) + "\n")
            size += len(text.encode())
    return Corpus(name, path, number, size)


def _opened(path: Path, mode: str) -> TextIO:
    if path.suffix == ".zst":
        return cast(TextIO, zstandard.open(path, mode, encoding="utf-8"))
    return cast(TextIO, path.open(mode, encoding="utf-8"))
