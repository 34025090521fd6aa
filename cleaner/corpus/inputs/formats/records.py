"""Records of WARC files, delimited one by one; after damage the next record is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cleaner.files.members import Feed, Gap, Pieces
from cleaner.files.opening import PAGE_CAP

#: A record header of more bytes than this is none.
HEAD_CAP = 32 * 1024

# Linear: fixed words, bounded numbers. A version alone may stand in any text; with a header line it starts a record.
_START = re.compile(rb"WARC/[01]\.\d{1,2}\r?\n(?=[A-Za-z][A-Za-z-]{1,40}[ \t]*:)")
_START_MOST = 64
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"\nContent-Length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Record:
    """Header and block of a record; ``offset`` is that of its first byte, unpacked."""

    head: bytes
    block: bytes
    offset: int
    damage: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """Bytes that are no whole record: where they stand unpacked, as much of a header as there is, and why."""

    offset: int
    length: int
    head: bytes
    reason: str
    message: str


def records(pieces: Pieces) -> Iterator[Record | Broken | Gap]:
    """The records of a file, and what stands between them that is none."""
    feed = Feed(pieces)
    while True:
        feed.mark = feed.at
        head = feed.peek(_START_MOST)
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
            # What ends in a gap is told with the gap.
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
    if size >= 0 and feed.has(end) and _is_end(feed.peek(_START_MOST, end)):
        record = Record(head, feed.peek(size, len(head)), feed.at)
        feed.at += end
        return record
    return _to_the_next(feed, head, size)


def _head(feed: Feed) -> bytes:
    """The header with the blank line that ends it; without one, up to HEAD_CAP bytes."""
    head = b""
    for size in (HEAD_CAP // 16, HEAD_CAP):
        head = feed.peek(size)
        end = _HEAD_END.search(head)
        if end:
            return head[: end.end()]
    return head.rstrip(b"\n")


def _headless(feed: Feed, head: bytes) -> tuple[str, str]:
    if feed.has(HEAD_CAP):
        return "bad-record", f"its header is longer than {HEAD_CAP:,} bytes"
    return _cut(feed)


def _is_end(after: bytes) -> bool:
    """True when a record may end before these bytes."""
    rest = after.lstrip(b"\r\n")
    if after.startswith(b"\r\n\r\n") or not rest:
        return True
    return rest.startswith(b"WARC/"[: len(rest)])


def _cut(feed: Feed) -> tuple[str, str]:
    if feed.gap:
        return "damaged", "it ends where the file is damaged"
    return "cut-record", "it is cut: the file ends before the record does; fetch the file again"


def _to_the_next(feed: Feed, head: bytes, size: int) -> Record | Broken:
    """The record up to where the next one starts, when its own length is wrong."""
    why = f"its header says {size:,} bytes, which is wrong" if size >= 0 else "its header names no length that can be"
    end = feed.look(_START, len(head), len(head) + PAGE_CAP, _START_MOST)
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
    """Go on to the next start of a record."""
    start = feed.at
    feed.at += max(1, len(head))
    feed.find(_START, _START_MOST)
    return Broken(start, feed.at - start, head, reason, why)
