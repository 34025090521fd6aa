"""The codecs of packed streams, gzip and zstd: read a small piece at a time, and written."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, Protocol, cast

import zstandard

#: The levels that files are packed with: those of the gzip and zstd commands.
GZIP_LEVEL, ZSTD_LEVEL = 6, 3

#: zstd frames that need a larger window than this are refused.
WINDOW_CAP = 128 * 1024 * 1024

_SALVAGE_CAP = 64 * 1024

# gzip with its reserved flag bits clear; a zstd frame or a frame to skip.
_GZIP = re.compile(rb"\x1f\x8b\x08[\x00-\x1f]")
_ZSTD = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")


class _Engine(Protocol):
    def decompress(self, data: bytes, /) -> bytes: ...
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


class Codec:
    """One member of a packed stream; ``step`` bytes of it are unpacked at a time, to bounded memory."""

    name = ""
    magic = re.compile(b"(?!)")
    step = 1
    #: What it says of a wrong checksum, with the bytes that stand behind that in a member.
    checks: tuple[tuple[str, int], ...] = ()
    engine: _Engine

    def __init__(self, dictionary: zstandard.ZstdCompressionDict | None = None) -> None: ...

    def decompress(self, data: bytes) -> bytes:
        """What the next piece unpacks to; raises one of ERRORS."""
        return self.engine.decompress(data)

    def salvaged(self, data: bytes) -> tuple[bytes, int]:
        """What can be had of the piece that failed, and how many of its bytes that took."""
        return b"", len(data)


class Gzip(Codec):
    """A gzip member: 1 KB gives at most 1 MB."""

    name = "gzip"
    magic = _GZIP
    step = 1024
    checks = (("incorrect data check", 4), ("incorrect length check", 0))

    def __init__(self, dictionary: zstandard.ZstdCompressionDict | None = None) -> None:
        self.engine: _Engine = zlib.decompressobj(31)
        self._before = self.engine

    def decompress(self, data: bytes) -> bytes:
        """What the piece unpacks to; the state before it is kept."""
        self._before = self.engine.copy()  # type: ignore[attr-defined]
        return self.engine.decompress(data)

    def salvaged(self, data: bytes) -> tuple[bytes, int]:
        """zlib gives nothing of a piece in which it fails; byte by byte it does."""
        return _bytewise(self._before, data)


class Zstd(Codec):
    """A zstd frame: 256 bytes give at most 8 MB."""

    name = "zstd"
    magic = _ZSTD
    step = 256
    checks = (("match checksum", 0),)

    def __init__(self, dictionary: zstandard.ZstdCompressionDict | None = None) -> None:
        self._maker = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=WINDOW_CAP)
        self.engine: _Engine = self._maker.decompressobj()
        self._seen, self._given = bytearray(), 0

    def decompress(self, data: bytes) -> bytes:
        """What the piece unpacks to; the head of the frame is kept."""
        given = self.engine.decompress(data)
        if len(self._seen) <= _SALVAGE_CAP:
            self._seen += data
        self._given += len(given)
        return given

    def salvaged(self, data: bytes) -> tuple[bytes, int]:
        """The frame once more, byte by byte, when it is not long."""
        if len(self._seen) > _SALVAGE_CAP:
            return b"", len(data)
        whole, taken = _bytewise(self._maker.decompressobj(), bytes(self._seen) + data)
        return whole[self._given :], max(1, taken - len(self._seen))


#: What the codecs raise.
ERRORS = (zlib.error, zstandard.ZstdError)


def _bytewise(engine: _Engine, data: bytes) -> tuple[bytes, int]:
    parts: list[bytes] = []
    with suppress(*ERRORS):
        for at in range(len(data)):
            parts.append(engine.decompress(data[at : at + 1]))
    return b"".join(parts), min(len(data), len(parts) + 1)


def is_packed(head: bytes) -> bool:
    """True when data that starts with these 4 bytes is gzip or zstd."""
    return codec_of(head) is not None


def codec_of(head: bytes) -> type[Codec] | None:
    """What unpacks data that starts with these 4 bytes, by content; None for data that is not packed."""
    if head.startswith(b"\x1f\x8b\x08"):
        return Gzip
    return Zstd if _ZSTD.match(head) else None


def codec_named(name: str) -> type[Codec] | None:
    """The codec that the ending of a file's name stands for, ``.gz`` or ``.zst``; None for another ending."""
    return Gzip if name.endswith(".gz") else Zstd if name.endswith(".zst") else None


@contextmanager
def packed_file(file: BinaryIO, codec: type[Codec] | None) -> Iterator[BinaryIO]:
    """Yield a file to write to, which packs what it is given into ``file``; without a codec, ``file`` itself.

    The same bytes give the same file: neither a name nor a time stands in it. A zstd frame has a checksum.
    """
    if codec is Gzip:
        with gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0) as packed:
            yield cast(BinaryIO, packed)
    elif codec is Zstd:
        compressor = zstandard.ZstdCompressor(ZSTD_LEVEL, write_checksum=True)
        with compressor.stream_writer(file, closefd=False) as packer:
            yield packer
    else:
        yield file
