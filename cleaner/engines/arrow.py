"""Counting and cleaning as pure generators over Arrow record batches, for any engine that moves them.

Both passes take an iterator of batches (or tables) and yield batches, so that ``functools.partial`` of them fits
``mapInArrow`` of Spark, ``map_batches`` of Ray and the like; everything they take can be pickled.

1. ``count_batches``: pages -> partial counts (``counts_schema``), to be shuffled by the column ``site``.
2. ``merge_counts``: all partial counts of some sites -> one row a site (``templates_schema``). ``Templates`` holds
   these rows, to be handed to every worker.
3. ``clean_batches``: pages -> cleaned records (``cleaned_schema``), in order; one row for each row that came in.

The sums are exact: what comes out does not depend on the order of the pages, on how they are cut into batches, or on
how often one is counted. A page that cannot be cleaned is a row with its reason; it raises nothing.

A site keeps a sample of its pages (``MOST_PAGES``). For sites much larger than that, ``sample_batches`` and
``cutoffs`` find the bounds of the samples first, and ``count_batches`` or ``thin_counts`` leave out what would be
dropped later: less to shuffle, the same result.

Needs the extra ``arrow``; pyarrow is imported on first use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from cleaner.corpus.items import Fields
from cleaner.corpus.workers.limits import Limits
from cleaner.pipeline import DEFAULTS
from cleaner.settings import Settings
from cleaner.sites import Template


class Finds(Protocol):
    """What has templates by site: ``Templates``, or an open file of profiles."""

    def find(self, site: str) -> Template | None:
        """The template of a site, None when there is none."""


#: What is known of sites: templates by name, or what finds them.
Profile = Mapping[str, Template] | Finds | None


@dataclass(frozen=True, slots=True)
class Options:
    """How the pages of tables are counted and cleaned.

    ``fields`` names the columns of page, id and URL; None stands for the usual names. ``site_key`` is what makes two
    pages belong to one site: host, domain, folder (the first folder of the id) or the name of a column.
    With ``limits`` pages are worked on in a process of their own, so that one that hangs or crashes a parser costs
    itself; without, in this process. ``memory`` is about how many bytes of counts are held before they leave.
    ``metadata`` adds author, date, site name and description.
    """

    settings: Settings = DEFAULTS
    fields: Fields = field(default_factory=Fields)
    site_key: str = "host"
    limits: Limits | None = field(default_factory=Limits)
    metadata: bool = False
    memory: int = 64 * 1024 * 1024


class Templates:
    """The templates of sites, in memory: made from the rows of ``merge_counts``; can be pickled."""

    def __init__(self, batches: Iterable[Any] = ()) -> None:
        raise NotImplementedError

    def find(self, site: str) -> Template | None:
        """The template of a site, None when there is none."""
        raise NotImplementedError


def counts_schema() -> Any:
    """The columns of partial counts: ``site``, ``key`` (of a line), ``prints`` (list of uint64: pages it is on)."""
    raise NotImplementedError


def templates_schema() -> Any:
    """The columns of templates.

    ``site``; ``prints`` (list of uint64: fingerprints of the pages counted); ``keys`` and ``pages`` (lists of
    string and int32: the lines on two pages or more, and on how many).
    """
    raise NotImplementedError


def samples_schema() -> Any:
    """The columns of samples: ``site``, ``print`` (uint64, the fingerprint of a page)."""
    raise NotImplementedError


def cleaned_schema() -> Any:
    """The columns of cleaned records: those of a Parquet shard, and ``report`` and ``error``.

    ``report`` (string) is the report row as JSON; ``error`` (struct of ``reason`` and ``message``) is null for pages
    that were cleaned. See ``docs/engines.md``.
    """
    raise NotImplementedError


def count_batches(
    batches: Iterable[Any], options: Options | None = None, bounds: Mapping[str, int] | None = None
) -> Iterator[Any]:
    """Partial counts of the lines of pages, as batches of ``counts_schema``.

    They are summed up as far as memory goes before they leave. Pages that cannot be read, and pages without a site,
    are not counted. ``bounds`` (from ``cutoffs``) leaves out pages that no sample will hold.
    Raises InputError when the table has no column for the page, or lacks one that the options name.
    """
    raise NotImplementedError


def sample_batches(batches: Iterable[Any], options: Options | None = None) -> Iterator[Any]:
    """The pages of each site with the smallest fingerprints, as batches of ``samples_schema``.

    ``batches`` are of pages, or of partial counts, which spares reading the pages again. Raises as count_batches does.
    """
    raise NotImplementedError


def cutoffs(samples: Iterable[Any]) -> dict[str, int]:
    """By site with more than MOST_PAGES pages in ``samples``, the largest fingerprint that its sample holds.

    Bounds from some of the samples are looser, never wrong: join them by taking the smaller.
    """
    raise NotImplementedError


def thin_counts(batches: Iterable[Any], bounds: Mapping[str, int]) -> Iterator[Any]:
    """Partial counts without the pages that no sample will hold."""
    raise NotImplementedError


def merge_counts(batches: Iterable[Any], options: Options | None = None) -> Iterator[Any]:
    """The templates that partial counts come to, one row a site, sorted by site: batches of ``templates_schema``.

    ``batches`` must hold all counts of their sites, in any order. Spills to a temporary folder over
    ``options.memory``. Sites of a single page have a row, too.
    """
    raise NotImplementedError


def clean_batches(batches: Iterable[Any], profile: Profile = None, options: Options | None = None) -> Iterator[Any]:
    """Cleaned records, one for each row and in the same order, as batches of ``cleaned_schema``.

    Raises InputError when the table has no column for the page, or lacks one that the options name.
    """
    raise NotImplementedError
