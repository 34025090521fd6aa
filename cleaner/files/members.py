"""Unpacking gzip and zstd in pieces, member after member, and continuing after damage.

The time is linear: the bytes that are read twice are bounded by the bytes that are read once.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

import zstandard

from cleaner.files.codecs import CODEC_ERRORS, MAX_WINDOW_BYTES, Codec, Zstd, codec_of

#: Packed bytes of a damaged member that are searched again for the start of the next member.
REWIND_BYTES = 1024 * 1024

#: After this many false starts of members in succession, the rest of the input is not read.
MAX_FALSE_STARTS = 10_000

#: About how many unpacked bytes are yielded at once.
PIECE_BYTES = 64 * 1024

_NO_PADDING = re.compile(rb"[^\0]")
_DICTIONARY = b"\x5d\x2a\x4d\x18"
_MAX_DICTIONARY_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Gap:
    """Packed bytes that could not be unpacked, or not reliably: their offset, their number, and the reason.

    ``whole`` is true when all of them were unpacked and only their checksum is wrong. ``reason`` is
    ``cut-gzip``, ``cut-zstd`` or ``too-big``.
    """

    offset: int
    length: int
    what: str
    reason: str
    whole: bool = False


Pieces = Iterator[bytes | Gap]


class Feed:
    """Reads pieces like a file that can go back a little. A gap ends the data until ``resume`` is called.

    ``notes`` are the gaps so far in which no bytes were lost.
    """

    def __init__(self, pieces: Pieces) -> None:
        self._pieces, self._held, self._base = pieces, bytearray(), 0
        self.at, self.mark = 0, 0
        self.gap: Gap | None = None
        self.notes: list[Gap] = []

    def _fill(self, wanted: int) -> None:
        while self.gap is None and self._base + len(self._held) < self.at + wanted:
            piece = next(self._pieces, None)
            if piece is None:
                return
            if isinstance(piece, Gap):
                if not piece.whole:
                    self.gap = piece
                    return
                self.notes.append(piece)
                continue
            if self.at - self.mark > REWIND_BYTES:
                self.mark = self.at
            del self._held[: self.mark - self._base]
            self._base = self.mark
            self._held += piece

    def left(self, most: int) -> int:
        """The number of bytes that are left, counted up to ``most``."""
        self._fill(most)
        return min(most, self._base + len(self._held) - self.at)

    def has(self, size: int) -> bool:
        """True when at least ``size`` bytes are left."""
        return self.left(size) == size

    def peek(self, size: int, skip: int = 0) -> bytes:
        """The next ``size`` bytes after the first ``skip``, fewer at the end, without moving on."""
        self._fill(skip + size)
        here = self.at - self._base + skip
        return bytes(self._held[here : here + size])

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes, fewer at the end, and past them."""
        data = self.peek(size)
        self.at += len(data)
        return data

    def find(self, pattern: re.Pattern[bytes], overlap: int = 3) -> bool:
        """Go to the next match, or to the end; what is passed is not kept."""
        while True:
            self._fill(64 * 1024)
            here = self.at - self._base
            found = pattern.search(self._held, here)
            if found:
                self.at = self.mark = self._base + found.start()
                return True
            end = self._base + len(self._held)
            stuck = end - self.at <= overlap
            self.at = self.mark = max(self.at, end if stuck else end - overlap)
            if stuck:
                return False

    def look(self, pattern: re.Pattern[bytes], skip: int, most: int, overlap: int) -> int | None:
        """The distance to the first match, after ``skip`` and before ``most`` bytes; None without a match."""
        while True:
            there = self.left(min(most + overlap, skip + PIECE_BYTES))
            here = self.at - self._base
            found = pattern.search(self._held, here + skip, here + there)
            if found:
                return found.start() - here
            if there < skip + PIECE_BYTES:
                return None
            skip = there - overlap

    def resume(self) -> Gap | None:
        """Return the gap at this place, if there is one, and continue after it."""
        gap, self.gap = self.gap, None
        return gap


def unpack(pieces: Pieces) -> Pieces:
    """Yield the unpacked bytes of pieces, and a Gap for bytes that could not be unpacked; continues at the next member.

    The first 4 bytes show whether it is gzip or zstd: see ``codec_of``.
    """
    feed = Feed(pieces)
    codec = codec_of(feed.peek(4))
    return iter(()) if codec is None else _Layer(feed, codec).pieces()


