"""Deciding by itself: made-up evidence in, verdicts out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cleaner.decide.verdicts import choose_kept, decide, has_only_scraps
from cleaner.lines.table import LineTable
from cleaner.read import read_page
from cleaner.records import Cleaned, Evidence, Rule, Weights
from cleaner.score.weights import complete, evidence_by_line, evidence_kind, weigh
from cleaner.settings.record import Settings, line_hash

DEFAULTS = Settings().for_site("")

WEIGHTS = Weights(
    bias=0.0,
    codes={},
    extra={},
    drop_at={"safe": (0.9, 0.9), "balanced": (0.5, 0.8), "strict": (0.5, 0.5)},
    guard=(0.1, 0.9),
    confidence=(1.0, 0.0),
)


def judged(lines: dict[str, float], settings: Settings | None = None, code: str = "LM101") -> Cleaned:
    """Lines with the log-odds of one piece of evidence each."""
    page = read_page("\n".join(lines) + "\n", kind="text")
    evidence = [[Evidence(n, code, odds, "is so")] for n, odds in enumerate(lines.values(), 1)]
    return decide(LineTable(page), evidence, (), WEIGHTS, (settings or Settings()).for_site(""))


def test_evidence_adds_up_and_the_strongest_rule_is_the_reason() -> None:
    page = read_page("Share this\n" + "the vote is on Monday said the mayor " * 8, kind="text")
    evidence = [
        [Evidence(1, "LM107", 2.0, "resembles"), Evidence(1, "SH101", 0.5, "shares")],
        [Evidence(2, "LM201", -4, "")],
    ]
    first, second = decide(LineTable(page), evidence, (), WEIGHTS, DEFAULTS).verdicts
    assert (first.keep, first.code, first.why) == (False, "SH101", "shares")
    assert first.drop_probability == pytest.approx(0.924, abs=0.001)
    assert [one.code for one in first.evidence] == ["LM107", "SH101"]
    assert second.keep
    assert second.code == ""


def test_a_rule_that_weighs_little_is_not_the_reason() -> None:
    page = read_page("Share this\n" + "the vote is on Monday said the mayor " * 8, kind="text")
    evidence = [
        [Evidence(1, "LM107", 2.5, "resembles"), Evidence(1, "SH101", 0.1, "shares")],
        [Evidence(2, "LM201", -4, "")],
    ]
    assert decide(LineTable(page), evidence, (), WEIGHTS, DEFAULTS).verdicts[0].code == "LM107"


def test_a_line_without_evidence_for_dropping_it_stays_whatever_the_threshold() -> None:
    cleaned = judged(
        {"one word": -0.1, "the vote is on Monday, said the mayor of the town": -6.0}, Settings(policy="strict")
    )
    assert all(verdict.keep for verdict in cleaned.verdicts)


def test_a_code_that_is_ignored_drops_nothing_and_an_allowed_line_stays() -> None:
    lines = {"Moorings": 3.0, "Lights": 3.0, "the vote is on Monday, said the mayor of the town, at noon": -6.0}
    assert [v.keep for v in judged(lines).verdicts] == [False, False, True]
    assert all(v.keep for v in judged(lines, Settings(ignore=("LM",))).verdicts)
    allowed = Settings(allow=frozenset({("LM101", line_hash("Lights"))}))
    assert [v.keep for v in judged(lines, allowed).verdicts] == [False, True, True]


def test_the_guard_keeps_a_page_whole_on_weak_evidence_only() -> None:
    lines = {f"line of the page number {n} with words": 1.6 for n in range(9)}
    weak = judged({**lines, "a": -1.0})
    assert [note.code for note in weak.notes] == ["SY103"]
    assert all(v.keep for v in weak.verdicts)
    strong = judged(dict.fromkeys(lines, 5.0) | {"a": -1.0})
    assert strong.text == "a\n"


def test_scraps_on_a_long_page_are_no_body() -> None:
    menu = {f"menu of the shop with number {n} and words": 6.0 for n in range(20)}
    scraps = judged({**menu, "You are here": -1.0})
    assert (scraps.text, [note.code for note in scraps.notes], scraps.confidence) == ("", ["SY104"], 0.0)
    text = judged({**menu, "The vote is on Monday, said the mayor of the town, at noon.": -3.0})
    assert text.notes == ()
    assert text.text.startswith("The vote")


def test_scraps_on_a_short_page_stay() -> None:
    assert not has_only_scraps([0.9, 0.1], [60, 3], [False, True])
    assert has_only_scraps([0.9, 0.1], [160, 3], [False, True])
    assert not has_only_scraps([0.9, 0.1], [160, 3], [False, False])  # nothing is choose_kept anyway


def test_thresholds_move_within_their_bounds() -> None:
    sure, words = [0.01, 0.6, 0.99], [100, 100, 100]
    assert choose_kept(sure, words, (0.5, 0.5)) == [True, False, False]
    assert choose_kept(sure, words, (0.7, 0.9)) == [True, True, False]
    # of two lines as doubtful, long ones: half of each is likely content, so keeping pays
    assert choose_kept([0.6, 0.6], [100, 100], (0.5, 0.8)) == [True, True]


def test_evidence_for_keeping_that_is_ignored_does_not_count() -> None:
    page = read_page("a\nb\n", kind="text")
    said = [Evidence(1, "TI101", -3.0, ""), Evidence(1, "RL101", 2.0, ""), Evidence(2, "TI101", 0.0, "")]
    assert [[v.code for v in some] for some in evidence_by_line(page, said, DEFAULTS)] == [
        ["TI101", "RL101"],
        ["TI101"],
    ]
    assert [[v.code for v in some] for some in evidence_by_line(page, said, Settings(ignore=("TI",)).for_site(""))] == [
        ["RL101"],
        [],
    ]


def test_confidence_is_the_expected_f1_made_honest() -> None:
    page = read_page("the vote is on Monday said the mayor\n", kind="text")
    evidence = [[Evidence(1, "LM201", -2.0, "")]]
    plain = decide(LineTable(page), evidence, (), WEIGHTS, DEFAULTS).confidence
    assert plain == pytest.approx(2 * 0.8808 / 1.8808, abs=0.001)
    lower = Weights(0.0, {}, {}, WEIGHTS.drop_at, WEIGHTS.guard, (1.0, -1.0))
    assert decide(LineTable(page), evidence, (), lower, DEFAULTS).confidence < plain


def test_what_weighs_nothing_is_shown_last_and_is_no_reason() -> None:
    page = read_page("Share this\n" + "the vote is on Monday said the mayor " * 8, kind="text")
    found = [Evidence(1, "KP341", 0.0, ""), Evidence(1, "LM107", 2.0, ""), Evidence(1, "KP234", -0.5, "")]
    none = [Evidence(2, "KP341", 0.0, "")]
    first, second = decide(LineTable(page), [found, none], (), WEIGHTS, DEFAULTS).verdicts
    assert [one.code for one in first.evidence] == ["LM107", "KP234", "KP341"]
    assert first.code == "LM107"
    assert (second.keep, second.code, [one.code for one in second.evidence]) == (True, "", ["KP341"])


def rule(code: str, weight: float = 0.0, keeps: bool = False) -> Rule:
    return Rule(code, "name", "is so", goes="a", stays="b", weight=weight, keeps=keeps)


def test_a_code_that_was_not_measured_weighs_what_it_declares_or_what_its_kind_weighs() -> None:
    measured = replace(WEIGHTS, codes={"AD101": 2.0}, extra={"AD101": 0.5}, kinds={"whole-line": (3.0, 1.5)})
    rules = [rule("AD101", 9.0), rule("ZA101"), rule("ZA102"), rule("ZB101", 0.7), rule("ZC101", keeps=True)]
    weights = complete(measured, rules)
    found = [(1, one.code, "") for one in rules]
    assert {one.code: one.weight for one in weigh(found, weights)} == {
        "AD101": 2.5,
        "ZA101": 4.5,  # of its kind
        "ZA102": 0.0,  # nothing of its kind was measured
        "ZB101": 0.7,  # declared
        "ZC101": 0.0,  # keeps lines
    }
    assert "ZB101" not in weights.codes  # what is declared is added to the model, what is of a kind is shown to it
    assert complete(measured, rules[:1]) == measured


def test_kinds_of_evidence_are_told_apart_by_their_digits() -> None:
    codes = ("ZA101", "ZA112", "ZA201", "ZA301", "ZA302", "ZA411", "ZA501", "ZA901")
    kinds = ["whole-line", "phrase", "shape", "block", "markup", "position", "site", ""]
    assert [*map(evidence_kind, codes)] == kinds
