"""Removes residue from data files in place, in one pass and in bounded memory."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from cleaner.corpus.items import Fields
from cleaner.errors import CleanScrapeError, InputError
from cleaner.files.atomic import changed, refuse_read_only, replace_unchanged, snapshot
from cleaner.files.codecs import codec_of, is_packed, packed_file
from cleaner.files.members import Gap, Pieces, unpack
from cleaner.files.opening import open_regular
from cleaner.inplace.rows import DataRow, clean_row, read_data_rows
from cleaner.settings.record import Settings
from cleaner.sites.finder import TemplateFinder

_PIECE_BYTES = 1024 * 1024

OnRowError = Callable[[DataRow, CleanScrapeError], None]


@dataclass(frozen=True, slots=True)
class Deletion:
    """Bytes to delete from a file: ``data``, which must be in the file at the offset ``start``."""

    start: int
    data: bytes


@dataclass(slots=True)
class Fixing:
    """A data file that is being fixed; ``lines`` counts deleted lines that are not blank, ``rows`` their rows."""

    fields: Fields
    settings: Settings
    on_error: OnRowError
    sites: TemplateFinder | None = None
    lines: int = 0
    rows: int = 0

    def deletions(self, path: Path) -> Iterator[Deletion]:
        """Yield what to delete, in order; ``on_error`` is called with each row that cannot be fixed.

        Raises CleanScrapeError when the file cannot be read to its end.
        """
        for row in read_data_rows(path):
            if row.error and not row.number:
                raise row.error
            try:
                yield from self._of_row(row)
            except CleanScrapeError as error:
                self.on_error(row, error)
            except Exception as error:  # no row may stop the others
                message = f"cleaning failed with {type(error).__name__}: {error}; please report this row"
                self.on_error(row, CleanScrapeError(message, source=row.source, reason="crashed"))

    def _of_row(self, row: DataRow) -> Iterator[Deletion]:
        found = clean_row(row, self.fields, self.settings, self.sites)
        if found.cleaned.page.kind == "html":
            message = (
                "its text is HTML, and fix deletes lines of text only; name a field of text with --text-field, "
                f"or write cleaned copies: clean-scrape {row.path} OUT"
            )
            raise InputError(message, source=row.source, reason="html")
        if found.joined_spans:
            self.rows += 1
            self.lines += sum(not verdict.line.blank for verdict in found.cleaned.dropped)
        for start, end in found.joined_spans:
            yield Deletion(row.start + start, row.line[start:end])


def fix_rows(
    path: Path, fields: Fields, settings: Settings, on_error: OnRowError, sites: TemplateFinder | None = None
) -> Fixing | None:
    """Delete the residue from the texts of a data file in place; returns None when there was nothing to do.

    ``on_error`` is called with each row that cannot be fixed and its error; such a row stays as it is.
    Raises CleanScrapeError as ``fix_file`` does, and for damaged archives; the file is then as it was.
    """
    before = snapshot(path)
    fixing = Fixing(fields, settings, on_error, sites)
    edits = fixing.deletions(path)
    first = next(edits, None)
    if first is None:
        return None
    refuse_read_only(path, before.status)
    with replace_unchanged(path, before) as fresh, open_regular(path, str(path)) as file:
        old = _Old(file, path)
        with packed_file(fresh, codec_of(old.packing)) as new:
            _copy(old, new, chain([first], edits))
        if old.digest() != before.digest:
            raise changed(path)
    return fixing


class _Old:
    """Reads a file unpacked; has its compression, and at the end the hash of its bytes on the disk."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self.path = path
        self.packing = file.read(4)
        file.seek(0)
        self._hash = blake2b(digest_size=32)
        self._pieces: Pieces = self._hashed(file)
        self._rest = memoryview(b"")
        if not is_packed(self.packing):
            return
        self._pieces = unpack(self._pieces)
        self._rest = self._next()
        if is_packed(bytes(self._rest[:4])):
            message = f"is compressed more than once; unpack it, or write cleaned copies: clean-scrape {path} OUT"
            raise InputError(message, source=str(path), reason="nested")

    def _hashed(self, file: BinaryIO) -> Iterator[bytes]:
        while piece := file.read(_PIECE_BYTES):
            self._hash.update(piece)
            yield piece

    def _next(self) -> memoryview:
        piece = next(self._pieces, b"")
        if isinstance(piece, Gap):  # there was none when the rows were read
            raise changed(self.path)
        return memoryview(piece)

    def take(self, size: int) -> Iterator[memoryview]:
        """Yield the next ``size`` bytes, fewer at the end, in pieces."""
        while size:
            self._rest = self._rest or self._next()
            if not self._rest:
                return
            part = self._rest[:size]
            self._rest = self._rest[len(part) :]
            size -= len(part)
            yield part

    def digest(self) -> bytes:
        """The hash of the bytes read."""
        return self._hash.digest()


def _copy(old: _Old, new: BinaryIO, edits: Iterator[Deletion]) -> None:
    """Write a file without the deleted bytes, which must still be at their offsets."""
    at = 0
    for edit in edits:
        for piece in old.take(edit.start - at):
            new.write(piece)
        if b"".join(old.take(len(edit.data))) != edit.data:
            raise changed(old.path)
        at = edit.start + len(edit.data)
    for piece in old.take(sys.maxsize):
        new.write(piece)
