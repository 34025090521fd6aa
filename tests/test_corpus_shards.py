"""Shards as Parquet: every line comes back to the byte, whatever it holds."""

import errno
import json
import random
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.corpus.outputs import parquet_shards
from cleaner.corpus.outputs.parquet_shards import Records, convert
from cleaner.errors import InputError
from cleaner.report.rows import to_json
from tests.runs import SOAK

pa = pytest.importorskip("pyarrow", reason="the extra arrow is not installed")
pq = pytest.importorskip("pyarrow.parquet")

RECORD = {
    "id": "a/b.html",
    "source": "a/b.html",
    "url": "https://example.org/b",
    "text": "The ferry leaves at nine.\n",
    "title": "The ferry 🚢",
    "language": "en",
    "confidence": 0.9317,
    "notes": [{"code": "SY102", "why": "2 characters could not be read as utf-8"}],
    "lines": {"kept": 1, "removed": 2},
    "words": {"kept": 5, "removed": 3},
    "removed": [
        {"line": 1, "code": "NV101", "score": 1.0, "why": "menu", "text": "Home", "newline": "\r\n", "start": 0},
        {
            "line": 3,
            "code": "SH1",
            "score": 0.25,
            "why": "",
            "text": "Share é",
            "newline": "",
            "start": 9,
            "raw": "/w==",
        },
    ],
}


def shard(folder: Path, lines: list[bytes]) -> Path:
    spool, target = folder / "pages.jsonl", folder / "pages.parquet"
    spool.write_bytes(b"".join(lines))
    convert(spool, target)
    return target


def back(path: Path) -> list[bytes]:
    with Records(path) as records:
        return list(records)


def column(path: Path, name: str) -> list[object]:
    return pq.read_table(path)[name].to_pylist()


ODD = {
    "as it is": {},
    "no text": {"text": "", "removed": [], "notes": []},
    "raw": {"raw": "77u/YQ=="},
    "metadata": {"metadata": {"author": "Ann Lee", "date": None, "site_name": "Harbour", "description": None}},
    "no metadata found": {"metadata": dict.fromkeys(("author", "date", "site_name", "description"))},
    "surrogate": {"text": "a\ud800b"},
    "surrogate in a field": {"kept": "a\udfff"},
    "NUL": {"text": "a\0b"},
    "fields": {"lang": "de", "n": 7, "x": 1.5, "deep": {"b": [1, None, True], "a": {}}, "none": None},
    "fields named like columns": {"json": "{", "fields": {"text": 1}},
    "large numbers": {"n": 10**30, "f": 1e300, "tiny": 5e-324, "minus": -0.0},
    "no numbers": {"n": float("nan"), "m": float("inf")},
    "confidence is whole": {"confidence": 1},
    "confidence is one": {"confidence": 1.0},
    "a count is no number": {"lines": {"kept": True, "removed": 2}},
    "a count too large": {"words": {"kept": 2**63, "removed": 0}},
    "a struct has more": {"lines": {"kept": 1, "removed": 2, "blank": 3}},
    "a struct lacks one": {"words": {"kept": 1}},
    "null": {"title": None, "notes": [None]},
    "other types": {"notes": {}, "removed": "none", "url": ["a"], "metadata": 3, "lines": [1]},
    "deep": {"deep": json.loads("[" * 400 + "]" * 400)},
}


@pytest.mark.parametrize("case", ODD)
def test_every_line_comes_back(case, tmp_path):
    lines = [to_json(RECORD), to_json(RECORD | ODD[case]), to_json(RECORD)]
    path = shard(tmp_path, lines)
    assert back(path) == lines
    with Records(path) as records:
        assert [records[n] for n in (2, 1, 0)] == lines[::-1]
    assert column(path, "json")[::2] == [None, None]


@pytest.mark.parametrize("case", ["as it is", "raw", "metadata", "no metadata found", "surrogate in a field", "fields"])
def test_what_the_columns_hold_is_not_held_twice(case, tmp_path):
    assert column(shard(tmp_path, [to_json(RECORD | ODD[case])]), "json") == [None]


LINES = [b"[]\n", b"\n", b"null\n", b'{"id": "a"}\n', b'{"id":1,"id":2}\n', b"{not json\n", b"[" * 100_000 + b"\n"]


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_lines_that_are_no_records_come_back_too(line, tmp_path):
    assert back(shard(tmp_path, [line])) == [line]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from([*RECORD, "raw", "metadata", "fields", "json", "other"])


@settings(max_examples=150 if SOAK else 50, deadline=None)
@given(changes=st.lists(st.dictionaries(NAMES, VALUES, max_size=3), min_size=1, max_size=4))
def test_any_values_come_back(tmp_path_factory, changes):
    lines = [to_json(RECORD | change) for change in changes]
    assert back(shard(tmp_path_factory.mktemp("any"), lines)) == lines


def test_the_columns_say_what_the_record_says(tmp_path):
    metadata = {"author": "Ann Lee", "date": "2020-01-02", "site_name": None, "description": None}
    path = shard(tmp_path, [to_json(RECORD | {"metadata": metadata, "n": 7, "a": [None]}), to_json(RECORD)])
    first, second = pq.read_table(path).to_pylist()
    removed = [row | {"raw": row.get("raw")} for row in RECORD["removed"]]
    assert first == RECORD | {
        "removed": removed,
        "raw": None,
        "metadata": metadata,
        "fields": '{"a":[null],"n":7}',
        "json": None,
    }
    assert (second["fields"], second["metadata"]) == (None, None)


