"""Cleaning single pages in a separate process, for libraries that pass one document after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from cleaner.corpus.counting import PageCounts, count_page
from cleaner.corpus.items import ExtractedPage, Item
from cleaner.corpus.task import CleanOrder, clean_page
from cleaner.errors import InputError
from cleaner.report.rows import Row, page_row
from cleaner.sites.keys import SiteOf
from cleaner.workers.limits import Limits
from cleaner.workers.pool import WorkerPool, map_in_order

#: A function from pages to results, in order; the result of a page that failed is a Failure.
Work = Callable[[Iterable[ExtractedPage]], Iterator[Any]]


@contextmanager
def open_page_worker(function: Callable[[ExtractedPage], Any], limits: Limits | None) -> Iterator[Work]:
    """Yield what calls ``function`` with pages: with ``limits`` in one worker process, else in this process."""
    if limits is None:
        yield lambda pages: (result for _, result in map_in_order(function, pages))
        return
    with WorkerPool(function, 1, limits) as pool:
        yield lambda pages: (result for _, result in pool.map(pages))


def clean_document(page: ExtractedPage, order: CleanOrder) -> tuple[str, Row]:
    """The clean body of a page, and its row of the report. Raises CleanScrapeError when it cannot be cleaned."""
    found = clean_page(_item(page), page, order)
    return found.text, page_row(found)[0]


def count_document(page: ExtractedPage, site_of: SiteOf) -> PageCounts:
    """The site of a page, "" for none, and its lines. Raises CleanScrapeError when it is no page."""
    return count_page(_item(page), page, site_of)


def _item(page: ExtractedPage) -> Item:
    if not isinstance(page.data, str | bytes):
        message = "has no page; name the field that holds it: TableOptions(fields=Fields(text=...))"
        raise InputError(message, source=page.id, reason="no-text")
    return Item(page.id, page.id, size=page.size)
