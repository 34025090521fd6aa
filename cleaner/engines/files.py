"""The files of a run on an engine: shards of records and the report, as Parquet. They appear when they are complete.

The report has one row for each input, in these columns (``docs/engines.md``); those of pages are null for failures:

| column | type | meaning |
|---|---|---|
| `source`, `status` | string | as in `pages.jsonl` |
| `output` | string | the shard that has the record |
| `kind`, `language`, `title`, `url`, `site` | string | as in `pages.jsonl` |
| `confidence` | double | expected F1 of the body |
| `others` | int64 | with how many pages of its site it was compared |
| `lines_kept`, `lines_removed`, `words_kept`, `words_removed` | int64 | how many |
| `notes` | list of string | codes of notes on the page |
| `reason`, `message` | string | why it is no page; null for pages |
| `json` | string | the row of `pages.jsonl`, whole |
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from cleaner.corpus.journal.parts import MAX_SHARD_BYTES
from cleaner.corpus.outputs.parquet_shards import convert
from cleaner.corpus.task import CleanedItem
from cleaner.engines.rows import arrow
from cleaner.files.atomic import atomic_path
from cleaner.files.opening import hash_of
from cleaner.report.rows import Row, to_json

#: Most rows, and most bytes, of a report that are in memory before they are written.
BATCH_ROWS, BATCH_BYTES = 1_000, 4 * 1024 * 1024

_WRITING = {"compression": "zstd", "compression_level": 3, "write_statistics": ["source", "status", "site", "reason"]}

_STRINGS = ("source", "status", "output", "kind", "language", "title", "url", "site")
_NUMBERS = ("lines_kept", "lines_removed", "words_kept", "words_removed")


def report_schema() -> Any:
    """The columns of the report."""
    pa = arrow()
    text, whole = pa.string(), pa.int64()
    names = [(name, text) for name in _STRINGS]
    names += [("confidence", pa.float64()), ("others", whole), *((name, whole) for name in _NUMBERS)]
    return pa.schema([*names, ("notes", pa.list_(text)), ("reason", text), ("message", text), ("json", text)])


class PortionFiles:
    """The files of a portion: shards and its part of the report, below ``place``. ``scratch`` is on this machine."""

    def __init__(self, scratch: Path, place: Path, number: int) -> None:
        self._scratch, self._place, self._number = scratch, place, number
        self._shards: dict[str, str] = {}
        self._spool: BinaryIO | None = None
        self._rows = (scratch / "rows").open("w+b")

    def __enter__(self) -> PortionFiles:
        return self

    def __exit__(self, *error: object) -> None:
        self._rows.close()
        if self._spool:
            self._spool.close()

    def page(self, done: CleanedItem) -> Row:
        """Write a page, and return the fields of its row that the sums need."""
        if self._spool is None:
            self._spool = (self._scratch / "records").open("wb")
        self._spool.write(done.body)
        self._rows.write(done.row(self._name))
        if self._spool.tell() >= MAX_SHARD_BYTES:
            self._close_shard()
        return done.brief

    def failure(self, row: Row) -> Row:
        """Write the row of an input that gave no page."""
        self._rows.write(to_json(row))
        return row

    def finish(self) -> dict[str, str]:
        """The shards by name, each with its sha256; they and the part of the report have their names then."""
        self._close_shard()
        self._rows.seek(0)
        with atomic_path(self._place / report_part_name(self._number)) as new:
            write_report(new, self._rows)
        return self._shards

    @property
    def _name(self) -> str:
        more = f"-{len(self._shards)}" if self._shards else ""
        return f"pages-{self._number:05}{more}.parquet"

    def _close_shard(self) -> None:
        if self._spool is None:
            return
        self._spool.close()
        self._spool = None
        name = self._name
        with atomic_path(self._place / name) as new:
            convert(self._scratch / "records", new)
        self._shards[name] = (hash_of(self._place / name) or b"").hex()


def report_part_name(number: int) -> str:
    """The file that holds the part of the report of a portion."""
    return f"{number:05}.report"


def write_report(path: Path, lines: Iterable[bytes]) -> None:
    """Write rows, as lines of JSON, as a table."""
    pa, schema = arrow(), report_schema()
    with _parquet().ParquetWriter(path, schema, **_WRITING) as writer:
        held: list[Row] = []
        filled = 0
        for line in lines:
            held.append(_flat(line))
            filled += len(line)
            if len(held) == BATCH_ROWS or filled > BATCH_BYTES:
                writer.write_batch(pa.RecordBatch.from_pylist(held, schema=schema))
                held, filled = [], 0
        if held:
            writer.write_batch(pa.RecordBatch.from_pylist(held, schema=schema))


def join_reports(parts: Iterable[Path], target: Path) -> None:
    """Write the parts of a report, in order, as one."""
    with atomic_path(target) as new, _parquet().ParquetWriter(new, report_schema(), **_WRITING) as writer:
        for part in parts:
            with _parquet().ParquetFile(part) as file:
                for group in range(file.num_row_groups):
                    writer.write_table(file.read_row_group(group, use_threads=False))


def _parquet() -> Any:
    arrow()
    return import_module("pyarrow.parquet")


def _flat(line: bytes) -> Row:
    """A row of the report as one of the table."""
    row = json.loads(line)
    error = row.get("error", {})
    flat: Row = {name: _text(row.get(name)) for name in _STRINGS}
    flat |= {name: row.get(name) for name in ("confidence", "others")}
    flat |= {name: row.get(name.partition("_")[0], {}).get(name.partition("_")[2]) for name in _NUMBERS}
    flat["notes"] = [note["code"] for note in row["notes"]] if "notes" in row else None
    return flat | {name: _text(error.get(name)) for name in ("reason", "message")} | {"json": line[:-1].decode("utf-8")}


def _text(value: str | None) -> str | None:
    """A string as a column can hold it: a lone surrogate, which JSON can hold, becomes a question mark."""
    return value if value is None or value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
