"""The features of the learned scorer: each one registered, made once, inside its range, and described in words."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.read import read_page
from cleaner.records import Page
from cleaner.score.features.facts import Facts
from cleaner.score.features.registry import FEATURES, feature_names
from cleaner.score.features.table import all_features, feature_table, first_stage_scores
from cleaner.score.model.ensemble import PARTS_PER_UNIT
from tests.score_pages import CODES, NAMES, SENTENCE, VOCABULARY, facts_of, html_pages, quick, text_pages

#: Sums over spans are differences of running sums, which lose the last bits.
ROUNDING = 1e-6


def check(facts: Facts) -> None:
    kind, lines = facts.page.kind, len(facts.at)
    made = list(all_features(facts, first_stage_scores(facts, VOCABULARY, NAMES)))
    names = [name for name, _ in made]
    assert len(names) == len(set(names))
    assert set(names) == set(feature_names(kind))
    for name, values in made:
        feature = FEATURES[name]
        assert values.shape == (lines,), name
        assert np.isfinite(values).all(), name
        if lines:
            assert feature.low - ROUNDING <= values.min(), (name, values.min())
            assert values.max() <= feature.high + ROUNDING, (name, values.max())


@quick
@given(st.one_of(html_pages(), text_pages()), st.data())
def test_every_feature_is_made_once_and_lies_in_its_range(page: Page, data: st.DataObject) -> None:
    size = len(facts_of(page).at)
    some = data.draw(st.lists(st.lists(st.sampled_from(CODES), max_size=3), min_size=size, max_size=size))
    odds = data.draw(st.lists(st.floats(-40, 40), min_size=size, max_size=size))
    check(facts_of(page, some, odds))


LONG = 5000
PAGES = {
    "nothing": "",
    "blank lines": "\n \n\t\n",
    "one line": "Home",
    "one long line": "the boats lay at the quay " * 20_000,
    "nested blocks without text": "<div>" * 300 + "</div>" * 300,
    "a body of a word": "<html><body>word",
    "a line outside of all blocks": "word<p>word</p>word",
    "one heading": "<h1>Home</h1>",
    "many lines": "\n".join(f"{SENTENCE if n % 3 else 'Home'} {n}" for n in range(LONG)),
    "many equal lines": "ab\n" * LONG,
    "many paragraphs": "".join(
        f"<div class='row n{n % 7}'><p>{SENTENCE}</p><a href=/>Home</a></div>" for n in range(LONG)
    ),
    "many list items": "<ul>" + "<li class=item><a href=/>Home</a>" * LONG,
    "a table": "<table>" + "<tr><td>1<td>2" * LONG,
    "deep": "<div>word " * LONG,
    "scripts": "\n".join(["\u6e2f\u53e3", "\u0448\u043b\u044e\u0437", "\u0627\u0644\u0647", "\U0001f6a2"] * 500),
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("codes", [(), CODES], ids=["no codes", "all codes"])
def test_pages_at_the_limits(name: str, codes: list[str]) -> None:
    page = read_page(PAGES[name], kind="html" if "<" in PAGES[name] else "text")
    size = len(facts_of(page).at)
    check(facts_of(page, [codes] * size, [50.0 if codes else -50.0] * size))


def test_a_page_without_lines_gives_a_table_without_rows() -> None:
    for kind in ("html", "text"):
        facts = facts_of(read_page("", kind=kind))
        table = feature_table(facts, first_stage_scores(facts, VOCABULARY, NAMES), feature_names(kind))
        assert table.shape == (0, len(feature_names(kind)))


@quick
@given(html_pages())
def test_a_table_holds_the_features_in_the_order_asked_for(page: Page) -> None:
    facts = facts_of(page)
    first = first_stage_scores(facts, VOCABULARY, NAMES)
    made = dict(all_features(facts, first))
    asked = ["words", "joint", "depth", "words"]
    table = feature_table(facts, first, asked)
    for at, name in enumerate(asked):
        np.testing.assert_array_equal(table[:, at], np.rint(made[name] * PARTS_PER_UNIT))


def test_meanings_fit_into_a_list() -> None:
    start = re.compile(r"(its|the|whether|how|what|evidence|lines of the same form)\b")
    for feature in FEATURES.values():
        assert start.match(feature.meaning), feature
        assert not re.search(r"[,.;:_()]|\s{2}|\s$", feature.meaning), feature
        assert len(feature.meaning) <= 70, feature


def test_every_meaning_and_name_stands_once() -> None:
    meanings = [feature.meaning for feature in FEATURES.values()]
    assert sorted(set(meanings)) == sorted(meanings)
    assert [name for name, feature in FEATURES.items() if name != feature.name] == []
    assert all(feature.low < feature.high for feature in FEATURES.values())


def test_features_of_markup_are_never_made_for_text() -> None:
    markup = re.compile(r"ring_|heart_|core_|section_|heading|h1|^own$|structure|depth|says_|links|alike_links")
    text, html = feature_names("text"), feature_names("html")
    assert [name for name in text if markup.search(name)] == []
    assert len([name for name in html if markup.search(name)]) > 80
    meant = re.compile(r"\b(block|heading|markup|links in)\b")
    about_markup = [name for name in text if meant.search(FEATURES[name].meaning)]
    assert about_markup in ([], ["joint"])  # which stands for all first scores, whatever the kind of page


def test_each_feature_is_made_for_some_kind() -> None:
    assert {*feature_names("html"), *feature_names("text")} == set(FEATURES)
    assert feature_names("html") == tuple(name for name in FEATURES if name in feature_names("html"))
