"""The benchmark's own arithmetic, on pages small enough to count by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from bench import __main__ as command
from bench import child, folds, ours, peers, quality, speed, synthetic, text, work
from bench.floors import bound_near, bound_of, holds
from bench.pages import Flat, Item, sample, visible_text
from bench.score import (
    match,
    ranking,
    removal,
    removed_at,
    segment_scores,
    segments,
    words_of,
)
from bench.tables import Table, plain, render
from cleaner import clean
from cleaner.errors import UnreadableError

TEXT = """Home
Privacy policy and other pages that we have.
The council voted on Monday, said the mayor of the town.
Works
The council voted on Monday, said the mayor of the town.
Please enable JavaScript to read this page.
He asked: "Who pays for it in the end?"
All about the bridge over the river
Read on"""
PAGE = TEXT.split("\n")


def test_words_are_lower_case_and_cjk_is_counted_by_character() -> None:
    assert words_of("The Mayor's 3 dogs") == ["the", "mayor", "s", "3", "dogs"]
    assert words_of("東京の2024年 test") == ["東", "京", "の", "2024", "年", "test"]


def test_a_match_counts_words_as_often_as_both_sides_have_them() -> None:
    found = match("a b b x", "a a b c", "nav a a b c")
    assert (found.answer, found.gold, found.hit, found.shown) == (4, 4, 2, 4)
    assert (found.f1, found.precision, found.recall) == (0.5, 0.5, 0.5)
    assert found.lost == 2
    assert found.hurt


def test_gold_words_that_the_page_does_not_show_are_not_lost() -> None:
    found = match("a", "a b c d", "a")
    assert (found.recall, found.lost, found.hurt) == (0.25, 0, False)


def test_a_page_is_hurt_from_more_than_one_word_in_twenty_on() -> None:
    gold = " ".join(f"w{n}" for n in range(20))
    nineteen, eighteen = (gold.rsplit(" ", n)[0] for n in (1, 2))
    assert not match(nineteen, gold, gold).hurt
    assert match(eighteen, gold, gold).hurt


@pytest.mark.parametrize(
    ("answer", "gold", "scores"),
    [("", "", (1, 1, 1)), ("a", "", (0, 0, 0)), ("", "a", (0, 0, 0)), ("a", "a", (1, 1, 1))],
)
def test_empty_answers_and_empty_gold(answer: str, gold: str, scores: tuple[int, ...]) -> None:
    found = match(answer, gold, gold)
    assert (found.f1, found.precision, found.recall) == scores


def test_removal_counts_what_went_by_label() -> None:
    lines, labels = ["Home", "The vote is on Monday", "Share this vote"], [(1, 0), (5, 5), (3, 1)]
    found = removal(lines, labels, [False, True, False], "The vote is on Monday vote")
    assert (found.gold, found.lost, found.residue, found.removed) == (6, 1, 3, 3)
    assert found.f1 == pytest.approx(10 / 11)
    assert found.hurt


def test_segments_are_found_across_line_breaks_and_in_any_case() -> None:
    found = segments("The vote\n  is on MONDAY. Share", ["vote is on monday", "the mayor"], ["share", "Home"])
    assert (found.required, found.found, found.forbidden, found.leaked) == (2, 1, 2, 1)
    assert segment_scores([found]) == {"F1": 0.5, "precision": 0.5, "recall": 0.5, "leaked": 0.5}


def test_the_ranking_removes_the_surest_lines_until_too_much_content_goes() -> None:
    pages = [ranking([(0.99, (10, 0)), (0.9, (5, 0)), (0.1, (90, 90))]), ranking([(0.85, (10, 10)), (0.2, (5, 0))])]
    assert removed_at(pages, 0.05) == 0.75
    assert removed_at(pages, 0.1) == 1.0
    assert removed_at(pages, 1.0) == 1.0


def test_c4_keeps_long_lines_that_end_sentences_and_warn_of_nothing() -> None:
    assert [n for n, stays in enumerate(peers.c4_lines(PAGE)) if stays] == [2, 4, 6]
    lines = ["Only four words here.", "But these are five words.", "But these are five words"]
    assert peers.c4_lines(lines) == [False, True, False]


def test_fineweb_keeps_long_lines_without_a_full_stop_and_drops_repeated_ones() -> None:
    kept = [n for n, stays in enumerate(peers.fineweb_lines(PAGE)) if stays]
    assert kept == [2, 6, 7]
    assert peers.fineweb_lines(["He has left.", "A short heading", "Two words."]) == [True, False, False]


def test_an_extractor_on_text_keeps_the_lines_that_come_back_as_often_as_they_do() -> None:
    def extractor(page: bytes, language: str) -> str:
        assert b"<p>a &lt; b</p>" in page
        return "a < b\n twice  here "

    keep = peers.wrapped(extractor)(["a < b", "", "twice here", "twice here", "gone \x00 \x0c"])
    assert keep == [True, True, True, False, False]


@pytest.mark.skipif(bool(peers.missing()), reason="needs all peers")
@pytest.mark.filterwarnings("ignore")
def test_peers_find_the_body_of_a_page() -> None:
    words = "The council of the town voted on Monday for a new bridge, and it said that the works will begin in May. "
    page = f"<html><body><nav><a href='/'>Home</a></nav><article><p>{words * 5}</p><p>{words * 4}</p></article></body>"
    for name, peer in peers.html_peers().items():
        assert "begin in May" in peer(page.encode(), "English"), name
    assert "begin" in peers.justext(page.encode(), "Klingon")
    assert set(peers.text_peers()) >= {"leave alone", "C4 lines", "FineWeb lines", "jusText on <p>"}


def test_all_text_of_a_page_breaks_lines_at_blocks_only() -> None:
    page = "<head><title>No</title></head><p>On<b>e</b> two<!-- no --> three</p>tail<div>four<script>no()</script> five"
    assert visible_text(page.encode()).split("\n") == ["One two three", "tail", "four", "five"]
    assert visible_text(b"") == ""


def test_samples_are_fixed_and_nested() -> None:
    names = [f"{n:04}" for n in range(100)]
    assert sample(names, 10) == sample(reversed(names), 10)
    assert set(sample(names, 10)) < set(sample(names, 4)) < set(sample(names)) == set(names)
    assert len(sample(names, 3)) == 34


def test_tables_show_columns_of_all_rows() -> None:
    table = Table("Title", {"a": {"F1": 0.5, "pages": 3}, "bb": {"F1": 12.345, "ms": 1234.5}}, "note")
    assert render(table).split("\n") == [
        "Title",
        "=====",
        "note",
        "        F1  pages    ms",
        "a   0.5000      3     -",
        "bb   12.35      -  1234",
    ]
    assert plain([table]) == {"Title": table.rows}


def test_bounds_stay_below_figures_and_keep_promises() -> None:
    assert bound_near("html news: F1", 0.9) == 0.895
    assert bound_near("html wcxb safe: content lost", 0.0101) == 0.013
    assert bound_near("html wcxb safe: content lost", 0.0195) == 0.02
    assert bound_near("html wcxb safe: content lost", 0.0301) == 0.033
    assert bound_near("text crop: gain of F1", 0.002) == 0.0
    assert bound_near("text crop: gain of F1", -0.002) == -0.007
    assert bound_of("seeds: content lines lost") == "at most"
    assert holds("a: F1", 0.5, 0.4)
    assert not holds("a: content lost", 0.5, 0.4)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two pages in the layout of the development data."""
    words = "The council of the town voted on Monday for a new bridge, and the works will begin in May."
    page = f"<html><body><nav><a href='/'>Home</a></nav><article><p>{words}</p></article></body></html>"
    entry = {"type": "article", "url": "", "with": ["works will begin"], "without": ["Home"], "country": "de"}
    entry |= {"language": "English"}
    for corpus in ("wcxb", "news", "sites", "snippets"):
        (tmp_path / corpus / "html").mkdir(parents=True)
        (tmp_path / corpus / "gold").mkdir()
        (tmp_path / corpus / "index.json").write_text(json.dumps({"1": entry, "2": entry}), "utf-8")
        for name in ("1", "2"):
            (tmp_path / corpus / "html" / f"{name}.html.gz").write_bytes(gzip.compress(page.encode()))
            (tmp_path / corpus / "gold" / f"{name}.txt").write_text(words, "utf-8")
    for kind, value in (("flat", f"Home\n{words}"), ("lab", [[1, 0], [19, 19]])):
        (tmp_path / "text" / kind / "dev").mkdir(parents=True)
        for form in command.text.FORMS:
            stored = gzip.compress(json.dumps({"1": value, "2": ""} if kind == "flat" else {"1": value}).encode())
            (tmp_path / "text" / kind / "dev" / f"{form}.json.gz").write_bytes(stored)
    return tmp_path


