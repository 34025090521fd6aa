"""A pipeline for Scrapy: puts the clean body of each scraped page into its item, and counts removed lines.

Needs the extra ``scrapy``. Pages are cleaned in a process of their own, while Scrapy goes on with its requests; a page
that hangs or crashes a parser is not cleaned, and its item is not lost.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

from cleaner.adapters.documents import clean_document, open_page_worker
from cleaner.configuration import load_configuration
from cleaner.corpus.items import ExtractedPage
from cleaner.corpus.task import CleanOrder
from cleaner.errors import SettingsError, requires_extra
from cleaner.files.json_spans import TEXT_FIELDS, URL_FIELDS
from cleaner.report.rows import Row, failure_row
from cleaner.rules import rules
from cleaner.settings.files import with_overrides
from cleaner.settings.record import DEFAULTS, Settings
from cleaner.sites.finder import open_templates
from cleaner.workers.limits import Limits
from cleaner.workers.pool import Failure

with requires_extra("scrapy", "the pipeline for Scrapy needs its package"):
    from itemadapter import ItemAdapter
    from scrapy.exceptions import DropItem
    from twisted.internet.defer import Deferred

logger = logging.getLogger(__name__)

#: Whether an item whose page cannot be cleaned is kept or dropped.
OnError = Literal["keep", "drop"]

#: Prefixes of our settings, and of our numbers in the stats of a crawl.
PREFIX, STATS = "CLEAN_SCRAPE_", "clean_scrape"

#: The default field for the clean body.
TARGET = "clean_text"

_NAMES = tuple(
    PREFIX + name
    for name in (
        "CONFIG",
        "FIELD",
        "IGNORE",
        "LIMITS",
        "ON_ERROR",
        "POLICY",
        "REPORT",
        "SELECT",
        "TARGET",
        "URL_FIELD",
    )
)


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """The options of the pipeline, from the settings of a crawl: see ``docs/adapters.md``.

    ``page`` and ``url`` name the fields of page and URL, None for the usual names; ``target`` the one that the clean
    body goes to, ``report`` the one for the page's row of the report, None for no row.
    """

    settings: Settings = DEFAULTS
    page: str | None = None
    url: str | None = None
    target: str = TARGET
    report: str | None = None
    on_error: OnError = "keep"
    limits: Limits | None = field(default_factory=Limits)
    profile: Path | None = None

    @classmethod
    def from_settings(cls, crawl: Any) -> CrawlOptions:
        """Read the options from the settings of a crawl. Raises SettingsError for those that are wrong."""
        unknown = [name for name in crawl if name.startswith(PREFIX) and name not in _NAMES]
        if unknown:
            raise SettingsError(f"unknown settings {', '.join(unknown)}; there are {', '.join(_NAMES)}")
        on_error = crawl.get(f"{PREFIX}ON_ERROR", "keep")
        if on_error not in get_args(OnError):
            raise SettingsError(f"{PREFIX}ON_ERROR: expected {' or '.join(get_args(OnError))}, got {on_error!r}")
        settings, profile = _settings(crawl)
        return cls(
            settings,
            crawl.get(f"{PREFIX}FIELD") or None,
            crawl.get(f"{PREFIX}URL_FIELD") or None,
            crawl.get(f"{PREFIX}TARGET") or TARGET,
            crawl.get(f"{PREFIX}REPORT") or None,
            on_error,
            Limits() if crawl.getbool(f"{PREFIX}LIMITS", True) else None,
            profile,
        )


def _settings(crawl: Any) -> tuple[Settings, Path | None]:
    """Return the settings of cleaning and the file of profiles. Raises SettingsError with all mistakes."""
    codes, settings, profile = rules(), DEFAULTS, None
    if config := crawl.get(f"{PREFIX}CONFIG"):
        found = load_configuration(config=config)
        settings, profile = found.settings, found.profile
    given = {key: [code.strip() for code in crawl.getlist(PREFIX + key.upper())] for key in ("select", "ignore")}
    given["policy"] = crawl.get(f"{PREFIX}POLICY")
    return with_overrides(settings, given, codes=codes, where=f"{PREFIX}..."), profile


class CleanScrapePipeline:
    """Cleans the page that each item holds; items without a page pass as they are.

    ``ITEM_PIPELINES = {"cleaner.adapters.scrapy.CleanScrapePipeline": 100}`` switches it on; its options are the
    settings that begin with ``CLEAN_SCRAPE_``. No item is lost: one whose page cannot be cleaned stays as it is and is
    counted, unless ``CLEAN_SCRAPE_ON_ERROR`` is "drop".
    """

    def __init__(self, options: CrawlOptions, stats: Any) -> None:
        self.options, self.stats = options, stats
        self._reported: set[tuple[type, str]] = set()
        self._open = ExitStack()

    @classmethod
    def from_crawler(cls, crawler: Any) -> CleanScrapePipeline:
        """The pipeline of a crawl. Raises SettingsError, which ends the crawl before it begins."""
        return cls(CrawlOptions.from_settings(crawler.settings), crawler.stats)

    def open_spider(self, spider: Any = None) -> None:
        """Start the process that cleans the pages. Raises ProfileError."""
        sites = self._open.enter_context(open_templates(self.options.profile))
        order = CleanOrder(self.options.settings, limits=self.options.limits, sites=sites)
        # One thread sends the pages and waits for the results, so that Scrapy does not wait.
        self._work = self._open.enter_context(open_page_worker(partial(clean_document, order=order), order.limits))
        self._thread = self._open.enter_context(ThreadPoolExecutor(1, "clean-scrape"))

    def close_spider(self, spider: Any = None) -> None:
        """End the process that cleans the pages."""
        self._open.close()

    async def process_item(self, item: Any, spider: Any = None) -> Any:
        """Put the clean body of its page into an item. Raises DropItem on request, for a page that fails."""
        adapter = ItemAdapter(item)
        page = _extract_page(adapter, self.options)
        if page is None:
            self._count("no_page")
            return item
        result = await _awaitable(self._thread.submit(self._result, page))
        if not isinstance(result, Failure):
            text, row = result
            self._put(adapter, {self.options.target: text, self.options.report: row | {"output": ""}})
            self._count_row(row)
            return item
        self._count("failed")
        self._count(f"failed/{result.reason}")
        logger.warning("%r cannot be cleaned: %s", page.id, result.message)
        if self.options.on_error == "drop":
            raise DropItem(f"its page cannot be cleaned: {result.message}")
        self._put(adapter, {self.options.report: failure_row(page.id, result.reason, result.message)})
        return item

    def _result(self, page: ExtractedPage) -> tuple[str, Row] | Failure:
        try:
            (result,) = self._work([page])
        except OSError as error:  # no process can be started at the moment; the item is kept without cleaning
            return Failure("worker", str(error))
        return result  # type: ignore[no-any-return]

    def _put(self, adapter: ItemAdapter, values: dict[str | None, Any]) -> None:
        """Set fields of an item; log an error, once for a kind of item, where it has no such field."""
        for name, value in values.items():
            if name is None:
                continue
            try:
                adapter[name] = value
            except Exception as error:  # each kind of item has errors of its own
                self._count(f"no_field/{name}")
                kind = type(adapter.item)
                if (kind, name) not in self._reported:
                    self._reported.add((kind, name))
                    text = "items of %s take no field %r (%s: %s); add it, or name another with %sTARGET or %sREPORT"
                    logger.error(text, kind.__name__, name, type(error).__name__, error, PREFIX, PREFIX)

    def _count_row(self, row: Row) -> None:
        self._count("pages")
        for unit in ("lines", "words"):
            self._count(f"{unit}_kept", row[unit]["kept"])
            self._count(f"{unit}_removed", row[unit]["removed"])
        for code, removed in row["codes"].items():
            for unit, number in removed.items():
                self._count(f"{unit}_removed/{code}", number)
        for note in row["notes"]:
            self._count(f"notes/{note['code']}")

    def _count(self, name: str, number: int = 1) -> None:
        self.stats.inc_value(f"{STATS}/{name}", number)


def _extract_page(adapter: ItemAdapter, options: CrawlOptions) -> ExtractedPage | None:
    """Return the page that an item holds, None when it holds none."""
    page = _first(adapter, options.page, TEXT_FIELDS, str | bytes)
    url = _first(adapter, options.url, URL_FIELDS, str)
    return None if page is None else ExtractedPage(page, url, url or "<item>")


def _first(adapter: ItemAdapter, name: str | None, usual: tuple[str, ...], kind: Any) -> Any:
    """Return the value of the named field, or of the first of the usual ones that is of a kind; None for none."""
    names = (name,) if name else usual
    return next((value for name in names if isinstance(value := adapter.get(name), kind)), None)


def _awaitable(future: Future[Any]) -> Any:
    """Return an object that a coroutine of Scrapy can await, with asyncio or without."""
    try:
        return asyncio.wrap_future(future, loop=asyncio.get_running_loop())
    except RuntimeError:
        from twisted.internet import reactor  # noqa: PLC0415  importing it installs it

        waiting: Deferred[Any] = Deferred()
        future.add_done_callback(lambda done: reactor.callFromThread(waiting.callback, done))
        return waiting.addCallback(Future.result)
