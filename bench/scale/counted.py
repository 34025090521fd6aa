"""The count pass over generated pages on one machine: seconds, bytes on disk, memory.

``python -m bench.scale.counted LINES MB|run FOLDER`` does one run in a process of its own, as memory is never given
back, and prints JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from bench.child import peak
from bench.scale.crawl import Crawl
from bench.scale.generated import KEYS, Pages
from bench.score import share
from bench.tables import Table
from cleaner.corpus.journal.counts import COUNTS_FILE, Counts
from cleaner.sites.counting import SpillingProfileSum
from cleaner.sites.files import Head, write_profile
from cleaner.sites.profile import Template

#: Pages that are committed at a time: about those of a second.
COMMIT_EVERY = 100

#: Pages of a site, on average: 1e9 pages of 3e7 sites.
OF_A_SITE = 1e9 / 3e7


def tables(keys: Sequence[int], memory: int, below: Path | None) -> Iterator[Table]:
    """Runs over so many keys, each after the other."""
    rows: dict[str, dict[str, object]] = {}
    for store, named in ((str(memory), f"counting with {memory} MB"), ("run", "the file of a run")):
        for number in keys:
            with tempfile.TemporaryDirectory(prefix="bench-scale-", dir=below) as scratch:
                found = child("bench.scale.counted", str(number), store, scratch)
            rows[f"{named}: {number:.0e} lines"] = row(found)
    note = (
        "CPU seconds; generating the pages is not in them. Written: all that went to disk, rounds of merging included."
        " Peak: above that of a process that only generates the pages."
    )
    yield Table("Count pass on generated pages, one process", rows, note)


def row(found: dict[str, float]) -> dict[str, object]:
    """The figures of a run, per page and key where they ought not to grow."""
    pages, keys = found["pages"], found["keys"]
    return {
        "pages": round(pages),
        "sites": round(found["sites"]),
        "add s": found["add"],
        "merge s": found["merge"],
        "clock s": found["clock"],
        "us a line": share((found["add"] + found["merge"]) * 1e6, keys),
        "ms a page": share((found["add"] + found["merge"]) * 1e3, pages),
        "written MB": found["written"] / 1e6,
        "written KB a page": share(found["written"] / 1e3, pages),
        "on disk MB": found["disk"] / 1e6,
        "peak MB": found["peak"] - found["before"],
        "profile MB": found["profile"] / 1e6,
        "profile KB a site": share(found["profile"] / 1e3, found["sites"]),
        "pages kept": share(found["kept"], pages),
    }


def child(module: str, *arguments: str) -> dict[str, float]:
    """What a module of ours prints about a run in a process of its own."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)  # noqa: S603 (ours)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def crawl_of(keys: int) -> Crawl:
    """A crawl that has about so many keys of lines."""
    pages = keys / KEYS
    return Crawl(pages=pages, sites=max(1, round(pages / OF_A_SITE)))


def run(keys: int, store: str, scratch: Path) -> dict[str, float]:
    """Count generated pages and write their profile: figures in bytes, seconds and MB.

    ``store`` is the memory in MB that the sum may take, or "run" for the file that a run of two passes keeps.
    """
    pages = Pages(crawl_of(keys))
    number, generating = generated(pages)
    found: dict[str, float] = {"pages": len(pages), "keys": number, "generate": generating, "before": held()}
    so_far, clock, start = written(), time.perf_counter(), time.process_time()
    templates = _in_run(pages, scratch) if store == "run" else _spilling(pages, scratch, int(store))
    added, found["written"] = time.process_time(), written() - so_far
    found["disk"] = sum(path.stat().st_size for path in scratch.iterdir())
    sites, out = _Counted(templates), scratch / "generated.profile.jsonl"
    write_profile(out, Head(), sites)
    return found | {
        "add": added - start - generating,
        "merge": time.process_time() - added,
        "clock": time.perf_counter() - clock - generating,
        "sites": sites.number,
        "kept": sites.pages,
        "peak": peak(),
        "profile": out.stat().st_size,
    }


#: Templates by site, sorted.
Templates = Iterator[tuple[str, Template]]


def _spilling(pages: Pages, scratch: Path, memory: int) -> Templates:
    counting = SpillingProfileSum(scratch, memory * 1024 * 1024)
    for site, profile in pages:
        counting.add(site, profile)
    return ((site, profile.template()) for site, profile in counting.sites())


def _in_run(pages: Pages, scratch: Path) -> Templates:
    counts = Counts(scratch / COUNTS_FILE, "bench")
    for number, (site, profile) in enumerate(pages):
        counts.add(f"{number:010}.html", number.to_bytes(16, "big"), site, profile)
        if number % COMMIT_EVERY == 0:
            counts.commit()
    counts.finish()
    return counts.sites()


class _Counted:
    """Templates of sites, and how many sites and pages they came from."""

    def __init__(self, sites: Templates) -> None:
        self._sites = sites
        self.number = self.pages = 0

    def __iter__(self) -> Templates:
        for site, template in self._sites:
            self.number += 1
            self.pages += template.pages
            yield site, template


def generated(pages: Pages) -> tuple[int, float]:
    """How many keys the pages have, and CPU seconds for making them."""
    start, keys = time.process_time(), 0
    for _, profile in pages:
        for of_page in profile.pages.values():
            keys += len(of_page)
    return keys, time.process_time() - start


def held() -> float:
    """The memory that this process holds now, in MB; ``peak`` counts from here on, where the system can (Linux)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    return peak()


def written() -> int:
    """Bytes that this process has written so far, to whatever; 0 where the system does not tell (not Linux)."""
    counters = Path("/proc/self/io")
    if not counters.is_file():
        return 0
    line = next(line for line in counters.read_text("ascii").splitlines() if line.startswith("wchar:"))
    return int(line.split()[1])


if __name__ == "__main__":
    json.dump(run(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])), sys.stdout)
