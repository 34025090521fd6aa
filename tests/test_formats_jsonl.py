"""JSONL: rows by line, and what of a row passes on as it stood."""

from __future__ import annotations

import gzip
import json
import random

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from cleaner.corpus.inputs.formats import extract_page, form_of, item_maker, read_items
from cleaner.corpus.items import Fields, Item
from cleaner.errors import CleanScrapeError, UnreadableError
from cleaner.files import json_lines
from cleaner.files import unpacking as packed
from cleaner.files.json_rows import Verbatim, written


def gz(data):
    """The same bytes whenever it is packed."""
    return gzip.compress(data, mtime=0)


FIELDS = Fields()


def items(tmp_path, data, name="a.jsonl"):
    (tmp_path / name).write_bytes(data)
    return list(read_items(form_of(name), tmp_path / name, name, name, FIELDS))


def raw(line, **fields):
    return extract_page(Item("a.jsonl#1", "a.jsonl/00000001", "jsonl", data=line), Fields(**fields))


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.jsonl", "jsonl"),
        ("A.NDJSON.GZ", "jsonl"),
        ("a.jsonl.zst", "jsonl"),
        ("a.json", "page"),
        ("a.jsonl.html", "page"),
        ("jsonl", "page"),
        ("a.jsonl.bz2", "page"),
        ("CC.warc.wet.gz", "wet"),
        ("a.WET", "wet"),
        ("a.warc.zst", "warc"),
        ("a.parquet", "parquet"),
        ("a.parquet.gz", "page"),
    ],
)
def test_the_form_is_in_the_name(name, form):
    assert form_of(name) == form


def test_lines_end_in_newlines_only_and_blank_ones_are_none(tmp_path):
    data = b'\xef\xbb\xbf{"n":1}\r\n\r\n \t\r\n{"n":"\xe2\x80\xa8\xc2\x85\x0c"}\n\n{"n":3}\r{"n":4}'
    found = items(tmp_path, data)
    assert [(item.source, item.name) for item in found] == [
        ("a.jsonl#1", "a.jsonl/00000001"),
        ("a.jsonl#4", "a.jsonl/00000004"),
        ("a.jsonl#6", "a.jsonl/00000006"),
    ]
    assert [item.data for item in found] == [
        b'{"n":1}\r',
        b'{"n":"\xe2\x80\xa8\xc2\x85\x0c"}\r'[:-1],
        b'{"n":3}\r{"n":4}',
    ]


@pytest.mark.parametrize("pack", [gz, zstandard.compress])
def test_packed_lines(tmp_path, pack):
    rows = [json.dumps({"text": f"row {n}"}).encode() + b"\n" for n in range(5_000)]
    found = items(tmp_path, pack(b"".join(rows)), "a.jsonl.gz")
    assert [item.data + b"\n" for item in found] == rows


def test_a_line_over_the_cap_is_named_and_the_next_one_comes(tmp_path, monkeypatch):
    for module in (packed, item_maker, json_lines):
        monkeypatch.setattr(module, "PAGE_CAP", 1_000)
    row = b'{"text":"a"}\n'
    data = row + b"x" * 1_000_000 + b"\n" + row + b"y" * 1_000 + b"\n" + b"z" * 1_001
    found = items(tmp_path, data)
    assert [(item.source[8:], item.reason) for item in found] == [
        ("1", ""),
        ("2", "too-big"),
        ("3", ""),
        ("4", ""),
        ("5", "too-big"),
    ]


def test_damage_ends_a_line_and_later_members_come_out(tmp_path):
    rows = [json.dumps({"text": random.Random(n).randbytes(200).hex()}).encode() + b"\n" for n in range(400)]
    members = [bytearray(gz(b"".join(rows[at : at + 100]))) for at in range(0, 400, 100)]
    members[1][3_000:3_020] = b"\xff" * 20
    found = items(tmp_path, b"".join(members), "a.jsonl.gz")
    good = {item.data + b"\n" for item in found if not item.reason}
    assert {*rows[:100], *rows[200:]} <= good
    assert [item.source for item in found if item.reason] == ["a.jsonl.gz#damage-1"]


def test_a_wrong_checksum_is_told_and_the_rows_come_out(tmp_path):
    data = b'{"text":"one"}\n{"text":"two"}\n'
    first = bytearray(gz(data[:15]))
    first[-8] ^= 1
    found = items(tmp_path, bytes(first) + gz(data[15:]), "a.jsonl.gz")
    assert sorted(item.reason for item in found) == ["", "", "damaged"]
    assert [item.data for item in found if not item.reason] == data.split()


def test_a_cut_file_gives_its_rows_and_says_so(tmp_path):
    data = b"".join(json.dumps({"text": random.Random(n).randbytes(99).hex()}).encode() + b"\n" for n in range(200))
    found = items(tmp_path, gz(data)[:9_000], "a.jsonl.gz")
    *good, cut, damage = found
    assert b"\n".join(item.data for item in good) + b"\n" == data[: sum(len(item.data) + 1 for item in good)]
    with pytest.raises(UnreadableError, match="no JSON object"):
        extract_page(cut, FIELDS)
    assert (damage.reason, damage.source) == ("damaged", "a.jsonl.gz#damage-1")
    assert "cut after 9,000 bytes" in damage.message


