"""Features worked out by hand on small pages: facts, rings, hearts, signatures, paragraphs, sections, distances."""

from __future__ import annotations

from math import log1p

import numpy as np
import pytest
from hypothesis import given

from cleaner.read import read_page
from cleaner.score.features.blocks import (
    BlockSpans,
    alike_features,
    block_signatures,
    heart_features,
    paragraph_features,
    paragraph_spans,
    ring_features,
    shape_signatures,
    word_rank,
)
from cleaner.score.features.facts import MAX_WEIGHT_WORDS, Facts
from cleaner.score.features.line import line_features, text_features
from cleaner.score.features.neighbours import page_features, place_features, section_features, window_features
from tests.score_pages import SENTENCE, facts_of, quick, text_pages, texts_of

#: The words of SENTENCE, all of which count as running text.
FULL = 18


def html(body: str) -> Facts:
    return facts_of(read_page(f"<html><body>{body}</body></html>", kind="html"))


def text(*lines: str, codes=()) -> Facts:
    return facts_of(read_page("\n".join(lines), kind="text"), codes)


def made(features) -> dict[str, list[float]]:
    return {name: np.asarray(values, float).tolist() for name, values in features}


def of_words(number: int, end: str = "") -> str:
    return " ".join(["boats"] * number) + end


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (of_words(12, "."), 12),
        (of_words(11, "."), 0),  # a word less
        (of_words(12), 0),  # no full stop
        (of_words(30), 30),
        (of_words(29), 0),  # a word less
    ],
)
def test_running_text(line, words):
    assert text(line).prose_words.tolist() == [words]


def test_facts_of_lines():
    facts = html("<h2>Home</h2><p>Go <a href=/>home</a></p><p></p><h1>Home</h1>" + f"<p>{of_words(99)}</p>")
    assert texts_of(facts)[:3] == ["Home", "Go home", "Home"]
    assert facts.heading.tolist() == [2, 0, 1, 0]
    assert facts.link_share.tolist() == [0, pytest.approx(4 / 7), 0, 0]
    assert facts.copies.tolist() == [2, 1, 2, 1]
    assert facts.words.tolist() == [1, 2, 1, 99]
    assert facts.weight.tolist() == [2, 3, 2, MAX_WEIGHT_WORDS + 1]


def test_evidence_by_line():
    facts = text("a", "b", "", "c", codes=[["RL101"], [], ["RL121", "NV301"]])
    assert facts.at.tolist() == [0, 1, 3]
    assert facts.has_family("RL").tolist() == [True, False, True]
    assert facts.has_code("RL101", "NV301").tolist() == [True, False, True]
    assert facts.has_code("RL121").tolist() == [False, False, True]
    assert facts.has_code().tolist() == facts.has_family("AD").tolist() == [False] * 3


RINGS = (
    "<header><p>Home</p></header>"
    f"<main><article><div class=text><p>{SENTENCE}</p><p>two</p><p>three</p></div><p>four</p></article></main>"
    "<footer><div><div><a href=/>end</a></div></div></footer>"
)


def test_each_ring_is_the_next_block_out_that_holds_more_lines():
    facts = html(RINGS)
    found = made(ring_features(facts, BlockSpans(facts), np.array([2.0, -1, -2, -3, -4, 5])))
    assert found["ring_0_lines"] == [1, 1, 1, 1, 1, 1]
    assert found["ring_1_lines"] == [6, 3, 3, 3, 4, 6]  # neither header nor the divs of the footer hold more than one
    assert found["ring_2_lines"] == [6, 4, 4, 4, 6, 6]
    assert found["ring_3_lines"] == [6, 6, 6, 6, 6, 6]  # main holds as many lines as article, so it is no ring
    assert found["ring_5_lines"] == [6] * 6