class _Layer:
    """One layer of compression: its members one after the other, and the fault that is not reported yet."""

    def __init__(self, feed: Feed, codec: type[Codec]) -> None:
        self._feed, self._codec = feed, codec
        self._dictionary = _dictionary(feed) if codec is Zstd else None
        self._fault: Gap | None = None
        self._credit, self._misses = 16 * REWIND_BYTES, 0

    def pieces(self) -> Pieces:
        feed = self._feed
        while feed.peek(1) or feed.gap or feed.notes:
            while feed.notes:
                yield feed.notes.pop(0)
            if not feed.peek(1):
                yield from self._reported(feed.at)
                yield from filter(None, [feed.resume()])
                continue
            start = feed.mark = feed.at
            fault = yield from self._member(start)
            if fault is None:
                self._misses = 0
                self._credit += feed.at - start
            else:
                fault = replace(fault, whole=fault.whole and not self._overran(start))
                self._fault = replace(self._fault or fault, whole=fault.whole and (self._fault or fault).whole)
                if not fault.whole:
                    self._search(start)
        yield from self._reported(feed.at)

    def _reported(self, end: int) -> Pieces:
        """Yield the fault before the packed byte ``end``, if there is one."""
        if self._fault:
            yield replace(self._fault, length=end - self._fault.offset)
            self._fault = None

    def _member(self, start: int) -> Generator[bytes | Gap, None, Gap | None]:
        """Yield the bytes of the member that begins here, and return its fault, None for none."""
        feed = self._feed
        if not self._codec.magic.match(feed.peek(4)):
            feed.find(_NO_PADDING, 0)
            if not feed.peek(1) or self._codec.magic.match(feed.peek(4)):
                return None
            return self._fault_of(start, f"there is no {self._codec.name} stream at byte {feed.at:,}")
        member = self._codec(self._dictionary)
        fault: Gap | None = None
        parts: list[bytes] = []
        size = 0
        while not member.engine.eof and fault is None:
            given, fault = self._step(member, start)
            parts.append(given)
            size += len(given)
            if size >= PIECE_BYTES or fault or member.engine.eof:
                if size:
                    yield from self._reported(start)
                    yield b"".join(parts)
                parts, size = [], 0
        feed.at -= len(member.engine.unused_data)
        return fault

    def _step(self, member: Codec, start: int) -> tuple[bytes, Gap | None]:
        feed = self._feed
        data = feed.read(member.step)
        if not data:
            return b"", self._fault_of(start, f"the {member.name} stream is cut after {feed.at:,} bytes")
        try:
            return member.decompress(data), None
        except CODEC_ERRORS as error:
            given, taken = member.salvaged(data)
            feed.at -= len(data) - taken
            fault = self._fault_of(start, f"the {member.name} stream is damaged at byte {feed.at:,} ({error})")
            if "too much memory" in str(error):
                what = f"a zstd frame needs a window of more than {MAX_WINDOW_BYTES // 2**20} MB"
                fault = replace(fault, what=what, reason="too-big")
            behind = next((size for words, size in member.checks if words in str(error)), None)
            feed.read(behind or 0)
            return given, replace(fault, whole=behind is not None)

    def _fault_of(self, start: int, what: str) -> Gap:
        return Gap(start, self._feed.at - start, what, f"cut-{self._codec.name}")

    def _overran(self, start: int) -> bool:
        """True when another member starts inside the one that began here, which is why the checksum is wrong."""
        feed = self._feed
        end, feed.at = feed.at, max(start, feed.mark)
        size = end - feed.at
        found = feed.look(self._codec.magic, 1, size, 4)
        feed.at = end
        return found is not None and found < size

    def _search(self, start: int) -> None:
        """Go to where the next member may start: inside the failed member, as long as the time stays linear."""
        feed = self._feed
        self._misses += 1
        back = feed.at - start
        if back <= self._credit and feed.mark == start and back > 0:
            self._credit -= back
            feed.at = start + 1
        if self._misses > MAX_FALSE_STARTS:
            while feed.read(REWIND_BYTES):
                pass
        feed.find(self._codec.magic)


def _dictionary(feed: Feed) -> zstandard.ZstdCompressionDict | None:
    """The dictionary of .warc.zst files: a skippable frame at the very start, which may be packed itself."""
    head = feed.peek(8)
    size = int.from_bytes(head[4:], "little")
    if not head.startswith(_DICTIONARY) or size > _MAX_DICTIONARY_BYTES:
        return None
    data = feed.peek(8 + size)[8:]
    if codec_of(data[:4]):
        data = b"".join(piece for piece in unpack(iter((data,))) if isinstance(piece, bytes))[:_MAX_DICTIONARY_BYTES]
    return zstandard.ZstdCompressionDict(data) if len(data) >= 8 else None
