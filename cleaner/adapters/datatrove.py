"""Steps for datatrove's pipelines: one cleans documents, one counts the lines of their sites.

Needs the extra ``datatrove``; importing this module imports it. The page is the document's text, or the metadata field
that ``TableOptions.fields.text`` names; URL and site key come from the metadata. Each task cleans its pages in a worker
process of its own, so a page that hangs or crashes a parser fails by itself and the task goes on.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from cleaner.adapters.documents import clean_document, count_document, open_page_worker
from cleaner.corpus.counting import PageCounts
from cleaner.corpus.items import ExtractedPage, Fields
from cleaner.corpus.task import CleanOrder
from cleaner.engines.arrow import TableOptions
from cleaner.errors import requires_extra
from cleaner.files.json_spans import URL_FIELDS
from cleaner.report.rows import Row, to_json
from cleaner.sites.counting import SpillingProfileSum
from cleaner.sites.files import Head, write_shard
from cleaner.sites.finder import open_templates
from cleaner.sites.keys import SiteOf
from cleaner.workers.pool import Failure

with requires_extra("datatrove", "the engine datatrove needs its package"):
    from datatrove.io import get_datafolder
    from datatrove.pipeline.base import PipelineStep
    from datatrove.pipeline.filters.base_filter import BaseFilter
    from datatrove.utils.batching import batched

#: Documents that are sent together to the worker process of a task.
BATCH_DOCUMENTS = 16


class CleanScrape(BaseFilter):
    """Puts the clean body of each page into the document's text; its id and metadata stay.

    Added to the metadata: ``clean_confidence`` (0 to 1), ``clean_others`` (pages it was compared with),
    ``clean_lines_removed``, ``clean_words_removed``, ``clean_codes`` and ``clean_notes`` (JSON: lines and words removed
    by code; notes about the page), and with ``report`` the whole row of the report as ``clean_report`` (JSON).

    A document that cannot be cleaned is dropped and counted as ``dropped_REASON``; ``exclusion_writer`` gets it
    unchanged, with ``filter_reason`` and ``clean_error``. ``profile`` is a file of profiles that all tasks can read; it
    may be written after the pipeline is put together. Raises ProfileError when it is wrong as soon as a task begins.
    """

    name = "clean-scrape"

    def __init__(
        self,
        options: TableOptions | None = None,
        *,
        profile: str | Path | None = None,
        exclusion_writer: Any = None,
        report: bool = False,
    ) -> None:
        super().__init__(exclusion_writer, BATCH_DOCUMENTS)
        self.options, self.profile, self.report = options or TableOptions(), profile, report

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Any:
        """Yield the documents that could be cleaned, in order."""
        with open_templates(Path(self.profile) if self.profile else None) as sites:
            self._site_key = sites.site_key if sites else self.options.site_key
            limits = self.options.limits
            order = CleanOrder(self.options.settings, metadata=self.options.metadata, limits=limits, sites=sites)
            with open_page_worker(partial(clean_document, order=order), limits) as self._results:
                yield from super().run(data, rank, world_size)

    def filter_batch(self, batch: list[Any]) -> list[Any]:
        """Return for each document True when it stays, else False and the reason."""
        results = self._results([_extract_page(document, self.options.fields, self._site_key) for document in batch])
        return [self._kept(document, result) for document, result in zip(batch, results, strict=True)]

    def filter(self, doc: Any) -> Any:
        """Return True when a document stays, else False and the reason."""
        return self.filter_batch([doc])[0]

    def _kept(self, document: Any, result: tuple[str, Row] | Failure) -> bool | tuple[bool, str]:
        if isinstance(result, Failure):
            document.metadata["clean_error"] = result.message
            return False, result.reason
        document.text, row = result
        for unit in ("lines", "words"):
            self.stat_update(f"{unit}_removed", value=row[unit]["removed"], unit="doc")
        for note in row["notes"]:
            self.stat_update(f"note_{note['code']}")
        document.metadata |= {
            "clean_confidence": row["confidence"],
            "clean_others": row.get("others", 0),
            "clean_lines_removed": row["lines"]["removed"],
            "clean_words_removed": row["words"]["removed"],
            "clean_codes": json.dumps(row["codes"]),
            "clean_notes": json.dumps(row["notes"]),
        }
        if self.report:
            document.metadata["clean_report"] = to_json(row).decode()
        return True


class CountSites(PipelineStep):
    """Counts the lines of pages by site, and lets all documents through as they are.

    Each task writes one shard, ``RANK.profile.jsonl.zst`` in ``folder``, which may be anywhere that datatrove writes;
    ``clean-scrape profile FOLDER/* -o FILE`` makes a profile of them. A page that cannot be read is counted as
    ``uncounted_REASON``, one without a site as ``uncounted_no-site``.
    """

    name = "clean-scrape: count sites"
    type = "📊 - STATS"

    def __init__(self, folder: Any, options: TableOptions | None = None) -> None:
        super().__init__()
        self.folder, self.options = get_datafolder(folder), options or TableOptions()

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Any:
        """Yield all documents, and write the shard when there are no more."""
        with tempfile.TemporaryDirectory(prefix="clean-scrape-") as scratch:
            (runs := Path(scratch) / "runs").mkdir()
            profile_sum = SpillingProfileSum(runs, self.options.memory)
            fields, key = self.options.fields, self.options.site_key
            with open_page_worker(partial(count_document, site_of=SiteOf(key)), self.options.limits) as results:
                for batch in batched(data, BATCH_DOCUMENTS):
                    with self.track_time("batch"):
                        for result in results([_extract_page(document, fields, key) for document in batch]):
                            self._add(profile_sum, result)
                    yield from batch
            self._write(profile_sum, Path(scratch) / f"{rank:05}.profile.jsonl.zst")

    def _add(self, profile_sum: SpillingProfileSum, result: PageCounts | Failure) -> None:
        if isinstance(result, Failure):
            self.stat_update(f"uncounted_{result.reason}")
        elif not result.site:
            self.stat_update("uncounted_no-site")
        else:
            self.stat_update("counted")
            profile_sum.add(result.site, result.profile)

    def _write(self, profile_sum: SpillingProfileSum, path: Path) -> None:
        write_shard(path, Head(self.options.site_key, whole=True), profile_sum.sites())
        with path.open("rb") as shard, self.folder.open(path.name, "wb") as target:
            shutil.copyfileobj(shard, target)


def _extract_page(document: Any, fields: Fields, site_key: str) -> ExtractedPage:
    """The page of a document, with no more of its metadata than counting and cleaning need."""
    metadata = document.metadata
    page = document.text if fields.text is None else metadata.get(fields.text)
    names = (fields.url,) if fields.url else URL_FIELDS
    url = next((value for name in names if isinstance(value := metadata.get(name), str) and value), None)
    site = {site_key: metadata[site_key]} if site_key in metadata else {}
    return ExtractedPage(page, url, str(document.id), fields=site)