def test_what_a_ring_is_like():
    facts = html(RINGS)
    found = made(ring_features(facts, BlockSpans(facts), np.array([2.0, -1, -2, -3, -4, 5])))
    total = FULL + 5
    assert found["ring_1_words"] == pytest.approx([1, *[(FULL + 2) / total] * 3, (FULL + 3) / total, 1])
    assert found["ring_1_density"] == pytest.approx(
        [FULL / total, *[FULL / (FULL + 2)] * 3, FULL / (FULL + 3), FULL / total]
    )
    assert found["ring_0_prose"] == [0, 1, 0, 0, 0, 0]
    assert found["ring_1_prose"] == [1] * 6
    assert found["ring_0_links"] == [0, 0, 0, 0, 0, 1]
    # each line weighs its words and one more
    assert found["ring_0_joint"] == pytest.approx([2, -1, -2, -3, -4, 5])
    div = (-1 * (FULL + 1) - 2 * 2 - 3 * 2) / (FULL + 5)
    article = (-1 * (FULL + 1) - 2 * 2 - 3 * 2 - 4 * 2) / (FULL + 7)
    page = (2 * 2 - 1 * (FULL + 1) - 2 * 2 - 3 * 2 - 4 * 2 + 5 * 2) / (FULL + 11)
    assert found["ring_1_joint"] == pytest.approx([page, div, div, div, article, page])
    assert found["ring_2_joint"] == pytest.approx([page, article, article, article, page, page])
    assert found["depth"] == [2, 4, 4, 4, 3, 3]


@pytest.mark.parametrize(
    ("inside", "lines"),
    [
        ("", 1),
        ("<p></p>", 1),  # holds no line
        ("<p>&nbsp;</p>", 1),  # holds a line that shows nothing
        ("<p>two</p>", 2),  # holds one line more
    ],
)
def test_a_block_around_is_a_ring_from_one_line_more(inside, lines):
    facts = html(f"<div><div class=inner><p>one</p></div>{inside}</div><p>far</p><p>off</p>")
    found = made(ring_features(facts, BlockSpans(facts), np.zeros(len(facts.at))))
    assert found["ring_1_lines"][0] == (lines if lines > 1 else 3)


def test_rings_of_lines_without_blank_lines_between_them():
    facts = html("<ul><li>one<li>two<ul><li>three<li>four</ul><li>five</ul><p>six</p>")
    found = made(ring_features(facts, BlockSpans(facts), np.arange(6.0)))
    assert texts_of(facts) == ["one", "two", "three", "four", "five", "six"]
    assert found["ring_0_lines"][:5] == [1, 3, 1, 1, 1]  # the second item holds the inner list
    assert found["ring_1_lines"][:5] == [5, 5, 2, 2, 5]
    assert found["ring_1_joint"][:5] == [2, 2, 2.5, 2.5, 2]
    assert found["ring_0_joint"] == [0, 2, 2, 3, 4, 5]
    assert found["ring_2_lines"][:5] == [6, 6, 3, 3, 6]
    assert found["ring_3_lines"][2:4] == [5, 5]


def test_rings_have_ranks():
    facts = html("<div><p>one</p><p>two</p></div><div><p>three four</p><p>five six</p></div>")
    found = made(ring_features(facts, BlockSpans(facts), np.array([1.0, 3, -4, 4])))
    assert found["ring_1_joint"] == [2, 2, 0, 0]
    assert found["ring_1_rank"] == [4 / 6, 4 / 6, 0, 0]
    assert found["ring_2_rank"] == [0] * 4
    assert [name for name in found if name.endswith("_rank")] == ["ring_1_rank", "ring_2_rank"]


def test_lines_outside_of_all_blocks_belong_to_the_page():
    facts = html("one<p>two</p>three")
    found = made(ring_features(facts, BlockSpans(facts), np.zeros(3)))
    assert found["ring_0_lines"] == [3, 1, 3]
    assert found["depth"] == [0, 1, 0]


def test_rank_is_the_share_of_words_in_lines_of_lower_value():
    assert word_rank(np.array([3.0, 1, 2, 1]), np.array([1.0, 2, 3, 4])).tolist() == [0.9, 0, 0.6, 0]
    assert word_rank(np.array([5.0]), np.array([9.0])).tolist() == [0]
    assert word_rank(np.zeros(2), np.zeros(2)).tolist() == [0, 0]


def hearts(outside: str, inside: str, joint=None) -> dict[str, list[float]]:
    facts = html(f"<p>Home</p><main><article>{inside}</article></main>{outside}")
    return made(heart_features(facts, BlockSpans(facts), np.zeros(len(facts.at)) if joint is None else np.array(joint)))


