"""The files of a report: growing during a run, and finished, to copy unchanged pages from."""

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

#: A shard with this many bytes is full; the next record begins a new one.
MAX_SHARD_BYTES = 256 * 1024 * 1024

#: A byte range of a file, half-open.
ByteRange = tuple[int, int]

#: The shard of a record, its number in it, from 0, and its span.
RecordPlace = tuple[int, int, int, int]


class GrowingFiles:
    """The files of the report of a run that is not finished: rows are appended, and read back by their spans.

    ``ends`` are the recorded lengths of the files with rows and patches, see ``RunState.ends``. Bytes after these
    lengths are cut off. ``shard`` is the number of the shard to append to, with its records and its bytes; None when
    pages have no records.
    """

    def __init__(self, folder: Path, ends: Mapping[str, int], shard: tuple[int, int, int] | None) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)
        self._files = {ROWS_FILE: _open_at(folder / ROWS_FILE, ends["row"])}
        for kind, name in PATCH_FILES.items():
            self._files[name] = _open_at(folder / name, ends.get(kind, 0))
        self._shard: BinaryIO | None = None
        if shard is not None:
            self.number, self.nth, size = shard
            self._shard = _open_at(folder / shard_name(self.number), size)

    def row(self, data: bytes) -> ByteRange:
        """Append a row, and return its span."""
        return _append(self._files[ROWS_FILE], data)

    def patch(self, kind: Kind, data: bytes) -> ByteRange:
        """Append to the patch of a kind of page, and return the span."""
        return _append(self._files[PATCH_FILES[kind]], data)

    def record(self, data: bytes) -> RecordPlace:
        """Append a record to the shard, or to a new one when it is full, and return its place."""
        if self._shard is None:
            raise TypeError("these pages have no records")
        if self._shard.tell() >= MAX_SHARD_BYTES:
            self._shard.close()
            self.number, self.nth = self.number + 1, 0
            self._shard = _open_at(self._folder / shard_name(self.number), 0)
        span = _append(self._shard, data)
        self.nth += 1
        return self.number, self.nth - 1, *span

    @property
    def shards(self) -> int:
        """How many shards there are."""
        return self.number + 1 if self._shard is not None else 0

    def read_row(self, span: ByteRange) -> bytes:
        """Return a row that was appended, in this process or before the run was interrupted."""
        file = self._files[ROWS_FILE]
        at = file.tell()
        file.seek(span[0])
        data = file.read(span[1] - span[0])
        file.seek(at)
        return data

    def sync(self) -> None:
        """Flush all files to the disk."""
        for file in self._all():
            file.flush()
            os.fsync(file.fileno())

    def close(self) -> None:
        """Close all files. Bytes that cannot be written any more were not recorded and may be lost."""
        for file in self._all():
            with suppress(OSError):
                file.close()

    def _all(self) -> Iterator[BinaryIO]:
        yield from self._files.values()
        if self._shard is not None:
            yield self._shard


class FinishedFiles:
    """The files of a finished report. Each is taken from the first of ``folders`` that has it."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._files: dict[str, BinaryIO | None] = {}
        self._tables: dict[str, Records] = {}

    def page(self, entry: Entry, form: str) -> tuple[bytes, bytes]:
        """Return the row of a page, and its patch or its record; b"" for a missing part."""
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


def _open_at(path: Path, size: int) -> BinaryIO:
    flags = os.O_RDWR | os.O_CREAT
    for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    file = os.fdopen(os.open(path, flags, 0o666), "r+b")
    file.truncate(size)
    file.seek(0, os.SEEK_END)
    return file


def _append(file: BinaryIO, data: bytes) -> ByteRange:
    start = file.tell()
    file.write(data)
    return start, start + len(data)
