"""Splits WARC files into records. After damage it searches for the next record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cleaner.files.members import Feed, Gap, Pieces
from cleaner.files.opening import PAGE_CAP

#: The longest header of a record, in bytes.
MAX_HEADER_BYTES = 32 * 1024

# Linear: fixed words, bounded numbers. A version alone may stand in any text; with a header line it starts a record.
_START = re.compile(rb"WARC/[01]\.\d{1,2}\r?\n(?=[A-Za-z][A-Za-z-]{1,40}[ \t]*:)")
_MAX_START_BYTES = 64
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"\nContent-Length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Record:
    """Header and block of a record. ``offset`` is the place of its first byte in the unpacked file."""

    head: bytes
    block: bytes
    offset: int
    damage: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """Bytes that are no complete record: their place in the unpacked file, as much of a header as there is, and why."""

    offset: int
    length: int
    head: bytes
    reason: str
    message: str


def records(pieces: Pieces) -> Iterator[Record | Broken | Gap]:
    """Yield the records of a file, and the bytes between them that are no record."""
    feed = Feed(pieces)
    while True:
        feed.mark = feed.at
        head = feed.peek(_MAX_START_BYTES)
        yield from feed.notes
        feed.notes.clear()
        if not head:
            gap = feed.resume()
            if gap is None:
                return
            yield gap
        elif head[:1] in b"\r\n":
            feed.at += len(head) - len(head.lstrip(b"\r\n"))
        else:
            found = _record(feed) if _START.match(head) else _broken(feed, b"", "damaged", "no record starts here")
            # A record that ends in a gap is reported with the gap.
            if isinstance(found, Record) or found.reason != "damaged" or not feed.gap or feed.has(1):
                yield found


def _record(feed: Feed) -> Record | Broken:
    head = _head(feed)
    if not head.endswith(b"\n"):
        return _broken(feed, head, *_headless(feed, head))
    found = _LENGTH.search(head)
    size = int(found[1]) if found else -1
    if size > PAGE_CAP:
        return _broken(feed, head, "too-big", f"its header says that it is {size:,} bytes long")
    end = len(head) + size
    if size >= 0 and feed.has(end) and _is_end(feed.peek(_MAX_START_BYTES, end)):
        record = Record(head, feed.peek(size, len(head)), feed.at)
        feed.at += end
        return record
    return _to_the_next(feed, head, size)


def _head(feed: Feed) -> bytes:
    """Return the header with the blank line that ends it; without one, up to MAX_HEADER_BYTES bytes."""
    head = b""
    for size in (MAX_HEADER_BYTES // 16, MAX_HEADER_BYTES):
        head = feed.peek(size)
        end = _HEAD_END.search(head)
        if end:
            return head[: end.end()]
    return head.rstrip(b"\n")


def _headless(feed: Feed, head: bytes) -> tuple[str, str]:
    if feed.has(MAX_HEADER_BYTES):
        return "bad-record", f"its header is longer than {MAX_HEADER_BYTES:,} bytes"
    return _cut(feed)


def _is_end(after: bytes) -> bool:
    """Return True when a record may end before these bytes."""
    rest = after.lstrip(b"\r\n")
    if after.startswith(b"\r\n\r\n") or not rest:
        return True
    return rest.startswith(b"WARC/"[: len(rest)])


def _cut(feed: Feed) -> tuple[str, str]:
    if feed.gap:
        return "damaged", "it ends where the file is damaged"
    return "cut-record", "it is cut: the file ends before the record does; fetch the file again"


def _to_the_next(feed: Feed, head: bytes, size: int) -> Record | Broken:
    """Return the record up to where the next one starts, for one whose own length is wrong."""
    why = f"its header states {size:,} bytes, which is wrong" if size >= 0 else "its header has no valid length"
    end = feed.look(_START, len(head), len(head) + PAGE_CAP, _MAX_START_BYTES)
    if end is None:
        if feed.gap or (size >= 0 and not feed.has(len(head) + size)):
            return _broken(feed, head, *_cut(feed))
        end = feed.left(len(head) + PAGE_CAP + 1)
        if end > len(head) + PAGE_CAP:
            return _broken(feed, head, "bad-record", why)
    block = feed.peek(end - len(head), len(head)).removesuffix(b"\r\n\r\n")
    record = Record(head, block, feed.at, f"the record may not be whole: {why}")
    feed.at += end
    return record


def _broken(feed: Feed, head: bytes, reason: str, why: str) -> Broken:
    """Skip to the next start of a record, and return what was skipped."""
    start = feed.at
    feed.at += max(1, len(head))
    feed.find(_START, _MAX_START_BYTES)
    return Broken(start, feed.at - start, head, reason, why)