def test_a_line_right_outside_the_heart():
    found = hearts(f"<p>{SENTENCE}</p><p>end</p>", f"<p>{SENTENCE}</p>" * 4)
    assert found["core_60_inside"] == [0, 1, 1, 1, 1, 0, 0]
    assert found["core_60_after"] == [0, 0, 0, 0, 0, 1, 2]
    assert found["core_60_place"] == [-0.25, 0, 0.25, 0.5, 0.75, 1, 1.25]
    assert found["core_60_size"] == pytest.approx([4 / 7] * 7)
    # of blocks with the same lines the outermost counts: main
    assert found["core_60_depth"] == [0, 2, 2, 2, 2, 0, 0]
    assert found["core_85_inside"] == [1] * 7  # the article holds 80% only
    assert found["core_85_after"] == [0] * 7


def test_a_heart_holds_its_share_exactly_or_more():
    long = " ".join([SENTENCE] * 5)
    inside = f"<p>{long}</p>" * 3
    assert hearts(f"<p>{long}</p>" * 2, inside)["core_60_inside"] == [0, 1, 1, 1, 0, 0]  # 60% to the word
    more = hearts(f"<p>{long}</p><p>Now {long}</p>", inside)
    assert more["core_60_inside"] == [1] * 6  # a word more outside, and it is less than 60%


def test_the_place_in_a_heart_has_ends():
    facts = html(f"<p>Home</p><p>Home</p><div><p>{SENTENCE}</p></div>" + "<p>end</p>" * 3)
    found = made(heart_features(facts, BlockSpans(facts), np.zeros(6)))
    assert found["core_85_place"] == [-1, -1, 0, 1, 2, 2]


def test_one_paragraph_with_enough_of_the_text_is_the_heart():
    found = hearts("", f"<p>{SENTENCE} {SENTENCE} {SENTENCE}</p><p>{SENTENCE}</p>")
    assert found["core_60_inside"] == [0, 1, 0]
    assert found["core_60_after"] == [0, 0, 1]
    assert found["core_85_inside"] == [0, 1, 1]


def test_without_running_text_the_page_is_its_heart():
    found = hearts("<p>end</p>", "<p>one</p><p>two</p>")
    assert found["core_35_inside"] == [1] * 4
    assert found["core_35_size"] == [1] * 4
    assert found["core_35_depth"] == [1, 3, 3, 1]


def test_the_heart_of_the_content_goes_by_the_scores():
    outside, inside = f"<p>{SENTENCE}</p>" * 4, f"<p>{SENTENCE}</p>" * 2
    found = hearts(outside, inside, [0, -12, -12, 12, 12, 12, 12])
    assert found["heart_85_inside"] == [0, 1, 1, 0, 0, 0, 0]
    assert found["core_85_inside"] == [1] * 7


def test_blocks_of_the_same_signature():
    facts = html(
        "<ul class=menu><li>one<li>two<li class=item>three</ul><ol class=menu><li>four</ol><ul class=list><li>five</ul>"
        "<ul class=menu><li>six</ul>seven"
    )
    one, two, three, four, five, six, seven = block_signatures(facts, BlockSpans(facts)).tolist()
    assert one == two == six
    assert len({one, three, four, five, seven}) == 5


def plain_shape(facts: Facts, at: int) -> tuple[object, ...]:
    shape = facts.shapes[at]
    size = sum(shape.words > most for most in (1, 2, 3, 5, 8, 12, 20, 40))
    sign = shape.folded[:1] or " "
    flags = (shape.ends_sentence, shape.capitals >= shape.words * 0.7, shape.digits > 0, shape.separators > 0)
    return size, *map(bool, flags), "" if sign.isalnum() or sign == "\0" else sign  # no page means a NUL


@quick
@given(text_pages())
def test_the_shape_of_a_line(page):
    facts = facts_of(page)
    numbers = shape_signatures(facts).tolist()
    shapes = [plain_shape(facts, at) for at in range(len(numbers))]
    assert len(set(zip(numbers, shapes, strict=True))) == len(set(numbers)) == len(set(shapes))


