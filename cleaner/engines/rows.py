"""Tables as items: finding the columns, and making an item of every row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from importlib import import_module
from typing import Any

from cleaner.corpus.inputs.formats.parquet import column_of, split_rows
from cleaner.corpus.items import Fields, Item
from cleaner.errors import InputError, requires_extra
from cleaner.files.json_spans import TEXT_FIELDS, listed
from cleaner.files.opening import PAGE_CAP
from cleaner.report.rows import to_json


def arrow() -> Any:
    """The module pyarrow. Raises InputError when it is missing."""
    with requires_extra("arrow", "tables need pyarrow"):
        return import_module("pyarrow")


def batches_of(tables: Iterable[Any]) -> Iterator[Any]:
    """The record batches of batches and tables; those without a column and without a row are left out."""
    pa = arrow()
    for table in tables:
        if not isinstance(table, pa.RecordBatch | pa.Table):
            raise InputError(f"expected Arrow record batches or tables, got {type(table).__name__}", reason="table")
        batches = [table] if isinstance(table, pa.RecordBatch) else table.to_batches()
        for batch in batches or [pa.RecordBatch.from_pylist([], schema=table.schema)]:  # a table may have no batch
            if batch.num_columns or batch.num_rows:
                yield batch


def items_of(tables: Iterable[Any], fields: Fields, site_field: str | None = None) -> Iterator[Item]:
    """An item for every row, in order; an item without a page has the reason.

    An item is called by its row's id, else its URL, else the fingerprint of its page; without a page, of the row.
    Raises InputError when there is no column of pages, or none for a name in ``fields`` or for ``site_field``.
    """
    column, schema = "", None
    for batch in batches_of(tables):
        if schema is None or not batch.schema.equals(schema):
            column, schema = _checked(batch.schema, fields, site_field), batch.schema
        for text, head in split_rows(batch, column):
            yield _item(text, head, column, fields)


def _checked(schema: Any, fields: Fields, site_field: str | None) -> str:
    """The column of the pages. Raises InputError naming the columns that there are."""
    there = f"the table has the columns {listed(f'{one.name} ({one.type})' for one in schema)}"
    for use, name in (("id", fields.id), ("url", fields.url), ("site key", site_field)):
        if name is not None and name not in schema.names:
            raise InputError(f"there is no column {name!r} for the {use}; {there}", reason="columns")
    found = column_of(schema, fields.text)
    if found is not None:
        return found
    for name in (fields.text,) if fields.text is not None else TEXT_FIELDS:  # a column of nulls may have no type
        at = schema.get_field_index(name)
        if at >= 0 and str(schema.field(at).type) == "null":
            return name
    wanted = f"{fields.text!r}" if fields.text is not None else f"called {', '.join(TEXT_FIELDS)}"
    message = f"there is no column {wanted} that holds text or bytes; name it with Fields(text=...); {there}"
    raise InputError(message, reason="columns")


def _item(text: bytes | None, head: bytes, column: str, fields: Fields) -> Item:
    row = other_columns(head)
    url, id_ = fields.url_and_id(row.get)
    source = id_ or url or blake2b(to_json(row) if text is None else text, digest_size=16).hexdigest()
    if text is None:
        return Item(source, source, "parquet", data=head, reason="bad-row", message=f"its {column!r} is null")
    data = head + b"\n" + text
    if len(data) > PAGE_CAP:
        message = f"is larger than {PAGE_CAP // 2**20} MB"
        return Item(source, source, "parquet", data=head, reason="too-big", message=message)
    return Item(source, source, "parquet", data=data, size=len(data))


def other_columns(data: bytes | None) -> Mapping[str, Any]:
    """The other columns of the row of an item, as JSON values."""
    head = (data or b"").partition(b"\n")[0]
    found: Mapping[str, Any] = json.loads(head, parse_constant=lambda _: None)[1]
    return found
