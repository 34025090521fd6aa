"""Reading a report: its rows, in order, and the bodies of its pages."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

from cleaner.corpus.report_files import REPORT_FOLDER, ROWS_FILE, TABLE_FILE, shard_number
from cleaner.errors import InputError, RestoreError
from cleaner.files.opening import open_regular
from cleaner.report.layer import layer_encoding


def find_rows_file(out: Path) -> Path:
    """Return the file with the rows of an output folder's report. Raises InputError when there is none."""
    report = next((file for name in (ROWS_FILE, TABLE_FILE) if (file := out / REPORT_FOLDER / name).is_file()), None)
    if report is None:
        message = f"there is no report {out / REPORT_FOLDER / ROWS_FILE}; name a folder that clean-scrape wrote"
        raise InputError(message, source=str(out))
    return report


def read_report_rows(report: Path) -> Iterator[bytes]:
    """Yield the rows of a report as lines of JSON."""
    if report.name == TABLE_FILE:
        from cleaner.corpus.outputs.parquet_report import json_rows  # noqa: PLC0415 (pyarrow, an extra)

        yield from json_rows(report)
        return
    with report.open("rb") as rows:
        yield from rows


def parse_object(data: bytes, what: str) -> dict[str, Any]:
    """Parse a row or a record; ``what`` names it in errors. Raises RestoreError when it is no JSON object."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RestoreError(f"the {what} is not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise RestoreError(f"the {what} is missing or not an object")
    return value


def path_inside(out: Path, output: str) -> Path:
    """Return the path of an output. Raises RestoreError when it would lie outside the folder ``out``."""
    parts = PurePath(output).parts
    if PurePath(output).is_absolute() or ".." in parts:
        raise RestoreError("its report row names a file outside the output folder")
    return out.joinpath(*parts)


class Bodies:
    """The bodies below an output folder.

    A body in a shard is found by the number of earlier rows that name the shard; reading them in order is cheap.
    ``growing`` is the folder of unfinished shards, which are JSON Lines in every format.
    """

    def __init__(self, out: Path, growing: Path | None = None) -> None:
        self._out, self._growing = out, growing
        self._shard, self._next = "", 0
        self._records: Iterator[bytes] = iter(())

    def plain(self, row: dict[str, Any], nth: int) -> bytes:
        """Return the plain body of a page, whatever its output is; see ``output``."""
        return plain_body(row, b"" if "body" in row else self.output(row, nth))

    def output(self, row: dict[str, Any], nth: int) -> bytes:
        """Return the output of a page; ``nth`` is the number of earlier rows that name the same output.

        Raises InputError and RestoreError, and LookupError and TypeError for a damaged row.
        """
        output = str(row["output"])
        if shard_number(output) is not None:
            return _record_body(row, self._record(output, nth), output)
        with open_regular(path_inside(self._out, output), output) as file:  # of any size: UTF-16 makes bodies larger
            return file.read()

    def _record(self, shard: str, nth: int) -> bytes:
        if shard != self._shard or nth < self._next:
            place = self._growing / Path(shard).with_suffix(".jsonl") if self._growing else self._out / shard
            self._shard, self._next, self._records = shard, 0, _records_of(place)
        data = b"null"
        while self._next <= nth:
            data = next(self._records, b"null")
            self._next += 1
        return data


def _records_of(shard: Path) -> Iterator[bytes]:
    if shard.suffix == ".parquet":
        from cleaner.corpus.outputs.parquet_shards import Records  # noqa: PLC0415 (pyarrow, an extra)

        with Records(shard) as records:
            yield from records
        return
    with open_regular(shard, shard.name) as rows:
        yield from rows


def _record_body(row: dict[str, Any], data: bytes, shard: str) -> bytes:
    record = parse_object(data, f"record of {shard}")
    if record.get("source") != row["source"]:
        raise RestoreError(f"{shard} does not hold its record in the order of the report")
    return _bytes_of(record, ("text", "raw"), row, f"its record in {shard}")


def plain_body(row: dict[str, Any], output: bytes) -> bytes:
    """Return the plain body of a page. The row holds it where the output is something else, such as Markdown.

    Raises RestoreError.
    """
    return _bytes_of(row, ("body", "raw_body"), row, "its report row") if "body" in row else output


def _bytes_of(holder: dict[str, Any], names: tuple[str, str], row: dict[str, Any], what: str) -> bytes:
    """Return a plain body: base64 under the second of two names, where ``holder`` has it, else text under the first."""
    text, raw = names
    try:
        if raw in holder:
            return base64.b64decode(holder[raw], validate=True)
        return str(holder[text]).encode(layer_encoding(row["kind"], row["encoding"]))
    except (UnicodeError, LookupError, binascii.Error) as error:
        raise RestoreError(f"{what} is damaged: {error}") from error
