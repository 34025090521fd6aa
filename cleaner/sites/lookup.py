"""The template of a site, found in a file of profiles of any size without reading it into memory."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections import OrderedDict
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from cleaner.files.codecs import is_packed
from cleaner.sites.files import Head, open_profile, raw_rows, read_head_row, read_profile, read_templates
from cleaner.sites.profile import Template
from cleaner.sites.rows import MAX_ROW_BYTES, RowReader, read_site

#: Lines of the templates that are kept in memory: some megabytes.
MAX_CACHED_LINES = 20_000


class ProfileFile:
    """An open file of profiles: ``find`` returns the template of a site. Pickled, it is little more than a path.

    ``head`` is that of the file, ``digest`` the hex hash of its content, packed or not.
    """

    def __init__(self, place: str, rows: Path, head: Head, digest: str) -> None:
        self.head, self.digest = head, digest
        self._place, self._rows = place, rows
        self._cache: OrderedDict[str, Template | None] = OrderedDict()
        self._weight = 0
        self._file: BinaryIO | None = None
        self._process = 0
        self._lock = Lock()

    def __reduce__(self) -> tuple[object, ...]:
        return ProfileFile, (self._place, self._rows, self.head, self.digest)

    @classmethod
    def open(cls, path: Path, scratch: Path | None = None) -> ProfileFile:
        """Check a file from end to end and open it.

        A packed file is unpacked into the folder ``scratch``, which the caller removes, else into a file that is
        deleted with this object. Raises ProfileError naming the line that is wrong.
        """
        head, _ = read_profile(path)  # raises a helpful error for a shard
        hashed = blake2b(digest_size=16)
        if not _is_packed(path):
            with open_profile(path) as file:
                _check(RowReader(raw_rows(file, path, on_row=hashed.update), str(path)))
            return cls(str(path), path.resolve(), head, hashed.hexdigest())
        with tempfile.NamedTemporaryFile(dir=scratch, prefix="profile-", suffix=".jsonl", delete=False) as copy:
            rows = Path(copy.name)
            try:

                def on_row(raw: bytes) -> None:
                    hashed.update(raw)
                    copy.write(raw)

                with open_profile(path) as file:
                    _check(RowReader(raw_rows(file, path, on_row=on_row), str(path)))
            except BaseException:
                _remove(rows)
                raise
        profile = cls(str(path), rows, head, hashed.hexdigest())
        if scratch is None:
            weakref.finalize(profile, _remove, rows)
        return profile

    def find(self, site: str) -> Template | None:
        """The template of a site, None when the file does not have it. It may be called from any thread."""
        with self._lock:
            if site in self._cache:
                self._cache.move_to_end(site)
                return self._cache[site]
            found = self._search(site)
            self._cache[site] = found
            self._weight += _weight(found)
            while self._weight > MAX_CACHED_LINES and len(self._cache) > 1:
                self._weight -= _weight(self._cache.popitem(last=False)[1])
            return found

    def _search(self, site: str) -> Template | None:
        # Read and not mapped: mapped pages count as memory of a worker, and a mapped file that is cut kills the
        # process.
        file = self._open_rows()
        file.seek(0)
        low, high = len(file.readline(MAX_ROW_BYTES + 1)), file.seek(0, os.SEEK_END)
        while low < high:  # rows before low have a smaller site, rows from high on do not
            start = _row_around((low + high) // 2, low, file)
            row = file.readline(MAX_ROW_BYTES + 1)
            if self._site_of(row) < site:
                low = start + len(row)
            else:
                high = start
        file.seek(low)
        name, template = next(read_templates(RowReader(raw_rows(file, self._rows), self._place)), ("", None))
        return template if name == site else None

    def _open_rows(self) -> BinaryIO:
        """The file, which stays open, so that replacing it on the disk does not change the results."""
        if self._file is None or self._process != os.getpid():  # forked processes share the position in a file
            self._file, self._process = self._rows.open("rb"), os.getpid()
            weakref.finalize(self, self._file.close)
        return self._file

    def _site_of(self, raw: bytes) -> str:
        lines = RowReader((raw,), self._place)
        return read_site(next(iter(lines)), lines.error)


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return is_packed(file.read(4))


def _row_around(middle: int, low: int, file: BinaryIO) -> int:
    """Go to the start of the row that the byte ``middle`` is in; a row starts at ``low``."""
    begin = max(low, middle - MAX_ROW_BYTES)
    file.seek(begin)
    start = begin + file.read(middle - begin).rfind(b"\n") + 1
    return file.seek(start)


def _check(lines: RowReader) -> None:
    read_head_row(lines)
    for _ in read_templates(lines):
        pass


def _weight(template: Template | None) -> int:
    return 20 + len(template.counts) if template else 1


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
