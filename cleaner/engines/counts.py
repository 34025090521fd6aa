"""Counts of lines as Arrow record batches: a row holds pages of one site, or the template of the site."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import Any

from cleaner.engines.rows import arrow
from cleaner.errors import InputError
from cleaner.sites.profile import MAX_SITE_PAGES, SiteProfile, Template, sample

#: About how many bytes of rows a batch has.
BATCH_BYTES = 4 * 1024 * 1024

SiteProfiles = Iterable[tuple[str, SiteProfile]]


def counts_schema() -> Any:
    """The columns of partial counts: one row holds some pages of a site.

    ``site``; ``keys`` (list of string: the different lines of these pages, sorted); ``prints`` (list of int64: the
    fingerprints of the pages, 64 bits each, which are negative from the 64th bit on) and ``lines`` (list of list of
    int32: for each page, which of the keys it has).
    """
    pa = arrow()
    fingerprints, lines = pa.list_(pa.int64()), pa.list_(pa.list_(pa.int32()))
    return pa.schema(
        [("site", pa.string()), ("keys", pa.list_(pa.string())), ("prints", fingerprints), ("lines", lines)]
    )


def templates_schema() -> Any:
    """The columns of templates: one row holds the template of a site.

    ``site``; ``counted`` (int32: the number of pages counted); ``keys`` and ``pages`` (lists of string and of int32:
    the lines that several of them have, sorted, and on how many of the pages).
    """
    pa = arrow()
    of = {"keys": pa.string(), "pages": pa.int32()}
    lists = [(name, pa.list_(kind)) for name, kind in of.items()]
    return pa.schema([("site", pa.string()), ("counted", pa.int32()), *lists])


def samples_schema() -> Any:
    """The columns of samples: ``site``, ``prints`` (list of int64: fingerprints of some of its pages)."""
    pa = arrow()
    return pa.schema([("site", pa.string()), ("prints", pa.list_(pa.int64()))])


@dataclass(slots=True)
class SiteSamples:
    """The smallest fingerprints of each site: at most ``size`` of them, MAX_SITE_PAGES when that is None."""

    size: int | None = None
    sites: dict[str, set[int]] = field(default_factory=dict)

    def add(self, site: str, fingerprints: Iterable[int]) -> None:
        """Add fingerprints to a site."""
        kept = self.sites.setdefault(site, set())
        kept.update(fingerprints)
        if len(kept) > 2 * (self.size or MAX_SITE_PAGES):
            self.sites[site] = set(sample(kept, self.size))

    def items(self) -> Iterator[tuple[str, list[int]]]:
        """The sites, sorted, each with its sorted fingerprints."""
        for site, fingerprints in sorted(self.sites.items(), key=itemgetter(0)):
            yield site, sample(fingerprints, self.size)


def counts_to_batches(sites: SiteProfiles) -> Iterator[Any]:
    """Profiles as batches of ``counts_schema``."""
    return _batches(((site, profile, _weight(profile)) for site, profile in sites), _counts_batch)


def samples_to_batches(sites: Iterable[tuple[str, list[int]]]) -> Iterator[Any]:
    """Fingerprints of pages by site as batches of ``samples_schema``."""
    return _batches(((site, fingerprints, 8 * len(fingerprints)) for site, fingerprints in sites), _samples_batch)


def templates_to_batches(templates: Iterable[tuple[str, Template]]) -> Iterator[Any]:
    """Templates as batches of ``templates_schema``."""
    rows = ((site, one, sum(map(len, one.counts)) + 8 * len(one.counts)) for site, one in templates)
    return _batches(rows, _templates_batch)


def profiles_from_batch(batch: Any) -> Iterator[tuple[str, SiteProfile]]:
    """The profiles that rows of ``counts_schema`` hold; a site may come more than once.

    Raises InputError when the batch has other columns.
    """
    _check(batch, counts_schema(), "partial counts")
    for site, keys, fingerprints, lines in _rows(batch, "site", "keys", "prints", "lines"):
        pages = zip(map(_unsigned, fingerprints), lines, strict=True)
        yield site, SiteProfile({fingerprint: tuple([keys[at] for at in of]) for fingerprint, of in pages})


def templates_from_batch(batch: Any) -> Iterator[tuple[str, Template]]:
    """The templates that rows of ``templates_schema`` hold.

    Raises InputError when the batch has other columns.
    """
    _check(batch, templates_schema(), "templates")
    for site, counted, keys, pages in _rows(batch, "site", "counted", "keys", "pages"):
        yield site, Template(counted, dict(zip(keys, pages, strict=True)))


def fingerprints_from_batch(batch: Any) -> Iterator[tuple[str, list[int]]]:
    """The fingerprints by site in rows of ``samples_schema`` or ``counts_schema``.

    Raises InputError when the batch has other columns.
    """
    _check(batch, samples_schema(), "samples")
    for site, fingerprints in _rows(batch, "site", "prints"):
        yield site, [_unsigned(fingerprint) for fingerprint in fingerprints]


def is_counts(table: Any) -> bool:
    """Tell whether a table has all columns of partial counts; engines change the width of types."""
    return _holds(table, counts_schema())


def _holds(table: Any, wanted: Any) -> bool:
    return set(wanted.names) <= set(table.schema.names)


def _check(batch: Any, wanted: Any, what: str) -> None:
    """Raise InputError unless a batch has the columns of a schema."""
    if not _holds(batch, wanted):
        there = ", ".join(batch.schema.names) or "none"
        message = f"{what} have the columns {', '.join(wanted.names)}; the table has {there}"
        raise InputError(message, reason="columns")


def _rows(batch: Any, *names: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a batch as values of Python, one at a time."""
    columns = [batch.column(name) for name in names]
    for at in range(batch.num_rows):
        yield tuple(column[at].as_py() for column in columns)


