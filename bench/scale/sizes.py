"""Lines and bytes of counts: of real pages and sites, and what a crawl's worth of them comes to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from importlib import import_module
from operator import add
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy

from bench.pages import items
from bench.scale.crawl import Crawl, Floats
from bench.score import share
from bench.tables import Table
from cleaner.engines.counts import counts_to_batches
from cleaner.read import read_page
from cleaner.sites.files import Head, write_profile, write_shard
from cleaner.sites.profile import MAX_SITE_PAGES, SiteProfile

#: Least pages of a site in each group.
GROUPS = (1, 2, 3, 5, 10)

#: How many pages of a site are summed up before they leave; the last is what a site must have to be measured.
TOGETHER = (1, 2, 5)

#: How steep the law may be that sizes of sites follow, and how many pages of a site a crawl may take.
EXPONENTS, CAPS = (0.6, 0.8, 1.0, 1.2), (1e4, 1e5, 1e6)

#: Pages that are counted together, and fit into the memory that a sum may take.
IN_A_PARTITION = 4_000

#: Bytes of the name of a site and of what Arrow keeps about a row.
NAME = 30

TB = 1e12

#: By site the profiles of its pages, one each.
Sites = Mapping[str, Sequence[SiteProfile]]


def tables(data: Path) -> Iterator[Table]:
    """Lines and bytes of real sites by their number of pages; pages of a crawl that a sample leaves."""
    sites = real(data)
    groups = {_named(least, most): group for least, most, group in grouped(sites)}
    groups["all"] = sites
    yield Table("Lines of real sites, by number of pages", {name: lines(group) for name, group in groups.items()})
    rows = {name: files(group) for name, group in groups.items()}
    note = "Shard: all lines of each page; profile: lines of its template, and on how many pages. zst: level 3."
    yield Table("Bytes of real sites in files", rows, note)
    yield sampled()
    partial = {count: packed(sites, count) for count in TOGETHER}
    note = "Columns as they are in memory, and packed with zstd as Arrow streams; pages of larger sites."
    rows = {f"{count} together": row for count, row in partial.items()}
    yield Table("Partial counts: bytes a page, by pages of a site that are summed up before they leave", rows, note)
    yield shuffled(*(fitted(partial, figure) for figure in ("bytes a page", "zst")))
    yield profiles([(least, files(group)) for least, _, group in grouped(sites)])


def real(data: Path) -> Sites:
    """The profiles of all pages of ``sites``."""
    index = json.loads((data / "sites" / "index.json").read_text("utf-8"))
    found: dict[str, list[SiteProfile]] = {}
    for item in items(data, "sites"):
        profile = SiteProfile.of(read_page(item.html(data), kind="html"))
        if profile.pages:
            found.setdefault(index[item.name]["site"], []).append(profile)
    return dict(sorted(found.items()))


def grouped(sites: Sites) -> Iterator[tuple[int, int | None, Sites]]:
    """Groups of sites by number of pages: the least and the most of each, None for no bound."""
    for least, after in zip(GROUPS, (*GROUPS[1:], None), strict=True):
        group = {
            site: pages for site, pages in sites.items() if least <= len(pages) and not (after and len(pages) >= after)
        }
        yield least, after - 1 if after else None, group


def _named(least: int, most: int | None) -> str:
    return f"{least} and more" if most is None else f"{least}" if least == most else f"{least} to {most}"


def lines(sites: Sites) -> dict[str, object]:
    """How many lines pages have, how many of them repeat, and how many make a template."""
    every = different = repeated = kept = size = 0
    for of_site in sites.values():
        counts = Counter(key for page in of_site for keys in page.pages.values() for key in keys)
        every, different = every + counts.total(), different + len(counts)
        repeated += sum(number for number in counts.values() if number > 1)
        kept += len(reduce(add, of_site).template().counts)
        size += sum(map(_size, of_site))
    pages = sum(map(len, sites.values()))
    return {
        "sites": len(sites),
        "pages": pages,
        "lines a page": share(every, pages),
        "bytes a line": share(size, every),
        "different lines a page": share(different, pages),
        "on other pages, too": share(repeated, every),
        "template lines a site": share(kept, len(sites)),
    }


def files(sites: Sites) -> dict[str, float]:
    """Bytes of shards and profiles, plain and packed."""
    whole = {site: reduce(add, pages) for site, pages in sites.items()}
    pages, every = sum(map(len, sites.values())), (page for of_site in sites.values() for page in of_site)
    row = {"keys, B a page": share(sum(map(_size, every)), pages)}
    with TemporaryDirectory(prefix="bench-scale-") as below:
        for ending, named in ((".jsonl", ""), (".jsonl.zst", ", zst")):
            path = Path(below) / f"any.profile{ending}"
            write_shard(path, Head(whole=True), whole.items())
            row[f"shard, B a page{named}"] = share(path.stat().st_size, pages)
            write_profile(path, Head(), ((site, profile.template()) for site, profile in whole.items()))
            row[f"profile, B a site{named}"] = share(path.stat().st_size, len(sites))
    return row


def _size(page: SiteProfile) -> int:
    return sum(len(key.encode()) for keys in page.pages.values() for key in keys)


def packed(sites: Sites, together: int) -> dict[str, float]:
    """Bytes a page of partial counts, where each partition has so many pages of each site."""
    large = {site: pages for site, pages in sites.items() if len(pages) >= TOGETHER[-1]}
    rows = pages = plain = small = 0
    for first in range(0, max(map(len, large.values())), together):
        part = {site: reduce(add, of[first : first + together]) for site, of in large.items() if len(of) > first}
        batches = list(counts_to_batches(sorted(part.items())))
        rows, pages = rows + len(part), pages + sum(len(profile.pages) for profile in part.values())
        plain += sum(batch.nbytes for batch in batches)
        small += streamed(batches)
    return {"rows a page": share(rows, pages), "bytes a page": share(plain, pages), "zst": share(small, pages)}


def streamed(batches: Sequence[Any]) -> int:
    """Bytes of batches as an Arrow stream that is packed with zstd."""
    pa = import_module("pyarrow")
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batches[0].schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
        for batch in batches:
            stream.write(batch)
    return int(sink.getvalue().size)


def fitted(partial: Mapping[int, Mapping[str, float]], figure: str) -> tuple[float, float]:
    """Bytes that a row takes for its site, and for each page besides: a straight line through what was measured."""
    slope, offset = numpy.polyfit(
        [row["rows a page"] for row in partial.values()], [row[figure] for row in partial.values()], 1
    )
    return float(slope), float(offset)


def sampled() -> Table:
    """How many pages of 1e9 are beyond the sample of their site, by the law that sizes of sites follow."""
    rows: dict[str, dict[str, object]] = {}
    for exponent in EXPONENTS:
        for cap in CAPS:
            crawl = Crawl(exponent=exponent, cap=cap)
            rows[f"exponent {exponent:g}, at most {cap:.0e} a site"] = {
                "pages of the last site": crawl.smallest(),
                f"sites above {MAX_SITE_PAGES}": f"{crawl.larger():.2g}",
                "pages beyond": crawl.beyond(),
                "pages counted": f"{crawl.within():.3g}",
            }
    note = f"{Crawl().pages:g} pages of {Crawl().sites:g} sites; the site of rank r has about r ** -exponent of them."
    return Table(f"Pages beyond the first {MAX_SITE_PAGES} of their site", rows, note)


def shuffled(plain: tuple[float, float], small: tuple[float, float]) -> Table:
    """Bytes that move when the counts of 1e9 pages are brought together by site; both are of a row and of a page."""
    rows: dict[str, dict[str, object]] = {}
    for exponent in EXPONENTS:
        crawl = Crawl(exponent=exponent)
        partitions = crawl.pages / IN_A_PARTITION
        pairs, few = crawl.parts(partitions), crawl.parts(partitions, MAX_SITE_PAGES)
        rows[f"exponent {exponent:g}"] = {
            "rows a page": pairs / crawl.pages,
            "all pages, TB": (pairs * plain[0] + crawl.pages * plain[1]) / TB,
            "zst, TB": (pairs * small[0] + crawl.pages * small[1]) / TB,
            "fingerprints first, TB": (pairs * NAME + crawl.pages * 8) / TB,
            "then samples only, TB": (few * plain[0] + crawl.within() * plain[1]) / TB,
            "then zst, TB": (few * small[0] + crawl.within() * small[1]) / TB,
        }
    note = (
        f"Pages in any order, {IN_A_PARTITION:,} summed up at a time; a row is a site in one of these sums and takes"
        f" {plain[0]:,.0f} bytes and {plain[1]:,.0f} a page (zst: {small[0]:,.0f} and {small[1]:,.0f}). Extrapolated."
    )
    return Table(f"Bytes shuffled for {Crawl().pages:g} pages, without and with a pass for the samples", rows, note)


def profiles(by_pages: Sequence[tuple[int, Mapping[str, float]]]) -> Table:
    """Size of the profile of a whole crawl, by what sites with so many pages or more take."""
    least = numpy.array([pages for pages, _ in by_pages])
    rows: dict[str, dict[str, object]] = {}
    for exponent in EXPONENTS:
        crawl = Crawl(exponent=exponent)
        row: dict[str, object] = {"pages of the last site": crawl.smallest()}
        for figure in ("profile, B a site", "profile, B a site, zst"):
            bytes_of = numpy.array([found[figure] for _, found in by_pages])

            def of_site(pages: Floats, bytes_of: Floats = bytes_of) -> Floats:
                found: Floats = bytes_of[numpy.searchsorted(least, numpy.maximum(1, numpy.rint(pages)), "right") - 1]
                return found

            row[figure.replace("B a site", "TB")] = crawl.total(of_site) / TB
        rows[f"exponent {exponent:g}"] = row
    note = "Each site takes what sites with as many pages take here; those above 10 pages what they take on average."
    return Table(f"The profile of {Crawl().sites:g} sites", rows, note)
