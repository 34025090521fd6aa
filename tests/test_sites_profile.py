"""What pages of one site share: profiles add up exactly, and a page says nothing about itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cleaner.read import read_page
from cleaner.records import Page
from cleaner.sites.profile import (
    MAX_KEY_CHARS,
    MAX_SITE_PAGES,
    MIN_OTHER_PAGES,
    SiteProfile,
    Template,
    fingerprint_keys,
    line_key,
    page_keys,
)


def page_of(*lines: str) -> Page:
    return read_page("\n".join(lines), kind="text")


def profile_of(*pages: Page) -> SiteProfile:
    return sum(map(SiteProfile.of, pages), SiteProfile())


LINES = st.lists(st.sampled_from(["Sign in", "Read 12 comments", "A story", "Another story", "$10", ""]), max_size=5)
PAGES = st.lists(LINES, max_size=8)


@given(PAGES, PAGES, PAGES)
def test_profiles_add_in_any_order_and_grouping(
    one: list[list[str]], two: list[list[str]], more: list[list[str]]
) -> None:
    a, b, c = (profile_of(*(page_of(*lines) for lines in pages)) for pages in (one, two, more))
    assert (a + b) + c == a + (b + c) == c + b + a
    assert a + a == a, "counting a shard twice changes nothing"
    assert (a + SiteProfile()) == a


def test_a_site_keeps_the_pages_with_the_smallest_fingerprints() -> None:
    pages = [page_of("Sign in", f"Story {'x' * n}") for n in range(MAX_SITE_PAGES + 40)]
    prints = sorted(fingerprint_keys(page_keys(page)) for page in pages)
    profile = profile_of(*pages)
    assert list(profile.pages) == prints[:MAX_SITE_PAGES]
    assert profile_of(*reversed(pages)) == profile
    assert profile.template().counts == {"sign in": MAX_SITE_PAGES}


def test_figures_meet_and_lines_without_letters_do_not() -> None:
    assert line_key("0 comments") == line_key("\u00bb 0 comments") == "0 comments"
    assert page_keys(page_of("12 comments", "7 comments", "$12.50", "3 : 1", "---", "")) == ("0 comments",)


def test_long_lines_differ_in_their_ends() -> None:
    beginning = "word " * 100
    one, two = line_key(beginning + "one"), line_key(beginning + "two")
    assert one != two
    assert len(one) == len(two) == MAX_KEY_CHARS + 17


def test_half_a_sign_of_utf_16_has_a_key_that_can_be_written() -> None:
    assert line_key("sign \ud800 in").encode() == b"sign ? in"


def test_a_page_does_not_count_for_itself() -> None:
    template = profile_of(*(page_of("Sign in", f"Story {word}") for word in "abc")).template()
    assert (template.pages, template.counts) == (3, {"sign in": 3})
    assert (template.others, template.seen("sign in"), template.seen("story a")) == (2, 2, 0)


def test_copies_of_a_page_that_differ_in_figures_count_once() -> None:
    pages = [page_of("Sign in", "A story", f"{n} comments") for n in range(1, 9)]
    assert profile_of(*pages).template().others == 0


def test_what_few_pages_share_is_no_template_yet() -> None:
    pages = [page_of("Sign in", "A teaser" if n < MIN_OTHER_PAGES else "A story", f"Story {'x' * n}") for n in range(9)]
    template = profile_of(*pages).template()
    assert template.seen("a teaser") == 0
    assert template.seen("a story") == 9 - MIN_OTHER_PAGES - 1
    assert Template(9, {"a teaser": MIN_OTHER_PAGES + 1}).seen("a teaser") == MIN_OTHER_PAGES
