"""Readers of inputs that hold many pages: WARC and WET, JSONL, Parquet.

``items_of`` streams the items of a file, in bounded memory; ``raw_of`` opens one of them, elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from cleaner.corpus.items import Fields, Form, Item, Raw
from cleaner.errors import UnreadableError

# Linear: fixed words at the end of the name.
_NAMES: tuple[tuple[re.Pattern[str], Form], ...] = (
    (re.compile(r"\.wet(?:\.gz|\.zst)?$", re.IGNORECASE), "wet"),
    (re.compile(r"\.warc(?:\.gz|\.zst)?$", re.IGNORECASE), "warc"),
    (re.compile(r"\.(?:jsonl|ndjson)(?:\.gz|\.zst)?$", re.IGNORECASE), "jsonl"),
    (re.compile(r"\.parquet$", re.IGNORECASE), "parquet"),
)
_MODULES: dict[Form, str] = {"warc": "warc", "wet": "warc", "jsonl": "jsonl", "parquet": "parquet"}


class _Reader(Protocol):
    """What a module of a format has."""

    def items(self, path: Path, source: str, name: str, fields: Fields) -> Iterator[Item]: ...
    def raw(self, item: Item, fields: Fields) -> Raw: ...


def form_of(name: str) -> Form:
    """The form of a file, by its name.

    >>> form_of("CC-MAIN.WARC.gz"), form_of("a.warc.wet.gz"), form_of("a.jsonl.zst"), form_of("warc.html.gz")
    ('warc', 'wet', 'jsonl', 'page')
    """
    return next((form for pattern, form in _NAMES if pattern.search(name)), "page")


def items_of(form: Form, path: Path, source: str, name: str, fields: Fields) -> Iterator[Item]:
    """The items of a file that holds many, in order, one in memory at a time.

    Records that should be pages and are none come as items with a ``reason``; so does what is damaged.
    Raises InputError when the file cannot be opened or the package that reads its form is missing.
    """
    for item in _reader(form).items(path, source, name, fields):
        yield replace(item, form=form)


def raw_of(item: Item, fields: Fields) -> Raw:
    """The page that an item of ``items_of`` holds. Raises UnreadableError when it holds none."""
    if item.reason:
        raise UnreadableError(item.message, source=item.source, reason=item.reason)
    try:
        return _reader(item.form).raw(item, fields)
    except UnreadableError as error:
        raise UnreadableError(str(error), source=item.source, reason=error.reason) from error


def _reader(form: Form) -> _Reader:
    return cast(_Reader, import_module(f"{__name__}.{_MODULES[form]}"))
