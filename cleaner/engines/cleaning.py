"""Items as rows of cleaned records; an item that fails gives a row with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from cleaner.corpus.inputs.formats import extract_page
from cleaner.corpus.items import Fields, Item
from cleaner.corpus.outputs.parquet_shards import GROUP_BYTES, GROUP_ROWS, RECORD_FIELDS, row_of
from cleaner.corpus.task import CleanOrder, add_input_fields, clean_page, encode_page, read_item
from cleaner.engines.rows import other_columns
from cleaner.report.rows import Row, failure_row, to_json
from cleaner.workers.batches import split_into_batches
from cleaner.workers.pool import Failure, map_in_order


class SizedRow(NamedTuple):
    """A row of the table of cleaned records, and about how many bytes it has."""

    row: Row
    size: int


def clean_rows(items: Iterable[Item], order: CleanOrder) -> Iterator[SizedRow]:
    """The row of each item, in order; with limits in a process of its own.

    Raises OSError when that cannot be started.
    """
    for item, found in map_in_order(partial(_clean_item, order=order), items, limits=order.limits):
        yield _failure_row(item, found, order.fields) if isinstance(found, Failure) else found


def group_rows(rows: Iterable[SizedRow]) -> Iterator[list[Row]]:
    """Rows in lists that are small enough to be in memory as Python objects."""
    for group in split_into_batches(rows, GROUP_ROWS, GROUP_BYTES, attrgetter("size")):
        yield [row for row, _ in group]


def _clean_item(item: Item, order: CleanOrder) -> SizedRow:
    """The row of an item, made in a worker. Raises CleanScrapeError when it is no page."""
    page = extract_page(replace(item, data=read_item(item)), order.fields)
    cleaned = encode_page(clean_page(item, page, order), page, order, b"")
    return _sized(cleaned.body, cleaned.row(""), None)


def _failure_row(item: Item, failure: Failure, fields: Fields) -> SizedRow:
    row = other_columns(item.data)
    known = {"id": item.source, "source": item.source, "url": fields.url_and_id(row.get)[0]}
    record = add_input_fields(dict.fromkeys(RECORD_FIELDS) | known, row)
    record = {name: value for name, value in record.items() if value is not None or name not in RECORD_FIELDS}
    report = failure_row(item.source, failure.reason, failure.message)
    return _sized(to_json(record), to_json(report), {"reason": failure.reason, "message": failure.message})


def _sized(record: bytes, report: bytes, error: Row | None) -> SizedRow:
    row = row_of(record, Path()) | {"report": report.decode("utf-8").removesuffix("\n"), "error": error}
    return SizedRow(row, len(record) + len(report))
