"""Counting and cleaning as pure generators over Arrow record batches, for any engine that uses them.

Both passes take an iterator of batches (or tables) and yield batches, so that ``functools.partial`` of them fits
``mapInArrow`` of Spark, ``map_batches`` of Ray and the like; everything they take can be pickled.

1. ``count_batches``: pages -> partial counts (``counts_schema``), to be grouped by the column ``site``.
2. ``merge_counts``: all partial counts of some sites -> one row a site (``templates_schema``). ``Templates`` holds
   these rows, for every worker.
3. ``clean_batches``: pages -> cleaned records (``cleaned_schema``), in order; one row for each row that came in.

The sums are exact: they do not depend on the order of the pages, on how they are cut into batches, or on
how often one is counted. A page that cannot be cleaned gives a row with the reason, and no error.

A site keeps a sample of its pages (``MAX_SITE_PAGES``). For sites much larger than that, ``sample_batches`` and
``cutoffs`` find the bounds of the samples first, and ``count_batches`` or ``thin_counts`` leave out what would be
dropped later: less to shuffle, the same result.

Needs the extra ``arrow``; pyarrow is imported on first use.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from multiprocessing import current_process
from pathlib import Path
from typing import Any

from cleaner.corpus.counting import CountOrder, CountTask, PageCounts, count_items
from cleaner.corpus.items import Fields
from cleaner.corpus.outputs.parquet_shards import schema_of
from cleaner.corpus.task import CleanOrder
from cleaner.engines.cleaning import clean_rows, group_rows
from cleaner.engines.counts import (
    SiteSamples,
    counts_schema,
    counts_to_batches,
    fingerprints_from_batch,
    is_counts,
    profiles_from_batch,
    samples_schema,
    samples_to_batches,
    templates_from_batch,
    templates_schema,
    templates_to_batches,
)
from cleaner.engines.rows import arrow, batches_of, items_of
from cleaner.errors import InputError
from cleaner.settings.record import DEFAULTS, Settings
from cleaner.sites.counting import ProfileSum, SpillingProfileSum
from cleaner.sites.finder import TemplateFinder, TemplateSource
from cleaner.sites.keys import SiteOf
from cleaner.sites.profile import MAX_SITE_PAGES, SiteProfile, Template
from cleaner.workers.limits import Limits

__all__ = [
    "Fields",
    "Limits",
    "TableOptions",
    "TemplateSource",
    "Templates",
    "clean_batches",
    "cleaned_schema",
    "count_batches",
    "counts_schema",
    "cutoffs",
    "merge_counts",
    "merge_profiles",
    "sample_batches",
    "samples_schema",
    "templates_schema",
    "thin_counts",
]


@dataclass(frozen=True, slots=True)
class TableOptions:
    """How the pages of tables are counted and cleaned.

    ``fields`` names the columns of page, id and URL; None stands for the usual names. ``site_key`` is what makes two
    pages belong to one site: host, domain, folder (the first folder of the id) or the name of a column.
    With ``limits`` pages are worked on in a worker process, so that a page that hangs or crashes a parser fails by
    itself; without, in this process. ``memory`` is about how many bytes of counts are added up before they are yielded.
    ``metadata`` adds author, date, site name and description.
    """

    settings: Settings = DEFAULTS
    fields: Fields = field(default_factory=Fields)
    site_key: str = "host"
    limits: Limits | None = field(default_factory=Limits)
    metadata: bool = False
    memory: int = 64 * 1024 * 1024


class Templates:
    """The templates of sites, in memory: made from the batches of ``merge_counts``. It can be pickled.

    For very many sites use ``ProfileFile.open(path)`` instead: it takes no memory, and workers read it where it lies.
    """

    def __init__(self, batches: Iterable[Any] = ()) -> None:
        self._found = {site: one for batch in batches_of(batches) for site, one in templates_from_batch(batch)}

    def find(self, site: str) -> Template | None:
        """The template of a site, None when there is none."""
        return self._found.get(site)

    def items(self) -> Iterator[tuple[str, Template]]:
        """All sites, sorted, each with its template: what a file of profiles is written from."""
        yield from sorted(self._found.items())

    def __len__(self) -> int:
        return len(self._found)


def cleaned_schema() -> Any:
    """The columns of cleaned records: those of a Parquet shard, and ``report`` and ``error``.

    ``report`` (string) is the report row as JSON; ``error`` (struct of ``reason`` and ``message``) is null for pages
    that were cleaned. See ``docs/engines.md``.
    """
    pa = arrow()
    error = pa.struct([("reason", pa.string()), ("message", pa.string())])
    return pa.schema([*schema_of(pa), ("report", pa.string()), ("error", error)])


def count_batches(
    batches: Iterable[Any], options: TableOptions | None = None, bounds: Mapping[str, int] | None = None
) -> Iterator[Any]:
    """Partial counts of the lines of pages, as batches of ``counts_schema``.

    They are summed up in ``options.memory`` before they are yielded. Pages that cannot be read, and pages without a
    site, are not counted. ``bounds`` (from ``cutoffs``) leaves out pages that no sample will hold. Raises InputError
    when the table has no column for the page, or lacks one that the options name.
    """
    options = options or TableOptions()
    return _sum_batches(_drop_above_bounds(_count_pages(batches, options), bounds or {}), options.memory)


def thin_counts(
    batches: Iterable[Any], bounds: Mapping[str, int], options: TableOptions | None = None
) -> Iterator[Any]:
    """Partial counts summed up again, without the pages that no sample will hold.

    Raises InputError when the batches are no partial counts.
    """
    profiles = (row for batch in batches_of(batches) for row in profiles_from_batch(batch))
    return _sum_batches(_drop_above_bounds(profiles, bounds), (options or TableOptions()).memory)


def sample_batches(batches: Iterable[Any], options: TableOptions | None = None) -> Iterator[Any]:
    """The pages of each site with the smallest fingerprints, as batches of ``samples_schema``.

    ``batches`` are of pages, or of partial counts, which spares reading the pages again. Raises as count_batches does.
    """
    samples = SiteSamples()
    for site, fingerprints in _fingerprints(batches, options or TableOptions()):
        samples.add(site, fingerprints)
    yield from samples_to_batches(samples.items())


def cutoffs(samples: Iterable[Any]) -> dict[str, int]:
    """By site with more than MAX_SITE_PAGES pages in ``samples``, the largest fingerprint that its sample may hold.

    Bounds from some of the samples are wider, never wrong: of two for a site the smaller holds.
    Raises InputError when the batches are no samples.
    """
    found = SiteSamples(MAX_SITE_PAGES + 1)
    for batch in batches_of(samples):
        for site, fingerprints in fingerprints_from_batch(batch):
            found.add(site, fingerprints)
    last = MAX_SITE_PAGES - 1
    return {site: fingerprints[last] for site, fingerprints in found.items() if len(fingerprints) > MAX_SITE_PAGES}


def bound_batches(samples: Iterable[Any]) -> Iterator[Any]:
    """The ``cutoffs`` of samples as batches of ``samples_schema``: one fingerprint for each site that has a bound.

    ``samples`` must hold all of their sites. Raises as ``cutoffs`` does.
    """
    yield from samples_to_batches((site, [last]) for site, last in sorted(cutoffs(samples).items()))


def merge_counts(batches: Iterable[Any], options: TableOptions | None = None) -> Iterator[Any]:
    """The templates of the sums of partial counts, one row for each site, sorted by site: batches of
    ``templates_schema``.

    ``batches`` must hold all counts of their sites, in any order. Counts beyond ``options.memory`` spill to a
    temporary folder. Sites of a single page have a row, too.
    Raises InputError when the batches are no partial counts, OSError when writing fails.
    """
    yield from templates_to_batches((site, profile.template()) for site, profile in merge_profiles(batches, options))


def merge_profiles(batches: Iterable[Any], options: TableOptions | None = None) -> Iterator[tuple[str, SiteProfile]]:
    """The sums of partial counts as profiles, sorted by site: like ``merge_counts``, without making templates."""
    with tempfile.TemporaryDirectory(prefix="clean-scrape-") as scratch:
        profile_sum = SpillingProfileSum(Path(scratch), (options or TableOptions()).memory)
        for batch in batches_of(batches):
            for site, profile in profiles_from_batch(batch):
                profile_sum.add(site, profile)
        yield from profile_sum.sites()


def clean_batches(
    batches: Iterable[Any], profile: TemplateSource | None = None, options: TableOptions | None = None
) -> Iterator[Any]:
    """Cleaned records, one for each row and in the same order, as batches of ``cleaned_schema``.

    ``profile`` has the templates of sites; a file of profiles has its own site key.
    Raises InputError when the table has no column for the page, or lacks one that the options name.
    """
    options = options or TableOptions()
    _check_process(options)
    finder = None if profile is None else TemplateFinder.of(profile, options.site_key)
    items = items_of(batches, options.fields, finder.key.field if finder else None)
    order = CleanOrder(options.settings, "jsonl", options.fields, options.metadata, options.limits, finder)
    schema = cleaned_schema()
    for rows in group_rows(clean_rows(items, order)):
        yield arrow().RecordBatch.from_pylist(rows, schema=schema)


def _count_pages(tables: Iterable[Any], options: TableOptions) -> Iterator[tuple[str, SiteProfile]]:
    """The profile of each page that has a site."""
    _check_process(options)
    key = SiteOf(options.site_key)
    items = items_of(tables, options.fields, key.field)
    for _, result in count_items(map(CountTask, items), CountOrder(key, options.fields, options.limits)):
        if isinstance(result, PageCounts) and result.site:
            yield result.site, result.profile


def _check_process(options: TableOptions) -> None:
    """Raise InputError when the options want a worker and this process may have none."""
    if options.limits is not None and current_process().daemon:
        message = "this process is a daemon, which may not start workers; TableOptions(limits=None) works without one"
        raise InputError(message, reason="daemon")


def _drop_above_bounds(
    sites: Iterable[tuple[str, SiteProfile]], bounds: Mapping[str, int]
) -> Iterator[tuple[str, SiteProfile]]:
    """Profiles without the pages above the bound of their site."""
    for site, profile in sites:
        if site not in bounds:
            yield site, profile
        elif left := {fingerprint: keys for fingerprint, keys in profile.pages.items() if fingerprint <= bounds[site]}:
            yield site, SiteProfile(left)


def _sum_batches(sites: Iterable[tuple[str, SiteProfile]], memory: int) -> Iterator[Any]:
    """Profiles added up as batches of ``counts_schema``; the sums are yielded whenever they fill the memory."""
    sums = ProfileSum()
    for site, profile in sites:
        sums.add(site, profile)
        if sums.size > memory:
            yield from counts_to_batches(sums.sites())
            sums = ProfileSum()
    yield from counts_to_batches(sums.sites())


def _fingerprints(tables: Iterable[Any], options: TableOptions) -> Iterator[tuple[str, Iterable[int]]]:
    """By site the fingerprints of the pages that tables of pages or of partial counts hold."""
    tables = iter(tables)
    first = next(tables, None)
    if first is None:
        return
    tables = chain([first], tables)
    if is_counts(first):
        yield from (row for batch in batches_of(tables) for row in fingerprints_from_batch(batch))
    else:
        yield from ((site, profile.pages) for site, profile in _count_pages(tables, options))
