"""Files made to be slow to unpack, to split into records or to search for a field; and the start of a program."""

from __future__ import annotations

import gzip
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from bench.timed.bounds import Call, Figure, TimeBound, duration, growth
from cleaner.corpus.inputs.formats import form_of, read_items
from cleaner.corpus.items import Fields
from cleaner.errors import UnreadableError
from cleaner.files.json_spans import row_span
from cleaner.files.unpacking import unpacked
from cleaner.inplace.rows import read_data_rows

#: Rows of JSON by what is repeated in them.
ROWS = ('\\"', "\\\\", "[]", '"",', '{"a":')

#: Beginnings of gzip members and zstd frames that are none.
STARTS = {"head": b"\x1f\x8b\x08\x00", "name": b"\x1f\x8b\x08\x08", "zstd": b"\x28\xb5\x2f\xfd"}

#: Beginnings of records of WARC files.
_RESPONSE = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http; msgtype=response\r\n"
RECORDS = {
    "starts": b"WARC/1.0\r\n",
    "heads": b"WARC/1.0\r\nA:\r\n\r\n",
    "too long": _RESPONSE + b"Content-Length: 60000000\r\n\r\nx\r\n\r\n",
    "no length": _RESPONSE + b"Content-Length: \r\n\r\nx\r\n\r\n",
    "newlines": b"\r\n\r\n",
    "empty": b"WARC/1.0\r\nContent-Length: 0\r\n\r\n",
}

#: Milliseconds of CPU time that `import cleaner` may take.
MAX_IMPORT_MS = 150.0


def bounds() -> Iterator[TimeBound]:
    """Yield one bound per unit that is repeated, one for blank lines, one for the start."""
    for unit in ROWS:
        yield growth(f"row of {unit}", lambda n, unit=unit: _row(unit, n), 400_000, at_most=12.0)  # type: ignore[misc]
    for name, start in STARTS.items():
        yield growth(f"false {name}", lambda n, start=start: _unpacking(start, n), 8_000_000, at_most=10.0)  # type: ignore[misc]
    yield growth("empty members", lambda n: _unpacking(gzip.compress(b"", mtime=0), 20 * n), 80_000, at_most=8.0)
    for name, record in RECORDS.items():
        yield growth(f"WARC of {name}", lambda n, record=record: _splitting(record, n), 800_000, at_most=9.0)  # type: ignore[misc]
    yield duration("14 MB of blank lines", _blank_lines, at_most_ms=1000.0)
    yield TimeBound("import cleaner", MAX_IMPORT_MS, "ms", _import_figure)


def _row(unit: str, size: int) -> Call:
    body = unit * size
    values = f'"x":[{body}""],"text":"t"' if unit[0] != "\\" else f'"text":"{body}"'
    line = f"{{{values}}}".encode()

    def call() -> None:
        with suppress(UnreadableError):
            row_span(line)

    return call


def _unpacking(unit: bytes, size: int) -> Call:
    data = unit * (size // len(unit))

    def call() -> None:
        with suppress(UnreadableError):
            unpacked(data, "a")

    return call


def _splitting(unit: bytes, size: int) -> Call:
    return _with_file("a.warc", unit * (size // len(unit)), _items)


def _items(path: Path) -> None:
    for _ in read_items(form_of(path.name), path, path.name, path.name, Fields()):
        pass


def _blank_lines() -> None:
    _with_file("a.jsonl", b"\n" * 8_000_000 + b" \r\n" * 2_000_000, lambda path: list(read_data_rows(path)))()


def _with_file(name: str, data: bytes, use: Callable[[Path], object]) -> Call:
    def call() -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            use(path)

    return call


def _import_figure() -> Figure:
    """The least CPU milliseconds of an import in a fresh interpreter, of five."""
    script = "import time; t = time.process_time(); import cleaner; print((time.process_time() - t) * 1000)"
    command = [sys.executable, "-c", script]
    ended = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(5)]  # noqa: S603
    return Figure(min(float(one.stdout) for one in ended))
