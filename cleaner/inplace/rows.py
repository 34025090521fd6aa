"""Data files with a page in each row: the byte ranges of the lines that are removed from a row.

Only bytes of the text are removed, whole lines with their ends. Everything else in the file stays, and so does a row
that cannot be read. Files of any size are read in bounded memory.
"""

from __future__ import annotations

import codecs
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cleaner.corpus.inputs.formats import extract_page, form_of
from cleaner.corpus.items import Fields, Item
from cleaner.diff import Span
from cleaner.errors import CleanScrapeError, InputError, UnreadableError
from cleaner.files.codecs import is_packed
from cleaner.files.json_lines import LineSplitter, NumberedLine
from cleaner.files.json_spans import row_span
from cleaner.files.members import Gap, Pieces
from cleaner.files.opening import PAGE_CAP, open_regular
from cleaner.files.unpacking import pieces_of
from cleaner.inplace.json_strings import delete_spans, join_spans, line_spans
from cleaner.lines.display import display_name
from cleaner.pipeline import clean
from cleaner.records import Cleaned
from cleaner.settings.record import Settings
from cleaner.sites.finder import TemplateFinder
from cleaner.workers.pool import message_without_source

#: Bytes from which a data file is worth more than one worker.
LARGE_FILE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class DataRow:
    """One row of a data file.

    ``number`` counts the lines of the file from 1; 0 stands for the file as a whole. ``start`` is the
    offset of ``line``, its bytes, in the unpacked file. ``error`` is the reason when it cannot be read.
    ``packed`` is true for rows of a compressed file.
    """

    path: Path
    number: int
    start: int = 0
    line: bytes = b""
    error: CleanScrapeError | None = None
    packed: bool = False

    @property
    def source(self) -> str:
        """The name of the row in reports: ``pages.jsonl:12``."""
        name = display_name(self.path.as_posix())
        return f"{name}:{self.number}" if self.number else name

    @property
    def size(self) -> int:
        """The length of the row in bytes."""
        return len(self.line)


@dataclass(frozen=True, slots=True)
class RowCleaned:
    """A cleaned row: its page, its id or else its URL, and the range of its bytes of each line that is removed.

    Lines of HTML pages have no such range.
    """

    cleaned: Cleaned
    label: str
    spans: tuple[Span, ...]

    @property
    def joined_spans(self) -> tuple[Span, ...]:
        """The ranges, with lines in succession as one."""
        return join_spans(self.spans)


def is_data_file(path: Path) -> bool:
    """True for the names of files whose rows hold pages."""
    return form_of(path.name) == "jsonl"


def is_large(path: Path) -> bool:
    """True for a data file of LARGE_FILE_BYTES and more."""
    try:
        return is_data_file(path) and path.lstat().st_size >= LARGE_FILE_BYTES
    except OSError:
        return False


def patch_hindrance(path: Path) -> str:
    """Return why there can be no patch of a data file, "" when there can be one. Raises InputError."""
    with open_regular(path, str(path)) as file:
        if is_packed(file.read(4)):
            return "is compressed"
        large = os.fstat(file.fileno()).st_size > PAGE_CAP
        return f"is larger than {PAGE_CAP // 2**20} MB" if large else ""


def read_data_rows(path: Path) -> Iterator[DataRow]:
    """Yield the rows of a file, compressed or not, without blank ones.

    A row with an error and the number 0 is the last one: from there on the file could not be read.
    """
    source, read = display_name(path.as_posix()), 0
    try:
        packed = _is_packed(path, source)
        for number, start, line, too_long in _lines(_whole(pieces_of(path, source))):
            read = number
            if too_long:
                yield DataRow(path, number, start, error=_too_long(f"{source}:{number}"))
                continue
            mark = len(codecs.BOM_UTF8) if number == 1 and line.startswith(codecs.BOM_UTF8) else 0
            if line[mark:].strip():
                yield DataRow(path, number, start + mark, line[mark:], packed=packed)
    except CleanScrapeError as error:
        rest = f"; nothing after line {read:,} was read" if read else ""
        yield DataRow(
            path, 0, error=type(error)(message_without_source(error) + rest, source=source, reason=error.reason)
        )


def _is_packed(path: Path, source: str) -> bool:
    with suppress(OSError), open_regular(path, source) as file:
        return is_packed(file.read(4))
    return False  # reading the rows reports why the file cannot be read


def _too_long(source: str) -> UnreadableError:
    message = f"is longer than {PAGE_CAP // 2**20} MB, the most that a page may have"
    return UnreadableError(message, source=source, reason="too-big")


def _whole(pieces: Pieces) -> Iterator[bytes]:
    """Yield the pieces of a file up to its first damage; raises UnreadableError there."""
    for piece in pieces:
        if isinstance(piece, Gap):
            raise UnreadableError(f"{piece.what}; fetch the file again", reason=piece.reason)
        yield piece


def _lines(pieces: Iterator[bytes]) -> Iterator[NumberedLine]:
    lines = LineSplitter()
    for piece in pieces:
        yield from lines.add(piece)
    yield from lines.rest()


def clean_row(row: DataRow, fields: Fields, settings: Settings, sites: TemplateFinder | None = None) -> RowCleaned:
    """Clean the page of a row without writing. An HTML page gets no ranges of bytes to remove.

    Raises CleanScrapeError when the row cannot be read or holds no page.
    """
    if row.error:
        raise row.error
    page = extract_page(Item(row.source, row.source, "jsonl", data=row.line), fields)
    site = sites.for_file(row.path, row.number, page.fields) if sites else None
    cleaned = clean(page.data, source=row.source, url=page.url, kind=page.kind, settings=settings, site=site)
    in_place = cleaned.page.kind == "text" and cleaned.dropped
    return RowCleaned(cleaned, page.id or page.url or "", _removed_spans(row, fields, cleaned) if in_place else ())


def _removed_spans(row: DataRow, fields: Fields, cleaned: Cleaned) -> tuple[Span, ...]:
    """Return the range in the bytes of a row of each line that is removed.

    Proves that the string without these ranges is the clean text. Raises InputError where it is not.
    """
    start, end = row_span(row.line, fields.text)
    spans = line_spans(row.line, (start + 1, end - 1))
    if len(spans) == len(cleaned.verdicts):
        removed = tuple(span for span, verdict in zip(spans, cleaned.verdicts, strict=True) if not verdict.keep)
        kept = delete_spans(row.line[:end], removed)[start:]
        if json.loads(kept.decode("utf-8", "replace")) == cleaned.text:
            return removed
    raise InputError("its lines and bytes do not match; please report this row", source=row.source, reason="tally")
