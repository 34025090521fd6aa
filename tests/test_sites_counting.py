"""Counting by site: exact in any order, grouping and memory; memory that does not grow with the lines."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.sites import counting
from cleaner.sites.counting import SpillingProfileSum
from cleaner.sites.profile import MAX_SITE_PAGES, SiteProfile, fingerprint_keys

ROOT = Path(__file__).parents[1]

SITES = st.one_of(
    st.sampled_from(["a", "a.b", "a.bc", "ab", "\u00fc", "\U0001f600", "\uffff", "a\nb"]), st.text(min_size=1)
)
KEYS = st.lists(
    st.sampled_from(["home", "a story", "\u00fcber uns", "tab\there", "line\nend", "\U0001f600"]), min_size=1
)


def profile_of(*pages: list[str]) -> SiteProfile:
    profile = SiteProfile()
    for page in pages:
        keys = tuple(sorted(set(page)))
        profile += SiteProfile({fingerprint_keys(keys): keys})
    return profile


def held(parts: list[tuple[str, SiteProfile]]) -> dict[str, SiteProfile]:
    """The sum in memory."""
    sums: dict[str, SiteProfile] = {}
    for site, profile in parts:
        sums[site] = sums.get(site, SiteProfile()) + profile
    return sums


def encodes(site: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in site)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(SITES.filter(encodes), st.lists(KEYS, min_size=1, max_size=3)), max_size=30),
    st.randoms(use_true_random=False),
    st.sampled_from([0, 600, 3_000, 10**9]),
    st.sampled_from([2, 3, 32]),
)
def test_any_order_grouping_and_memory_give_the_sum(
    made: list[tuple[str, list[list[str]]]], dice: Random, memory: int, fan: int
) -> None:
    parts = [(site, profile_of(*pages)) for site, pages in made]
    expected = held(parts)
    shuffled = parts + dice.choices(parts, k=3) if parts else []
    dice.shuffle(shuffled)
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as scratch:
        patch.setattr(counting, "MAX_MERGED_RUNS", fan)
        counted = SpillingProfileSum(Path(scratch), memory)
        for site, profile in shuffled:
            counted.add(site, profile)
        found = list(counted.sites())
        assert dict(found) == expected
        assert [site for site, _ in found] == sorted(expected, key=str.encode)
        assert list(counted.sites()) == found, "it may be asked again"
        assert all(list(profile.pages) == sorted(profile.pages) for _, profile in found)


@pytest.mark.parametrize("memory", [0, 20_000, 10**9])
def test_a_large_site_keeps_the_sample_that_the_sum_keeps(tmp_path: Path, memory: int) -> None:
    parts = [("large", profile_of(["home", f"story {'x' * n}"])) for n in range(3 * MAX_SITE_PAGES)]
    Random(1).shuffle(parts)
    counted = SpillingProfileSum(tmp_path, memory)
    for site, profile in parts:
        counted.add(site, profile)
    assert dict(counted.sites()) == held(parts)


def test_more_can_be_added_after_asking(tmp_path: Path) -> None:
    counted = SpillingProfileSum(tmp_path, 0)
    counted.add("a", profile_of(["home"]))
    assert dict(counted.sites()) == {"a": profile_of(["home"])}
    counted.add("a", profile_of(["news"]))
    assert dict(counted.sites()) == {"a": profile_of(["home"], ["news"])}


def test_runs_are_merged_in_rounds_so_that_few_files_are_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MAX_MERGED_RUNS", 4)
    counted = SpillingProfileSum(tmp_path, 0)
    for number in range(200):
        counted.add(f"site {number}", profile_of(["home"]))
        assert len(list(tmp_path.iterdir())) <= 4 * 4, "less than MAX_MERGED_RUNS on each of log(200) levels"
    assert len(list(counted.sites())) == 200


def figures(lines: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.profiles", "--child", "--lines", str(lines), "--memory", "2"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=120)
    found: dict[str, float] = json.loads(done.stdout)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_memory_is_flat_and_time_linear() -> None:
    small, large = figures(50_000), figures(200_000)
    assert small["spilled MB"] > 1, "both spill"
    grown = (large["peak MB"] - large["before MB"]) / (small["peak MB"] - small["before MB"])
    assert grown < 1.5, f"four times the lines take {grown:.1f} times the memory"
    slower = large["counting s"] / small["counting s"]
    assert slower < 7, f"four times the lines take {slower:.1f} times as long"
