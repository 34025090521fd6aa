"""``python -m bench.profiles``: counting lines by site in bounded memory, and finding sites in what comes of it.

Pages are generated, a hundred lines a site, and come in an order in which no two pages of a site follow each other.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.child import peak
from bench.tables import Table, show
from cleaner.sites.counting import COUNT_MEMORY_BYTES, SpillingProfileSum
from cleaner.sites.files import Head, write_profile
from cleaner.sites.lookup import ProfileFile
from cleaner.sites.profile import SiteProfile, fingerprint_keys

#: Lines and pages of a generated site; half the lines of a page stand on all pages of its site.
LINES_OF_SITE, PAGES_OF_SITE = 100, 4

#: Sites looked up, one after the other.
LOOKUPS = 1_000

_MB = 1024 * 1024


def pages(lines: int) -> Iterator[tuple[str, SiteProfile]]:
    """Pages with ``lines`` lines in all, each with its site; the same for the same number."""
    sites = max(1, lines // LINES_OF_SITE)
    each = LINES_OF_SITE // PAGES_OF_SITE
    for page in range(PAGES_OF_SITE):
        for number in range(sites):
            site = number * 7919 % sites  # a prime: another order than that of the names, and each site once
            shared = [f"site {site} menu entry {n} of the template" for n in range(each // 2)]
            own = [f"page {page} of {site} says this in line {n} and nowhere else" for n in range(each - each // 2)]
            keys = tuple(sorted(shared + own))
            yield name_of(site), SiteProfile({fingerprint_keys(keys): keys})


def name_of(site: int) -> str:
    """The name of a generated site."""
    return f"www{site}.example"


def measured(lines: int, memory: int) -> dict[str, float]:
    """Seconds and peak memory of counting, writing, checking and finding, in this process."""
    found: dict[str, float] = {"before MB": peak()}
    clock = time.process_time()
    for _ in pages(lines):
        pass
    found["generating s"] = time.process_time() - clock
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder, "scratch")
        scratch.mkdir()
        clock = time.process_time()
        counting = SpillingProfileSum(scratch, memory)
        for site, profile in pages(lines):
            counting.add(site, profile)
        path = Path(folder, "made.profile.jsonl")
        write_profile(path, Head(), ((site, profile.template()) for site, profile in counting.sites()))
        found["counting s"] = time.process_time() - clock - found["generating s"]
        found["peak MB"] = peak()
        found["spilled MB"] = sum(run.stat().st_size for run in scratch.iterdir()) / _MB
        found["profile MB"] = path.stat().st_size / _MB
        clock = time.process_time()
        profiles = ProfileFile.open(path)
        found["opening s"] = time.process_time() - clock
        found["finding ms"] = _finding(profiles, max(1, lines // LINES_OF_SITE)) * 1_000
        found["peak MB, opened"] = peak()
    return found


def _finding(profiles: ProfileFile, sites: int) -> float:
    """CPU seconds for a site, of many in no order."""
    wanted = [name_of(number * 104_729 % sites) for number in range(LOOKUPS)]
    clock = time.process_time()
    for site in wanted:
        if profiles.find(site) is None:
            raise SystemExit(f"{site} was counted and is not found")
    return (time.process_time() - clock) / LOOKUPS


def table(sizes: list[int], memory: int) -> Table:
    """The figures for several numbers of lines, each from a process of its own."""
    rows = {f"{lines:,} lines, {lines // LINES_OF_SITE:,} sites": _child(lines, memory) for lines in sizes}
    note = f"CPU time; counting may hold {memory // _MB} MB and spills the rest; peak is of the whole process."
    return Table("Counting lines by site", rows, note)


def _child(lines: int, memory: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.profiles", "--child", "--lines", str(lines), "--memory", str(memory / _MB)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)  # noqa: S603 (our own module)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _sizes(text: str) -> list[int]:
    return [int(float(size)) for size in text.split(",")]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.profiles", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=_sizes, default=[10**6, 10**7], metavar="N,..", help="default: 1e6,1e7")
    parser.add_argument(
        "--memory", type=float, default=COUNT_MEMORY_BYTES / _MB, metavar="MB", help="default: %(default)g"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    memory = round(options.memory * _MB)
    if options.child:
        json.dump(measured(options.lines[0], memory), sys.stdout)
    else:
        show([table(options.lines, memory)], options.json)


if __name__ == "__main__":
    main()