def test_all_sections_on_two_pages(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers, "missing", lambda: (*peers._MODULES,))
    monkeypatch.setattr("bench.work.logging.disable", lambda level: None)
    stored = data / "figures.json"
    arguments = [
        "bench",
        "--data",
        str(data),
        "--jobs",
        "1",
        "--only",
        "quality,text,folds,speed",
        "--json",
        str(stored),
    ]
    monkeypatch.setattr("sys.argv", arguments)
    command.main()
    shown_to_user, figures = capsys.readouterr().out, json.loads(stored.read_text("utf-8"))
    assert "HTML, wcxb, 2 pages" in shown_to_user
    assert "In sample" in shown_to_user
    assert figures["HTML, wcxb, 2 pages"][ours.NAME]["F1"] == 1
    assert figures["HTML, wcxb: F1 by type"][ours.NAME] == {"article (2)": 1}
    assert figures["HTML, snippets, 2 pages"][ours.NAME]["F1"] == 1
    assert figures["Text: F1 by form"]["leave alone"]["crop"] == pytest.approx(38 / 39)
    assert figures["Text: content lost by form"][ours.NAME]["crop"] == 0
    assert figures["Speed on HTML: by stage"].keys() >= {"lxml parsing", "read", "rest of cleaning"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "quality,taste"], "no section taste"),
        (["--part", "0"], "1 or more"),
        (["--data", "nowhere"], "no development data in nowhere"),
    ],
)
def test_wrong_options_are_named(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["bench", *arguments])
    with pytest.raises(SystemExit) as stopped:
        command.main()
    assert message in capsys.readouterr().err + str(stopped.value)


