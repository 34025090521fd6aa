"""The files of a report while they grow: appended to, cut back, and read from when a page needs no work."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from cleaner.corpus.journal.state import Entry
from cleaner.corpus.report_files import PATCH_FILES, ROWS_FILE, shard_name
from cleaner.errors import CleanScrapeError, InputError
from cleaner.files.opening import open_regular
from cleaner.records import Kind

if TYPE_CHECKING:
    from cleaner.corpus.outputs.parquet_shards import Records

#: A shard that has grown to so many bytes is full.
SHARD_BYTES = 256 * 1024 * 1024

Span = tuple[int, int]

#: The shard of a record, its number in it, and where it lies.
Record = tuple[int, int, int, int]


class Parts:
    """The files of the report of a run that is not finished.

    ``ends`` says how long those with rows and patches are; what lies behind that was not accounted for, and goes.
    ``shard`` is the number, the records and the bytes of the one to go on with, None when pages have no records.
    """

    def __init__(self, folder: Path, ends: Mapping[str, int], shard: tuple[int, int, int] | None) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)
        self._files = {ROWS_FILE: _opened(folder / ROWS_FILE, ends["row"])}
        for kind, name in PATCH_FILES.items():
            self._files[name] = _opened(folder / name, ends.get(kind, 0))
        self._shard: BinaryIO | None = None
        if shard is not None:
            self.number, self.nth, size = shard
            self._shard = _opened(folder / shard_name(self.number), size)

    def row(self, data: bytes) -> Span:
        """Append a row; where it lies."""
        return _appended(self._files[ROWS_FILE], data)

    def patch(self, kind: Kind, data: bytes) -> Span:
        """Append to the patch of a kind of page; where it lies."""
        return _appended(self._files[PATCH_FILES[kind]], data)

    def record(self, data: bytes) -> Record:
        """Append a record to the shard, or to a new one when it is full."""
        if self._shard is None:
            raise TypeError("these pages have no records")
        if self._shard.tell() >= SHARD_BYTES:
            self._shard.close()
            self.number, self.nth = self.number + 1, 0
            self._shard = _opened(self._folder / shard_name(self.number), 0)
        span = _appended(self._shard, data)
        self.nth += 1
        return self.number, self.nth - 1, *span

    @property
    def shards(self) -> int:
        """How many shards there are."""
        return self.number + 1 if self._shard is not None else 0

    def read_row(self, span: Span) -> bytes:
        """A row that was appended, also by the process before this one."""
        file = self._files[ROWS_FILE]
        at = file.tell()
        file.seek(span[0])
        data = file.read(span[1] - span[0])
        file.seek(at)
        return data

    def sync(self) -> None:
        """Hand everything over to the disk."""
        for file in self._all():
            file.flush()
            os.fsync(file.fileno())

    def close(self) -> None:
        """Close all files; what could not be written any more is of no account."""
        for file in self._all():
            with suppress(OSError):
                file.close()

    def _all(self) -> Iterator[BinaryIO]:
        yield from self._files.values()
        if self._shard is not None:
            yield self._shard


class Finished:
    """The files of a report that is finished, to take unchanged pages from. ``folders`` are looked in, in order."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._files: dict[str, BinaryIO | None] = {}
        self._tables: dict[str, Records] = {}

    def page(self, entry: Entry, form: str) -> tuple[bytes, bytes]:
        """The row of a page, and its patch or its record; b"" for what is gone."""
        row = self._read(ROWS_FILE, entry.row_start, entry.row_end)
        if form in ("text", "md"):
            return row, self._read(PATCH_FILES[cast(Kind, entry.kind)], entry.patch_start, entry.patch_end)
        if form == "jsonl":
            return row, self._read(shard_name(entry.shard), entry.record_start, entry.record_end)
        return row, self._from_table(shard_name(entry.shard, "parquet"), entry.nth)

    def close(self) -> None:
        """Close all files."""
        for file in self._files.values():
            if file is not None:
                file.close()
        self._close_table()

    def _read(self, name: str, start: int, end: int) -> bytes:
        if name not in self._files:
            self._files[name] = next(iter(self._open(name)), None)
        file = self._files[name]
        if file is None or start == end:
            return b""
        file.seek(start)
        return file.read(end - start)

    def _open(self, name: str) -> Iterator[BinaryIO]:
        for folder in self._folders:
            with suppress(InputError):
                yield open_regular(folder / name, name)

    def _from_table(self, name: str, nth: int) -> bytes:
        from cleaner.corpus.outputs.parquet_shards import Records  # noqa: PLC0415 (pyarrow, an extra)

        try:
            if name not in self._tables:
                self._close_table()
                self._tables[name] = Records(next(f / name for f in self._folders if (f / name).is_file()))
            return self._tables[name][nth]
        except (StopIteration, IndexError, CleanScrapeError):
            return b""

    def _close_table(self) -> None:
        while self._tables:
            self._tables.popitem()[1].close()


def _opened(path: Path, size: int) -> BinaryIO:
    flags = os.O_RDWR | os.O_CREAT
    for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    file = os.fdopen(os.open(path, flags, 0o666), "r+b")
    file.truncate(size)
    file.seek(0, os.SEEK_END)
    return file


def _appended(file: BinaryIO, data: bytes) -> Span:
    start = file.tell()
    file.write(data)
    return start, start + len(data)
