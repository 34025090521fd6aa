"""The gate of the learned scorer, which tells how much of an article a page is, and the mix of trees that it makes."""

from __future__ import annotations

import random
from math import exp, log1p

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.read import read_page
from cleaner.records import Page
from cleaner.score.features.article import (
    MAX_GAP_LINES,
    TITLE_STAMP_LINES,
    TITLE_TEXT_LINES,
    gate_features,
    longest_stretch,
)
from cleaner.score.features.registry import feature_names, gate_feature_names
from cleaner.score.features.table import feature_table, first_stage_scores
from cleaner.score.model.ensemble import MAX_ABS_FEATURE, PARTS_PER_UNIT, Gate, Model, Trees
from tests.score_pages import CODES, NAMES, SENTENCE, VOCABULARY, facts_of, grown, html_pages, quick, text_pages

FEATURES = 5
ROWS = st.lists(st.integers(-7, 7), min_size=FEATURES, max_size=FEATURES)


def walked(trees: Trees, row: list[int]) -> float:
    """The log-odds of a row, tree by tree."""
    total = 0
    for root in trees.roots.tolist():
        node = root
        while trees.left[node] != node:
            node = int(trees.left[node] if row[trees.feature[node]] <= trees.cut[node] else trees.right[node])
        total += int(trees.value[node])
    return total / PARTS_PER_UNIT


@quick
@given(st.one_of(html_pages(), text_pages()), st.data())
def test_the_gate_goes_by_features_that_all_lines_of_a_page_share(page: Page, data: st.DataObject):
    size = len(facts_of(page).at)
    some = data.draw(st.lists(st.lists(st.sampled_from(CODES), max_size=2), min_size=size, max_size=size))
    facts = facts_of(page, some)
    names = gate_feature_names(page.kind)
    assert set(names) <= set(feature_names(page.kind))
    table = feature_table(facts, first_stage_scores(facts, VOCABULARY, NAMES), names)
    assert (table == table[:1]).all()


@quick
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 50)), max_size=30))
def test_longest_stretch(rows):
    best = run = gap = 0
    for is_text, words in rows:
        gap = 0 if is_text else gap + 1
        if gap > MAX_GAP_LINES:
            run = 0
        run += words * is_text
        best = max(best, run)
    flags, words = [flag for flag, _ in rows], [float(words) for _, words in rows]
    assert longest_stretch(np.array(flags, bool), np.array(words, float)) == best


def gate_of(body: str, codes=(), joint=None, head: str = "") -> dict[str, float]:
    facts = facts_of(read_page(f"<html><head>{head}</head><body>{body}</body></html>", kind="html"), codes)
    given = np.zeros(len(facts.at)) if joint is None else np.array(joint, float)
    return {name: values[0] for name, values in gate_features(facts, given)}


def test_what_stands_under_the_title():
    body = f"<p>{SENTENCE}</p><h1>Title</h1>" + "<p>home</p>" * (TITLE_TEXT_LINES - 3) + f"<p>{SENTENCE}</p>" * 3
    found = gate_of(body, [[], ["TI101"], *[[]] * (TITLE_STAMP_LINES - 1), ["BY101"]])
    assert found["has_title"] == found["title_stamp"] == 1
    assert found["title_place"] == pytest.approx(1 / (TITLE_TEXT_LINES + 2))
    assert found["title_text"] == pytest.approx(log1p(2 * 18))  # the third sentence stands one line too far down
    assert found["title_text_share"] == pytest.approx(2 / 4)
    assert found["stretch"] == pytest.approx(log1p(3 * 18))
    assert found["stretch_share"] == pytest.approx(3 / 4)
    assert found["text_lines"] == pytest.approx(log1p(4))
    assert found["text_length"] == pytest.approx(log1p(18))
    assert found["headings"] == pytest.approx(log1p(1))


def test_a_stamp_too_far_from_the_title_and_a_page_without_one():
    body = "<h1>Title</h1>" + "<p>home</p>" * 20
    assert gate_of(body, [["TI101"], *[[]] * TITLE_STAMP_LINES, ["BY101"]])["title_stamp"] == 0
    assert gate_of(body, [["TI101"], *[[]] * (TITLE_STAMP_LINES - 1), ["BY101"]])["title_stamp"] == 1
    none = gate_of(body, [["BY101"]])
    assert [none[name] for name in ("has_title", "title_place", "title_text", "title_text_share", "title_stamp")] == [
        0
    ] * 5


