"""The work on one item of a run, in a worker.

The steps: read the item's bytes, fingerprint them, extract the page, clean it, build its row of the report, and encode
row, body and record as the bytes that the journal writes. An item whose fingerprint and output are those of an
earlier run needs none of the later steps.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any, Literal

from cleaner.corpus.inputs.formats import extract_page
from cleaner.corpus.items import ExtractedPage, Fields, Item
from cleaner.errors import InputError, UnreadableError
from cleaner.files.json_rows import Verbatim
from cleaner.files.opening import hash_of, read_regular
from cleaner.pipeline import clean
from cleaner.records import Cleaned, Kind, Note
from cleaner.report.layer import layer_encoding
from cleaner.report.rows import Row, failure_row, page_row, to_json
from cleaner.report.summary import NOT_PAGE_REASONS
from cleaner.settings.record import Settings
from cleaner.sites.finder import TemplateFinder
from cleaner.workers.limits import Limits, start_clock
from cleaner.workers.pool import Failure

OutputFormat = Literal["text", "md", "jsonl", "parquet"]

#: Formats of which one output file holds many pages.
SHARD_FORMATS: frozenset[OutputFormat] = frozenset(("jsonl", "parquet"))

#: Inputs that fail for these reasons were not opened, or gave nothing that could be a page.
SKIPPED_REASONS = NOT_PAGE_REASONS | {"symlink", "fifo", "socket", "device", "not-a-file", "missing", "unreadable"}

#: Fields that only some records have. Fields of the input with these names are renamed.
_RESERVED = frozenset({"raw", "metadata"})

#: The fields of a row that the sums of a run need.
_BRIEF = ("source", "kind", "lines", "words", "codes", "notes", "confidence")


@dataclass(frozen=True, slots=True)
class PreviousResult:
    """The result of an earlier run for an item.

    ``fingerprint`` covers the item's content and the template that its page was compared with. ``output`` is the file
    of the page, None when it has none of its own, with its sha256 in ``output_hash``. ``site`` is the page's site, ""
    when it was not compared with other pages.
    """

    fingerprint: bytes
    output: Path | None = None
    output_hash: bytes = b""
    site: str = ""


@dataclass(frozen=True, slots=True)
class CleanTask:
    """An item, its place among the items of the run, from 0, and the result of an earlier run."""

    position: int
    item: Item
    previous: PreviousResult | None = None

    @property
    def size(self) -> int:
        """About how many bytes there are to read."""
        return self.item.size


@dataclass(frozen=True, slots=True)
class CleanOrder:
    """How all items of a run are cleaned.

    Without ``limits`` no clock is started. Pages are compared with the templates of ``sites``, None for no comparison.
    """

    settings: Settings
    format: OutputFormat = "text"
    fields: Fields = field(default_factory=Fields)
    metadata: bool = False
    limits: Limits | None = None
    sites: TemplateFinder | None = None

    def site_digest(self, site: str) -> bytes:
        """The digest of the template that pages of ``site`` are compared with, b"" for none."""
        return self.sites.digest(site) if self.sites else b""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Returned for an item whose content and output have not changed since an earlier run."""


@dataclass(frozen=True, slots=True)
class CleanedItem:
    """A cleaned page, encoded.

    ``row_head`` and ``row_tail`` are its row of the report before and after the name of its output, which is not known
    yet. ``brief`` holds the fields of the row that the sums need. ``body`` is the content of the output: the clean
    body, or the record of a shard; ``hunks`` are those of its patch. ``output_hash`` is the sha256 of the body.
    ``fingerprint`` and ``site`` are as in ``PreviousResult``.
    """

    fingerprint: bytes
    kind: Kind
    brief: Row
    row_head: bytes
    row_tail: bytes
    body: bytes
    hunks: bytes
    output_hash: bytes
    site: str = ""

    def row(self, output: str) -> bytes:
        """The row as a line of JSON, with ``output`` as the name of the output."""
        return self.row_head + to_json({"output": output})[1:-2] + self.row_tail


def process_task(task: CleanTask, order: CleanOrder) -> CleanedItem | Unchanged:
    """Do all steps for one item.

    Raises CleanScrapeError when it is no page, or when row and body do not rebuild the page.
    """
    item, previous = task.item, task.previous
    data = read_item(item)
    fingerprint = fingerprint_item(item, data)
    if previous and _is_unchanged(previous, fingerprint + order.site_digest(previous.site)):
        return Unchanged()
    page = extract_page(replace(item, data=data), order.fields)
    cleaned = clean_page(item, page, order)
    site = order.sites.site_of(cleaned.page, item.name, page.fields) if order.sites else ""
    return replace(encode_page(cleaned, page, order, fingerprint + order.site_digest(site)), site=site)


def _is_unchanged(previous: PreviousResult, fingerprint: bytes) -> bool:
    """True when the fingerprint is the previous one, and the previous output still lies where it was written."""
    if previous.fingerprint != fingerprint:
        return False
    return previous.output is None or hash_of(previous.output) == previous.output_hash