def test_a_bomb_is_one_item(tmp_path):
    found = items(tmp_path, zstandard.compress(b" " * 2**26), "a.jsonl.zst")
    assert [(item.source, item.reason) for item in found] == [("a.jsonl.zst", "too-big")]


ROW = b'{"id": 7, "url": "http://e/", "text": "t\\u00e9", "n": 1.10, "big": 1e999, "x": {"a" : [1,2]}, "e": "\\u00e9"}'


def test_a_row_gives_its_page_and_the_rest_as_it_stood():
    found = raw(ROW)
    assert (found.data, found.id, found.url, found.damage) == ("té", "7", "http://e/", "")
    assert list(found.fields) == ["id", "url", "n", "big", "x", "e"]
    assert all(isinstance(value, Verbatim) for value in found.fields.values())
    assert written(found.fields) == (
        '{"id": 7, "url": "http://e/", "n": 1.10, "big": 1e999, "x": {"a" : [1,2]}, "e": "\\u00e9"}'
    )
    assert found.fields["x"].value == {"a": [1, 2]}
    assert found.fields["big"].value == "1e999"


@pytest.mark.parametrize(
    ("line", "fields", "page"),
    [
        (b'{"html":"h","text":"t"}', {}, "h"),
        (b'{"html":null,"text":"t"}', {}, "t"),
        (b'{"html":"h","text":"t"}', {"text": "text"}, "t"),
        (b'{"page":"p","text":"t"}', {"text": "page"}, "p"),
        (b'{"text":"t","n":' + b"9" * 5_000 + b"}", {}, "t"),
        (b'{"text":"t","n":NaN,"m":-Infinity}', {}, "t"),
        (b' \t{"text":""} \r', {}, ""),
    ],
)
def test_which_field_is_the_page(line, fields, page):
    assert raw(line, **fields).data == page


@pytest.mark.parametrize(
    ("line", "fields", "id_", "url"),
    [
        (b'{"text":"t"}', {}, "", None),
        (b'{"text":"t","id":"","url":""}', {}, "", None),
        (b'{"text":"t","id":true,"_id":1.5}', {}, "1.5", None),
        (b'{"text":"t","id":null,"doc_id":"d","uri":"u"}', {}, "d", "u"),
        (b'{"text":"t","id":{"a":1},"url":["u"]}', {}, "", None),
        (b'{"text":"t","id":"i","key":"k","url":"u","at":"w"}', {"id": "key", "url": "at"}, "k", "w"),
        (b'{"text":"t","id":' + b"9" * 5_000 + b"}", {}, "9" * 5_000, None),
    ],
)
def test_id_and_url(line, fields, id_, url):
    found = raw(line, **fields)
    assert (found.id, found.url) == (id_, url)


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b"NaN",
        b"\0",
        b"\xff",
        b'{"html": 5}',
        b'{"html": NaN}',
        b'{"nohtml": "x"}',
        b'{"html":"a","html":"b"}',
        b'{"html":"x"} trailing',
        b"['single']",
        b"[" * 100_000,
        b'{"html":' + b'{"a":' * 100_000,
    ],
)
def test_bad_rows_are_named(line):
    with pytest.raises(UnreadableError) as caught:
        raw(line)
    assert (caught.value.reason, caught.value.source) == ("bad-row", "a.jsonl#1")


@pytest.mark.parametrize(
    ("line", "page", "damage"),
    [
        (b'{"text":"a\xff\xfe"}', "a\ufffd\ufffd", "2 bytes of the row are no UTF-8"),
        (b'{"text":"\xef\xbf\xbd"}', "\ufffd", ""),
        (b'{"text":"\\ud800x"}', "\ud800x", "1 lone surrogates"),
        (b'{"text":"\\ud83d\\ude00"}', "\U0001f600", ""),
    ],
)
def test_what_cannot_be_right_is_told(line, page, damage):
    found = raw(line)
    assert found.data == page
    assert damage in found.damage
    assert bool(damage) == bool(found.damage)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)


@given(st.dictionaries(st.text(), VALUES), st.text(), st.booleans())
def test_other_fields_pass_byte_for_byte(row, page, ascii_only):
    parts = {name: json.dumps(value, ensure_ascii=ascii_only) for name, value in row.items() if name != "text"}
    line = ", ".join(f"{json.dumps(name, ensure_ascii=False)}: {value}" for name, value in parts.items())
    found = raw(("{" + line + (", " if line else "") + f'"text":{json.dumps(page)}}}').encode(), text="text")
    assert found.data == page
    assert written(found.fields) == "{" + line + "}"


@given(st.binary(max_size=200))
def test_no_line_raises_anything_untyped(line):
    try:
        raw(line)
    except CleanScrapeError as error:
        assert error.reason == "bad-row"


def test_rows_that_cannot_be_utf_8_are_written_in_ascii():
    assert written({"text": "\ud800", "é": "é"}) == '{"text": "\\ud800", "é": "é"}'
