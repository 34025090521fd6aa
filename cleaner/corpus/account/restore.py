"""Putting pages back together from their outputs and the report, and proving that it worked."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Any

from cleaner.corpus.account.parts import ROWS, TABLE, shard_number
from cleaner.corpus.inputs import REPORT
from cleaner.corpus.inputs.opening import open_regular
from cleaner.errors import CleanScrapeError, InputError, RestoreError
from cleaner.report.layer import layer_encoding, rebuild


@dataclass(frozen=True, slots=True)
class Restored:
    """One row of a report: the page's source and text layer, or what was wrong with it.

    ``layer_name`` is a path to write the layer to, below a folder of the caller's.
    """

    source: str
    output: str
    layer: bytes = b""
    problem: str = ""

    @property
    def layer_name(self) -> str:
        """The name of the output; that of the source where many pages share one output."""
        return self.source if shard_number(self.output) is not None else self.output


def restore(out: Path) -> Iterator[Restored]:
    """Yield each page that the report of ``out`` says was written, and a last problem when rows are missing.

    Raises InputError when there is no report.
    """
    report = next((file for name in (ROWS, TABLE) if (file := out / REPORT / name).is_file()), None)
    if report is None:
        message = f"there is no report {out / REPORT / ROWS}; name a folder that clean-scrape wrote"
        raise InputError(message, source=str(out))
    records = _Records(out)
    number = 0
    for number, row in enumerate(_rows(report), 1):
        yield from _restored(out, number, row, records)
    seen = _seen(report.with_name("summary.json"))
    if seen not in (None, number):
        yield Restored(report.name, "", problem=f"has {number:,} rows, but {seen:,} inputs were seen; rows are missing")


def _rows(report: Path) -> Iterator[bytes]:
    """The rows of a report as lines of JSON."""
    if report.name == TABLE:
        from cleaner.corpus.outputs.parquet_report import json_rows  # noqa: PLC0415 (pyarrow, an extra)

        yield from json_rows(report)
        return
    with report.open("rb") as rows:
        yield from rows


def _seen(summary: Path) -> int | None:
    """How many inputs the sums of the report speak of, None when they cannot be read."""
    try:
        return int(json.loads(summary.read_bytes())["pages"]["seen"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def _restored(out: Path, number: int, data: bytes, records: _Records) -> Iterator[Restored]:
    source = output = f"row {number}"
    try:
        row = _parsed(data, "row of the report")
        source = str(row.get("source", source))
        if "error" in row:
            return
        output = str(row["output"])
        shared = shard_number(output) is not None
        place = _inside(out, source if shared else output)
        body = _record_body(row, records.next(output), output) if shared else _body(place, output)
        yield Restored(source, output, _layer(row, body))
    except (CleanScrapeError, KeyError, TypeError, AttributeError) as error:
        what = str(error) if isinstance(error, CleanScrapeError) else f"its report row is damaged ({error!r})"
        yield Restored(source, output, problem=what)


def _layer(row: dict[str, Any], body: bytes) -> bytes:
    if sha256(body).hexdigest() != row["output_sha256"]:
        raise RestoreError("the output is not the one that was written; it was changed since")
    if "body" in row:  # the output is Markdown
        body = _bytes_of(row, ("body", "raw_body"), row, "its report row")
    layer = rebuild(body, row["removed"], layer_encoding(row["kind"], row["encoding"]))
    if sha256(layer).hexdigest() != row["sha256"]:
        raise RestoreError("output and removed lines do not give the page back; the report was changed")
    return layer


def _inside(out: Path, output: str) -> Path:
    """Where an output lies; a report must not make us read or write elsewhere."""
    parts = PurePath(output).parts
    if PurePath(output).is_absolute() or ".." in parts:
        raise RestoreError("its report row names a file outside the output folder")
    return out.joinpath(*parts)


class _Records:
    """The records of an output folder's shards, one after the other."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._shard = ""
        self._records: Iterator[bytes] = iter(())

    def next(self, shard: str) -> bytes:
        """The next record of a shard, ``null`` behind the last."""
        if shard != self._shard:
            self._shard, self._records = shard, _records_of(self._out / shard)
        return next(self._records, b"null")


def _records_of(shard: Path) -> Iterator[bytes]:
    if shard.suffix == ".parquet":
        from cleaner.corpus.outputs.parquet_shards import Records  # noqa: PLC0415 (pyarrow, an extra)

        with Records(shard) as records:
            yield from records
        return
    with open_regular(shard, shard.name) as rows:
        yield from rows


def _body(path: Path, output: str) -> bytes:
    """An output, of any size: UTF-16 and longer names for characters make a body larger than its page."""
    with open_regular(path, output) as file:
        return file.read()


def _record_body(row: dict[str, Any], data: bytes, shard: str) -> bytes:
    record = _parsed(data, f"record of {shard}")
    if record.get("source") != row["source"]:
        raise RestoreError(f"{shard} does not hold its record in the order of the report")
    return _bytes_of(record, ("text", "raw"), row, f"its record in {shard}")


def _bytes_of(held: dict[str, Any], names: tuple[str, str], row: dict[str, Any], what: str) -> bytes:
    """A plain body that is held under the first of two names, or where that is not exact under the second."""
    text, raw = names
    try:
        if raw in held:
            return base64.b64decode(held[raw], validate=True)
        return str(held[text]).encode(layer_encoding(row["kind"], row["encoding"]))
    except (UnicodeError, LookupError, binascii.Error) as error:
        raise RestoreError(f"{what} is damaged: {error}") from error


def _parsed(data: bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RestoreError(f"the {what} is not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise RestoreError(f"the {what} is missing or not an object")
    return value
