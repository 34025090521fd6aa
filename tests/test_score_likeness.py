"""What a line resembles, by the evidence on it and near it."""

from __future__ import annotations

import pytest

from cleaner.detectors.run import detector_rules
from cleaner.records import Evidence
from cleaner.score.likeness import LIKENESS_REASONS, MAX_LINES_AWAY, OWN_CODE, RULES, SHARED_CODE, code_for_weight
from cleaner.score.likeness import resemblances as by_codes
from cleaner.score.weights import complete, load_weights

GOES, STAYS = 1.0, -1.0
BY_CODE = complete(load_weights("html"), detector_rules()).resembles


def resemblances(odds: list[float], evidence: list[list[Evidence]]) -> list[str]:
    return by_codes(odds, evidence, BY_CODE)


def found(*codes: str, weight: float = 1.0) -> list[Evidence]:
    return [Evidence(1, code, weight, "why") for code in codes]


def page(size: int, **lines: list[Evidence]) -> list[list[Evidence]]:
    """``size`` lines without evidence but for those named, such as ``_3``."""
    return [lines.get(f"_{n}", []) for n in range(size)]


def test_own_evidence_wins_over_near_evidence():
    assert resemblances([GOES] * 3, page(3, _0=found("NV331"), _1=found("RL101"), _2=found("NV331")))[1] == "LM102"


def test_near_evidence_wins_over_far_evidence():
    lines = page(8, _0=found("NV331"), _5=found("RL101"))
    codes = resemblances([GOES] * 8, lines)
    assert codes == ["LM101"] * 3 + ["LM102"] * 5


def test_of_two_as_near_the_earlier_one_counts():
    assert resemblances([GOES] * 5, page(5, _0=found("SH101"), _4=found("RL101")))[2] == "LM107"
    assert resemblances([GOES] * 5, page(5, _0=found("RL101"), _4=found("SH101")))[2] == "LM102"


def test_evidence_too_far_away_does_not_count():
    size = 2 * MAX_LINES_AWAY + 4
    codes = resemblances([GOES] * size, page(size, **{f"_{MAX_LINES_AWAY + 1}": found("CM101")}))
    assert codes == ["LM109"] + ["LM103"] * (2 * MAX_LINES_AWAY + 1) + ["LM109"] * 2


@pytest.mark.parametrize("odds", [0.0, -0.01, -9.0])
def test_a_line_that_stays_resembles_text_whatever_is_on_it(odds):
    codes = resemblances([GOES, odds, GOES], page(3, _1=found("NV331", weight=9.0)))
    assert codes == ["LM109", "LM201", "LM109"]  # nor does it say anything of the lines around it


def test_a_form_is_a_form_before_it_is_of_its_family():
    for code in ("CM111", "CM112", "NV325", "NL301"):
        assert resemblances([GOES], [found(code)]) == ["LM105"]
    assert resemblances([GOES], [found("CM101")]) == ["LM103"]
    assert resemblances([GOES], [found("NV331")]) == ["LM101"]


def test_the_strongest_evidence_counts_and_of_equal_ones_the_greatest_code():
    strong = [*found("NV331", weight=1.0), *found("RL101", weight=1.5)]
    assert resemblances([GOES], [strong]) == resemblances([GOES], [strong[::-1]]) == ["LM102"]
    equal = found("NV331", "SH101", "AD101")
    assert resemblances([GOES], [equal]) == resemblances([GOES], [equal[::-1]]) == ["LM107"]


def test_evidence_for_keeping_is_not_asked():
    assert resemblances([GOES], [[*found("RL101", weight=-3.0), *found("NV331", weight=0.1)]]) == ["LM101"]
    assert resemblances([GOES], [found("RL101", weight=0.0)]) == ["LM109"]
    assert resemblances([GOES], [found("RL101", weight=-3.0)]) == ["LM109"]


def test_a_family_that_is_like_nothing_leaves_it_to_the_lines_around():
    assert resemblances([GOES] * 2, page(2, _0=found("DU401"), _1=found("CH101"))) == ["LM104", "LM104"]
    assert resemblances([GOES], [found("DU401")]) == ["LM109"]


def test_pages_without_lines_or_evidence():
    assert resemblances([], []) == []
    assert resemblances([GOES, STAYS], page(2)) == ["LM109", "LM201"]


def test_every_answer_is_a_rule_and_every_rule_an_answer():
    answers = {*BY_CODE.values(), "LM109", "LM201", SHARED_CODE, OWN_CODE}
    assert answers == set(LIKENESS_REASONS) == {rule.code for rule in RULES}


def test_evidence_for_keeping_has_the_code_of_text():
    assert code_for_weight("LM102", 0.5) == "LM102"
    assert code_for_weight("LM102", -0.5) == "LM201"
    assert code_for_weight("LM201", -0.5) == "LM201"
    assert code_for_weight("LM201", 0.5) == "LM109"  # on a line that stays, for others speak for it


def test_a_code_that_resembles_nothing_known_is_residue_in_general():
    assert by_codes([GOES], [found("ZA101")], {}) == ["LM109"]
    assert by_codes([GOES], [found("ZA101")], {"ZA101": "LM106"}) == ["LM106"]
    assert by_codes([GOES], [found("ZA101")], {"ZA101": "LM999"}) == ["LM109"]
