"""Putting pages back together from their outputs and the report, and proving that it worked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cleaner.corpus.finished.report import Bodies, inside, parsed, plain_body, report_of, rows_of
from cleaner.corpus.report_files import SUMMARY_FILE, shard_number
from cleaner.errors import CleanScrapeError, RestoreError
from cleaner.report.layer import layer_encoding, rebuild_layer


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
    report = report_of(out)
    bodies, before = Bodies(out), Counter[str]()
    number = 0
    for number, row in enumerate(rows_of(report), 1):
        yield from _restored(out, number, row, (bodies, before))
    seen = _seen(report.with_name(SUMMARY_FILE))
    if seen not in (None, number):
        yield Restored(report.name, "", problem=f"has {number:,} rows, but {seen:,} inputs were seen; rows are missing")


def _seen(summary: Path) -> int | None:
    """How many inputs the sums of the report speak of, None when they cannot be read."""
    try:
        return int(json.loads(summary.read_bytes())["pages"]["seen"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def _restored(out: Path, number: int, data: bytes, written: tuple[Bodies, Counter[str]]) -> Iterator[Restored]:
    source = output = f"row {number}"
    bodies, before = written
    try:
        row = parsed(data, "row of the report")
        source = str(row.get("source", source))
        if "error" in row:
            return
        output = str(row["output"])
        shared = shard_number(output) is not None
        inside(out, source if shared else output)
        nth = before[output]
        if shared:
            before[output] += 1
        yield Restored(source, output, _layer(row, bodies.of(row, nth)))
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
