"""The codecs gzip and zstd: unpacking in small pieces, and packing."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, Protocol, cast

import zstandard

#: Compression levels for writing: the defaults of the commands gzip and zstd.
GZIP_LEVEL, ZSTD_LEVEL = 6, 3

#: zstd frames that need a larger window than this are refused.
MAX_WINDOW_BYTES = 128 * 1024 * 1024

_MAX_SALVAGE_BYTES = 64 * 1024

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
    #: Its error messages for a wrong checksum, each with the number of bytes after the checksum in a member.
    checks: tuple[tuple[str, int], ...] = ()
    engine: _Engine

    def __init__(self, dictionary: zstandard.ZstdCompressionDict | None = None) -> None: ...

    def decompress(self, data: bytes) -> bytes:
        """Unpack the next piece; raises one of CODEC_ERRORS."""
        return self.engine.decompress(data)

    def salvaged(self, data: bytes) -> tuple[bytes, int]:
        """Return the bytes that can be unpacked of the piece that failed, and how many bytes of the piece they took."""
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
        """Unpack a piece, and keep the state before it."""
        self._before = self.engine.copy()  # type: ignore[attr-defined]
        return self.engine.decompress(data)

    def salvaged(self, data: bytes) -> tuple[bytes, int]:
        """Unpack the piece again byte by byte, since zlib returns nothing of a piece in which it fails."""
        return _bytewise(self._before, data)


class Zstd(Codec):
    """A zstd frame: 256 bytes give at most 8 MB."""

    name = "zstd"
    magic = _ZSTD
    step = 256
    checks = (("match checksum", 0),)

    def __init__(self, dictionary: zstandard.ZstdCompressionDict | None = None) -> None:
        self._maker = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=MAX_WINDOW_BYTES)
        self.engine: _Engine = self._maker.decompressobj()
        self._seen, self._given = bytearray(), 0

    def decompress(self, data: bytes) -> bytes:
        """Unpack a piece, and keep the head of the frame."""
        given = self.engine.decompress(data)
        if len(self._seen) <= _MAX_SALVAGE_BYTES:
            self._seen += data
        self._given += len(given)
        return given

    def salvaged(self, data: bytes) -> tuple[bytes, int]:
        """Unpack the frame again byte by byte, when it is not long."""
        if len(self._seen) > _MAX_SALVAGE_BYTES:
            return b"", len(data)
        whole, taken = _bytewise(self._maker.decompressobj(), bytes(self._seen) + data)
        return whole[self._given :], max(1, taken - len(self._seen))


#: The errors that the codecs raise.
CODEC_ERRORS = (zlib.error, zstandard.ZstdError)


def _bytewise(engine: _Engine, data: bytes) -> tuple[bytes, int]:
    parts: list[bytes] = []
    with suppress(*CODEC_ERRORS):
        for at in range(len(data)):
            parts.append(engine.decompress(data[at : at + 1]))
    return b"".join(parts), min(len(data), len(parts) + 1)


def is_packed(head: bytes) -> bool:
    """True when data that starts with these 4 bytes is gzip or zstd."""
    return codec_of(head) is not None


def codec_of(head: bytes) -> type[Codec] | None:
    """The codec of data that start with these 4 bytes; None for data that are not packed."""
    if head.startswith(b"\x1f\x8b\x08"):
        return Gzip
    return Zstd if _ZSTD.match(head) else None


def codec_named(name: str) -> type[Codec] | None:
    """The codec for the ending of a file name, ``.gz`` or ``.zst``; None for other endings."""
    return Gzip if name.endswith(".gz") else Zstd if name.endswith(".zst") else None


@contextmanager
def packed_file(file: BinaryIO, codec: type[Codec] | None) -> Iterator[BinaryIO]:
    """Yield a file to write to, whose bytes are packed into ``file``; without a codec, ``file`` itself.

    The same bytes give the same file, as it contains neither a name nor a time. A zstd frame has a checksum.
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
