"""The table of filled lines, and what counts as filled and as running text."""

from hypothesis import given
from hypothesis import strategies as st

from cleaner.lines.shape import shapes_of
from cleaner.lines.table import LineTable, is_prose
from cleaner.read import read_page


def test_rows_are_the_filled_lines_in_order() -> None:
    page = read_page(
        "Harbour\n\n  The vote is on Monday.\n" + "The boats of both families lay there. " * 3, kind="text"
    )
    table = LineTable(page)
    assert table.numbers == [1, 3, 4]
    assert table.at == [0, 2, 3]
    assert table.texts[1] == "The vote is on Monday."
    assert table.prose == [False, False, True]
    assert table.prose_words_above == [0, 0, 0, 21]
    assert table.words_above == [0, 1, 1, 6, 27]


@given(st.lists(st.text(st.sampled_from("a 1\t\u200b\u00a0\u3000\u2028.\x00"), max_size=5), max_size=8))
def test_a_line_is_filled_when_it_is_not_blank(texts: list[str]) -> None:
    page = read_page("\n".join(texts), kind="text")
    filled = {line.number for line in page.lines if not line.blank}
    assert set(LineTable(page).numbers) == filled


def test_running_text_is_a_full_sentence_or_a_long_line() -> None:
    sentence = "The boats of both families lay at the quay in the winter"
    labels = " ".join(["Harbour"] * 29)
    some = shapes_of([f"{sentence}.", sentence, f"{sentence} of that long year", f"{labels} Quay", labels, "The vote."])
    assert [is_prose(shape) for shape in some] == [True, False, False, True, False, False]
