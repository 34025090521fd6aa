"""WARC and WET: the pages of a crawl, as servers sent them or as text.

Responses, resources and conversions are pages when they hold HTML or text. Requests, metadata, revisits and the like
never hold a page and are passed over. Every other record is an item with a reason.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cleaner.corpus.inputs.formats.http import Headers, body_of
from cleaner.corpus.inputs.formats.item_maker import ItemMaker
from cleaner.corpus.inputs.formats.records import MAX_HEADER_BYTES, Broken, Record, records
from cleaner.corpus.items import ExtractedPage, Fields, Item
from cleaner.errors import requires_extra
from cleaner.files.members import Gap
from cleaner.files.unpacking import pieces_of

if TYPE_CHECKING:
    from fastwarc.warc import HeaderMap

    _Parse = Callable[[bytes], HeaderMap]

#: Types of records that may hold a page.
PAGE_TYPES = frozenset(("response", "resource", "conversion"))

#: Types of records that never hold one.
PAGELESS_TYPES = frozenset(("warcinfo", "request", "metadata", "revisit"))

#: The longest HTTP header, in bytes.
MAX_HTTP_HEADER_BYTES = 1024 * 1024

_DIGESTS = frozenset(("md5", "sha1", "sha256", "sha512"))
_NO_PAGES = ("text/css", "text/javascript", "text/ecmascript", "text/dns", "text/vtt", "text/csv", "text/calendar")
_MARKUP = ("application/xhtml+xml", "application/xml", "application/html")
_HEAD_END = re.compile(rb"\r?\n\r?\n")


def read_items(path: Path, source: str, name: str, fields: Fields) -> Iterator[Item]:
    """Yield the pages of a file; ``#12`` is its 12th record, of whatever type."""
    del fields  # records have none
    parse = _parser(source)
    maker = ItemMaker(source, name)
    number = 0
    for found in maker.catch_errors(records(pieces_of(path, source))):
        if isinstance(found, Item):
            yield found
        elif isinstance(found, Gap):
            yield maker.gap(found)
        else:
            number += 1
            item = (
                _fault(found, parse, maker, number) if isinstance(found, Broken) else _page(found, parse, maker, number)
            )
            if item:
                yield item


@dataclass(frozen=True, slots=True)
class _Page:
    """What a worker needs of a record besides its body. It stands before the body as one line of JSON."""

    url: str
    id: str
    date: str
    type: str
    transfer: str = ""
    encoding: str = ""
    charset: str = ""
    damage: str = ""


def _fault(broken: Broken, parse: _Parse, maker: ItemMaker, number: int) -> Item | None:
    """Return the item of a broken record; None for one that cannot have held a page."""
    kind = _value(parse(broken.head), "WARC-Type").lower()
    if broken.reason == "too-big" and kind in PAGELESS_TYPES:
        return None
    where = f"{broken.length:,} bytes at byte {broken.offset:,} (unpacked) are no whole record"
    return maker.fault(number, broken.reason, f"{where}: {broken.message}")


def _page(record: Record, parse: _Parse, maker: ItemMaker, number: int) -> Item | None:
    warc = parse(record.head)
    kind = _value(warc, "WARC-Type").lower()
    if kind in PAGELESS_TYPES:
        return None
    media, http, body = _value(warc, "Content-Type"), None, record.block
    if kind == "response" and (not media or media.lower().startswith("application/http")):
        end = _HEAD_END.search(body, 0, MAX_HTTP_HEADER_BYTES)
        http = parse(body[: end.end()] if end else body[:MAX_HTTP_HEADER_BYTES])
        media, body = _value(http, "Content-Type"), body[end.end() :] if end else b""
    reason, message = _no_page(kind, http, media, warc)
    if reason:
        return maker.fault(number, reason, message, skipped=reason != "bad-record")
    page = _Page(
        url=_value(warc, "WARC-Target-URI").strip("<>"),
        id=_value(warc, "WARC-Record-ID").strip("<>"),
        date=_value(warc, "WARC-Date"),
        type=kind,
        transfer=_value(http, "Transfer-Encoding"),
        encoding=_value(http, "Content-Encoding"),
        charset=_charset(media),
        damage="; ".join(filter(None, (record.damage, *_doubts(warc, record.block)))),
    )
    return maker.record(number, json.dumps(asdict(page)).encode() + b"\n" + body)


def _no_page(kind: str, http: HeaderMap | None, media: str, warc: HeaderMap) -> tuple[str, str]:
    """Return reason and message for a record that is no page, "" for one that is."""
    status = http.status_code if http is not None else 200
    if not kind:
        return "bad-record", "its header names no type"
    if kind not in PAGE_TYPES:
        return "not-a-page", f"is a record of type {kind[:100]!r}"
    if not status:
        return "bad-record", "its block is no HTTP response"
    if status >= 300:
        return "http-status", f"is no page but an answer of status {status}"
    if not _is_text(media) and not _is_text(_value(warc, "WARC-Identified-Payload-Type") or "-"):
        return "not-a-page", f"is of type {media[:100]!r}, which is no text"
    return "", ""


def _doubts(warc: HeaderMap, block: bytes) -> Iterator[str]:
    """Yield the ways in which the header shows that the block is incomplete or damaged."""
    if cut := _value(warc, "WARC-Truncated"):
        yield f"the crawler cut the page ({cut[:100]!r})"
    if _value(warc, "WARC-Segment-Number"):
        yield "the record is a part of a page that stands in several"
    name, _, digest = _value(warc, "WARC-Block-Digest").partition(":")
    if name.lower() in _DIGESTS and digest:
        found = hashlib.new(name.lower(), block, usedforsecurity=False)
        if digest.strip().lower() not in (found.hexdigest(), base64.b32encode(found.digest()).decode().lower()):
            yield f"its block does not match its {name}"


def _value(headers: HeaderMap | None, name: str) -> str:
    return "" if headers is None else headers.get(name) or ""


def _is_text(media: str) -> bool:
    kind = media.split(";", 1)[0].strip().lower()
    return not kind or (kind.startswith("text/") and kind not in _NO_PAGES) or kind in _MARKUP


def _charset(media: str) -> str:
    for part in media.split(";")[1:20]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip(" \t\"'")[:100]
    return ""


def extract_page(item: Item, fields: Fields) -> ExtractedPage:
    """Return the page of a record with its HTTP encodings undone. Raises UnreadableError."""
    del fields
    head, _, body = (item.data or b"").partition(b"\n")
    page = _Page(**json.loads(head))
    data: bytes | str = body
    damage = ""
    if page.type == "response":
        data, damage = body_of(body, Headers(page.transfer, page.encoding, page.charset), item.source)
    return ExtractedPage(
        data=data,
        url=page.url or None,
        id=page.id,
        kind="text" if page.type == "conversion" else None,
        fields={"warc_date": page.date} if page.date else {},
        damage="; ".join(filter(None, (page.damage, damage))),
    )


def _parser(source: str) -> _Parse:
    with requires_extra("warc", "is a WARC file, which needs fastwarc", source):
        from fastwarc.warc import HeaderMap  # noqa: PLC0415  an extra

    def parse(head: bytes) -> HeaderMap:
        headers = HeaderMap("utf-8")
        lines = head[:MAX_HEADER_BYTES].split(b"\n")[: None if len(head) <= MAX_HEADER_BYTES else -1]
        with suppress(OSError, ValueError):  # not a header at all: it stays empty
            headers.parse(io.BytesIO(b"\r\n".join(line.rstrip(b"\r") for line in lines) + b"\r\n\r\n"))
        return headers

    return parse
