"""Counting and cleaning on Spark: data frames in, data frames out.

``clean`` is ``DataFrame.mapInArrow`` over the generators of ``cleaner.engines.arrow``, which work there without this
module as well. This module adds the two passes: counting the pages, grouping the counts by site, and a broadcast of
the templates. Needs the extra ``spark`` and Java on the driver, and clean-scrape with that extra on the workers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from importlib import import_module
from typing import Any

from cleaner.engines import arrow
from cleaner.engines.arrow import TableOptions, Templates, TemplateSource
from cleaner.engines.counts import counts_schema, fingerprints_from_batch, samples_schema, templates_schema
from cleaner.errors import InputError, requires_extra

Batches = Iterable[Any]


def clean(
    df: Any, options: TableOptions | None = None, *, profile: TemplateSource | None = None, two_pass: bool = False
) -> Any:
    """The pages of a data frame cleaned, lazily: a row for each row, in the columns of ``arrow.cleaned_schema``.

    ``profile`` has the templates of sites; an open ``ProfileFile`` must lie where all workers can read it. With
    ``two_pass`` the data frame itself is counted first, at once. A page that cannot be cleaned, hangs or crashes a
    parser is a row with its reason.
    Raises InputError when a package is missing, when the data frame has no column for the page or lacks one that the
    options name, and when there are both a profile and two passes.
    """
    if two_pass and profile is not None:
        raise InputError("two_pass counts the sites itself; give either that or a profile")
    _check(df, options)
    known = _counted(df, options, least=2) if two_pass else profile
    shared = None if known is None else df.sparkSession.sparkContext.broadcast(known)
    return _mapped(df, arrow.cleaned_schema(), _clean, shared=shared, options=options)


def templates(df: Any, options: TableOptions | None = None) -> Templates:
    """The templates of the sites of a data frame, counted at once and collected on the driver.

    Raises InputError as ``clean`` does.
    """
    _check(df, options)
    return _counted(df, options, least=1)


def _check(df: Any, options: TableOptions | None) -> None:
    """Check packages and columns on the driver, so that not every task fails with a long error."""
    with requires_extra("spark", "the engine spark needs pyspark, pandas and pyarrow"):
        for package in ("pandas", "pyarrow", "pyspark"):  # mapInArrow needs all three
            import_module(package)
        none = import_module("pyspark.sql.pandas.types").to_arrow_schema(df.schema).empty_table()
    for _ in arrow.clean_batches([none], None, options):
        pass


def _counted(df: Any, options: TableOptions | None, least: int) -> Templates:
    """The templates of the sites with so many pages; of each site only the lines of its sample are shuffled."""
    counts = _mapped(df, counts_schema(), arrow.count_batches, options=options)
    counts = counts.persist(import_module("pyspark").StorageLevel.DISK_ONLY)
    try:
        samples = _mapped(counts, samples_schema(), arrow.sample_batches, options=options)
        found = _mapped(samples.repartition("site"), samples_schema(), arrow.bound_batches).toArrow().to_batches()
        bounds = {site: last for batch in found for site, (last,) in fingerprints_from_batch(batch)}
        shared = df.sparkSession.sparkContext.broadcast(bounds)
        thin = _mapped(counts, counts_schema(), _thin, shared=shared, options=options)
        merged = _mapped(thin.repartition("site"), templates_schema(), arrow.merge_counts, options=options)
        return Templates([merged.filter(f"counted >= {least}").toArrow()])
    finally:
        counts.unpersist()


def _mapped(df: Any, schema: Any, function: Any, **known: Any) -> Any:
    from_arrow = import_module("pyspark.sql.pandas.types").from_arrow_schema
    return df.mapInArrow(partial(function, **known), from_arrow(schema))


def _clean(batches: Batches, shared: Any, options: TableOptions | None) -> Iterator[Any]:
    return arrow.clean_batches(batches, None if shared is None else shared.value, options)


def _thin(batches: Batches, shared: Any, options: TableOptions | None) -> Iterator[Any]:
    bounds: Mapping[str, int] = shared.value
    return arrow.thin_counts(batches, bounds, options)
