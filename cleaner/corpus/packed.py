"""Packed inputs: gzip and zstd by content, with caps, and what of them is damaged."""

from __future__ import annotations

import errno
import io
import itertools
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from cleaner.corpus.formats.codecs import is_packed
from cleaner.corpus.formats.members import Gap, Pieces, unpack
from cleaner.errors import InputError, UnreadableError

#: A page of more bytes than this is refused, packed or not: memory stays bounded.
PAGE_CAP = 64 * 1024 * 1024

#: Data that unpacks to more than this many times its size is refused, once it passes RATIO_FREE.
RATIO_CAP, RATIO_FREE = 1_000, 10 * 1024 * 1024

#: Archives inside archives are opened this deep.
DEPTH_CAP = 4

#: What may not be opened, by its kind: a reason and a sentence.
SPECIAL = {
    stat.S_IFLNK: ("symlink", "is a symbolic link; links are not followed"),
    stat.S_IFIFO: ("fifo", "is a named pipe, not a file"),
    stat.S_IFSOCK: ("socket", "is a socket, not a file"),
    stat.S_IFCHR: ("device", "is a device, not a file"),
    stat.S_IFBLK: ("device", "is a device, not a file"),
}

_PIECE = 256 * 1024


def unpacked(data: bytes, source: str) -> tuple[bytes, str]:
    """``data``, or what it unpacks to when it is gzip or zstd, by content and not by name.

    The second value says what could not be read, "" when all could: the first holds the rest. Raises
    UnreadableError: ``cut-gzip`` or ``cut-zstd`` when nothing could be read, ``too-big`` when it unpacks
    to more than the caps allow, ``nested`` when archives lie too deep in one another.
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
    """Bytes read of the packed input, against what they unpacked to."""

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
                    raise too_big(source)
            yield piece


def _layers(pieces: Pieces, source: str, meter: _Meter) -> Pieces:
    """The pieces out of all their packings."""
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
    (``nested``, ``too-big``) when it is packed against the caps.
    """
    with open_regular(path, source) as file:
        meter = _Meter()
        yield from _layers(meter.counted(_read(file, source)), source, meter)


def _read(file: BinaryIO, source: str) -> Iterator[bytes]:
    try:
        while piece := file.read(_PIECE):
            yield piece
    except OSError as error:
        raise unopened(error, source) from error


def open_stream(path: Path, source: str) -> BinaryIO:
    """A reader of the bytes of a file, unpacked when it is gzip or zstd.

    Where the file is damaged, reading goes on behind the damage; at the end, after all that could be
    read, it raises UnreadableError (``cut-gzip``, ``cut-zstd``).
    """
    # A pipe or a missing file fails here, not at the first read.
    open_regular(path, source).close()
    return io.BufferedReader(_Stream(pieces_of(path, source), source), _PIECE)


class _Stream(io.RawIOBase):
    def __init__(self, pieces: Pieces, source: str) -> None:
        self._pieces, self._source = pieces, source
        self._rest = memoryview(b"")
        self._gap: Gap | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._rest:
            piece = next(self._pieces, None)
            if isinstance(piece, Gap):
                self._gap = self._gap or piece
            elif piece is not None:
                self._rest = memoryview(piece)
            elif self._gap:
                gap, self._gap = self._gap, None
                raise UnreadableError(f"{gap.what}; fetch the file again", source=self._source, reason=gap.reason)
            else:
                return 0
        room = memoryview(buffer).cast("B")
        size = min(len(room), len(self._rest))
        room[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def open_regular(path: Path, source: str) -> BinaryIO:
    """A regular file, opened to read; never waits for a pipe, never follows a link in the last part.

    Raises InputError.
    """
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    try:
        number = os.open(path, flags)
    except OSError as error:
        raise unopened(error, source) from error
    kind = stat.S_IFMT(os.fstat(number).st_mode)
    if kind != stat.S_IFREG:
        os.close(number)
        reason, message = SPECIAL.get(kind, ("not-a-file", "is not a regular file"))
        raise InputError(message, source=source, reason=reason)
    return os.fdopen(number, "rb")


def unopened(error: OSError, source: str) -> InputError:
    """The typed error for what the system said."""
    if error.errno == errno.ELOOP:
        return InputError(SPECIAL[stat.S_IFLNK][1], source=source, reason="symlink")
    what = error.strerror or type(error).__name__
    if isinstance(error, FileNotFoundError):
        return InputError(f"is gone or was never there ({what})", source=source, reason="missing")
    return InputError(f"cannot be read ({what}); check its permissions", source=source, reason="unreadable")


def too_big(source: str) -> UnreadableError:
    """The error for what is larger than the caps."""
    return UnreadableError(
        f"is larger than {PAGE_CAP // 2**20} MB unpacked, or unpacks to more than {RATIO_CAP:,} times its size",
        source=source,
        reason="too-big",
    )
