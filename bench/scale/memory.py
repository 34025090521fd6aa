"""Memory of each kind of process: counting, adding up a site at its worst, cleaning, looking up templates.

``python -m bench.scale.memory CASE`` runs one case in a process of its own and prints JSON.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.child import peak
from bench.pages import items
from bench.scale.counted import child, held
from bench.scale.crawl import Crawl
from bench.scale.generated import Pages, name
from bench.score import share
from bench.tables import Table
from cleaner import clean
from cleaner.errors import CleanScrapeError
from cleaner.read import read_page
from cleaner.sites.counting import SpillingProfileSum
from cleaner.sites.files import Head, write_profile
from cleaner.sites.lookup import ProfileFile
from cleaner.sites.profile import MAX_KEY_CHARS, MAX_PAGE_LINES, MAX_SITE_PAGES, SiteProfile, Template

#: Pages that a worker is given, sites that a file of profiles holds, and how many of them are asked for.
PAGES, SITES, ASKED = 200, 20_000, 2_000

#: Lines of a template.
LINES = 200

#: Megabytes that counting may hold.
MEMORY = 64


def tables(data: Path) -> Iterator[Table]:
    """Peak memory and time of each case."""
    rows = {case: child("bench.scale.memory", case, str(data)) for case in CASES}
    note = (
        f"Start: what the process held before, its imports and inputs. A site of usual pages has {MAX_SITE_PAGES} of"
        f" 155 lines, at worst {MAX_SITE_PAGES} of {MAX_PAGE_LINES:,}, all different and at full length. A profile has"
        f" {SITES:,} sites of {LINES} lines, of which {ASKED:,} are found at random or held in memory."
        " Each: pages, or sites."
    )
    yield Table("Memory in MB, each in a process of its own", rows, note)


#: Prepares a call and returns it; the call is measured, and returns how many things it did.
Case = Callable[[Path], Callable[[], int]]


def _count(data: Path) -> Callable[[], int]:
    return lambda: _over(data, lambda page: SiteProfile.of(read_page(page, kind="html")))


def _clean(data: Path) -> Callable[[], int]:
    template = Template(3, dict.fromkeys((f"line {n}" for n in range(LINES)), 4))
    return lambda: _over(data, lambda page: clean(page, kind="html", site=template))


def _over(data: Path, step: Callable[[bytes], object]) -> int:
    for item in islice(items(data, "wcxb"), PAGES):
        with suppress(CleanScrapeError):
            step(item.html(data))
    return PAGES


def _usual(_: Path) -> Callable[[], int]:
    made = Pages(Crawl(MAX_SITE_PAGES, 1, cap=MAX_SITE_PAGES))
    return lambda: _merge(profile for _, profile in made)


def _worst(_: Path) -> Callable[[], int]:
    return lambda: _merge(SiteProfile({page: _long(page)}) for page in range(MAX_SITE_PAGES))


def _long(page: int) -> tuple[str, ...]:
    """As many and as long lines as a page may have, none of them on another page."""
    return tuple(f"{page:05} {line:06} {'x' * (MAX_KEY_CHARS - 13)}\u2026{line:016x}" for line in range(MAX_PAGE_LINES))


def _merge(pages: Iterable[SiteProfile]) -> int:
    with TemporaryDirectory(prefix="bench-scale-") as scratch:
        counting = SpillingProfileSum(Path(scratch), MEMORY * 1024 * 1024)
        for page in pages:
            counting.add("www.example", page)
        return len([profile.template().pages for _, profile in counting.sites()])


def _lookup(_: Path) -> Callable[[], int]:
    folder = TemporaryDirectory(prefix="bench-scale-")
    found = ProfileFile.open(_written(folder.name))
    names = random.Random(5).sample(sorted(map(name, range(SITES))), ASKED)  # noqa: S311 (no secret)

    def call() -> int:
        with folder:
            return len([found.find(one) for one in names])

    return call


def _write(_: Path) -> Callable[[], int]:
    def call() -> int:
        with TemporaryDirectory(prefix="bench-scale-") as below:
            _written(below)
        return SITES

    return call


def _open(_: Path) -> Callable[[], int]:
    folder = TemporaryDirectory(prefix="bench-scale-")
    path = _written(folder.name)

    def call() -> int:
        with folder:
            ProfileFile.open(path)
        return SITES

    return call


def _written(folder: str) -> Path:
    path = Path(folder, "sites.profile.jsonl")
    write_profile(path, Head(), _templates())
    return path


def _in_memory(_: Path) -> Callable[[], int]:
    return lambda: len(dict(islice(_templates(), ASKED)))


def _templates() -> Iterator[tuple[str, Template]]:
    """Templates of generated sites, sorted, that share nothing."""
    for site in sorted(map(name, range(SITES))):
        yield site, Template(33, {f"{line:04} a line of the template of {site}": 7 for line in range(LINES)})


CASES: dict[str, Case] = {
    "count: read pages": _count,
    "clean: with a template": _clean,
    "merge: a site of usual pages": _usual,
    "merge: a site at its worst": _worst,
    "profile: written": _write,
    "profile: checked when opened": _open,
    "profile: a site found": _lookup,
    "templates in memory": _in_memory,
}


def run(case: str, data: Path) -> dict[str, float]:
    """Peak memory of a case and its start, and CPU milliseconds for each thing done."""
    call = CASES[case](data)
    before, start = held(), time.process_time()
    done = call()
    spent = time.process_time() - start
    return {
        "start": before,
        "peak": peak(),
        "above the start": peak() - before,
        "CPU ms each": share(spent * 1000, done),
    }


if __name__ == "__main__":
    json.dump(run(sys.argv[1], Path(sys.argv[2])), sys.stdout)
