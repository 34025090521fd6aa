"""What the Arrow core adds to counting and cleaning: the same pages as a loop over them and as record batches."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cleaner
from bench.pages import items
from bench.scale.sizes import streamed
from bench.score import share
from bench.tables import Table
from cleaner.engines.arrow import TableOptions, Templates, clean_batches, count_batches, merge_counts
from cleaner.engines.files import join_reports, report_schema
from cleaner.errors import CleanScrapeError
from cleaner.read import read_page
from cleaner.sites.profile import SiteProfile

#: Rows of a batch.
ROWS = 50

#: The column ``site`` names the site of a page; pages are worked on in this process, where their CPU time is seen.
OPTIONS = TableOptions(site_key="site", limits=None)

Row = dict[str, Any]


def tables(data: Path, part: int) -> Iterator[Table]:
    """CPU milliseconds a page in turn, batch by batch."""
    rows = list(_rows(data, part))
    batches = [
        import_module("pyarrow").RecordBatch.from_pylist(rows[at : at + ROWS]) for at in range(0, len(rows), ROWS)
    ]
    known = Templates(merge_counts(count_batches(batches, OPTIONS)))
    steps: dict[str, Callable[[Any], object]] = {
        "count": lambda batch: _over(batch, lambda row: SiteProfile.of(read_page(row["html"], kind="html"))),
        "count_batches": lambda batch: list(count_batches([batch], OPTIONS)),
        "clean": lambda batch: _over(batch, lambda row: cleaner.clean(row["html"], site=known.find(row["site"]))),
        "clean_batches": lambda batch: list(clean_batches([batch], known, OPTIONS)),
    }
    for step in steps.values():  # what is loaded once is loaded then
        step(batches[0])
    spent: Counter[str] = Counter()
    for batch in batches:
        for name, step in steps.items():
            start = time.process_time_ns()
            step(batch)
            spent[name] += time.process_time_ns() - start
    found: dict[str, dict[str, object]] = {}
    for loop, core in (("count", "count_batches"), ("clean", "clean_batches")):
        ms = [spent[name] / 1e6 / len(rows) for name in (loop, core)]
        found[loop] = {"in a loop": ms[0], "through the core": ms[1], "ratio": share(ms[1], ms[0])}
    note = "The loop counts or cleans, no more; the core names pages and makes records and report rows of them, too."
    yield Table(f"The Arrow core: CPU milliseconds a page, {len(rows):,} pages in batches of {ROWS}", found, note)
    cleaned = [made for batch in batches for made in clean_batches([batch], known, OPTIONS)]
    sizes = {column: _sizes(cleaned, column, len(rows)) for column in ("text", "removed", "report")}
    yield Table("What comes out: bytes a page by column, plain and packed with zstd", sizes)
    yield Table("Parts of a report joined by the first process", {"joined": joined(cleaned)})


def joined(cleaned: Sequence[Any]) -> dict[str, float]:
    """CPU time of joining the report of a run on engines, which has a part for each portion of the inputs."""
    pa = import_module("pyarrow")
    table = pa.concat_tables(pa.Table.from_batches([batch]) for batch in cleaned)
    columns = {field.name: pa.nulls(len(table), field.type) for field in report_schema()}
    rows = pa.table(columns | {"json": table["report"]}, schema=report_schema())
    with TemporaryDirectory(prefix="bench-scale-") as below:
        parts = [Path(below, f"{number}.parquet") for number in range(4)]
        for part in parts:
            import_module("pyarrow.parquet").write_table(rows, part, compression="zstd")
        start = time.process_time()
        join_reports(parts, Path(below, "all.parquet"))
        spent, pages = time.process_time() - start, len(rows) * len(parts)
        size = sum(part.stat().st_size for part in parts)
    return {
        "ms a page": spent * 1000 / pages,
        "MB/s": size / 1e6 / spent,
        "hours for 1e9 pages": spent / pages * 1e9 / 3600,
    }


def _sizes(batches: Sequence[Any], column: str, pages: int) -> dict[str, float]:
    """Bytes of a column of record batches."""
    alone = [batch.select([column]) for batch in batches]
    return {"plain": sum(batch.nbytes for batch in alone) / pages, "zst": streamed(alone) / pages}


def _rows(data: Path, part: int) -> Iterable[Row]:
    index = json.loads((data / "sites" / "index.json").read_text("utf-8"))
    for item in items(data, "sites", part):
        yield {"id": item.name, "site": index[item.name]["site"], "html": item.html(data)}


def _over(batch: Any, step: Callable[[Row], object]) -> None:
    for row in batch.to_pylist():
        with suppress(CleanScrapeError):
            step(row)
