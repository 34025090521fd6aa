"""Parquet: a page in one column of each row. A few rows of a row group are read at a time.

The other columns are kept as JSON: bytes as UTF-8 text with U+FFFD for invalid bytes, dates, times and decimals as
text, maps as lists of pairs, and numbers that JSON does not have (NaN) as null.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaner.corpus.inputs.formats.item_maker import ItemMaker
from cleaner.corpus.items import ExtractedPage, Fields, Item
from cleaner.errors import UnreadableError, requires_extra
from cleaner.files.json_spans import TEXT_FIELDS, bad_row, listed
from cleaner.files.opening import open_regular
from cleaner.files.unpacking import unpacked

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

#: At most so many rows are in memory at once, and about so many bytes.
MAX_BATCH_ROWS, BATCH_BYTES = 8, 16 * 1024 * 1024

_READING = {"buffer_size": 1024 * 1024, "pre_buffer": False, "page_checksum_verification": True}

_HOLD_TEXT = frozenset(("string", "large_string", "string_view", "binary", "large_binary", "binary_view"))


def read_items(path: Path, source: str, name: str, fields: Fields) -> Iterator[Item]:
    """Yield an item for each row; ``#12`` is row 12. A file that cannot be read is one item with the reason."""
    maker = ItemMaker(source, name)
    yield from maker.catch_errors(_rows(path, maker, fields.text))


def _rows(path: Path, maker: ItemMaker, field: str | None) -> Iterator[Item]:
    parquet, errors = _arrow(maker.source)
    with open_regular(path, maker.source) as file:
        try:
            table = parquet.ParquetFile(file, **_READING)
            column = _text_column(table.schema_arrow, field, maker.source)
        except errors as error:
            message = f"is no Parquet file, or a damaged one ({_short(error)}); fetch the file again"
            raise UnreadableError(message, source=maker.source, reason="bad-parquet") from error
        first = 0
        for group in range(table.num_row_groups):
            yield from _group(table, group, first, column, maker)
            first += table.metadata.row_group(group).num_rows


def _group(table: pq.ParquetFile, group: int, first: int, column: str, maker: ItemMaker) -> Iterator[Item]:
    """Yield the rows of a row group, and one item for the rest of it when it is damaged."""
    number = first
    meta = table.metadata.row_group(group)
    rows = max(1, min(MAX_BATCH_ROWS, BATCH_BYTES // max(1, meta.total_byte_size // max(1, meta.num_rows))))
    try:
        for batch in table.iter_batches(batch_size=rows, row_groups=[group], use_threads=False):
            for text, rest in split_rows(batch, column):
                number += 1
                yield (
                    maker.fault(number, "bad-row", f"its {column!r} is null")
                    if text is None
                    else (maker.record(number, rest + b"\n" + text))
                )
    except _arrow(maker.source)[1] as error:
        message = (
            f"this row, and the row group {group} from here on, cannot be read ({_short(error)}); fetch the file again"
        )
        yield maker.fault(number + 1, "damaged", message)


def _short(error: Exception) -> str:
    return " ".join(ascii(str(error))[1:-1].split()[:40])[:300]


def _text_column(schema: pa.Schema, field: str | None, source: str) -> str:
    if name := column_of(schema, field):
        return name
    wanted = repr(field) if field is not None else f"of the usual names ({', '.join(TEXT_FIELDS)})"
    message = f"has no column {wanted} with text; name it with --text-field (columns: {listed(schema.names)})"
    raise bad_row(message, source)


def column_of(schema: pa.Schema, field: str | None) -> str | None:
    """Return the column with the pages: ``field``, or the first of the usual names; None when it holds no text."""
    for name in (field,) if field is not None else TEXT_FIELDS:
        at = schema.get_field_index(name)
        if at >= 0 and str(_values_of(schema.field(at).type)) in _HOLD_TEXT:
            return name
    return None


def _values_of(kind: pa.DataType) -> pa.DataType:
    """Return the type of the values, for a dictionary that of its entries."""
    return kind.value_type if str(kind).startswith("dictionary") else kind


def split_rows(batch: pa.RecordBatch, column: str) -> Iterator[tuple[bytes | None, bytes]]:
    """Yield for each row its text as bytes, None for null, and one line of JSON: [is string, other columns]."""
    names = batch.schema.names
    columns = [_plain(batch.column(at)) for at in range(len(names))]
    is_string = "string" in str(batch.schema.field(column).type)
    for at in range(batch.num_rows):  # one row at a time: as Python values, pages would take their memory again
        rest = {name: _cell(values, at) for name, values in zip(names, columns, strict=True)}
        text = rest.pop(column)
        yield text, json.dumps([is_string, rest], default=_as_text).encode()


def _plain(column: pa.Array) -> pa.Array:
    """Return a column as JSON can hold it; strings as bytes, since they may be invalid UTF-8."""
    import pyarrow as pa  # noqa: PLC0415  an extra

    if pa.types.is_dictionary(column.type):
        column = pa.DictionaryArray.from_arrays(column.indices, _plain(column.dictionary)).dictionary_decode()
    if pa.types.is_string(column.type):
        column = column.cast(pa.binary())
    elif "string" in str(column.type) and not pa.types.is_nested(column.type):
        column = column.cast(pa.large_binary())
    elif pa.types.is_temporal(column.type):
        with suppress(pa.ArrowException):  # intervals and unknown time zones have no text
            column = column.cast(pa.string())
    return column


def _cell(column: pa.Array, at: int) -> Any:
    """Return a value, or the reason why Python cannot hold it in angle brackets, as Arrow writes dates out of range."""
    try:
        return column[at].as_py()
    except (
        ArithmeticError,
        LookupError,
        NotImplementedError,
        TypeError,
        ValueError,
    ) as error:  # Arrow's are these, too
        return f"<unreadable: {_short(error)}>"


def _as_text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def extract_page(item: Item, fields: Fields) -> ExtractedPage:
    """Return the page of a row. Raises UnreadableError when it is compressed and cannot be unpacked."""
    head, _, body = (item.data or b"").partition(b"\n")
    is_string, rest = json.loads(head, parse_constant=lambda _: None)
    data: bytes | str
    if is_string:
        data = body.decode("utf-8", "replace")
        lossy = data.count("\ufffd") - body.count(b"\xef\xbf\xbd")
        damage = f"{lossy:,} bytes of the column are no UTF-8 and became U+FFFD" if lossy else ""
    else:
        data, damage = unpacked(body, item.source)
    url, id_ = fields.url_and_id(rest.get)
    return ExtractedPage(data, url or None, id_, fields=rest, damage=damage)


def _arrow(source: str) -> tuple[Any, tuple[type[Exception], ...]]:
    """Return the package that reads Parquet, and the errors that it raises."""
    with requires_extra("arrow", "is a Parquet file, which needs pyarrow", source):
        import pyarrow as pa  # noqa: PLC0415  an extra
        from pyarrow import parquet  # noqa: PLC0415
    return parquet, (pa.ArrowException, OSError, ValueError, MemoryError, OverflowError)
