"""CPU time a page: counted, cleaned without and with what is known of its site, beside a peer on the same pages.

Every page goes through all steps in turn, so that a machine that slows down slows down all of them.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path

import cleaner
from bench.pages import flats, items
from bench.peers import html_peers
from bench.score import mean, share
from bench.speed import YARDSTICK, parse
from bench.tables import Table
from cleaner.errors import CleanScrapeError
from cleaner.read import read_page
from cleaner.records import Kind
from cleaner.sites.profile import SiteProfile, Template

PEER = "trafilatura"

#: The form of flattened pages that is measured: whole pages.
FORM = "html_text"

#: Upper bounds of groups of pages by size, in bytes.
SIZES = (30_000, 100_000, 300_000, 1_000_000)

#: CPU hours for 1e9 pages of a millisecond each.
HOURS = 1e9 / 3.6e6

#: Cores that runs are costed for.
CORES = (64, 1000)


@dataclass(frozen=True, slots=True)
class Given:
    """A page, and what is known of its site."""

    data: bytes
    kind: Kind
    template: Template


#: CPU milliseconds by step, for one page.
Spent = Mapping[str, float]


def tables(data: Path, part: int) -> Iterator[Table]:
    """CPU a page by corpus and by size, and what it comes to for 1e9 pages."""
    found = {name: list(_timed(given)) for name, given in corpora(data, part)}
    rows = {f"{name}, {len(pages):,} pages": _means(pages) for name, pages in found.items()}
    note = (
        "Count is read and keys; clean reads as well; gunzip is what unpacking the page would add to each."
        " A page of wcxb or of text gets a template with half of its lines."
    )
    yield Table("CPU milliseconds a page, by step", rows, note)
    yield Table("CPU milliseconds a page, by size of the HTML", by_size([*found["sites"], *found["wcxb"]]))
    bills = {name: bill(_means(pages)) for name, pages in found.items()}
    yield Table("1e9 such pages: CPU hours, and days on so many cores", bills)


def corpora(data: Path, part: int) -> Iterator[tuple[str, Iterable[Given]]]:
    """Yield pages of sites with the template of their site, single pages, and flattened ones, by name of the corpus."""
    yield "sites", list(_of_sites(data, part))
    yield "wcxb", (_alone(item.html(data), "html") for item in items(data, "wcxb", part))
    yield f"text ({FORM})", (_alone(flat.text.encode(), "text") for flat in flats(data, FORM, part))


def _of_sites(data: Path, part: int) -> Iterator[Given]:
    index = json.loads((data / "sites" / "index.json").read_text("utf-8"))
    groups: dict[str, list[SiteProfile]] = {}
    for item in items(data, "sites"):
        groups.setdefault(index[item.name]["site"], []).append(SiteProfile.of(read_page(item.html(data), kind="html")))
    templates = {site: reduce(add, profiles).template() for site, profiles in groups.items()}
    for item in items(data, "sites", part):
        yield Given(item.html(data), "html", templates[index[item.name]["site"]])


def _alone(data: bytes, kind: Kind) -> Given:
    """A page whose site is unknown: its template holds every other line of it, on five pages."""
    with suppress(CleanScrapeError):
        for keys in SiteProfile.of(read_page(data, kind=kind)).pages.values():
            return Given(data, kind, Template(5, dict.fromkeys(keys[::2], 5)))
    return Given(data, kind, Template())


def _timed(pages: Iterable[Given]) -> Iterator[tuple[int, Spent]]:
    """Yield size and time of each page; the first go through once before, as what is loaded once is loaded then."""
    warm = 0
    for given in pages:
        if warm < 3:
            _steps(given)
            warm += 1
        yield len(given.data), _steps(given)


def _steps(given: Given) -> Spent:
    data, kind, spent = given.data, given.kind, {}
    packed, page = gzip.compress(data, 6), None
    spent["gunzip"] = _milliseconds(lambda: gzip.decompress(packed))
    with suppress(CleanScrapeError):  # such pages are quarantined, and cost what they cost until then
        start = time.process_time()
        page = read_page(data, kind=kind)
        spent["read"] = (time.process_time() - start) * 1000
    spent["keys"] = _milliseconds(lambda: SiteProfile.of(page) if page else None)
    spent["count"] = spent.get("read", 0.0) + spent["keys"]
    spent["clean"] = _milliseconds(lambda: cleaner.clean(data, kind=kind))
    spent["with profile"] = _milliseconds(lambda: cleaner.clean(data, kind=kind, site=given.template))
    if kind == "html":
        peer = html_peers()[PEER]
        spent |= {YARDSTICK: _milliseconds(lambda: parse(data)), PEER: _milliseconds(lambda: peer(data, ""))}
    return spent


def _milliseconds(call: Callable[[], object]) -> float:
    start = time.process_time()
    with suppress(Exception):  # the quality tables count failures
        call()
    return (time.process_time() - start) * 1000


def _means(pages: Sequence[tuple[int, Spent]]) -> dict[str, float]:
    row = {"KB": mean([size for size, _ in pages]) / 1000}
    steps = dict.fromkeys(step for _, spent in pages for step in spent)
    row |= {step: mean([spent.get(step, 0.0) for _, spent in pages]) for step in steps}
    if PEER in row:
        row |= {f"count of {PEER}": share(row["count"], row[PEER])}
        row |= {f"both passes of {PEER}": share(row["count"] + row["with profile"], row[PEER])}
    return row


def by_size(pages: Sequence[tuple[int, Spent]]) -> dict[str, dict[str, object]]:
    """Means of groups of pages by size, and what a KB costs in each."""
    rows: dict[str, dict[str, object]] = {}
    for low, high in zip((0, *SIZES), (*SIZES, float("inf")), strict=True):
        if group := [one for one in pages if low <= one[0] < high]:
            row = _means(group)
            named = f"{low // 1000} KB and more" if high == float("inf") else f"{low // 1000} to {high // 1000:.0f} KB"
            both = row["count"] + row["with profile"]
            rows[named] = {"pages": len(group), **row, "both passes, ms a KB": share(both, row["KB"])}
    return rows


def bill(row: Mapping[str, float]) -> dict[str, object]:
    """What 1e9 pages cost: CPU hours of each pass and of both, and days on all cores of a cluster, none ever idle."""
    hours = {"count": row["count"] * HOURS, "clean with profile": row["with profile"] * HOURS}
    both = sum(hours.values())
    return {**hours, "both": both, **{f"days on {cores} cores": both / cores / 24 for cores in CORES}}
