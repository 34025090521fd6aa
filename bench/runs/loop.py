"""``python -m bench.runs.loop IN OUT``: the bare library over a folder, for runs to be compared with; prints JSON.

It reads, cleans and writes what a run writes, plainly: body, row and patch. Loading is not counted.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import cleaner.corpus.warm  # noqa: F401 (what the workers of a run have loaded)
from cleaner.diff import git_patch
from cleaner.errors import CleanScrapeError
from cleaner.pipeline import clean
from cleaner.report.rows import page_row, to_json
from cleaner.settings.record import Settings


def loop(source: Path, out: Path) -> int:
    """Clean all files below ``source``; how many pages were written."""
    settings, pages = Settings(), 0
    out.mkdir(parents=True)
    with (out / "_rows.jsonl").open("wb") as rows, (out / "_pages.diff").open("wb") as patch:
        for path in sorted(one for one in source.rglob("*") if one.is_file()):
            name = path.relative_to(source)
            try:
                cleaned = clean(path.read_bytes(), source=name.as_posix(), settings=settings)
            except CleanScrapeError:
                continue
            row, body, hunks = page_row(cleaned)
            row["output"] = name.as_posix()
            rows.write(to_json(row))
            patch.write(git_patch(row["output"], hunks))
            place = out / name
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(body)
            pages += 1
    return pages


def _main() -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    pages = loop(Path(sys.argv[1]), Path(sys.argv[2]))
    spent = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "pages": pages}
    json.dump(spent, sys.stdout)


if __name__ == "__main__":
    _main()
