"""What other pages of a site say: what they have may go, what they lack may only gain, and copies say nothing."""

from __future__ import annotations

import pytest

from cleaner import Cleaned, Settings, SiteProfile, clean
from cleaner.score.likeness import OWN_CODE, SHARED_CODE
from cleaner.sites.profile import MIN_OTHER_PAGES, Template

WORDS = ("lock", "quay", "gate", "wall", "boat", "tide", "crane", "sluice", "barge", "ferry", "mole", "buoy")
SLOGAN = "Harbour Post has brought you the news of the islands every week since the first ferry"
TEASER = "A short guide to the walks along the eastern shore of the island"


def story(word: str) -> list[str]:
    """The paragraphs of an article about a thing."""
    return [
        f"The council said on Monday that the old {word} of the harbour will be closed before the winter storms begin.",
        f"Nobody was surprised, as the {word} had been looked at twice, and the mayor spoke of it in the spring.",
        f"Two families who live beside the {word} asked for more time, and will be heard before the vote on Friday.",
    ]


def html(word: str, *around: str) -> str:
    """A page about a thing, with lines that stand around its article."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in story(word))
    rest = "".join(f"<div class='box'>{line}</div>" for line in around)
    return f"<html lang='en'><title>The {word}</title><body><h1>The {word}</h1><div>{text}</div>{rest}</body></html>"


def text(word: str, *around: str) -> str:
    """The same page, flattened."""
    return "\n".join([f"The {word}", *story(word), *around]) + "\n"


def site(pages: list[str]) -> Template:
    return sum((SiteProfile.of(clean(page).page) for page in pages), SiteProfile()).template()


def weights_of(cleaned: Cleaned, code: str) -> dict[str, float]:
    """What a code weighs, by text of the line."""
    found = ((verdict.line.text, one) for verdict in cleaned.verdicts for one in verdict.evidence)
    return {line: one.weight for line, one in found if one.code == code}


def odds(cleaned: Cleaned, line: str) -> float:
    return next(verdict.drop_probability for verdict in cleaned.verdicts if verdict.line.text == line)


@pytest.fixture(params=["html", "text"])
def pages(request: pytest.FixtureRequest) -> list[str]:
    made = html if request.param == "html" else text
    teasers = [TEASER if n < MIN_OTHER_PAGES else f"All about the {word}" for n, word in enumerate(WORDS)]
    return [made(word, SLOGAN, teaser) for word, teaser in zip(WORDS, teasers, strict=True)]


def test_what_the_other_pages_have_goes_and_says_why(pages: list[str]) -> None:
    cleaned = clean(pages[0], site=site(pages))
    verdict = next(verdict for verdict in cleaned.verdicts if verdict.line.text == SLOGAN)
    assert not verdict.keep
    assert verdict.code == SHARED_CODE
    assert verdict.why == f"stands on other pages of this site ({len(WORDS) - 1} of {len(WORDS) - 1})"
    assert verdict.drop_probability > odds(clean(pages[0]), SLOGAN)


def test_what_they_lack_only_gains(pages: list[str]) -> None:
    alone, cleaned = clean(pages[0]), clean(pages[0], site=site(pages))
    assert set(weights_of(cleaned, SHARED_CODE)) == {SLOGAN}
    assert all(weight > 0 for weight in weights_of(cleaned, SHARED_CODE).values())
    assert weights_of(cleaned, OWN_CODE)
    assert all(weight < 0 for weight in weights_of(cleaned, OWN_CODE).values())
    for paragraph in story(WORDS[0]):
        assert odds(cleaned, paragraph) <= odds(alone, paragraph)
        assert paragraph in cleaned.text


def test_what_two_pages_share_is_no_template(pages: list[str]) -> None:
    assert TEASER not in weights_of(clean(pages[0], site=site(pages)), SHARED_CODE)
    three = [*pages, pages[-1].replace(f"All about the {WORDS[-1]}", TEASER).replace(WORDS[-1], "pier")]
    assert site(three).counts[TEASER.lower()] == MIN_OTHER_PAGES + 1


def test_dates_are_the_pages_own_though_their_figures_fold(pages: list[str]) -> None:
    made = html if pages[0].startswith("<") else text
    dated = [made(word, "12 January 2012, 17:21") for word in WORDS]
    assert site(dated).counts["0 january 0, 0:0"] == len(WORDS)
    assert "12 January 2012, 17:21" not in weights_of(clean(dated[0], site=site(dated)), SHARED_CODE)


def test_a_title_that_other_pages_link_to_is_the_pages_own() -> None:
    linked = [html(word, "The lock") for word in WORDS]
    cleaned = clean(linked[0], site=site(linked))
    title, teaser = (verdict for verdict in cleaned.verdicts if verdict.line.text == "The lock")
    assert title.keep
    assert SHARED_CODE not in {one.code for one in title.evidence}
    assert SHARED_CODE in {one.code for one in teaser.evidence}


def test_an_article_on_every_page_stays_where_it_is_the_article(pages: list[str]) -> None:
    copies = [page.replace("on Monday", f"on {day}day") for page in [pages[0]] for day in ("Sun", "Tues", "Fri")]
    for template in (site([pages[0]] * 5), site([pages[0], *copies]), site([pages[0] + str(n) for n in range(9)])):
        cleaned = clean(pages[0], site=template)
        assert all(paragraph in cleaned.text for paragraph in story(WORDS[0])[1:])


def test_copies_of_the_page_say_nothing() -> None:
    pages = [text("lock", SLOGAN), *(text("lock", SLOGAN, f"Printed by {word}") for word in WORDS)]
    cleaned = clean(pages[0], site=site(pages))
    assert cleaned.others == len(WORDS)
    assert not weights_of(cleaned, SHARED_CODE)
    assert not weights_of(cleaned, OWN_CODE)


def test_labels_of_content_stay_on_pages_that_are_no_articles() -> None:
    def shop(word: str, price: int) -> str:
        facts = {"Weight": f"{price} kg of {word}", "Delivery": f"by {word}", "Material": f"oak and {word}"}
        rows = "".join(f"<h3>{label}</h3><p>{value}</p>" for label, value in facts.items())
        head = f"<html lang='en'><meta property='og:type' content='product'><title>{word}</title><h1>{word}</h1>"
        return f"{head}<div>{rows}</div><footer><p>{SLOGAN}</p></footer></html>"

    pages = [shop(word, n + 2) for n, word in enumerate(WORDS)]
    alone, cleaned = clean(pages[0]), clean(pages[0], site=site(pages))
    assert site(pages).counts["weight"] == len(WORDS)
    for label in ("Weight", "Delivery", "Material"):
        assert (label in cleaned.text) == (label in alone.text)


def test_a_few_pages_that_are_no_articles_share_what_they_are_about() -> None:
    def shop(word: str) -> str:
        head = f"<html lang='en'><meta property='og:type' content='product'><title>{word}</title><h1>{word}</h1>"
        return f"{head}<ul><li>Sent by ferry on Monday</li><li>New and used</li></ul><p>A {word} of oak</p></html>"

    few = [shop(word) for word in WORDS[:6]]
    many = [shop(word) for word in (*WORDS, "pier", "dock")]
    weights = [weights_of(clean(pages[0], site=site(pages)), SHARED_CODE) for pages in (few, many)]
    assert all(weights[0].get(line, 0) < weight for line, weight in weights[1].items())
    assert weights[1]


def test_without_other_pages_nothing_changes(pages: list[str]) -> None:
    alone = clean(pages[0])
    for template in (None, Template(), site(pages[:1]), site(pages[:MIN_OTHER_PAGES])):
        assert clean(pages[0], site=template) == alone


def test_the_evidence_can_be_ignored(pages: list[str]) -> None:
    settings = Settings(ignore=("DU5",))
    alone = clean(pages[0], settings=settings)
    cleaned = clean(pages[0], settings=settings, site=site(pages))
    assert cleaned.verdicts == alone.verdicts
    only = clean(pages[0], settings=Settings(ignore=(OWN_CODE,)), site=site(pages))
    assert weights_of(only, SHARED_CODE)
    assert not weights_of(only, OWN_CODE)


def test_a_clean_text_is_settled_with_the_same_template() -> None:
    pages = [text(word, SLOGAN, "Sign in", "Leave a comment", f"All about the {word}") for word in WORDS]
    template = site(pages)
    for page in pages:
        body = clean(page, site=template).text
        assert SLOGAN not in body
        assert clean(body, site=template).text == body
