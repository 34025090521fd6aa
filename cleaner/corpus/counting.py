"""Counting the lines of all pages by site, for profiles. Pages are read and not cleaned."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from cleaner.corpus.inputs import Input, find
from cleaner.corpus.inputs.formats import extract_page
from cleaner.corpus.item_reader import ItemReader
from cleaner.corpus.items import ExtractedPage, Fields, Item
from cleaner.corpus.task import Unchanged, fingerprint_item, read_item
from cleaner.errors import ProfileError
from cleaner.files.json_rows import text_of
from cleaner.read import read_page
from cleaner.sites.counting import COUNT_MEMORY_BYTES, SpillingProfileSum
from cleaner.sites.files import Head, is_profile, is_profile_name, read_head, read_shard, write_profile, write_shard
from cleaner.sites.keys import FOLDER, HOST, SiteOf
from cleaner.sites.profile import SiteProfile, Template
from cleaner.workers.limits import Limits, start_clock
from cleaner.workers.pool import Failure, map_in_order


@dataclass(frozen=True, slots=True)
class CountOrder:
    """How the pages of inputs are counted. ``limits`` are those of a run, None for work in this process."""

    site_of: SiteOf = field(default_factory=SiteOf)
    fields: Fields = field(default_factory=Fields)
    limits: Limits | None = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class CountTask:
    """An item to count, and the fingerprint that it had when it was last counted, None when it was not."""

    item: Item
    fingerprint: bytes | None = None

    @property
    def size(self) -> int:
        """About how many bytes there are to read."""
        return self.item.size


@dataclass(frozen=True, slots=True)
class PageCounts:
    """The profile of the lines of one page, and its site, "" when it has none.

    ``damage`` describes the part of the page that could not be read, ``fingerprint`` is that of its item.
    """

    site: str
    profile: SiteProfile
    damage: str = ""
    fingerprint: bytes = b""


#: The result of a task; Unchanged only where the task has a fingerprint.
CountResult = PageCounts | Unchanged | Failure


def count_items(
    tasks: Iterable[CountTask], order: CountOrder, jobs: int = 1
) -> Iterator[tuple[CountTask, CountResult]]:
    """Each task with its result, in order; with limits, in ``jobs`` worker processes."""
    return map_in_order(partial(count_item, order=order), tasks, jobs if order.limits else 1, order.limits)


def count_item(task: CountTask, order: CountOrder) -> PageCounts | Unchanged:
    """Count one item, in a worker. Raises CleanScrapeError when it is no page."""
    item = task.item
    data = read_item(item)
    fingerprint = fingerprint_item(item, data)
    if fingerprint == task.fingerprint:
        return Unchanged()
    page = extract_page(replace(item, data=data), order.fields)
    if order.limits:  # an unpacked page may be larger than the size of its item
        start_clock(order.limits, max(len(page.data), item.size))
    return replace(count_page(item, page, order.site_of), fingerprint=fingerprint)


def count_page(item: Item, page: ExtractedPage, site_of: SiteOf) -> PageCounts:
    """Count the lines of the page of an item. Raises CleanScrapeError when it is no page."""
    read = read_page(page.data, source=item.source, url=page.url, kind=page.kind)
    site = site_of.of(read, item.name, text_of(page.fields, site_of.field))
    return PageCounts(site, SiteProfile.of(read) if site else SiteProfile(), page.damage)


@dataclass(frozen=True, slots=True)
class CountJob:
    """Which pages are counted, how, and the file ``out`` for the result.

    ``sources`` are folders and files of pages, and shards of profiles, which are recognised by their names. Without a
    ``site_key`` it is that of the shards, or ``host`` without shards. ``is_excluded`` gets a file and its source, and
    returns True for a file to pass over. ``memory`` are the bytes of counts in memory before they spill to the disk.
    """

    sources: tuple[Path, ...]
    out: Path
    site_key: str | None = None
    shard: bool = False
    jobs: int = 1
    fields: Fields = field(default_factory=Fields)
    is_excluded: Callable[[Path, Path], bool] | None = None
    limits: Limits | None = field(default_factory=Limits)
    memory: int = COUNT_MEMORY_BYTES


#: Is called with each item and its result.
OnCounted = Callable[[Item, PageCounts | Failure], None]


def make_profile(job: CountJob, on_counted: OnCounted) -> Counter[str]:
    """Count all pages of a job, write the file and return sums. The same pages in other shards give the same bytes.

    The sums are ``shards`` merged, ``sites``, ``shared`` (sites with lines that several of their pages have) and
    ``lines`` (such lines). Raises ProfileError when a shard is wrong or shards do not fit together, OSError when
    writing fails.
    """
    shards = [path for path in job.sources if is_profile_name(path.name)]
    pages = [path for path in job.sources if path not in shards]
    head = _head(job, [(path, read_head(path)) for path in shards], pages)
    with TemporaryDirectory(prefix="clean-scrape-") as scratch:
        profile_sum = SpillingProfileSum(Path(scratch), job.memory)
        for path in shards:
            for site, profile in read_shard(path)[1]:
                profile_sum.add(site, profile)
        order = CountOrder(SiteOf(head.site_key), job.fields, job.limits)
        with ItemReader(job.fields) as reader:
            tasks = map(CountTask, reader.items(_inputs(pages, job.is_excluded)))
            for task, result in count_items(tasks, order, job.jobs):
                if isinstance(result, Unchanged):
                    continue  # never happens: the tasks have no fingerprints
                if isinstance(result, PageCounts):
                    profile_sum.add(result.site, result.profile)
                on_counted(task.item, result)
        return _write(job.out, head, profile_sum.sites()) + Counter(shards=len(shards))


def _inputs(sources: Iterable[Path], is_excluded: Callable[[Path, Path], bool] | None) -> Iterator[Input]:
    """The files of pages, without excluded files and without profiles, which often lie beside their pages."""
    for source in sources:
        for one in find(source):
            path = None if one.reason else one.path
            if not (path and (is_profile(path) or (is_excluded and is_excluded(path, source)))):
                yield one


def _write(out: Path, head: Head, sites: Iterable[tuple[str, SiteProfile]]) -> Counter[str]:
    sums: Counter[str] = Counter(sites=0, shared=0, lines=0)

    def with_template(site: str, profile: SiteProfile) -> tuple[str, Template]:
        template = profile.template()
        sums.update(sites=1, shared=bool(template.counts), lines=len(template.counts))
        return site, template

    if head.whole:
        write_shard(out, head, ((site, profile) for site, profile in sites if with_template(site, profile)))
    else:
        write_profile(out, head, (with_template(site, profile) for site, profile in sites))
    return sums


def _head(job: CountJob, shards: list[tuple[Path, Head]], pages: list[Path]) -> Head:
    """The head of the file to write. Raises ProfileError when inputs do not fit together."""
    key = job.site_key or (shards[0][1].site_key if shards else HOST)
    for path, head in shards:
        if head.site_key != key:
            message = f"{path} has the site key {head.site_key!r} and not {key!r}; use the same --site-key for all"
            raise ProfileError(message, source=str(path))
    if key != FOLDER:
        return Head(key, job.shard)
    roots = {(path.parent / head.root).resolve() if head.root else None for path, head in shards}
    roots |= {(path if path.is_dir() else path.parent).resolve() for path in pages}
    return Head(key, job.shard, _relative(roots, job.out.resolve().parent))


def _relative(roots: set[Path | None], folder: Path) -> str:
    """The only root as a path relative to ``folder``; "" when there are several, or its name cannot be stored."""
    root = roots.pop() if len(roots) == 1 else None
    if root is None:
        return ""
    try:
        relative = Path(os.path.relpath(root, folder)).as_posix()
        relative.encode()
    except ValueError:  # another drive, or bytes that are no UTF-8
        return ""
    return relative
