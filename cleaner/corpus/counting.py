"""The count pass: the lines of every page by its site. Pages are read, not cleaned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from cleaner.corpus.inputs.formats.rows import text_of
from cleaner.corpus.items import Fields, Item
from cleaner.corpus.work import content, opened
from cleaner.corpus.workers import Failure, Pool, ordered
from cleaner.corpus.workers.limits import Limits, start_clock
from cleaner.profiles.site_keys import SiteOf
from cleaner.read import read_page
from cleaner.sites import SiteProfile


@dataclass(frozen=True, slots=True)
class CountOrder:
    """How the pages of inputs are counted. ``limits`` are those of a run, None for work in this process."""

    site_of: SiteOf = field(default_factory=SiteOf)
    fields: Fields = field(default_factory=Fields)
    limits: Limits | None = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Counted:
    """The lines of a page, and its site, "" when it has none. ``damage`` says what of it could not be read."""

    site: str
    profile: SiteProfile
    damage: str = ""


def count(items: Iterator[Item], order: CountOrder, jobs: int = 1) -> Iterator[tuple[Item, Counted | Failure]]:
    """Yield each item with what was counted of it, in order."""
    work = partial(counted, order=order)
    if order.limits is None:
        yield from ordered(work, items, 1)
        return
    with Pool(work, jobs, order.limits, _size) as pool:
        yield from pool.ordered(items)


def counted(item: Item, order: CountOrder) -> Counted:
    """Count one item; this is what a worker does. Raises CleanScrapeError when it is no page."""
    data = content(item)
    raw = opened(item, data, order.fields)
    if order.limits:  # what was packed may be larger than it looked
        start_clock(order.limits, max(len(raw.data), item.size))
    page = read_page(raw.data, source=item.source, url=raw.url, kind=raw.kind)
    site = order.site_of.of(page, item.name, text_of(raw.fields, order.site_of.field))
    return Counted(site, SiteProfile.of(page) if site else SiteProfile(), raw.damage)


def _size(item: Item) -> int:
    return item.size
