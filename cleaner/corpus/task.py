"""What a worker does with an item: open it, clean it, prove the account, and put everything into bytes."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any, Literal

from cleaner.corpus.inputs.formats import raw_of
from cleaner.corpus.items import Fields, Item, Raw
from cleaner.errors import InputError, UnreadableError
from cleaner.files.json_rows import Verbatim
from cleaner.files.opening import hash_of, read_regular
from cleaner.files.unpacking import unpacked
from cleaner.pipeline import OfSite, clean
from cleaner.records import Cleaned, Kind, Note
from cleaner.report.layer import layer_encoding
from cleaner.report.rows import Row, page_row, to_json
from cleaner.settings.record import Settings
from cleaner.sites.finder import Sites
from cleaner.workers.limits import Limits, start_clock

Format = Literal["text", "md", "jsonl", "parquet"]

#: Formats of which one output holds many pages.
SHARDS: frozenset[Format] = frozenset(("jsonl", "parquet"))

#: Names of a record that it may have; fields of the input that are called so get another name.
_RESERVED = frozenset({"raw", "metadata"})

#: What a row tells of its page for the sums of a run.
_BRIEF = ("source", "kind", "lines", "words", "codes", "notes", "confidence")


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier run made of an item: its fingerprint, its output with its hash, and its site.

    The fingerprint covers the content and what it was compared with.
    """

    print: bytes
    output: Path | None = None
    sha: bytes = b""
    site: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """An item, its place in the run, and what is known of it."""

    position: int
    item: Item
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """How the items of a run are done. ``sites`` are what pages are compared with, None for nothing."""

    settings: Settings
    format: Format = "text"
    fields: Fields = field(default_factory=Fields)
    metadata: bool = False
    limits: Limits | None = None
    sites: Sites | None = None

    def compared(self, site: str) -> bytes:
        """What tells whether the pages of a site are compared with the same as before."""
        return self.sites.digest(site) if self.sites else b""


@dataclass(frozen=True, slots=True)
class Same:
    """The item and its output are as they were."""


@dataclass(frozen=True, slots=True)
class Done:
    """A page cleaned. ``head`` and ``tail`` are its row around the name of its output, which is not known yet.

    ``body`` is what is written: the clean body, or the record for a shard. ``site`` is empty when the page was not
    compared with others.
    """

    print: bytes
    kind: Kind
    brief: Row
    head: bytes
    tail: bytes
    body: bytes
    hunks: bytes
    sha: bytes
    site: str = ""

    def row(self, output: str) -> bytes:
        """The row as a line of JSON."""
        return self.head + to_json({"output": output})[1:-2] + self.tail


def do(task: Task, order: Order) -> Done | Same:
    """Do one item.

    Raises CleanScrapeError when it is no page, or cannot be accounted for.
    """
    item, known = task.item, task.known
    data = content(item)
    print_ = fingerprint(item, data)
    if (
        known
        and known.print == print_ + order.compared(known.site)
        and (known.output is None or hash_of(known.output) == known.sha)
    ):
        return Same()
    raw = opened(item, data, order.fields)
    if order.sites is None:
        return done(cleaned(item, raw, order), raw, order, print_)
    page = cleaned(item, raw, order, order.sites.finder(item.name, raw.fields))
    site = order.sites.of(page.page, item.name, raw.fields)
    return replace(done(page, raw, order, print_ + order.compared(site)), site=site)


def cleaned(item: Item, raw: Raw, order: Order, site: OfSite = None) -> Cleaned:
    """The page of an item, cleaned; ``site`` is what is known of its site.

    Raises UnreadableError.
    """
    if order.limits:  # what was packed may be larger than it looked
        start_clock(order.limits, max(len(raw.data), item.size))
    found = clean(raw.data, source=item.source, url=raw.url, kind=raw.kind, settings=order.settings, site=site)
    if raw.damage:
        return replace(found, notes=(*found.notes, Note("SY102", f"could not be read in full: {raw.damage}")))
    return found


def content(item: Item) -> bytes:
    """The bytes of an item as they lie there.

    Raises InputError and UnreadableError.
    """
    if item.reason:
        kind = InputError if item.skipped else UnreadableError
        raise kind(item.message, source=item.source, reason=item.reason)
    if item.data is not None:
        return item.data
    if item.path is not None:
        return read_regular(item.path, item.source)
    raise InputError("has neither a path nor data", source=item.source)


