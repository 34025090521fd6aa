"""Unpacking inputs: gzip and zstd are recognised by content, sizes are limited, and damage is reported."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from cleaner.errors import UnreadableError
from cleaner.files.codecs import is_packed
from cleaner.files.members import Gap, Pieces, unpack
from cleaner.files.opening import PAGE_CAP, RATIO_CAP, RATIO_FREE, open_regular, too_big, unopened

#: Layers of compression that are unpacked.
DEPTH_CAP = 4

_PIECE = 256 * 1024


def unpacked(data: bytes, source: str) -> tuple[bytes, str]:
    """Return ``data``, unpacked when they are gzip or zstd by content, and a description of their damage.

    The description is "" when all could be read; otherwise the bytes are those that could be read. Raises
    UnreadableError: ``cut-gzip`` or ``cut-zstd`` when nothing could be read, ``too-big`` when it unpacks
    to more than the caps allow, ``nested`` when there are more layers of compression than DEPTH_CAP.
    """
    if not is_packed(data[:4]):
        return data, ""
    parts: list[bytes] = []
    gaps: list[Gap] = []
    size = 0
    for piece in _layers(iter((data,)), source, _Meter(len(data))):
        if isinstance(piece, Gap):
            gaps.append(piece)
            continue
        parts.append(piece)
        size += len(piece)
        if size > PAGE_CAP:
            raise too_big(source)
    if gaps and not size:
        raise UnreadableError(f"{gaps[0].what}; fetch the page again", source=source, reason=gaps[0].reason)
    more = f" and at {len(gaps) - 1:,} more places" if len(gaps) > 1 else ""
    return b"".join(parts), gaps[0].what + more if gaps else ""


class _Meter:
    """Counts the packed bytes that were read, to limit the bytes that they unpack to."""

    def __init__(self, taken: int = 0) -> None:
        self.taken = taken

    def counted(self, pieces: Iterator[bytes]) -> Pieces:
        for piece in pieces:
            self.taken += len(piece)
            yield piece

    def capped(self, pieces: Pieces, source: str) -> Pieces:
        given = 0
        for piece in pieces:
            if isinstance(piece, bytes):
                given += len(piece)
                if given > RATIO_FREE and given > RATIO_CAP * self.taken:
                    message = f"unpacks to more than {RATIO_CAP:,} times its size"
                    raise UnreadableError(message, source=source, reason="too-big")
            yield piece


def _layers(pieces: Pieces, source: str, meter: _Meter) -> Pieces:
    """The pieces with all layers of compression removed."""
    for depth in itertools.count():
        head, pieces = _peeked(pieces)
        if not is_packed(head):
            return pieces
        if depth == DEPTH_CAP:
            raise UnreadableError(f"is packed more than {DEPTH_CAP} times", source=source, reason="nested")
        pieces = meter.capped(unpack(pieces), source)
    return pieces


def _peeked(pieces: Pieces) -> tuple[bytes, Pieces]:
    """The first 4 bytes, and all pieces."""
    first: list[bytes | Gap] = []
    head = b""
    for piece in pieces:
        first.append(piece)
        if isinstance(piece, Gap) and head:
            break
        head += b"" if isinstance(piece, Gap) else piece[:4]
        if len(head) >= 4:
            break
    return head[:4], itertools.chain(first, pieces)


def pieces_of(path: Path, source: str) -> Pieces:
    """The bytes of a file, unpacked when it is gzip or zstd, with a Gap wherever it is damaged.

    Memory stays bounded whatever the size. Raises InputError when it cannot be opened, UnreadableError
    (``nested``, ``too-big``) when it exceeds the limits.
    """
    with open_regular(path, source) as file:
        yield from _unpacked_pieces(file, source)


def open_unpacked(file: BinaryIO, source: str) -> BinaryIO:
    """Return a file that reads ``file``, unpacked when that is gzip or zstd; closing it closes ``file``.

    Reading raises UnreadableError where the other file is damaged, as well as for the reasons of ``pieces_of``.
    """
    return io.BufferedReader(_PieceReader(_unpacked_pieces(file, source), file, source), _PIECE)


class _PieceReader(io.RawIOBase):
    """Unpacked pieces as a file; a gap between them is an error."""

    def __init__(self, pieces: Pieces, file: BinaryIO, source: str) -> None:
        self._pieces, self._file, self._source = pieces, file, source
        self._unread = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._unread:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            if isinstance(piece, Gap):
                raise UnreadableError(piece.what, source=self._source, reason=piece.reason)
            self._unread = memoryview(piece)
        size = min(len(buffer), len(self._unread))
        buffer[:size] = self._unread[:size]
        self._unread = self._unread[size:]
        return size

    def close(self) -> None:
        self._file.close()
        super().close()


def _unpacked_pieces(file: BinaryIO, source: str) -> Pieces:
    meter = _Meter()
    yield from _layers(meter.counted(_read(file, source)), source, meter)


def _read(file: BinaryIO, source: str) -> Iterator[bytes]:
    try:
        while piece := file.read(_PIECE):
            yield piece
    except OSError as error:
        raise unopened(error, source) from error