def test_what_does_not_fit_is_shown_as_far_as_it_does(tmp_path):
    path = shard(tmp_path, [to_json(RECORD | {"text": "a\ud800b", "confidence": "high"})])
    [row] = pq.read_table(path).to_pylist()
    assert (row["text"], row["confidence"], row["title"]) == ("a\ufffdb", None, RECORD["title"])
    assert row["json"].encode() + b"\n" == to_json(RECORD | {"text": "a\ud800b", "confidence": "high"})


def test_the_schema_does_not_depend_on_the_values(tmp_path):
    empty = pq.read_schema(shard(tmp_path, []))
    assert back(tmp_path / "pages.parquet") == []
    for case in ODD.values():
        assert pq.read_schema(shard(tmp_path, [to_json(RECORD | case)])).equals(empty)


def test_the_docstring_names_the_columns():
    rows = [row for row in parquet_shards.__doc__.splitlines() if row.startswith("| `")]
    names = [name.strip(" `") for row in rows for name in row.split("|")[1].split(",")]
    assert sorted(names) == sorted(parquet_shards._COLUMNS | parquet_shards._ADDED)


def numbered(count: int, size: int = 20) -> list[bytes]:
    words = random.Random(4)
    texts = (" ".join(words.choices(("sea", "boat", "é", "🚢"), k=size)) for _ in range(count))
    return [to_json(RECORD | {"id": str(n), "text": text}) for n, text in enumerate(texts)]


def test_same_lines_same_bytes(tmp_path):
    lines = numbered(2_500)
    first = shard(tmp_path, lines).read_bytes()
    assert shard(tmp_path, lines).read_bytes() == first
    assert str(tmp_path).encode() not in first


def test_row_groups_are_small(tmp_path, monkeypatch):
    lines = numbered(2_500)
    path = shard(tmp_path, lines)
    meta = pq.read_metadata(path)
    assert [meta.row_group(n).num_rows for n in range(meta.num_row_groups)] == [1_000, 1_000, 500]
    monkeypatch.setattr(parquet_shards, "GROUP_BYTES", 10_000)
    lines[3] = to_json(RECORD | {"text": "long " * 4_000})
    meta = pq.read_metadata(shard(tmp_path, lines))
    groups = [meta.row_group(n).num_rows for n in range(meta.num_row_groups)]
    assert groups[:2] == [3, 1]
    assert max(groups[2:]) * min(map(len, lines)) <= 10_000
    assert back(path) == lines


def test_the_last_row_group_is_kept(tmp_path, monkeypatch):
    lines = numbered(2_100)
    read: list[int] = []
    whole = pq.ParquetFile.read_row_group
    monkeypatch.setattr(pq.ParquetFile, "read_row_group", lambda *a, **k: (read.append(a[1]), whole(*a, **k))[1])
    with Records(shard(tmp_path, lines)) as records:
        assert [records[n] for n in (5, 999, 0, 1_000, 1_999, 2_099, 2_000, 7)] == [
            lines[n] for n in (5, 999, 0, 1_000, 1_999, 2_099, 2_000, 7)
        ]
        assert (len(records), read) == (2_100, [0, 1, 2, 0])
        for number in (-1, 2_100):
            with pytest.raises(IndexError, match="2,100"):
                records[number]


@pytest.mark.parametrize("last", [b'{"id":"a","te', b"\xff\n", b'{"text":"\xed\xa0\x80"}\n'])
def test_a_damaged_spool_is_named(last, tmp_path):
    with pytest.raises(InputError, match=r"pages\.jsonl is damaged"):
        shard(tmp_path, [to_json(RECORD), last])


def test_damaged_shards_are_named(tmp_path):
    path = shard(tmp_path, numbered(50, 300))
    data = path.read_bytes()
    for bad in (b"", b"PAR1", data[:-9], data[len(data) // 2 :], data[:40] + bytes(2_000) + data[2_040:]):
        path.write_bytes(bad)
        with pytest.raises(InputError, match=r"pages\.parquet cannot be read"):
            back(path)
    path.unlink()
    with pytest.raises(InputError):
        Records(path)


def test_other_parquet_files_are_not_shards(tmp_path):
    pq.write_table(pa.table({"id": ["a"]}), tmp_path / "other.parquet")
    with pytest.raises(InputError, match="columns"):
        Records(tmp_path / "other.parquet")


def test_links_are_not_followed(tmp_path):
    link = tmp_path / "link.parquet"
    try:
        link.symlink_to(shard(tmp_path, [to_json(RECORD)]))
    except OSError:
        pytest.skip("this system makes no links")
    with pytest.raises(InputError):
        Records(link)


def test_folders_of_any_name(tmp_path):
    folder = tmp_path / "caf\udce9:// x"
    try:
        folder.mkdir(parents=True)
    except OSError:
        pytest.skip("this system wants names in UTF-8")
    assert back(shard(folder, [to_json(RECORD)])) == [to_json(RECORD)]


def test_a_full_disk_is_an_error_of_the_system(tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    (tmp_path / "pages.jsonl").write_bytes(to_json(RECORD))
    with pytest.raises(OSError, match="space") as error:
        convert(tmp_path / "pages.jsonl", Path("/dev/full"))
    assert error.value.errno == errno.ENOSPC


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r'pip install "clean-scrape\[arrow\]"'):
        shard(tmp_path, [])
    with pytest.raises(InputError, match="arrow"):
        Records(tmp_path / "pages.parquet")
