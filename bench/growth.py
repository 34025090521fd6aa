"""Growth of time and memory with the size of a page, and what the first page costs."""

from __future__ import annotations

import json
import subprocess
import sys

from bench.score import share
from bench.tables import Table
from cleaner.records import Kind

#: Sizes of generated pages, in MB.
SIZES = (0.01, 0.1, 1.0, 10.0, 30.0)
KINDS: tuple[Kind, ...] = ("html", "text")

#: Fresh interpreters started; the median is shown.
STARTS = 7


def tables() -> list[Table]:
    """Time and memory by size, for HTML and text."""
    made = []
    for kind in KINDS:
        rows: dict[str, dict[str, object]] = {}
        for size in SIZES:
            found = _child(kind, str(size))
            megabytes = found["bytes"] / 1e6
            rows[f"{size:g} MB"] = {
                "CPU s": found["seconds"],
                "CPU s a MB": found["seconds"] / megabytes,
                "of parsing": share(found["seconds"], found["parsing"]) if kind == "html" else None,
                "peak MB": found["peak"],
                "peak MB above the start, a MB": (found["peak"] - found["before"]) / megabytes,
            }
        note = "Generated pages with few tags, which are cheap to parse: growth counts here, not the ratio itself."
        made.append(Table(f"Growth with page size: {kind}", rows, note))
    return made


def start_tables() -> list[Table]:
    """What ``import cleaner`` and one small page cost in a fresh interpreter."""
    runs = [_child("start") for _ in range(STARTS)]
    row = {figure: sorted(run[figure] for run in runs)[STARTS // 2] for figure in runs[0]}
    return [Table(f"Start: seconds in a fresh interpreter, median of {STARTS}", {"clean-scrape": row})]


def _child(*arguments: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.child", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)  # noqa: S603 - our own module
    found: dict[str, float] = json.loads(done.stdout)
    return found