def test_shapes_differ_by_each_mark_and_by_any_of_them_together():
    marks = [("", "."), ("old lock gate quay", "Old Lock Gate Quay"), ("", " 7"), ("", " |"), ("", "- ")]
    lines = []
    for bits in range(32):
        end, words, digit, sign, first = [pair[bits >> at & 1] for at, pair in enumerate(marks)]
        lines.append(f"{first}{words}{sign}{' 7' if digit else ' so'}{end}")
    facts = text(*lines)
    assert facts.words.tolist() == [5] * 32
    shapes = {plain_shape(facts, at) for at in range(32)}
    assert len(set(shape_signatures(facts).tolist())) == len(shapes)
    assert len(shapes) == 32


@pytest.mark.parametrize(
    ("line", "other", "same"),
    [
        ("the old lock", "the new gate", True),
        ("the old lock", "the old lock.", False),  # ends as a sentence does
        ("the old lock", "The Old Lock", False),  # capitals
        ("the old lock", "the old 1", False),  # digits
        ("the old lock", "the old | lock", False),  # a sign
        ("the old lock", "- the old lock", False),  # the first sign is no letter
        ("the old lock", "the old lock here", False),  # three and four words
        ("the old lock here now", "the old lock here", True),
        ("the old lock here now so", "the old lock here", False),  # six words
        ("one", "one two", False),
        (of_words(12), of_words(9), True),
        (of_words(13), of_words(12), False),
        (of_words(41), of_words(99), True),
        (of_words(41), of_words(40), False),
    ],
)
def test_lines_of_the_same_shape(line, other, same):
    one, two = shape_signatures(text(line, other)).tolist()
    assert (one == two) is same


def test_lines_of_a_kind():
    facts = text("one", f"{SENTENCE}", "one two three", SENTENCE, "one two three four five")
    found = made(alike_features(facts, np.array([0, 1, 0, 1, 0]), np.array([4.0, -1, 2, -3, 1])))
    assert found["alike"] == [3, 2, 3, 2, 3]
    assert found["alike_joint"] == pytest.approx([(4 * 2 + 2 * 4 + 1 * 6) / 12, -2] * 2 + [22 / 12])
    assert found["alike_words"] == pytest.approx([9 / 45, 36 / 45] * 2 + [9 / 45])
    assert found["alike_length"] == [3, FULL, 3, FULL, 3]
    spread = np.std([1, 3, 5]) / 4
    assert found["alike_spread"] == pytest.approx([spread, 0, spread, 0, spread])
    assert found["alike_prose"] == [0, 1, 0, 1, 0]
    assert found["alike_prose_share"] == [0, 1, 0, 1, 0]
    assert found["alike_span"] == pytest.approx([4 / 5, 2 / 5, 4 / 5, 2 / 5, 4 / 5])
    assert found["alike_rank"] == [0, 0, 0.5, 1, 1]


def test_the_length_of_lines_of_a_kind_has_an_end():
    facts = text("a " * 9000, "b")
    found = made(alike_features(facts, np.array([0, 1]), np.zeros(2)))
    assert found["alike_length"] == [8000, 1]
    many = text(*["home"] * 300)
    assert made(alike_features(many, np.zeros(300, int), np.zeros(300)))["alike"] == [200] * 300


def test_paragraphs_lie_between_blank_lines():
    facts = text("", "one", "two", " ", "", SENTENCE, "three", "four", "\t", "five")
    first, last = paragraph_spans(facts)
    assert first.tolist() == [0, 0, 2, 2, 2, 5]
    assert last.tolist() == [2, 2, 5, 5, 5, 6]
    found = made(paragraph_features(facts, np.array([1.0, 3, -2, 4, 4, 5])))
    assert found["par_lines"] == [2, 2, 3, 3, 3, 1]
    assert found["par_joint"] == pytest.approx([2, 2, *[(-2 * 19 + 4 * 2 + 4 * 2) / 23] * 3, 5])
    assert found["par_prose"] == pytest.approx([0, 0, *[19 / 23] * 3, 0])
    assert found["par_place"] == pytest.approx([0, 1 / 2, 0, 1 / 3, 2 / 3, 0])
    assert found["par_page"] == [0.5] * 6


