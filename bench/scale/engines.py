"""The same two passes over the same pages on each engine that is installed: what engines cost on one machine.

``python -m bench.scale.engines IN OUT`` is the run on Spark, which has no command line of its own.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from bench.pages import items
from bench.runs.measured import spent
from bench.tables import Table

#: Rows of an input file.
ROWS = 100

JOBS = 2


def tables(data: Path, part: int, below: Path | None) -> Iterator[Table]:
    """Seconds on the clock, CPU seconds of all processes and peak memory of each engine."""
    rows: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-scale-", dir=below) as folder:
        number = _pages(data, part, Path(folder, "pages"))
        for name, command in _commands(Path(folder, "pages")).items():
            done = spent([*command, f"{folder}/{name.replace(' ', '-')}"], memory=True)
            if done.code:
                raise SystemExit(f"{name} ended with {done.code}:\n{done.stderr}")
            rows[name] = {"seconds": done.seconds, "CPU s": done.cpu, "all PSS, MB": done.memory.together}
    note = f"{JOBS} cores, start and end included; Parquet in and out. CPU lacks what an engine does not wait for."
    yield Table(f"Two passes over {number:,} pages on engines", rows, note)


def _pages(data: Path, part: int, place: Path) -> int:
    """Write Parquet files of pages, with a column ``site``; their number."""
    place.mkdir()
    pa, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    index = json.loads((data / "sites" / "index.json").read_text("utf-8"))
    found = items(data, "sites", part)
    for first in range(0, len(found), ROWS):
        rows = [
            {"id": item.name, "site": index[item.name]["site"], "html": item.html(data)}
            for item in found[first : first + ROWS]
        ]
        parquet.write_table(pa.Table.from_pylist(rows), place / f"{first:06}.parquet")
    return len(found)


def _commands(pages: Path) -> dict[str, list[str]]:
    """Commands by engine, without the place that they write to."""
    options = ["--two-pass", "--site-key", "site", "--format", "parquet", "--jobs", str(JOBS), "--quiet"]
    local = [sys.executable, "-m", "cleaner", "run", *options]
    commands = {"local": [*local, str(pages)]}
    if find_spec("ray"):
        commands["Ray"] = [*local, "--engine", "ray", str(pages)]
    if find_spec("pyspark"):
        commands["Spark"] = [sys.executable, "-m", "bench.scale.engines", str(pages)]
    return commands


def on_spark(pages: str, out: str) -> None:
    """The run on Spark."""
    from cleaner.engines.arrow import TableOptions  # noqa: PLC0415 (needs extras)
    from cleaner.engines.spark import clean  # noqa: PLC0415

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else whatever is called python3
    spark = import_module("pyspark.sql").SparkSession.builder.master(f"local[{JOBS}]").getOrCreate()
    clean(spark.read.parquet(pages), TableOptions(site_key="site"), two_pass=True).write.parquet(out)
    spark.stop()


if __name__ == "__main__":
    on_spark(*sys.argv[1:])
