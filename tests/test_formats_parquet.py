"""Parquet: rows come out a few at a time, and what cannot be read is named."""

from __future__ import annotations

import datetime
import decimal
import io
import random
import sys

import pytest

from cleaner.corpus.inputs.formats import extract_page, read_items
from cleaner.corpus.items import Fields
from cleaner.errors import CleanScrapeError, InputError

pa = pytest.importorskip("pyarrow", reason="the extra arrow is not installed")
pq = pytest.importorskip("pyarrow.parquet")

FIELDS = Fields()


def stored(columns, **options):
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, **options)
    return file.getvalue()


def items(tmp_path, data, fields=FIELDS):
    (tmp_path / "a.parquet").write_bytes(data)
    return list(read_items("parquet", tmp_path / "a.parquet", "a.parquet", "a.parquet", fields))


def test_rows_come_out_with_their_other_columns(tmp_path):
    data = stored({"url": ["u", "v"], "html": ["<p>ä", "<p>b"], "id": [7, 8], "n": [[1, None], []]}, row_group_size=1)
    found = items(tmp_path, data)
    assert [(item.source, item.name, item.form) for item in found] == [
        ("a.parquet#1", "a.parquet/00000001", "parquet"),
        ("a.parquet#2", "a.parquet/00000002", "parquet"),
    ]
    raw = extract_page(found[0], FIELDS)
    assert (raw.data, raw.url, raw.id, raw.damage) == ("<p>ä", "u", "7", "")
    assert raw.fields == {"url": "u", "id": 7, "n": [1, None]}


TYPES = [
    pa.string(),
    pa.large_string(),
    pa.dictionary(pa.int32(), pa.string()),
    *([pa.string_view()] if hasattr(pa, "string_view") else []),
]


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_columns_of_text(tmp_path, kind):
    column = pa.array(["ä", None, "", "b\nc"], pa.string()).cast(kind)
    found = items(tmp_path, stored({"text": column}))
    assert [item.reason for item in found] == ["", "bad-row", "", ""]
    assert [extract_page(item, FIELDS).data for item in found if not item.reason] == ["ä", "", "b\nc"]


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.dictionary(pa.int8(), pa.binary())], ids=str)
def test_columns_of_bytes_are_decoded_later(tmp_path, kind):
    column = pa.array([b"\xff\xfea\0", None, b""], pa.binary()).cast(kind)
    found = items(tmp_path, stored({"html": column}))
    assert [item.reason for item in found] == ["", "bad-row", ""]
    assert extract_page(found[0], FIELDS).data == b"\xff\xfea\0"


def test_a_string_that_is_no_utf_8_is_told(tmp_path):
    column = pa.Array.from_buffers(pa.string(), 2, pa.array([b"a\xff", b"b"]).buffers())
    found = items(tmp_path, stored({"text": column, "other": column}))
    raw = extract_page(found[0], FIELDS)
    assert (raw.data, raw.fields) == ("a\ufffd", {"other": "a\ufffd"})
    assert raw.damage == "1 bytes of the column are no UTF-8 and became U+FFFD"
    assert extract_page(found[1], FIELDS).damage == ""


def test_other_columns_become_what_json_holds(tmp_path):
    columns = {
        "text": ["t"],
        "bytes": [b"a\xff"],
        "date": [datetime.date(2024, 1, 2)],
        "time": pa.array([1_704_164_645_000_000_001], pa.timestamp("ns", "UTC")),
        "decimal": [decimal.Decimal("1.10")],
        "nan": [float("nan")],
        "map": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())),
        "struct": [{"a": datetime.date(2024, 1, 2), "b": [b"x"]}],
        "none": pa.nulls(1),
    }
    (item,) = items(tmp_path, stored(columns))
    assert extract_page(item, FIELDS).fields == {
        "bytes": "a\ufffd",
        "date": "2024-01-02",
        "time": "2024-01-02 03:04:05.000000001Z",
        "decimal": "1.10",
        "nan": None,
        "map": [["k", 1]],
        "struct": {"a": "2024-01-02", "b": ["x"]},
        "none": None,
    }


@pytest.mark.parametrize(
    ("fields", "page", "id_", "url"),
    [
        (Fields(), "h", "i", "u"),
        (Fields(text="text"), "t", "i", "u"),
        (Fields(text="other", id="url", url="id"), "o", "u", "i"),
    ],
)
def test_columns_may_be_named(tmp_path, fields, page, id_, url):
    data = stored({"text": ["t"], "html": ["h"], "other": ["o"], "id": ["i"], "url": ["u"]})
    (item,) = items(tmp_path, data, fields)
    raw = extract_page(item, fields)
    assert (raw.data, raw.id, raw.url) == (page, id_, url)


TEXTS = [random.Random(n).randbytes(500).hex() for n in range(60)]
GOOD = stored({"html": TEXTS}, row_group_size=20, compression="zstd", use_dictionary=False)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (stored({"a": [1, 2], "b": [[1], [2]]}), "bad-row"),
        (stored({"html": [1]}), "bad-row"),
        (stored({"html": [["a"]]}), "bad-row"),
        (GOOD[:-20], "bad-parquet"),
        (GOOD[:-8] + b"\xff\xff\xff\x7fPAR1", "bad-parquet"),
        (b"<html>not Parquet", "bad-parquet"),
        (b"", "bad-parquet"),
        (b"PAR1", "bad-parquet"),
        (b"PAR1" + b"\0" * 99 + b"PAR1", "bad-parquet"),
    ],
)
def test_files_that_hold_no_pages_are_one_item(tmp_path, data, reason):
    (item,) = items(tmp_path, data)
    assert (item.source, item.reason) == ("a.parquet", reason)
    with pytest.raises(CleanScrapeError):
        extract_page(item, FIELDS)


def test_a_damaged_row_group_costs_only_itself(tmp_path):
    group = pq.ParquetFile(io.BytesIO(GOOD)).metadata.row_group(1).column(0)
    data = bytearray(GOOD)
    at = group.data_page_offset + group.total_compressed_size // 2
    data[at : at + 500] = b"\xff" * 500
    found = items(tmp_path, bytes(data))
    good = {int(item.source.partition("#")[2]) for item in found if not item.reason}
    assert {*range(1, 21), *range(41, 61)} <= good
    assert [item.reason for item in found if item.reason] == ["damaged"]


def test_without_the_extra_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r'pip install "clean-scrape\[arrow\]"'):
        items(tmp_path, GOOD)