def test_sections_begin_with_a_heading_and_end_before_the_next():
    facts = html(f"<p>one</p><h1>Two</h1><p>{SENTENCE}</p><p>four</p><h2>Five</h2><p>six</p>")
    found = made(section_features(facts, np.array([6.0, 1, -2, 4, 3, 5])))
    text_of = (1 * 2 - 2 * 19 + 4 * 2) / 23
    assert found["section_joint"] == pytest.approx([6, text_of, text_of, text_of, 4, 4])
    assert found["section_prose"] == pytest.approx([0, *[19 / 23] * 3, 0, 0])
    assert found["since_heading"] == [-1, 0, 1, 2, 0, 1]
    assert found["heading_joint"] == [0, 1, 1, 1, 3, 3]
    assert found["since_h1"] == [-1, 0, 1, 2, 3, 4]
    assert found["until_h1"] == [1, 0, -1, -1, -1, -1]


def test_a_page_that_begins_with_its_heading():
    facts = html("<h1>One</h1><p>two</p>")
    found = made(section_features(facts, np.array([3.0, 1])))
    assert found["since_heading"] == found["since_h1"] == [0, 1]
    assert found["heading_joint"] == [3, 3]
    assert found["section_joint"] == [2, 2]
    assert made(place_features(text("a", "b", codes=[["TI101"]])))["since_title"] == [0, 1]


def test_distances_have_an_end():
    size = 300
    found = made(place_features(text(*["a"] * size, codes=[["TI101"]])))
    assert found["since_title"][199:202] == [199, 200, 200]
    assert found["from_start"][-1] == found["from_end"][0] == 200
    assert found["short_run"] == [200] * size
    assert max(made(line_features(text(*["a"] * size)))["copies"]) == 9


def test_runs_of_short_lines():
    found = made(place_features(text(of_words(5), of_words(6), of_words(7), of_words(5))))
    assert found["short_run"] == [1, 2, 2, 1]


def test_what_kind_of_page_it_is():
    facts = text("Home", SENTENCE, "Home", codes=[["CM101", "BY101"], ["KP111"], ["BY202"]])
    found = {name: values[0] for name, values in made(page_features(facts, np.array([0.0, -12, 12]))).items()}
    assert found["page_words"] == pytest.approx(log1p(FULL + 2))
    assert found["page_lines"] == pytest.approx(log1p(3))
    assert found["page_prose_lines"] == pytest.approx(log1p(1))
    assert found["page_prose"] == pytest.approx(FULL / (FULL + 2))
    assert found["page_functions"] == pytest.approx(facts.counts["function"].sum() / (FULL + 2))
    assert found["page_repeats"] == pytest.approx(2 / 3)
    assert (found["page_comments"], found["page_posts"], found["page_stamps"]) == (1, 1, 2)
    assert found["page_content"] == pytest.approx(log1p(0.5 + FULL), abs=1e-4)


@pytest.mark.parametrize(
    ("head", "article", "product"),
    [
        ("", 0, 0),
        ("<meta property='og:type' content='article'>", 1, 0),
        ("<meta property='og:type' content='product.item'>", 0, 1),
        ("<meta property='og:type' content='website'>", 0, 0),
        ('<script type=\'application/ld+json\'>{"@type": "NewsArticle"}</script>', 1, 0),
        ('<script type=\'application/ld+json\'>{"@type": "BlogPosting"}</script>', 1, 0),
        ('<script type=\'application/ld+json\'>{"@type": "Product"}</script>', 0, 1),
    ],
)
def test_what_a_page_calls_itself(head, article, product):
    facts = facts_of(read_page(f"<html><head>{head}</head><body><p>one two</p><p><a href=/>six</a></p>", kind="html"))
    found = made(page_features(facts, np.zeros(2)))
    assert found["says_article"] == [article] * 2
    assert found["says_product"] == [product] * 2
    assert found["page_links"] == pytest.approx([1 / 3] * 2)


