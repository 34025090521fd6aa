"""The count pass over generated pages as engines run it: summed up, brought together by site on disk, merged.

``python -m bench.scale.shuffle KEYS thin|all FOLDER`` does one run in a process of its own and prints JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any
from zlib import crc32

from bench.child import peak
from bench.scale.counted import child, crawl_of, generated, held, written
from bench.scale.generated import Pages
from bench.score import share
from bench.tables import Table
from cleaner.engines.arrow import cutoffs, merge_counts, sample_batches, thin_counts
from cleaner.engines.counts import counts_schema, counts_to_batches
from cleaner.sites.counting import ProfileSum
from cleaner.sites.profile import SiteProfile

#: Partitions by site, pages of a block, and pages that are summed up at a time.
PARTITIONS, BLOCK, SUMMED = 16, 4_000, 16


def tables(keys: Sequence[int], below: Path | None) -> Iterator[Table]:
    """Runs over so many keys, without and with a pass for the samples."""
    rows: dict[str, dict[str, object]] = {}
    for number in keys:
        for way in ("all", "thin"):
            with tempfile.TemporaryDirectory(prefix="bench-scale-", dir=below) as folder:
                found = child("bench.scale.shuffle", str(number), way, folder)
            rows[f"{number:.0e} lines, {'all pages' if way == 'all' else 'samples only'}"] = row(found)
    note = (
        f"{SUMMED} pages summed up at a time, so that as few meet others of their site as in 1e9 pages; {PARTITIONS}"
        " partitions by hash of the site, plain Arrow streams on disk. CPU seconds; generating the pages is not in"
        " them. Shuffled: counts brought together by site; prints: fingerprints that were, before. Spilled: what"
        " merging wrote besides."
    )
    yield Table("Count pass on generated pages through the Arrow core, one process", rows, note)


def row(found: dict[str, float]) -> dict[str, object]:
    """The figures of a run, per page and key where they ought not to grow."""
    steps = {f"{step} s": found[step] for step in ("sum", "thin", "spread", "merge")}
    return {
        "pages": round(found["pages"]),
        **steps,
        "us a line": share(sum(steps.values()) * 1e6, found["keys"]),
        "ms a page": share(sum(steps.values()) * 1e3, found["pages"]),
        "prints MB": found["prints"] / 1e6,
        "shuffled MB": found["shuffled"] / 1e6,
        "shuffled B a page": share(found["shuffled"], found["pages"]),
        "spilled MB": found["spilled"] / 1e6,
        "templates MB": found["templates"] / 1e6,
        "peak MB": found["peak"] - found["before"],
    }


def run(keys: int, thin: bool, folder: Path) -> dict[str, float]:
    """Count generated pages: figures in bytes, CPU seconds and MB."""
    pages = Pages(crawl_of(keys))
    number, generating = generated(pages)
    found: dict[str, float] = {"pages": len(pages), "keys": number, "prints": 0, "before": held()}
    clock = time.process_time()
    local, places = folder / "local", folder / "shuffled"
    _write(_summed(pages), local)
    found["sum"], clock = time.process_time() - clock - generating, time.process_time()
    batches = read(local)
    if thin:
        bounds, found["prints"] = _bounds(local)
        batches = (left for batch in batches for left in thin_counts([batch], bounds))
    found["thin"], clock = time.process_time() - clock, time.process_time()
    spread(_blocks(batches), places)
    found["spread"], clock = time.process_time() - clock, time.process_time()
    found["shuffled"], before = sum(path.stat().st_size for path in places.iterdir()), written()
    merged = (merge_counts(read(path)) for path in sorted(places.iterdir()))
    found["templates"] = sum(batch.nbytes for part in merged for batch in part)
    return found | {"merge": time.process_time() - clock, "spilled": written() - before, "peak": peak()}


def _summed(pages: Iterable[tuple[str, SiteProfile]]) -> Iterator[Any]:
    """Partial counts of the pages."""
    pages = iter(pages)
    while group := list(islice(pages, SUMMED)):
        sums = ProfileSum()
        for site, profile in group:
            sums.add(site, profile)
        yield from counts_to_batches(sums.sites())


def _bounds(local: Path) -> tuple[dict[str, int], int]:
    """The bounds of all samples, and the bytes of fingerprints that were brought together for them."""
    samples = [sample for batch in _blocks(read(local)) for sample in sample_batches([batch])]
    return cutoffs(samples), sum(batch.nbytes for batch in samples)


def _blocks(batches: Iterable[Any]) -> Iterator[Any]:
    """Batches put together, as engines do."""
    batches = iter(batches)
    while block := list(islice(batches, BLOCK // SUMMED)):
        yield from import_module("pyarrow").Table.from_batches(block).combine_chunks().to_batches()


def _write(batches: Iterable[Any], path: Path) -> None:
    with import_module("pyarrow").ipc.new_stream(str(path), counts_schema()) as stream:
        for batch in batches:
            stream.write_batch(batch)


def spread(batches: Iterable[Any], place: Path) -> None:
    """Add batches of partial counts to the streams of their partitions, one file each, by hash of the site."""
    pa = import_module("pyarrow")
    place.mkdir(exist_ok=True)
    with ExitStack() as files:
        streams: dict[int, Any] = {}
        for batch in batches:
            where = [crc32(site.encode()) % PARTITIONS for site in batch.column("site").to_pylist()]
            for part in sorted(set(where)):
                if part not in streams:
                    path = place / f"{part:04}-{len(list(place.iterdir())):06}"
                    streams[part] = files.enter_context(pa.ipc.new_stream(str(path), counts_schema()))
                streams[part].write_batch(batch.take([at for at, other in enumerate(where) if other == part]))


def read(path: Path) -> Iterator[Any]:
    """The batches of a stream on disk, one at a time."""
    pa = import_module("pyarrow")
    # given a path it would map the file, which counts as memory
    with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as stream:
        yield from stream


if __name__ == "__main__":
    json.dump(run(int(sys.argv[1]), sys.argv[2] == "thin", Path(sys.argv[3])), sys.stdout)
