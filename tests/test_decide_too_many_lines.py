"""Pages of very many lines: they stay whole, with a note, or are refused."""

from __future__ import annotations

import pytest

import cleaner
from cleaner.decide import too_many_lines
from cleaner.lines import numbered
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
    monkeypatch.setattr(too_many_lines, "MAX_JUDGED_LINES", 3)
    monkeypatch.setattr(too_many_lines, "MAX_JUDGED_LINES_WITH_BLANK", 3)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("data", [*map(str.encode, TEXTS.values()), HTML.encode(), TEXTS["mixed"]])
def test_a_page_of_too_many_lines_stays_whole(data: bytes | str) -> None:
    cleaned = cleaner.clean(data)
    assert [note.code for note in cleaned.notes] == ["SY105"]
    assert cleaned.dropped == ()
    assert cleaned.diff() == ""
    assert cleaned.text == "".join(line.text + line.newline for line in cleaned.page.lines)
    if cleaned.page.kind == "text":
        assert cleaned.to_bytes() == (data if isinstance(data, bytes) else data.encode())
    assert [verdict.line for verdict in cleaned.verdicts] == list(cleaned.page.lines)
    assert all(verdict.keep and not verdict.code for verdict in cleaned.verdicts)
    assert [verdict.drop_probability > 0 for verdict in cleaned.verdicts] == [
        not v.line.blank for v in cleaned.verdicts
    ]
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


def is_unjudged(cleaned: cleaner.Cleaned) -> bool:
    return "SY105" in {note.code for note in cleaned.notes}


def test_blank_lines_count_less_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(too_many_lines, "MAX_JUDGED_LINES", 3)
    assert not is_unjudged(cleaner.clean(f"{PROSE}\n" + "\n" * 9 + f"{PROSE}\n"))
    assert is_unjudged(cleaner.clean(f"{PROSE}\n" * 4))


@pytest.mark.parametrize("bound", ["MAX_LINES", "MAX_FILLED_LINES"])
@pytest.mark.parametrize("data", [*TEXTS.values(), HTML.encode(), TEXTS["mixed"].encode("utf-16")])
def test_a_page_of_more_lines_than_fit_into_memory_is_refused(
    bound: str, data: bytes | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbered, "MAX_FILLED_LINES", 2)
    monkeypatch.setattr(numbered, bound, 2)
    with pytest.raises(cleaner.TooManyLinesError, match=r"^p has [34567] lines.*may have 2: split it") as caught:
        cleaner.clean(data, source="p")
    assert (caught.value.source, caught.value.reason) == ("p", "too-many-lines")


def test_blank_lines_need_less_memory_than_filled_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbered, "MAX_FILLED_LINES", 2)
    text = f"{PROSE}\n\n \n\n{PROSE}\n"
    assert len(cleaner.clean(text, kind="text").page.lines) == 5


def test_a_text_that_does_not_settle_in_its_time_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"{PROSE}\n{PROSE} Nobody on the quay was surprised by that.\nShare on Facebook\n"
    assert cleaner.clean(text, kind="text").text.startswith(PROSE)
    assert len(cleaner.clean(text, kind="text").dropped) == 1
    monkeypatch.setattr(too_many_lines, "MAX_JUDGED_LINES", 4)
    monkeypatch.setattr(too_many_lines, "BYTES_PER_EXTRA_LINE", 10**6)
    cleaned = cleaner.clean(text, kind="text")
    assert cleaned.text == text
    assert is_unjudged(cleaned)


@pytest.mark.parametrize("line", ["x" * (MAX_TOKENIZED_CHARS + 1), "lock " * MAX_TOKENIZED_CHARS])
def test_running_text_stays_on_a_page_unlike_any_learned_from(line: str) -> None:
    cleaned = cleaner.clean(f"{PROSE}\n{line}\n{PROSE} Twice.\nShare on Facebook\n", kind="text")
    assert [v.keep for v in cleaned.verdicts] == [True, cleaned.verdicts[1].keep, True, False]