def test_text_inside_links_is_no_text_of_an_article():
    found = gate_of(f"<p><a href=/>{SENTENCE}</a></p><p>{SENTENCE}</p>")
    assert found["text_lines"] == pytest.approx(log1p(1))
    assert found["stretch"] == pytest.approx(log1p(18))


def test_how_much_looks_like_text():
    found = gate_of(f"<p>{SENTENCE}</p><p>home</p>", joint=[-12, 0])
    assert found["content"] == pytest.approx(log1p(18.5), abs=1e-4)
    assert found["content_share"] == pytest.approx(18.5 / 19, abs=1e-4)
    assert found["content_prose"] == pytest.approx(18 / 18.5, abs=1e-4)


@pytest.mark.parametrize(
    ("kind", "forum", "listed"),
    [
        ("DiscussionForumPosting", 1, 0),
        ("QAPage", 1, 0),
        ("ItemList", 0, 1),
        ("CollectionPage", 0, 1),
        ("Article", 0, 0),
    ],
)
def test_what_the_page_calls_itself(kind, forum, listed):
    head = f'<script type=\'application/ld+json\'>{{"@type": "{kind}"}}</script>'
    found = gate_of("<p>one</p>", head=head)
    assert (found["says_forum"], found["says_list"]) == (forum, listed)


NUMBERS = st.integers(-9 * PARTS_PER_UNIT, 9 * PARTS_PER_UNIT)


@st.composite
def gates(draw):
    features = draw(st.lists(st.integers(0, FEATURES - 1), unique=True, max_size=FEATURES))
    weights = draw(st.lists(st.floats(-5, 5), min_size=len(features), max_size=len(features)))
    return Gate(tuple(features), tuple(weights), draw(st.floats(-5, 5)))


@quick
@given(gates(), st.lists(NUMBERS, min_size=FEATURES, max_size=FEATURES))
def test_the_gate_is_a_logistic_model_of_a_row(gate, row):
    odds = gate.bias + sum(w * row[at] / PARTS_PER_UNIT for at, w in zip(gate.features, gate.weights, strict=True))
    share = gate.probability(np.array(row, np.int32))
    assert share == pytest.approx(1 / (1 + exp(-odds)), abs=1e-12)
    assert 0 < share < 1


def test_a_gate_that_is_beside_itself_stays_a_probability():
    row = np.array([MAX_ABS_FEATURE * PARTS_PER_UNIT], np.int32)
    for weight in (1e6, -1e6):
        share = Gate((0,), (weight,), 0.0).probability(row)
        assert share == pytest.approx(float(weight > 0), abs=1e-12)
        assert 0 < share < 1


@quick
@given(st.integers(0, 2**32), gates(), st.lists(ROWS, max_size=25))
def test_a_model_mixes_its_trees_by_how_much_of_an_article_the_page_is(seed, gate, rows):
    pick = random.Random(seed)
    general, articles = grown(pick, 4, FEATURES), grown(pick, 3, FEATURES)
    table = np.array(rows, np.int32).reshape(-1, FEATURES)
    mixed = Model(general, articles, gate)
    share = gate.probability(table[0]) if rows else 0.0
    assert mixed.article_share(table) == share
    expected = [(1 - share) * walked(general, row) + share * walked(articles, row) for row in rows]
    assert mixed.log_odds(table).tolist() == pytest.approx(expected, abs=1e-9)
    assert Model(general).log_odds(table).tolist() == general.log_odds(table).tolist()
    assert Model(general).article_share(table) == 0


@quick
@given(st.integers(0, 2**32), gates(), ROWS)
def test_contributions_of_a_model_are_mixed_the_same_way(seed, gate, row):
    pick = random.Random(seed)
    general, articles = grown(pick, 4, FEATURES), grown(pick, 3, FEATURES)
    row = np.array(row, np.int32)
    model_of_both = Model(general, articles, gate)
    share = gate.probability(row)
    roots = [sum(trees.value[trees.roots].tolist()) / PARTS_PER_UNIT for trees in (general, articles)]
    base = (1 - share) * roots[0] + share * roots[1]
    parts = model_of_both.contributions(row)
    assert sum(parts.values()) == pytest.approx(model_of_both.log_odds(row[None, :])[0] - base, abs=1e-9)
    assert Model(general).contributions(row) == general.contributions(row)
