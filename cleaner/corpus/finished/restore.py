"""Restoring pages from their outputs and the report, with a proof that each is exact."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cleaner.corpus.finished.report import (
    Bodies,
    find_rows_file,
    parse_object,
    path_inside,
    plain_body,
    read_report_rows,
)
from cleaner.corpus.report_files import SUMMARY_FILE, shard_number
from cleaner.errors import CleanScrapeError, RestoreError
from cleaner.report.layer import layer_encoding, rebuild_layer


@dataclass(frozen=True, slots=True)
class Restored:
    """The page of one row of a report: its source and its text layer, or the ``problem`` why it cannot be restored.

    ``layer_name`` is a relative path under which a caller can save the layer.
    """

    source: str
    output: str
    layer: bytes = b""
    problem: str = ""

    @property
    def layer_name(self) -> str:
        """The name of the output, or of the source where many pages share one output."""
        return self.source if shard_number(self.output) is not None else self.output


def restore(out: Path) -> Iterator[Restored]:
    """Yield each page that the report of ``out`` has a row for, and at the end a problem when rows are missing.

    Raises InputError when there is no report.
    """
    report = find_rows_file(out)
    bodies, before = Bodies(out), Counter[str]()
    number = 0
    for number, row in enumerate(read_report_rows(report), 1):
        yield from _restore_row(out, number, row, (bodies, before))
    seen = _seen_inputs(report.with_name(SUMMARY_FILE))
    if seen not in (None, number):
        yield Restored(report.name, "", problem=f"has {number:,} rows, but {seen:,} inputs were seen; rows are missing")


def _seen_inputs(summary: Path) -> int | None:
    """Return how many inputs the sums of the report count, None when they cannot be read."""
    try:
        return int(json.loads(summary.read_bytes())["pages"]["seen"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def _restore_row(out: Path, number: int, data: bytes, written: tuple[Bodies, Counter[str]]) -> Iterator[Restored]:
    source = output = f"row {number}"
    bodies, before = written
    try:
        row = parse_object(data, "row of the report")
        source = str(row.get("source", source))
        if "error" in row:
            return
        output = str(row["output"])
        shared = shard_number(output) is not None
        path_inside(out, source if shared else output)
        nth = before[output]
        if shared:
            before[output] += 1
        yield Restored(source, output, _layer(row, bodies.output(row, nth)))
    except (CleanScrapeError, KeyError, TypeError, AttributeError) as error:
        what = str(error) if isinstance(error, CleanScrapeError) else f"its report row is damaged ({error!r})"
        yield Restored(source, output, problem=what)


def _layer(row: dict[str, Any], body: bytes) -> bytes:
    if sha256(body).hexdigest() != row["output_sha256"]:
        raise RestoreError("the output is not the one that was written; it was changed since")
    layer = rebuild_layer(plain_body(row, body), row["removed"], layer_encoding(row["kind"], row["encoding"]))
    if sha256(layer).hexdigest() != row["sha256"]:
        raise RestoreError("output and removed lines do not give the page back; the report was changed")
    return layer