def test_where_a_line_stands():
    facts = text("Home", SENTENCE, "one", SENTENCE, SENTENCE, codes=[[], ["TI101"], ["RL101"], [], ["TI102", "SH101"]])
    found = made(place_features(facts))
    total = 3 * FULL + 2
    assert found["position"] == [0, 0.2, 0.4, 0.6, 0.8]
    assert found["from_start"] == [0, 1, 2, 3, 4]
    assert found["from_end"] == [4, 3, 2, 1, 0]
    assert found["words_before"] == pytest.approx(
        [0, 1 / total, (FULL + 1) / total, (FULL + 2) / total, (2 * FULL + 2) / total]
    )
    assert found["prose_before"] == pytest.approx([0, 0, 1 / 3, 1 / 3, 2 / 3])
    assert found["prose_after"] == pytest.approx([1, 2 / 3, 2 / 3, 1 / 3, 0])
    assert found["since_title"] == [-1, 0, 1, 2, 0]
    assert found["until_title"] == [1, 0, 2, 1, 0]
    assert found["since_related"] == [-1, -1, 0, 1, 2]
    assert found["until_related"] == [2, 1, 0, -1, -1]
    assert found["until_share"] == [4, 3, 2, 1, 0]
    assert found["since_legal"] == found["until_legal"] == [-1] * 5
    assert found["short_run"] == [1, 1, 1, 2, 2]
    assert found["prose_run"] == [0, 1, 0, 2, 2]


def test_neighbours_of_a_line():
    facts = text("a", "b", "c", "d", "e")
    found = made(window_features(facts, np.array([1.0, 2, 4, 8, 9])))
    assert found["last_1_joint"] == [0, 1, 2, 4, 8]
    assert found["next_1_joint"] == [2, 4, 8, 9, 0]
    assert found["last_3_joint"] == [0, 0, 0, 1, 2]
    assert found["next_3_joint"] == [8, 9, 0, 0, 0]
    assert found["joint_2"] == pytest.approx([7 / 3, 15 / 4, 24 / 5, 23 / 4, 7])
    assert found["joint_ahead_4"] == pytest.approx([0, 1, 3 / 2, 7 / 3, 15 / 4])
    assert found["joint_behind_4"] == pytest.approx([23 / 4, 7, 17 / 2, 9, 0])
    assert found["joint_page"] == pytest.approx([24 / 5] * 5)
    assert found["next_1_words"] == [1, 1, 1, 1, 0]
    assert found["length_7"] == pytest.approx([log1p(1)] * 5)


def test_windows_reach_as_far_as_they_are_called():
    joint = np.array([2.0**n for n in range(48)])
    found = made(window_features(text(*["a"] * 48), joint))
    at = 24
    for name, first, last in (
        ("joint_2", -2, 3),
        ("joint_7", -7, 8),
        ("joint_20", -20, 21),
        ("joint_ahead_4", -4, 0),
        ("joint_ahead_10", -10, 0),
        ("joint_behind_4", 1, 5),
        ("joint_behind_10", 1, 11),
    ):
        assert found[name][at] == pytest.approx(joint[at + first : at + last].mean()), name


def test_words_that_stand_nowhere_else():
    facts = text("home lock", "home", "gate quay wall", "?")
    assert made(line_features(facts))["seen_once"] == pytest.approx([0.5, 0, 1, 1])


def test_features_of_a_line_of_text():
    facts = text(
        "Home, Quay, 12:", "a | b | c", of_words(40), codes=[["RL102"], ["NV301"], ["NL101", "CM212", "NV322"]]
    )
    found = made(text_features(facts))
    assert found["capital_share"][:2] == pytest.approx([2 / 3, 0])
    assert found["digit_share"] == pytest.approx([2 / len(facts.shapes[0].folded), 0, 0])
    assert found["separator_share"] == pytest.approx([0, 2 / 3, 0])
    assert found["ends_colon"] == [1, 0, 0]
    assert found["commas"] == pytest.approx([2 / 3, 0, 0])
    assert found["family_NV"] == [0, 1, 1]
    assert found["holds_phrase"] == [1, 0, 0]
    assert found["word_length"][2] == pytest.approx((40 * 6 - 1) / 40)


def test_words_shared_with_the_running_text():
    facts = text(SENTENCE, "the old boats", "boats", SENTENCE.replace("council", "mayor"))
    found = made(text_features(facts))["prose_likeness"]
    # words count as often as they stand in running text, up to four times, and a sentence takes itself off once
    assert found[1] == pytest.approx((log1p(4) + log1p(2)) / 3)
    assert found[2] == 0
    words = SENTENCE.lower().strip(".").split()
    at_most = [min(4, words.count(word) * 2 - 1) for word in words if word != "council"]
    assert found[0] == found[3] == pytest.approx(sum(log1p(n) for n in at_most) / FULL)
