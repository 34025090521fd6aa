"""The records that go through a run: the items that inputs hold, and the pages that workers extract from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from cleaner.files.json_spans import ID_FIELDS, URL_FIELDS
from cleaner.records import Kind

#: What the bytes of an item are: a file, or one record of a file that holds many.
Form = Literal["page", "warc", "wet", "jsonl", "parquet"]


@dataclass(frozen=True, slots=True)
class Fields:
    """Which fields of a row hold its text, its id and its URL; None means the usual names."""

    text: str | None = None
    id: str | None = None
    url: str | None = None

    def url_and_id(self, value_of: Callable[[str], object]) -> tuple[str, str]:
        """Return URL and id of the row whose fields ``value_of`` gives, None for one that it lacks; "" for none.

        Each is the first of its fields that holds text or a number.
        """
        url, id_ = (self.url,) if self.url else URL_FIELDS, (self.id,) if self.id else ID_FIELDS
        return _first_text(map(value_of, url)), _first_text(map(value_of, id_))


def _first_text(values: Iterable[object]) -> str:
    return next((str(one) for one in values if isinstance(one, str | int | float) and not isinstance(one, bool)), "")


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
