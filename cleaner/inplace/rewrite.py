"""Taking residue out of data files in place, in one pass and in bounded memory."""

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
from cleaner.inplace.sites import Compared
from cleaner.settings.record import Settings

_PIECE = 1024 * 1024

Tell = Callable[[DataRow, CleanScrapeError], None]


@dataclass(frozen=True, slots=True)
class Deletion:
    """Bytes to take out of a file: what stands from ``start`` on, which is to be ``data``."""

    start: int
    data: bytes


@dataclass(slots=True)
class Fixing:
    """A data file being fixed: how many lines, blank ones aside, have gone from how many rows so far."""

    fields: Fields
    settings: Settings
    tell: Tell
    compared: Compared | None = None
    lines: int = 0
    rows: int = 0

    def edits(self, path: Path) -> Iterator[Deletion]:
        """Yield what is to go, in order; tells of the rows that cannot be fixed.

        Raises CleanScrapeError when the file cannot be read to its end.
        """
        for row in read_data_rows(path):
            if row.error and not row.number:
                raise row.error
            try:
                yield from self._of_row(row)
            except CleanScrapeError as error:
                self.tell(row, error)
            except Exception as error:  # one row must not cost the others, whatever it holds
                message = f"cleaning failed with {type(error).__name__}: {error}; please report this row"
                self.tell(row, CleanScrapeError(message, source=row.source, reason="crashed"))

    def _of_row(self, row: DataRow) -> Iterator[Deletion]:
        found = clean_row(row, self.fields, self.settings, self.compared)
        if found.cleaned.page.kind == "html":
            message = (
                "its text is HTML, and fix deletes lines of text only; name a field of text with --text-field, "
                f"or write cleaned copies: clean-scrape {row.path} OUT"
            )
            raise InputError(message, source=row.source, reason="html")
        if found.gone:
            self.rows += 1
            self.lines += sum(not verdict.line.blank for verdict in found.cleaned.dropped)
        for start, end in found.gone:
            yield Deletion(row.start + start, row.line[start:end])


def fix_rows(
    path: Path, fields: Fields, settings: Settings, tell: Tell, compared: Compared | None = None
) -> Fixing | None:
    """Take the residue out of the texts of a data file in place; None when there was nothing to do.

    ``tell`` gets each row that cannot be fixed with its error; such a row stays as it is. Raises CleanScrapeError as
    ``fix_file`` does, and for damaged archives; the file is then as it was.
    """
    before = snapshot(path)
    fixing = Fixing(fields, settings, tell, compared)
    edits = fixing.edits(path)
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
    """The unpacked bytes of a file, how it is packed, and in the end the hash of its bytes as they lie there."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self.path = path
        self.packing = file.read(4)
        file.seek(0)
        self._hash = blake2b(digest_size=32)
        self._pieces: Pieces = self._hashed(file)
        self._held = memoryview(b"")
        if not is_packed(self.packing):
            return
        self._pieces = unpack(self._pieces)
        self._held = self._next()
        if is_packed(bytes(self._held[:4])):
            message = f"is packed more than once; unpack it, or write cleaned copies: clean-scrape {path} OUT"
            raise InputError(message, source=str(path), reason="nested")

    def _hashed(self, file: BinaryIO) -> Iterator[bytes]:
        while piece := file.read(_PIECE):
            self._hash.update(piece)
            yield piece

    def _next(self) -> memoryview:
        piece = next(self._pieces, b"")
        if isinstance(piece, Gap):  # the rows were read without one
            raise changed(self.path)
        return memoryview(piece)

    def take(self, size: int) -> Iterator[memoryview]:
        """Yield the next ``size`` bytes, fewer at the end, in pieces."""
        while size:
            self._held = self._held or self._next()
            if not self._held:
                return
            part = self._held[:size]
            self._held = self._held[len(part) :]
            size -= len(part)
            yield part

    def digest(self) -> bytes:
        """The hash of the bytes read."""
        return self._hash.digest()


def _copy(old: _Old, new: BinaryIO, edits: Iterator[Deletion]) -> None:
    """Write a file without the bytes that are taken out, which must stand where they were found."""
    at = 0
    for edit in edits:
        for piece in old.take(edit.start - at):
            new.write(piece)
        if b"".join(old.take(len(edit.data))) != edit.data:
            raise changed(old.path)
        at = edit.start + len(edit.data)
    for piece in old.take(sys.maxsize):
        new.write(piece)