def read_item(item: Item) -> bytes:
    """Return the bytes of an item as they are stored.

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


def fingerprint_item(item: Item, data: bytes) -> bytes:
    """Return 16 bytes that change when the content of an item changes; ``data`` are its bytes."""
    return blake2b(data, digest_size=16, person=item.form.encode()).digest()


def clean_page(item: Item, page: ExtractedPage, order: CleanOrder) -> Cleaned:
    """Clean the page of an item. Raises UnreadableError."""
    if order.limits:  # an unpacked page may be larger than the size of its item
        start_clock(order.limits, max(len(page.data), item.size))
    template = order.sites.for_item(item.name, page.fields) if order.sites else None
    found = clean(page.data, source=item.source, url=page.url, kind=page.kind, settings=order.settings, site=template)
    if page.damage:
        return replace(found, notes=(*found.notes, Note("SY102", f"could not be read in full: {page.damage}")))
    return found


def encode_page(cleaned: Cleaned, page: ExtractedPage, order: CleanOrder, fingerprint: bytes) -> CleanedItem:
    """Build the row of a cleaned page, and encode row and body; ``fingerprint`` is that of its item.

    Raises CleanScrapeError when row and body do not rebuild the page.
    """
    row, body, hunks = page_row(cleaned)
    if page.id:
        row["id"] = page.id
    if order.metadata:
        row["metadata"] = _metadata(page, row)
    brief = {name: row[name] for name in _BRIEF} | {"others": row.get("others", 0)}
    if order.format == "md":
        body, hunks = _markdown(cleaned, row, body), b""
    if order.format in SHARD_FORMATS:
        body, hunks = to_json(_record(row, cleaned.text, body, page.fields)), b""
    head, tail = _around_output(row)
    return CleanedItem(fingerprint, row["kind"], brief, head, tail, body, hunks, bytes.fromhex(row["output_sha256"]))


def item_failure_row(item: Item, failure: Failure) -> Row:
    """Return the row of the report for an item that gave no output."""
    status = "skipped" if item.skipped or failure.reason in SKIPPED_REASONS else "quarantined"
    return failure_row(item.source, failure.reason, failure.message, status)


def _metadata(page: ExtractedPage, row: Row) -> Mapping[str, str | None]:
    from cleaner.read.metadata import metadata  # noqa: PLC0415 (trafilatura takes half a second)

    found, trouble = metadata(page.data, page.url, row["kind"])
    if trouble:
        row["notes"].append({"code": "SY106", "why": f"has metadata that could not be read ({trouble})"})
    return found


def _markdown(cleaned: Cleaned, row: Row, body: bytes) -> bytes:
    """Return a page as Markdown, with its metadata, where the row has some, as front matter.

    A page cannot be restored from Markdown, so the row keeps the plain body where that differs.
    """
    from cleaner.markdown import markdown  # noqa: PLC0415 (few need it)

    written = markdown(cleaned, front_matter=row.get("metadata")).encode("utf-8", "surrogatepass")
    row["output_sha256"] = sha256(written).hexdigest()
    if written != body:
        row["body"] = cleaned.text
        row |= _exact_bytes(body, cleaned.text, layer_encoding(row["kind"], row["encoding"]), "raw_body")
    return written


def _around_output(row: Row) -> tuple[bytes, bytes]:
    """Return the row as JSON, split before and after its field ``output``. Its keys are sorted."""
    before = to_json({name: value for name, value in row.items() if name < "output"})
    behind = to_json({name: value for name, value in row.items() if name > "output"})
    return before[:-2] + b",", b"," + behind[1:]


def _record(row: Row, text: str, body: bytes, input_fields: Mapping[str, Any]) -> Row:
    """Return a page as a record of a shard: see ``docs/report.md``."""
    names = ("url", "title", "language", "confidence", "notes", "lines", "words", "removed")
    record = {"id": row.get("id", row["source"]), "source": row["source"], "text": text}
    record |= {name: row[name] for name in names}
    if "metadata" in row:
        record["metadata"] = row["metadata"]
    record |= _exact_bytes(body, text, layer_encoding(row["kind"], row["encoding"]))
    return add_input_fields(record, input_fields)


def add_input_fields(record: Row, input_fields: Mapping[str, Any]) -> Row:
    """Return a record with the other fields of its input row, renamed ``input_...`` where the record has their name."""
    passed: Row = {}
    for name, value in input_fields.items():
        value = value.value if isinstance(value, Verbatim) else value  # noqa: PLW2901
        if record.get(name) == value:
            continue
        while name in record or name in passed or name in _RESERVED:
            name = f"input_{name}"  # noqa: PLW2901
        passed[name] = value
    return passed | record


def _exact_bytes(body: bytes, text: str, encoding: str, name: str = "raw") -> Row:
    """Return ``{name: base64}`` when the text does not encode to the body, which restoring needs; else ``{}``."""
    try:
        same = text.encode(encoding) == body
    except (UnicodeError, LookupError):
        same = False
    return {} if same else {name: base64.b64encode(body).decode("ascii")}
