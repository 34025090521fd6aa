"""The count pass over generated pages, by the local runner's Counting: seconds, bytes on disk, memory.

``python -m bench.scale.counted KEYS MEMORY_MB FOLDER`` does one run in a process of its own, as memory is never given
back, and prints JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from bench.child import peak
from bench.scale.crawl import Crawl
from bench.scale.generated import KEYS, Pages
from bench.score import share
from bench.tables import Table
from cleaner.profiles.counting import Counting
from cleaner.profiles.files import Head, write_profile
from cleaner.sites import SiteProfile, Template

#: Pages of a site, on average: 1e9 pages of 3e7 sites.
OF_A_SITE = 1e9 / 3e7


def tables(keys: Sequence[int], memory: int, below: Path | None) -> Iterator[Table]:
    """Runs over so many keys, each after the other."""
    rows: dict[str, dict[str, object]] = {}
    for number in keys:
        with tempfile.TemporaryDirectory(prefix="bench-scale-", dir=below) as scratch:
            found = child("bench.scale.counted", str(number), str(memory), scratch)
        rows[f"{number:.0e} keys"] = row(found)
    note = (
        f"Counting with {memory} MB. CPU seconds; generating the pages is not in them. Written: all that went to disk,"
        " rounds of merging included. Peak: above that of a process that only generates the pages."
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
        "us a key": share((found["add"] + found["merge"]) * 1e6, keys),
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


def run(keys: int, memory: int, scratch: Path) -> dict[str, float]:
    """Count generated pages and write their profile: figures in bytes, seconds and MB."""
    pages = Pages(crawl_of(keys))
    seen, generating = generated(pages)
    before, so_far, clock, start = held(), written(), time.perf_counter(), time.process_time()
    counting = Counting(scratch, memory * 1024 * 1024)
    for site, profile in pages:
        counting.add(site, profile)
    added, spilled = time.process_time(), written() - so_far
    disk = sum(path.stat().st_size for path in scratch.iterdir())
    sites = _Counted(counting.sites())
    out = scratch / "generated.profile.jsonl"
    write_profile(out, Head(), sites)
    merged = time.process_time()
    return {
        "pages": len(pages),
        "keys": seen,
        "sites": sites.number,
        "kept": sites.pages,
        "generate": generating,
        "add": added - start - generating,
        "merge": merged - added,
        "clock": time.perf_counter() - clock - generating,
        "written": spilled,
        "disk": disk,
        "before": before,
        "peak": peak(),
        "profile": out.stat().st_size,
    }


class _Counted:
    """Templates of sites, and how many sites and pages they came from."""

    def __init__(self, sites: Iterable[tuple[str, SiteProfile]]) -> None:
        self._sites = sites
        self.number = self.pages = 0

    def __iter__(self) -> Iterator[tuple[str, Template]]:
        for site, profile in self._sites:
            self.number += 1
            self.pages += len(profile.pages)
            yield site, profile.template()


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
    json.dump(run(int(float(sys.argv[1])), int(sys.argv[2]), Path(sys.argv[3])), sys.stdout)
