"""The evidence of the model: one piece for each filled line, and all evidence of a line adds up to its verdict."""

from __future__ import annotations

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cleaner
from cleaner.pipeline import clean
from cleaner.records import Page
from cleaner.score.features.registry import FEATURES
from cleaner.score.likeness import LIKENESS_REASONS
from cleaner.settings.record import Settings
from tests.score_digest import pages
from tests.score_pages import html_pages, quick, text_pages

SOME = dict(list(pages())[::5])


def check(cleaned: cleaner.Cleaned) -> None:
    for verdict in cleaned.verdicts:
        learned = [one for one in verdict.evidence if one.code in LIKENESS_REASONS]
        assert len(learned) <= (not verdict.line.blank)
        if cleaned.page.kind == "html":  # text is cleaned again and again, and then lines have other numbers
            assert {one.line for one in verdict.evidence} <= {verdict.line.number}
        if verdict.line.blank or not 1e-12 < verdict.drop_probability < 1 - 1e-12:
            continue
        odds = log(verdict.drop_probability / (1 - verdict.drop_probability))
        assert sum(one.weight for one in verdict.evidence) == pytest.approx(odds, abs=1e-3)


@pytest.mark.parametrize("name", SOME)
def test_voices_add_up_to_the_verdict(name: str) -> None:
    check(clean(SOME[name], kind="html" if name.startswith("html") else "text"))


@quick
@given(st.one_of(html_pages(), text_pages()))
def test_voices_add_up_on_any_page(page: Page) -> None:
    check(clean(page.data, kind=page.kind))


@pytest.mark.parametrize("name", [name for name in SOME if name.startswith("html")])
def test_an_explanation_names_features_and_changes_no_verdict(name: str) -> None:
    plain, explained = clean(SOME[name], kind="html"), clean(SOME[name], kind="html", explain=True)
    assert [(v.keep, v.code, v.drop_probability) for v in plain.verdicts] == [
        (v.keep, v.code, v.drop_probability) for v in explained.verdicts
    ]
    meanings = {feature.meaning for feature in FEATURES.values()}
    reasons = [e.why for v in explained.verdicts for e in v.evidence if e.code in LIKENESS_REASONS]
    assert reasons
    for why in reasons:
        _, found, parts = why.partition(": ")
        assert found
        if parts != "nothing stands out":
            assert {part.rsplit(" (", 1)[0] for part in parts.split(", ")} <= meanings, why


def test_pages_of_a_site_with_its_own_settings_are_explained_as_well() -> None:
    name = next(name for name in SOME if name.startswith("html"))
    settings = Settings(sites={"post.example": Settings(policy="strict")})
    cleaned = clean(SOME[name], kind="html", url="https://post.example/", settings=settings, explain=True)
    assert any(": " in e.why for v in cleaned.verdicts for e in v.evidence if e.code in LIKENESS_REASONS)