def _batches(rows: Iterable[tuple[str, Any, int]], made: Callable[[Mapping[str, Any]], Any]) -> Iterator[Any]:
    """Batches of rows, given by site with their sizes."""
    held: dict[str, Any] = {}
    filled = 0
    for site, value, size in rows:
        held[site] = value
        filled += size + len(site)
        if filled > BATCH_BYTES:
            yield made(held)
            held, filled = {}, 0
    if held:
        yield made(held)


def _weight(profile: SiteProfile) -> int:
    return sum(map(len, chain.from_iterable(profile.pages.values())))


def _counts_batch(sites: Mapping[str, SiteProfile]) -> Any:
    keys = [sorted(set(chain.from_iterable(profile.pages.values()))) for profile in sites.values()]
    lines = []
    for of_site, profile in zip(keys, sites.values(), strict=True):
        places = {key: at for at, key in enumerate(of_site)}
        lines.append([[places[key] for key in page] for page in profile.pages.values()])
    return _batch(counts_schema(), sites, keys, _signed(profile.pages for profile in sites.values()), lines)


def _samples_batch(sites: Mapping[str, Iterable[int]]) -> Any:
    return _batch(samples_schema(), sites, _signed(sites.values()))


def _templates_batch(sites: Mapping[str, Template]) -> Any:
    counted = [one.pages for one in sites.values()]
    keys = [list(one.counts) for one in sites.values()]
    pages = [list(one.counts.values()) for one in sites.values()]
    return _batch(templates_schema(), sites, counted, keys, pages)


def _batch(schema: Any, *columns: Iterable[Any]) -> Any:
    pa = arrow()
    arrays = [pa.array(list(column), field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.record_batch(arrays, schema=schema)


def _signed(fingerprints: Iterable[Iterable[int]]) -> list[list[int]]:
    """Fingerprints as signed numbers: not every engine has unsigned ones of 64 bits."""
    return [[one - (1 << 64) if one >> 63 else one for one in of_site] for of_site in fingerprints]


def _unsigned(fingerprint: int) -> int:
    return fingerprint & (1 << 64) - 1
