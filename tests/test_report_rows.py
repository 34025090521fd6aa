"""The report's rows: nothing lost in any encoding, valid by the schema, restorable."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from cleaner.errors import CleanScrapeError, RestoreError
from cleaner.records import Note
from cleaner.report.layer import layer_encoding, rebuild_layer, text_layer
from cleaner.report.rows import failure_row, page_row, to_json
from tests.making import faults_of, html_page, text_page
from tests.runs import cleaned, development_pages, linked, rows

SCHEMA = json.loads((files("cleaner") / "data" / "schema" / "page-row.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)

CODECS = ("utf-8", "cp1252", "utf-16-le", "utf-16-be", "shift_jis", "iso2022_jp", "no-such-codec")


@st.composite
def pages(draw):
    """A page of lines in some encoding, damaged here and there, with any verdicts."""
    encoding = draw(st.sampled_from(CODECS[:-1]))
    texts = draw(
        st.lists(st.tuples(st.text("aä語 \x1b", max_size=5), st.sampled_from(["\n", "\r\n", "\r"])), max_size=12)
    )
    pieces = [(text + end).encode(encoding, "ignore") for text, end in texts]
    if pieces and draw(st.booleans()):
        pieces[0] = b"\xff\xfe\xfa" + pieces[0]
    if draw(st.booleans()):
        pieces.append("tail".encode(encoding))
    keep = draw(st.lists(st.booleans(), min_size=len(pieces), max_size=len(pieces)))
    bom = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    return text_page(pieces, keep, encoding=encoding, bom=bom)


@given(pages())
@settings(max_examples=300, deadline=None)
def test_kept_and_removed_give_the_source_back_byte_for_byte(cleaned):
    row, body, _ = page_row(cleaned)
    again = json.loads(to_json(row | {"output": "page.txt"}))
    assert rebuild_layer(body, again["removed"], again["encoding"]) == cleaned.page.data
    assert again["sha256"] == sha256(cleaned.page.data).hexdigest()
    assert again["output_sha256"] == sha256(body).hexdigest()
    assert VALIDATOR.is_valid(again)


@given(st.lists(st.tuples(st.text(max_size=5), st.booleans()), max_size=12))
@settings(max_examples=200, deadline=None)
def test_kept_and_removed_give_the_flattened_html_back(lines):
    cleaned = html_page([text.replace("\n", "").replace("\r", "") + "\n" for text, _ in lines], [k for _, k in lines])
    row, body, _ = page_row(cleaned)
    again = json.loads(to_json(row))
    layer = rebuild_layer(body, again["removed"], layer_encoding("html", row["encoding"]))
    assert layer == text_layer(cleaned).data == "".join(v.line.text + "\n" for v in cleaned.verdicts).encode()


def test_bytes_stand_in_base64_only_where_text_does_not_give_them():
    cleaned = text_page([b"caf\xe9\n", b"plain\n", b"bad \xff\n"], [False, False, False])
    removed = page_row(cleaned)[0]["removed"]
    assert ["raw" in line for line in removed] == [True, False, True]
    assert [line["start"] for line in removed] == [0, 5, 11]


def test_a_codec_that_python_does_not_know_costs_nothing():
    cleaned = text_page([b"one\n", b"two\n"], [False, True])
    cleaned = replace(cleaned, page=replace(cleaned.page, encoding=CODECS[-1]))
    row, body, _ = page_row(cleaned)
    assert rebuild_layer(body, row["removed"], row["encoding"]) == b"one\ntwo\n"


def test_a_page_that_does_not_add_up_is_refused():
    cleaned = text_page([b"one\n", b"two\n"], [False, True])
    wrong = cleaned.verdicts[0]._replace(line=cleaned.verdicts[0].line._replace(end=3))
    with pytest.raises(CleanScrapeError, match="nothing was written") as caught:
        page_row(replace(cleaned, verdicts=(wrong, cleaned.verdicts[1])))
    assert caught.value.reason == "unproven"


@pytest.mark.parametrize(
    ("removed", "said"),
    [
        ([{"line": 1, "text": "a", "newline": "\n"}], "does not fit"),
        ([{"line": 1, "text": "a", "newline": "\n", "start": 99}], "does not fit"),
        ([{"line": 1, "text": "a", "newline": "\n", "start": "0"}], "does not fit"),
        ([{"line": 1, "text": "語", "newline": "\n", "start": 0}], "cannot be written"),
        ([{"line": 1, "newline": "\n", "start": 0}], "cannot be written"),
        ([{"line": 1, "raw": "!", "start": 0}], "damaged"),
    ],
)
def test_a_damaged_row_is_named(removed, said):
    with pytest.raises(RestoreError, match=said):
        rebuild_layer(b"body", removed, "ascii")


def test_the_schema_is_valid_and_takes_both_kinds_of_row():
    Draft202012Validator.check_schema(SCHEMA)
    row, _, _ = page_row(text_page([b"one\n"], [False], notes=(Note("PW201", "the body is cut off"),)))
    VALIDATOR.validate(row | {"output": "page.txt"})
    VALIDATOR.validate(failure_row("a.html", "cut-gzip", "is cut"))


@pytest.mark.parametrize(
    "change", [{"output": None}, {"confidence": 1.5}, {"schema": 2}, {"extra": 1}, {"removed": [{}]}, {"sha256": "0"}]
)
def test_the_schema_refuses_what_is_not_a_row(change):
    row, _, _ = page_row(text_page([b"one\n"], [False]))
    assert not VALIDATOR.is_valid(row | {"output": "page.txt"} | change)


def test_rows_hold_lone_surrogates_as_ascii():
    assert to_json({"text": "a\ud800b"}) == b'{"text":"a\\ud800b"}\n'
    assert to_json({"b": "ü", "a": 1}) == '{"a":1,"b":"ü"}\n'.encode()


def test_sums_by_code_leave_blank_lines_aside():
    row, _, _ = page_row(text_page([b"read on now\n", b"\n", b"body\n"], [False, False, True]))
    assert row["codes"] == {"PW101": {"lines": 1, "words": 3}}
    assert (row["lines"], row["words"]) == ({"kept": 1, "removed": 1}, {"kept": 1, "removed": 3})
    assert len(row["removed"]) == 2


@pytest.mark.parametrize("form", ["text", "md", "jsonl"])
def test_rows_of_real_pages_are_valid(tmp_path, form):
    linked(development_pages()[::25], tmp_path / "in")
    assert cleaned(tmp_path / "in", tmp_path / "out", "--format", form, "--quiet", "--no-html").returncode == 0
    found = rows(tmp_path / "out")
    assert len(found) > 40
    assert faults_of(found) == []
