"""Readers of inputs that hold many pages: WARC and WET, JSONL, Parquet.

``read_items`` streams the items of a file in bounded memory. A worker calls ``extract_page`` with one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from cleaner.corpus.items import ExtractedPage, Fields, Form, Item
from cleaner.errors import UnreadableError
from cleaner.files.unpacking import unpacked

# Linear: fixed words at the end of the name.
_NAMES: tuple[tuple[re.Pattern[str], Form], ...] = (
    (re.compile(r"\.wet(?:\.gz|\.zst)?$", re.IGNORECASE), "wet"),
    (re.compile(r"\.warc(?:\.gz|\.zst)?$", re.IGNORECASE), "warc"),
    (re.compile(r"\.(?:jsonl|ndjson)(?:\.gz|\.zst)?$", re.IGNORECASE), "jsonl"),
    (re.compile(r"\.parquet$", re.IGNORECASE), "parquet"),
)
_MODULES: dict[Form, str] = {"warc": "warc", "wet": "warc", "jsonl": "jsonl", "parquet": "parquet"}


class _Reader(Protocol):
    """The functions of a module that reads one form of file."""

    def read_items(self, path: Path, source: str, name: str, fields: Fields) -> Iterator[Item]: ...
    def extract_page(self, item: Item, fields: Fields) -> ExtractedPage: ...


def form_of(name: str) -> Form:
    """Return the form of a file, by its name.

    >>> form_of("CC-MAIN.WARC.gz"), form_of("a.warc.wet.gz"), form_of("a.jsonl.zst"), form_of("warc.html.gz")
    ('warc', 'wet', 'jsonl', 'page')
    """
    return next((form for pattern, form in _NAMES if pattern.search(name)), "page")


def read_items(form: Form, path: Path, source: str, name: str, fields: Fields) -> Iterator[Item]:
    """Yield the items of a file that holds many, in order. One is in memory at a time.

    A record that should be a page and is none is an item with a ``reason``; so is damage.
    Raises InputError when the file cannot be opened or the package that reads its form is missing.
    """
    for item in _reader(form).read_items(path, source, name, fields):
        yield replace(item, form=form)


def extract_page(item: Item, fields: Fields) -> ExtractedPage:
    """Return the page of an item whose ``data`` are read. Raises UnreadableError when it holds none."""
    if item.reason:
        raise UnreadableError(item.message, source=item.source, reason=item.reason)
    if item.form == "page":
        page, damage = unpacked(item.data or b"", item.source)
        return ExtractedPage(page, damage=damage)
    try:
        return _reader(item.form).extract_page(item, fields)
    except UnreadableError as error:
        raise UnreadableError(str(error), source=item.source, reason=error.reason) from error


def _reader(form: Form) -> _Reader:
    return cast(_Reader, import_module(f"{__name__}.{_MODULES[form]}"))
