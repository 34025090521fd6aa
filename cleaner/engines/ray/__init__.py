"""Ray Data: datasets of pages in, datasets of cleaned records out, with or without evidence from other pages.

Needs the extra ``ray``, on all nodes; ray is imported on first use. Usage statistics are
switched off where this starts Ray.

Datasets are lazy, and so is ``clean``; counting is not, as everything has to be counted before the first page can
be cleaned. The rows are the same for any number of blocks and nodes; their order is that of the dataset only with
``DataContext.execution_options.preserve_order``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import import_module
from typing import Any

from cleaner.engines.arrow import (
    TableOptions,
    Templates,
    TemplateSource,
    bound_batches,
    clean_batches,
    cleaned_schema,
    count_batches,
    counts_schema,
    merge_counts,
    sample_batches,
    samples_schema,
    templates_schema,
    thin_counts,
)
from cleaner.engines.counts import fingerprints_from_batch
from cleaner.engines.ray.session import hide_main_module, import_ray
from cleaner.errors import InputError
from cleaner.workers.limits import Limits

#: Bytes of templates, as Arrow holds them, that every worker gets; as Python objects they take five times
#: as much in each.
MAX_BROADCAST_BYTES = 256 * 1024 * 1024

#: Blocks that counts are shuffled into, for each core: small enough to merge in memory.
BLOCKS_PER_CORE = 4


def clean(
    dataset: Any, options: TableOptions | None = None, *, profile: TemplateSource | None = None, two_pass: bool = False
) -> Any:
    """A dataset of pages as one of cleaned records: the columns of ``arrow.cleaned_schema``, a row for each row.

    ``profile`` has the templates of sites; an open ``ProfileFile`` must lie where all nodes can read it. With
    ``two_pass`` the dataset itself is counted first, which runs it. A page that cannot be cleaned, hangs or crashes
    a parser is a row with its reason. Raises InputError when ray is missing or the templates are too many for
    every worker; Ray raises InputError within its own errors where the columns are not there.
    """
    ray, options = import_ray(), _limited(options)
    if two_pass and profile is not None:
        raise InputError("two_pass counts the sites itself; give either that or a profile")
    if two_pass:
        profile = in_memory(templates(dataset, options))
    known = ray.put(profile) if profile is not None else None
    return _mapped(dataset, clean_batches, cleaned_schema(), known, options)


def templates(dataset: Any, options: TableOptions | None = None) -> Any:
    """The dataset of the templates of all sites of a dataset of pages: the columns of ``arrow.templates_schema``.

    Only partial counts are shuffled, by site. Raises InputError when ray is missing.
    """
    options = _limited(options)
    return merge_dataset(_mapped(dataset, count_batches, counts_schema(), options), options)


def merge_dataset(counts: Any, options: TableOptions | None = None) -> Any:
    """The dataset of the templates of the sums of a dataset of partial counts.

    First the fingerprints of pages are shuffled by site, then the lines of the pages in the samples of their sites.
    """
    counts = counts.materialize()
    samples = _by_site(_mapped(counts, sample_batches, samples_schema(), options))
    found = _mapped(samples, bound_batches, samples_schema()).iter_batches(batch_size=None, batch_format="pyarrow")
    bounds = {site: last for table in found for site, (last,) in fingerprints_from_batch(table)}
    known = import_ray().put(bounds)
    thin = _mapped(counts, thin_counts, counts_schema(), known, options) if bounds else counts
    return _mapped(_by_site(thin), merge_counts, templates_schema(), options)


def _by_site(counts: Any) -> Any:
    """A dataset shuffled into blocks that hold all rows of their sites.

    Into few whole blocks: of 40,000 rows in 4 to 16 of them 5 times as fast as ``groupby`` with ``map_groups`` in 200.
    """
    cores = int(import_ray().cluster_resources().get("CPU", 1))
    strategies = import_module("ray.data.context").ShuffleStrategy
    if counts.context.shuffle_strategy.name.startswith("SORT"):  # as older versions have it: cannot bring keys together
        counts.context.shuffle_strategy = strategies.HASH_SHUFFLE
    return counts.repartition(max(1, cores) * BLOCKS_PER_CORE, keys=["site"])


def in_memory(found: Any) -> Templates:
    """A dataset of templates as an object that can be sent to workers.

    Raises InputError when it is larger than MAX_BROADCAST_BYTES.
    """
    tables, size = [], 0
    for table in found.iter_batches(batch_size=None, batch_format="pyarrow"):
        tables.append(table)
        size += table.nbytes
        if size > MAX_BROADCAST_BYTES:
            message = (
                f"the templates of all sites take more than {MAX_BROADCAST_BYTES // 2**20} MB, too much for a worker;"
                " write a profile (clean-scrape profile) on a disk that all nodes share, and give that"
            )
            raise InputError(message, reason="broadcast")
    return Templates(tables)


def _limited(options: TableOptions | None) -> TableOptions:
    """Options with limits: a page that ends the process of its task would be given to Ray's processes for ever."""
    options = options or TableOptions()
    return options if options.limits else replace(options, limits=Limits())


def _mapped(dataset: Any, function: Any, schema: Any, *args: Any) -> Any:
    """The dataset of what a function of batches makes of each block; of arguments in Ray's store it gets the values."""
    known = {"fn_args": (function, schema, *args)}
    return dataset.map_batches(_map_table, batch_size=None, batch_format="pyarrow", **known)


def _map_table(table: Any, function: Any, schema: Any, *args: Any) -> Iterator[Any]:
    hide_main_module()
    ray = import_ray()
    values = [ray.get(one) if isinstance(one, ray.ObjectRef) else one for one in args]
    yield from _tables(function([table], *values) if table.num_rows else (), schema)


def _tables(batches: Iterable[Any], schema: Any) -> Iterator[Any]:
    """The batches as tables; an empty one when there are none, as Ray needs the columns of all blocks."""
    import pyarrow as pa  # noqa: PLC0415 (an extra)

    number = 0
    for number, batch in enumerate(batches, 1):  # noqa: B007
        yield batch if isinstance(batch, pa.Table) else pa.Table.from_batches([batch], schema)
    if not number:
        yield schema.empty_table()
