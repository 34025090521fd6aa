"""The lines of a page put together again from its row and its body, as they were judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cleaner import clean
from cleaner.files.unpacking import unpacked
from cleaner.report.page_lines import read_page_lines
from cleaner.report.rows import page_row, to_json
from tests.making import text_page

EXAMPLES = Path(__file__).parents[1] / "examples" / "pages"


@pytest.mark.parametrize("path", [p for p in sorted(EXAMPLES.rglob("*")) if p.is_file()], ids=lambda p: p.name)
def test_lines_come_in_the_order_of_the_page(path):
    cleaned = clean(unpacked(path.read_bytes(), path.name)[0], source=path.name)
    row, body, _ = page_row(cleaned)
    again = list(read_page_lines(json.loads(to_json(row)), body))
    assert [(v.line.number, v.line.text, v.keep) for v in cleaned.verdicts] == [
        (t.number, t.text, t.keep) for t in again
    ]
    assert {v.line.number: (v.code, v.why) for v in cleaned.dropped} == {
        t.number: (t.code, t.why) for t in again if not t.keep
    }


def test_unsure_lines_say_why_they_were_doubtful():
    row = {"kind": "text", "encoding": "utf-8", "removed": [], "unsure": []}
    row["unsure"] = [{"line": 2, "code": "NV101", "score": 0.55, "why": "is a label of navigation", "text": "Home"}]
    lines = list(read_page_lines(row, b"The vote is on Monday.\nHome\n"))
    assert [(line.code, line.score, line.keep) for line in lines] == [("", 0.0, True), ("NV101", 0.55, True)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_encoding_and_any_end(encoding, end):
    pieces = [(text + end).encode(encoding) for text in ("Der Kai", "Anzeige", "", "Die Mühle")]
    bom = "\ufeff".encode(encoding) if encoding != "cp1252" else b""
    row, body, _ = page_row(text_page(pieces, [True, False, True, True], encoding=encoding, bom=bom))
    assert [(t.number, t.text, t.keep) for t in read_page_lines(row, body)] == [
        (1, "Der Kai", True), (2, "Anzeige", False), (3, "", True), (4, "Die Mühle", True),
    ]  # fmt: skip


def test_lines_removed_at_the_beginning_and_at_the_end():
    row, body, _ = page_row(
        text_page(
            [
                b"Home\n",
                b"The vote\n",
                b"Share",
            ],
            [False, True, False],
        )
    )
    assert [(line.text, line.keep) for line in read_page_lines(row, body)] == [
        ("Home", False),
        ("The vote", True),
        ("Share", False),
    ]
