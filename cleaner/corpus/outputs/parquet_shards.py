"""Shards of records as Parquet: written from finished JSON Lines, and read back as the same lines, byte for byte.

Needs the extra ``arrow``. One row for each record, in the same order, with these columns:

| column | type | meaning |
|---|---|---|
| `id`, `source`, `url`, `text`, `title`, `language` | string | as in JSON Lines |
| `confidence` | double | expected F1 of the body, 0 to 1 |
| `notes` | list of struct (`code`, `why`) | what to know about the whole page |
| `lines`, `words` | struct (`kept`, `removed`), int64 | how many were kept and removed |
| `removed` | list of struct (`line`, `code`, `score`, `why`, `text`, `newline`, `start`, `raw`) | every removed line; \
`raw` is null unless needed |
| `raw` | string | base64 of the body, null unless `text` does not encode to it |
| `metadata` | struct (`author`, `date`, `site_name`, `description`), strings | null without `--metadata` |
| `fields` | string | the other fields of the input row as one JSON object, null when there are none |
| `json` | string | the whole record, only where the columns cannot hold it exactly (lone surrogates); else null |

All shards have the same columns. Where `json` is not null, the others hold what fits into them.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from importlib import import_module
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import Any

from cleaner.errors import InputError, requires_extra
from cleaner.files.opening import open_regular
from cleaner.read.metadata import NAMES
from cleaner.report.rows import Row, to_json
from cleaner.workers.batches import split_into_batches

#: Most records, and most bytes of JSON, of a row group; a longer record has a row group of its own.
GROUP_ROWS, GROUP_BYTES = 1_000, 8_000_000

#: Bytes of JSON that are Python objects at the same time; the objects take about ten times as much memory.
_PIECE_BYTES = 1_000_000

#: Set here, so that the bytes of a file do not follow the defaults of a library. Statistics (least and greatest value
#: of a row group) are of no use for texts, and take four times the size of the texts in memory.
_WRITING = {
    "compression": "zstd",
    "compression_level": 3,
    "write_statistics": ["id", "source", "url", "language", "confidence"],
}

#: Fields with a deeper nesting are stored as the JSON text of the record, so that no reader runs out of stack.
_MAX_FIELD_DEPTH = 100

_TEXT, _WHOLE, _REAL = "string", "int64", "float64"
_KINDS = {_TEXT: str, _WHOLE: int, _REAL: float}
_COUNTS = {"kept": _WHOLE, "removed": _WHOLE}
_REMOVED = {
    "line": _WHOLE,
    "code": _TEXT,
    "score": _REAL,
    "why": _TEXT,
    "text": _TEXT,
    "newline": _TEXT,
    "start": _WHOLE,
    "raw": _TEXT,
}
_COLUMNS: dict[str, Any] = {
    "id": _TEXT,
    "source": _TEXT,
    "url": _TEXT,
    "text": _TEXT,
    "title": _TEXT,
    "language": _TEXT,
    "confidence": _REAL,
    "notes": [{"code": _TEXT, "why": _TEXT}],
    "lines": _COUNTS,
    "words": _COUNTS,
    "removed": [_REMOVED],
    "raw": _TEXT,
    "metadata": dict.fromkeys(NAMES, _TEXT),
}
_ADDED = {"fields": _TEXT, "json": _TEXT}

#: The fields of a record.
RECORD_FIELDS = tuple(_COLUMNS)

# One class, no repeat: linear, both.
_SURROGATE = re.compile("[\ud800-\udfff]")
_BRACKET = re.compile(r"[\[\]{}]")


def convert(spool: Path, target: Path) -> None:
    """Write the records of the JSON Lines file ``spool`` to the Parquet file ``target``.

    ``target`` is complete only when this returns, so pass a temporary name and rename the file afterwards.
    Raises InputError when ``spool`` is damaged or pyarrow is missing, OSError when writing fails.
    """
    pa, pq = _arrow()
    schema = schema_of(pa)
    with (
        spool.open("rb") as file,
        target.open("wb") as sink,
        pq.ParquetWriter(sink, schema, **_WRITING) as writer,
    ):
        for group in split_into_batches(file, GROUP_ROWS, GROUP_BYTES, len):
            pieces = split_into_batches(group, GROUP_ROWS, _PIECE_BYTES, len)
            rows = ([row_of(line, spool) for line in piece] for piece in pieces)
            batches = [pa.RecordBatch.from_pylist(piece, schema=schema) for piece in rows]
            writer.write_table(pa.Table.from_batches(batches, schema), len(group))


class Records:
    """The records of a Parquet shard as lines of JSON: by number, from 0, or all in order.

    The row group that was read last stays in memory. Raises InputError when the shard cannot be read.
    """

    def __init__(self, path: Path) -> None:
        pa, pq = _arrow()
        self._path = path
        self._bytes = open_regular(path, str(path))  # pyarrow would follow links, and refuse paths that are no UTF-8
        self._faults = (OSError, pa.ArrowException)
        self._group = -1
        self._table: Any = None
        try:
            self._file = pq.ParquetFile(self._bytes)
        except self._faults as error:
            self.close()
            raise self._damaged(error) from error
        if not self._file.schema_arrow.equals(schema_of(pa)):
            self.close()
            raise self._damaged("its columns are not those of a shard")
        meta = self._file.metadata
        sizes = (meta.row_group(number).num_rows for number in range(meta.num_row_groups))
        self._starts: list[int] = list(accumulate(sizes, initial=0))

    def __enter__(self) -> Records:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._bytes.close()

    def __len__(self) -> int:
        return self._starts[-1]

    def __iter__(self) -> Iterator[bytes]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, nth: int) -> bytes:
        if not 0 <= nth < len(self):
            raise IndexError(f"{self._path} holds {len(self):,} records, none with the number {nth}")
        group = bisect_right(self._starts, nth) - 1
        try:
            if group != self._group:
                self._table = None  # two groups at once would take twice the memory
                self._table = self._file.read_row_group(group, use_threads=False)
                self._group = group
            [row] = self._table.slice(nth - self._starts[group], 1).to_pylist()
            return _line(row)
        except (*self._faults, ValueError, TypeError, RecursionError) as error:
            raise self._damaged(error) from error

    def _damaged(self, why: object) -> InputError:
        message = f"{self._path} cannot be read as a Parquet shard of clean-scrape ({why}); run clean-scrape again"
        return InputError(message, source=str(self._path))


def _arrow() -> tuple[Any, Any]:
    """Import pyarrow and pyarrow.parquet, which takes a fifth of a second and which many runs do not need."""
    with requires_extra("arrow", "Parquet needs pyarrow"):
        return import_module("pyarrow"), import_module("pyarrow.parquet")


def schema_of(pa: Any) -> Any:
    """The columns of a shard."""
    return pa.schema([(name, _type(pa, shape)) for name, shape in (_COLUMNS | _ADDED).items()])


def _type(pa: Any, shape: Any) -> Any:
    """The Arrow type of a shape, as in ``_COLUMNS``."""
    if isinstance(shape, dict):
        return pa.struct([(name, _type(pa, inner)) for name, inner in shape.items()])
    if isinstance(shape, list):
        return pa.list_(_type(pa, shape[0]))
    return getattr(pa, shape)()


def row_of(line: bytes, spool: Path) -> Row:
    """The row of a record, a line of JSON; its column ``json`` is filled when the others do not hold the whole line.

    Raises InputError, which names the file ``spool``, when the line is not a complete line of UTF-8.
    """
    try:
        record = json.loads(line)
        row = {name: _fit(record.get(name), shape) for name, shape in _COLUMNS.items()}
        others = {name: value for name, value in record.items() if name not in _COLUMNS}
        row["fields"] = to_json(others).decode("utf-8")[:-1] if others else None
        same = _line(row) == line and not _deep(row["fields"] or "")
    except (ValueError, AttributeError, RecursionError):  # not a record of ours; its text is kept as it is
        row, same = {}, False
    return row if same else row | {"json": _whole(line, spool)}


def _whole(line: bytes, spool: Path) -> str:
    try:
        whole = line.decode("utf-8")
    except UnicodeDecodeError:
        whole = ""
    if not whole.endswith("\n"):
        message = f"{spool} is damaged or cut off, near {line[:80]!r}; run clean-scrape again, starting over"
        raise InputError(message, source=str(spool))
    return whole[:-1]


def _fit(value: object, shape: Any) -> Any:
    """Return ``value`` converted for a column of this shape, with None for parts that do not fit."""
    if isinstance(shape, list):
        return [_struct(item, shape[0]) for item in value] if isinstance(value, list) else None
    return _struct(value, shape) if isinstance(shape, dict) else _leaf(value, shape)


def _struct(value: object, shape: dict[str, str]) -> Row | None:
    return {name: _leaf(value.get(name), inner) for name, inner in shape.items()} if isinstance(value, dict) else None


def _leaf(value: object, kind: str) -> object:
    if type(value) is not _KINDS[kind]:  # also for True, which is an int in Python
        return None
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    return None if isinstance(value, int) and not -(2**63) <= value < 2**63 else value


def _line(row: Row) -> bytes:
    """The line of JSON that a row was made from."""
    if row.get("json") is not None:
        return str(row["json"]).encode("utf-8") + b"\n"
    record = {name: _given(row[name]) for name in _COLUMNS if row[name] is not None}
    if row["metadata"] is not None:  # an inner null means that the page has no such value
        record["metadata"] = row["metadata"]
    return to_json(record | json.loads(row["fields"] or "{}"))


def _given(value: Any) -> Any:
    """Return the ``value`` of a column without the fields of structs that are null."""
    if isinstance(value, list):
        return [item and _given(item) for item in value]
    if isinstance(value, dict):
        return {name: item for name, item in value.items() if item is not None}
    return value


def _deep(text: str) -> bool:
    """True when JSON may nest deeper than is safe; brackets within strings count too."""
    if text.count("[") + text.count("{") <= _MAX_FIELD_DEPTH:
        return False
    steps = (1 if found[0] in "[{" else -1 for found in _BRACKET.finditer(text))
    return max(accumulate(steps)) > _MAX_FIELD_DEPTH