def test_pages_that_the_product_cannot_read_count_as_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise UnreadableError("no page", source="1", reason="binary")

    monkeypatch.setattr(ours, "clean", refuse)
    [answer] = text.answers(Flat("crop", "1", "some gold", "gold", [[2, 1]]), ("balanced",), peers=False)
    assert (answer.failed, answer.done.f1, answer.done.lost) == (True, 0, 1)


def test_calibration_groups_pages_by_what_is_expected() -> None:
    def answer(confidence: float, hit: int) -> quality.Answer:
        found = match(" ".join(map(str, range(10))), " ".join(map(str, range(10 - hit, 20 - hit))), "")
        return quality.Answer(ours.NAME, "article", found, segments("", [], []), False, confidence)

    rows = quality.calibration("t", [answer(0.55, 5), answer(0.57, 6), answer(1.0, 10)]).rows
    assert rows.keys() == {".5 to .6", ".9 to 1"}
    assert rows[".5 to .6"]["expected F1"] == pytest.approx(0.56)


def test_out_of_fold_figures_come_from_the_card_or_their_absence_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folds, "files", lambda _: tmp_path)
    assert [table.note.split(":")[0] for table in folds.tables()] == [
        f"The weights came without a model card {name}" for name in folds.CARDS
    ]
    card = tmp_path / "data" / "weights" / "card.json"
    card.parent.mkdir(parents=True)
    card.write_text("{}", "utf-8")
    assert "has no" in folds.tables()[0].note
    card.write_text(json.dumps({"out_of_fold": {"wcxb": {"article": {"F1": 0.96}}}}), "utf-8")
    assert render(folds.tables()[0]).endswith("article  0.9600")


@pytest.mark.parametrize("kind", ["html", "text"])
def test_generated_pages_have_their_size_and_read_as_their_kind(kind: str) -> None:
    page = synthetic.page(kind, 20_000)
    assert 20_000 <= len(page) < 23_000
    assert page == synthetic.page(kind, 20_000)
    assert clean(page).page.kind == kind


def test_sizes_are_measured_in_a_process_of_their_own() -> None:
    found = child.size("text", 0.02)
    assert found["bytes"] >= 20_000
    assert 0 < found["before"] <= found["peak"]
    assert found["seconds"] > 0


def test_a_stopwatch_charges_the_innermost_stage() -> None:
    watch = speed.Stopwatch()
    inner = watch.around("inner", lambda: sum(range(200_000)))
    with watch.stage("outer"):
        inner()
    assert watch.spent["inner"] > watch.spent["outer"] > 0


def test_worker_processes_answer_in_order() -> None:
    with work.workers(2) as pool:
        assert list(pool.map(len, ["a", "bb", "ccc"])) == [1, 2, 3]


def test_items_of_segments_have_no_gold(data: Path) -> None:
    assert Item("snippets", "1", "all", "German").gold(data) == ""
    assert Item("sites", "1", "English", "English").gold(data).startswith("The council")
