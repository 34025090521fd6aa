"""Pages of very many lines: they stay whole, with a note, and their lines are made when they are asked for."""

from __future__ import annotations

import pytest

import cleaner
from cleaner.decide import too_many_lines as unjudged
from cleaner.lines import many
from cleaner.read import read_page
from cleaner.report.rows import page_row
from cleaner.score.features.facts import MAX_TOKENIZED_CHARS

PROSE = "The council voted on Tuesday to close the old lock before the winter storms arrive, said the mayor."
TEXTS = {
    "even": "Home\n\nShare on Facebook\n" + PROSE + "\n",
    "carriage returns": "Home\r\n\r\nShare on Facebook\r\n" + PROSE,
    "mixed": "Home\r\n\nShare on Facebook\r" + PROSE + "\n",
}
HTML = f"<nav><a href='/'>Home</a></nav><h1>Lock</h1><p>{PROSE}</p><p>Share on Facebook</p>"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three lines are many."""
    monkeypatch.setattr(many, "MANY", 3)
    monkeypatch.setattr(unjudged, "MANY", 3)
    monkeypatch.setattr(unjudged, "MOST_LINES", 3)


@pytest.mark.parametrize(
    "data", [*TEXTS.values(), *map(str.encode, TEXTS.values()), HTML, TEXTS["mixed"].encode("utf-16")]
)
def test_lines_made_when_asked_for_are_those_that_are_kept(data: bytes | str, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = read_page(data)
    monkeypatch.setattr(many, "MANY", 3)
    page = read_page(data)
    assert isinstance(page.lines, many.ManyLines)
    for lazy, kept in ((page.lines, usual.lines), (page.shapes, usual.shapes)):
        assert tuple(lazy) == kept
        assert [lazy[at] for at in range(-len(kept), len(kept))] == [*kept, *kept]
        assert lazy[1:-1] == kept[1:-1]
        with pytest.raises(IndexError):
            lazy[len(kept)]


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("data", [*map(str.encode, TEXTS.values()), HTML.encode(), TEXTS["mixed"]])
def test_a_page_of_too_many_lines_stays_whole(data: bytes | str) -> None:
    cleaned = cleaner.clean(data)
    assert cleaned.whole
    assert [note.code for note in cleaned.notes] == ["SY105"]
    assert cleaned.dropped == ()
    assert cleaned.diff() == ""
    assert cleaned.text == "".join(line.text + line.newline for line in cleaned.page.lines)
    if cleaned.page.kind == "text":
        assert cleaned.to_bytes() == (data if isinstance(data, bytes) else data.encode())
    assert [verdict.line for verdict in cleaned.verdicts] == list(cleaned.page.lines)
    assert all(verdict.keep and not verdict.code for verdict in cleaned.verdicts)
    assert cleaned.verdicts[-1] == [*cleaned.verdicts][-1]
    assert cleaned.verdicts[1:3] == tuple(cleaned.verdicts)[1:3]
    assert 0 < cleaned.confidence < 0.9


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("data", [TEXTS["mixed"], HTML])
def test_its_row_counts_all_as_kept(data: str) -> None:
    row, body, hunks = page_row(cleaner.clean(data.encode()))
    filled = 4 if data == HTML else 3
    assert row["lines"] == {"kept": filled, "removed": 0}
    assert row["words"]["kept"] > 20
    assert row["removed"] == row["unsure"] == []
    assert (row["codes"], hunks) == ({}, b"")
    assert PROSE.encode() in body


def test_blank_lines_count_less_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unjudged, "MOST_LINES", 3)
    assert not cleaner.clean(f"{PROSE}\n" + "\n" * 9 + f"{PROSE}\n").whole
    assert cleaner.clean(f"{PROSE}\n" * 4).whole


def test_a_text_that_does_not_settle_in_its_time_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"{PROSE}\n{PROSE} Nobody on the quay was surprised by that.\nShare on Facebook\n"
    assert cleaner.clean(text, kind="text").text.startswith(PROSE)
    assert len(cleaner.clean(text, kind="text").dropped) == 1
    monkeypatch.setattr(unjudged, "MOST_LINES", 4)
    monkeypatch.setattr(unjudged, "BYTES_A_LINE", 10**6)
    cleaned = cleaner.clean(text, kind="text")
    assert cleaned.whole
    assert cleaned.text == text
    assert "SY105" in {note.code for note in cleaned.notes}


@pytest.mark.parametrize("line", ["x" * (MAX_TOKENIZED_CHARS + 1), "lock " * MAX_TOKENIZED_CHARS])
def test_running_text_stays_on_a_page_unlike_any_learned_from(line: str) -> None:
    cleaned = cleaner.clean(f"{PROSE}\n{line}\n{PROSE} Twice.\nShare on Facebook\n", kind="text")
    assert [v.keep for v in cleaned.verdicts] == [True, cleaned.verdicts[1].keep, True, False]
