"""The model of a crawl and the pages generated after it; the arithmetic of what they cost."""

from __future__ import annotations

import pytest

from bench.scale.__main__ import upto
from bench.scale.cost import HOURS, bill, by_size
from bench.scale.crawl import Crawl
from bench.scale.generated import KEYS, Pages, sizes
from bench.scale.sizes import fitted, grouped, lines
from cleaner.sites.profile import MAX_SITE_PAGES, SiteProfile


@pytest.mark.parametrize("exponent", [0.6, 0.8, 1.0, 1.2])
def test_sums_over_many_sites_are_those_of_every_single_one(exponent: float) -> None:
    crawl = Crawl(pages=3e6, sites=200_000, exponent=exponent, cap=20_000)
    every = [min(20_000, crawl.scale / rank**exponent) for rank in range(1, 200_001)]
    assert sum(every) == pytest.approx(3e6, rel=1e-6)
    assert crawl.within(50) == pytest.approx(sum(min(50, pages) for pages in every), rel=1e-6)
    assert crawl.larger(50) == pytest.approx(sum(pages > 50 for pages in every), rel=1e-3)


def test_partitions_that_hold_pages_of_a_site() -> None:
    crawl = Crawl(pages=1000, sites=10, exponent=0, cap=1000)  # ten sites of a hundred pages
    assert crawl.parts(1) == pytest.approx(10)
    assert crawl.parts(2) == pytest.approx(20)
    assert crawl.parts(1e9) == pytest.approx(1000)
    assert crawl.parts(1e9, most=5) == pytest.approx(50)
    assert crawl.parts(10) == pytest.approx(10 * 10 * (1 - 0.9**100))


def test_sizes_of_sites_add_up_to_the_pages_of_the_crawl() -> None:
    crawl = Crawl(pages=100_000, sites=3000, exponent=1.0, cap=5000)
    made = sizes(crawl)
    assert made.sum() == pytest.approx(100_000, rel=0.01)
    assert (made.max(), made.min()) == (5000, round(crawl.smallest()))
    assert (made > MAX_SITE_PAGES).sum() == pytest.approx(crawl.larger(MAX_SITE_PAGES), abs=1)
    kept = made.clip(max=MAX_SITE_PAGES).sum()
    assert crawl.within(MAX_SITE_PAGES) == pytest.approx(kept, rel=0.03)
    assert crawl.beyond(MAX_SITE_PAGES) == pytest.approx(1 - kept / 100_000, abs=0.02)


def test_a_cap_below_the_mean_is_refused() -> None:
    with pytest.raises(ValueError, match="never have 1000 pages"):
        _ = Crawl(pages=1000, sites=10, cap=99).scale


def test_more_pages_go_beyond_the_sample_the_steeper_the_law() -> None:
    crawls = [Crawl(pages=1e7, sites=100_000, exponent=exponent, cap=100_000) for exponent in (0.6, 0.8, 1.0, 1.2)]
    beyond = [crawl.beyond(MAX_SITE_PAGES) for crawl in crawls]
    assert beyond == sorted(beyond)
    assert 0 < beyond[0] < beyond[-1] < 1


def test_generated_pages_are_the_same_every_time_and_share_lines_within_a_site() -> None:
    crawl = Crawl(pages=40, sites=4, cap=30)
    first, again = list(Pages(crawl)), list(Pages(crawl))
    assert first == again
    by_site: dict[str, list[tuple[str, ...]]] = {}
    for site, profile in first:
        by_site.setdefault(site, []).extend(profile.pages.values())
    one, other = max(by_site.values(), key=len)[:2]
    assert KEYS - 2 <= len(one) <= KEYS
    assert KEYS / 2 < len(set(one) & set(other)) < KEYS
    assert list(one) == sorted(one)
    assert len({print_ for _, profile in first for print_ in profile.pages}) == len(first)


def test_the_bill_is_hours_of_both_passes() -> None:
    found = bill({"count": 3.6, "with profile": 14.4})
    assert found["both"] == pytest.approx(18 * HOURS) == pytest.approx(5000)
    assert found["days on 1000 cores"] == pytest.approx(5 / 24)


def test_groups_by_size_leave_out_what_is_empty() -> None:
    rows = by_size([(20_000, {"count": 1.0, "with profile": 3.0}), (2_000_000, {"count": 5.0, "with profile": 9.0})])
    assert list(rows) == ["0 to 30 KB", "1000 KB and more"]
    assert rows["0 to 30 KB"]["both passes, ms a KB"] == pytest.approx(4 / 20)


def test_lines_of_sites_are_counted_by_how_many_of_their_pages_have_them() -> None:
    pages = [SiteProfile({number: ("home", "log in", f"story {number}")}) for number in range(3)]
    found = lines({"a.example": pages, "b.example": [SiteProfile({9: ("home", "alone")})]})
    assert (found["sites"], found["pages"], found["lines a page"]) == (2, 4, 11 / 4)
    assert found["bytes a line"] == (3 * len("homelog instory 0") + len("homealone")) / 11
    assert found["different lines a page"] == (5 + 2) / 4
    assert found["on other pages, too"] == 6 / 11
    assert found["template lines a site"] == 2 / 2


def test_groups_of_sites_by_number_of_pages() -> None:
    sites = {f"{number}.example": [SiteProfile({1: ("x",)})] * number for number in (1, 2, 4, 30)}
    groups = {(least, most): list(group) for least, most, group in grouped(sites)}
    assert groups[1, 1] == ["1.example"]
    assert groups[3, 4] == ["4.example"]
    assert groups[5, 9] == []
    assert groups[10, None] == ["30.example"]


def test_bytes_of_a_row_and_of_a_page_are_read_off_a_straight_line() -> None:
    partial = {1: {"rows a page": 1.0, "zst": 500.0}, 5: {"rows a page": 0.2, "zst": 180.0}}
    assert fitted(partial, "zst") == pytest.approx((400, 100))


def test_runs_of_three_sizes() -> None:
    assert upto(100_000_000) == [1_000_000, 10_000_000, 100_000_000]
    assert upto(500_000) == [500_000]
