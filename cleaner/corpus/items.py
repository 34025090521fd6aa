"""The records that go through a run: the items that inputs hold, and the pages that workers extract from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from cleaner.records import Kind

#: What the bytes of an item are: a file, or one record of a file that holds many.
Form = Literal["page", "warc", "wet", "jsonl", "parquet"]


@dataclass(frozen=True, slots=True)
class Fields:
    """Which fields of a row hold its text, its id and its URL; None means the usual names."""

    text: str | None = None
    id: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One page to be cleaned, before it is read.

    ``source`` is its name in reports, unique in a run: ``a/b.html``, or ``crawl.warc.gz#12`` for the 12th record of a
    file. Its output is named after ``name``: ``a/b.html``, ``crawl.warc.gz/00000012``. A worker reads the bytes
    at ``path``, unless ``data`` has them. ``size`` is about how many bytes there are to read. ``reason`` and
    ``message`` are set when it is not a page, and ``skipped`` when it was never opened.
    """

    source: str
    name: str
    form: Form = "page"
    path: Path | None = None
    data: bytes | None = None
    size: int = 0
    reason: str = ""
    message: str = ""
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class ExtractedPage:
    """The page of an item, as ``clean`` takes it.

    ``id`` is "" when the item has none of its own. ``fields`` are the other fields of its row, unchanged. ``damage``
    describes the part of the page that could not be read, "" for none; ``data`` holds the rest.
    """

    data: bytes | str
    url: str | None = None
    id: str = ""
    kind: Kind | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    damage: str = ""

    @property
    def size(self) -> int:
        """The length of ``data``, 0 for what is neither bytes nor a string."""
        return len(self.data) if isinstance(self.data, str | bytes) else 0