def fingerprint(item: Item, data: bytes) -> bytes:
    """What tells whether the content of an item is the same as before."""
    return blake2b(data, digest_size=16, person=item.form.encode()).digest()


def opened(item: Item, data: bytes, fields: Fields) -> Raw:
    """The page that an item holds.

    Raises UnreadableError.
    """
    if item.form != "page":
        return raw_of(replace(item, data=data), fields)
    page, damage = unpacked(data, item.source)
    return Raw(page, damage=damage)


def done(cleaned: Cleaned, raw: Raw, order: Order, print_: bytes) -> Done:
    """A page that was cleaned as it is written; ``print_`` is the fingerprint of its item.

    Raises CleanScrapeError when it cannot be accounted for.
    """
    row, body, hunks = page_row(cleaned)
    if raw.id:
        row["id"] = raw.id
    if order.metadata:
        row["metadata"] = _metadata(raw, row)
    brief = {name: row[name] for name in _BRIEF} | {"others": row.get("others", 0)}
    if order.format == "md":
        body, hunks = _markdown(cleaned, row, body), b""
    if order.format in SHARDS:
        record = to_json(_record(row, cleaned.text, body, raw.fields))
        head, tail = _around_output(row)
        return Done(print_, row["kind"], brief, head, tail, record, b"", bytes.fromhex(row["output_sha256"]))
    head, tail = _around_output(row)
    return Done(print_, row["kind"], brief, head, tail, body, hunks, bytes.fromhex(row["output_sha256"]))


def _metadata(raw: Raw, row: Row) -> Mapping[str, str | None]:
    from cleaner.read.metadata import metadata  # noqa: PLC0415 (trafilatura takes half a second)

    found, trouble = metadata(raw.data, raw.url, row["kind"])
    if trouble:
        row["notes"].append({"code": "SY106", "why": f"has metadata that could not be read ({trouble})"})
    return found


def _markdown(cleaned: Cleaned, row: Row, body: bytes) -> bytes:
    """What is written of a page as Markdown, with metadata that were asked for as its front matter.

    The page cannot be put back together from that, so the row keeps the plain body where it is another.
    """
    from cleaner.markdown import markdown  # noqa: PLC0415 (few need it)

    written = markdown(cleaned, front_matter=row.get("metadata")).encode("utf-8", "surrogatepass")
    row["output_sha256"] = sha256(written).hexdigest()
    if written != body:
        row["body"] = cleaned.text
        row |= raw_bytes(body, cleaned.text, layer_encoding(row["kind"], row["encoding"]), "raw_body")
    return written


def _around_output(row: Row) -> tuple[bytes, bytes]:
    """The row as JSON before and behind its field ``output``; keys stand in order."""
    before = to_json({name: value for name, value in row.items() if name < "output"})
    behind = to_json({name: value for name, value in row.items() if name > "output"})
    return before[:-2] + b",", b"," + behind[1:]


def _record(row: Row, text: str, body: bytes, others: Mapping[str, Any]) -> Row:
    """A page as a record of a shard: see ``docs/report.md``."""
    names = ("url", "title", "language", "confidence", "notes", "lines", "words", "removed")
    found = {"id": row.get("id", row["source"]), "source": row["source"], "text": text}
    found |= {name: row[name] for name in names}
    if "metadata" in row:
        found["metadata"] = row["metadata"]
    found |= raw_bytes(body, text, layer_encoding(row["kind"], row["encoding"]))
    return with_fields(found, others)


def with_fields(found: Row, others: Mapping[str, Any]) -> Row:
    """A record with the other fields of its input; those whose names it has get others."""
    passed: Row = {}
    for name, value in others.items():
        value = value.value if isinstance(value, Verbatim) else value  # noqa: PLW2901
        if found.get(name) == value:
            continue
        while name in found or name in passed or name in _RESERVED:
            name = f"input_{name}"  # noqa: PLW2901
        passed[name] = value
    return passed | found


def raw_bytes(body: bytes, text: str, encoding: str, name: str = "raw") -> Row:
    """``{name: base64}`` when the text does not encode to the body, which restoring needs."""
    try:
        same = text.encode(encoding) == body
    except (UnicodeError, LookupError):
        same = False
    return {} if same else {name: base64.b64encode(body).decode("ascii")}


def body_hash(body: bytes) -> bytes:
    """What an output is known by."""
    return sha256(body).digest()
