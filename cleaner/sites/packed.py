"""Files read and written plain or packed: gzip and zstd, told by content when read and by name when written."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

from cleaner.errors import ProfileError

#: What reading packed data raises when it is damaged, and what _Unpacked raises itself.
DAMAGED = (zlib.error, zstandard.ZstdError, EOFError, gzip.BadGzipFile)

#: Data that unpacks to more than this many times its size is refused, once it passes RATIO_FREE.
RATIO_CAP, RATIO_FREE = 1_000, 10 * 1024 * 1024

_GZIP, _ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
_WINDOW_CAP = 128 * 1024 * 1024

# 256 bytes of zstd unpack to 8 MB at most, 1 KB of gzip to 1 MB.
_GZIP_STEP, _ZSTD_STEP = 1024, 256


def reading(path: Path) -> BinaryIO:
    """A file opened to read what it holds, unpacked.

    Raises ProfileError when there is no such file or it may not be read, and one of DAMAGED while it is read.
    """
    try:
        if not path.is_file():
            what = "is no file" if path.exists() else "does not exist"
            raise ProfileError(f"{path} {what}; name a file of profiles", source=str(path), reason="missing")
        file = path.open("rb")
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror or error}); check its permissions"
        raise ProfileError(message, source=str(path), reason="unreadable") from error
    head = file.read(4)
    file.seek(0)
    if head.startswith((_GZIP, _ZSTD)):
        return io.BufferedReader(_Unpacked(file, head.startswith(_ZSTD)), 256 * 1024)
    return file


def is_packed(path: Path) -> bool:
    """Tell whether ``reading`` unpacks a file."""
    with path.open("rb") as file:
        return file.read(4).startswith((_GZIP, _ZSTD))


class _Unpacked(io.RawIOBase):
    """Packed members, one after the other, as what they unpack to; unlike gzip and zstandard it knows a cut end."""

    def __init__(self, file: BinaryIO, zstd: bool) -> None:
        self._file, self._zstd = file, zstd
        self._engine: Any | None = None
        self._left, self._ready = b"", memoryview(b"")
        self._taken = self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and self._fed():
            pass
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def close(self) -> None:
        self._file.close()
        super().close()

    def _fed(self) -> bool:
        """Unpack a step more; False at the end."""
        data = self._left or self._file.read(_ZSTD_STEP if self._zstd else _GZIP_STEP)
        self._left = b""
        if not data:
            if self._engine:
                raise EOFError("it is cut off")
            return False
        self._taken += len(data)
        self._engine = self._engine or self._started()
        given = self._engine.decompress(data)
        if self._engine.eof:
            self._left, self._engine = self._engine.unused_data, None
            self._taken -= len(self._left)
        self._given += len(given)
        if self._given > max(RATIO_FREE, RATIO_CAP * self._taken):
            raise EOFError(f"it unpacks to more than {RATIO_CAP:,} times its size")
        self._ready = memoryview(given)
        return True

    def _started(self) -> Any:
        if self._zstd:
            return zstandard.ZstdDecompressor(max_window_size=_WINDOW_CAP).decompressobj()
        return zlib.decompressobj(31)


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A file to write, packed when its name ends in .gz or .zst; it is there under its name when all went well.

    The same content gives the same bytes. Raises ProfileError when something else than a file has the name.
    """
    target = path.resolve()  # whoever names a link means what it points to
    if target.exists() and not target.is_file():
        raise ProfileError(f"{path} is no file; name another for the profile", source=str(path))
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            with _packing(file, path.suffix) as packed:
                yield packed
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


@contextmanager
def _packing(file: BinaryIO, ending: str) -> Iterator[BinaryIO]:
    if ending == ".gz":
        # Neither name nor time stand in the file: both would differ from run to run.
        with gzip.GzipFile("", "wb", 6, file, 0) as packed:
            yield packed  # type: ignore[misc]
    elif ending == ".zst":
        with zstandard.ZstdCompressor(level=3, write_checksum=True).stream_writer(file, closefd=False) as packed:
            yield packed
    else:
        yield file
