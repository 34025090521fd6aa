"""``check``, ``fix``, ``explain`` and the hooks with a committed profile: the answer for a file depends on both alone.

What a profile does to the verdicts is the business of other tests; here lines go that no profile spares, and what is
known of a page's site shows in its reasons, or is asked for in this process.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cleaner.configuration import load_configuration
from cleaner.corpus.items import Fields
from cleaner.errors import ProfileError
from cleaner.inplace import text as inplace
from cleaner.inplace.rows import clean_row, read_data_rows
from cleaner.settings.record import Settings
from cleaner.sites.files import Head, write_profile
from cleaner.sites.finder import open_templates_in_place
from cleaner.sites.profile import Template
from tests.runs import cleaned
from tests.test_runs_two_pass import PAGES, SITES, site_pages, written

PROFILE = "sites.profile.jsonl"


@pytest.fixture(scope="module")
def counted(tmp_path_factory) -> Path:
    """A repository with pages and a profile that was counted, by host."""
    root = tmp_path_factory.mktemp("counted")
    written(site_pages(), root / "pages")
    assert cleaned("profile", "pages", "-o", PROFILE, cwd=root).returncode == 0
    return root


@pytest.fixture
def repo(counted, tmp_path) -> Path:
    root = tmp_path / "repo"
    shutil.copytree(counted, root)
    (root / ".git").mkdir()
    return root


def others(root: Path, name: str, profile: str = PROFILE) -> int:
    """With how many pages a file is compared."""
    with open_templates_in_place(root / profile) as compared:
        return inplace.check_file(root / name, Settings(), compared).others


def test_a_file_is_compared_with_the_pages_counted(repo):
    assert others(repo, "pages/site1.example/3.html") == PAGES - 1
    (repo / "text.txt").write_text("The council met on Friday.\n")
    assert others(repo, "text.txt") == 0  # flattened text names no site


def test_rows_are_compared_by_their_address_and_their_fields(tmp_path):
    template = Template(9, {"all rights reserved": 9})
    for key, row in (("host", {"url": "https://www.a.example/1"}), ("feed", {"feed": "a.example"}), ("n", {"n": 7})):
        site = "7" if key == "n" else "a.example"
        write_profile(tmp_path / PROFILE, Head(key), [(site, template)])
        (tmp_path / "p.jsonl").write_text(json.dumps({"text": "The council met on Friday.", **row}) + "\n")
        (found,) = read_data_rows(tmp_path / "p.jsonl")
        with open_templates_in_place(tmp_path / PROFILE) as compared:
            assert clean_row(found, Fields(), Settings(), compared).cleaned.others == 8, key


@pytest.mark.parametrize("named", ["pages", "pages/.", "./pages"])
def test_folders_count_from_the_root_that_the_profile_names(named, repo, monkeypatch):
    assert cleaned("profile", "pages", "--site-key", "folder", "-o", PROFILE, cwd=repo).returncode == 0
    monkeypatch.chdir(repo)
    with open_templates_in_place(Path(PROFILE)) as compared:
        found = inplace.check_file(Path(named) / "site1.example" / "3.html", Settings(), compared)
        assert found.others == PAGES - 1
        shutil.copy("pages/site1.example/3.html", "elsewhere.html")
        assert inplace.check_file(Path("elsewhere.html"), Settings(), compared).others == 0


def test_folders_of_several_roots_are_refused(tmp_path):
    write_profile(tmp_path / PROFILE, Head("folder"), [])
    with pytest.raises(ProfileError, match="below which folder"), open_templates_in_place(tmp_path / PROFILE):
        pass


def test_the_answer_does_not_depend_on_the_other_files_named(repo):
    names = sorted(path.relative_to(repo).as_posix() for path in (repo / "pages").rglob("*.html"))
    whole = cleaned("check", "--profile", PROFILE, *names, cwd=repo)
    assert whole.returncode in (0, 1)
    shards = [cleaned("check", "--profile", PROFILE, *names[n::3], cwd=repo).stdout.splitlines() for n in range(3)]
    assert sorted(line for shard in shards for line in shard) == sorted(whole.stdout.splitlines())
    assert cleaned("check", "--profile", PROFILE, "--jobs", 2, "pages", cwd=repo).stdout == whole.stdout


def test_the_key_of_the_settings(repo):
    (repo / "conf").mkdir()
    shutil.move(repo / PROFILE, repo / "conf" / PROFILE)
    (repo / "setup.cfg").write_text(f"[clean-scrape]\nprofile = conf/{PROFILE}\n")
    assert load_configuration(repo / "pages").profile == repo / "conf" / PROFILE
    place = "pages/site1.example/3.html"
    explained = cleaned("explain", place, cwd=repo).stdout
    assert f"compared with {PAGES - 1} other pages" in explained
    assert explained == cleaned("explain", "site1.example/3.html", cwd=repo / "pages").stdout
    named = cleaned("explain", "--profile", f"../conf/{PROFILE}", "site1.example/3.html", cwd=repo / "pages")
    assert named.stdout == explained  # the option counts from the working folder, as all options do
    cleaned("pages", "out", cwd=repo)
    assert json.loads((repo / "out" / "_report" / "summary.json").read_bytes())["pages"]["compared"] == SITES * PAGES


def test_explain_shows_on_how_many_other_pages_a_line_stands(repo):
    shown = cleaned("explain", "--profile", PROFILE, "pages/site1.example/3.html", cwd=repo).stdout
    assert f"({PAGES - 1} of {PAGES - 1}" in shown
    assert "DU501" not in cleaned("explain", "pages/site1.example/3.html", cwd=repo).stdout


@pytest.mark.parametrize("command", ["check", "fix", "explain"])
@pytest.mark.parametrize("what", ["missing", "hostile"])
def test_a_wrong_profile_is_one_error(command, what, repo):
    (repo / "a.txt").write_text("Page generated in 0.034 seconds\nThe council met on Friday.\n")
    (repo / "bad.profile.jsonl").write_text('{"profile": 1, "site_key": 3}\n')
    (repo / "setup.cfg").write_text(
        f"[clean-scrape]\nprofile = {'bad' if what == 'hostile' else 'none'}.profile.jsonl\n"
    )
    before = (repo / "a.txt").read_bytes()
    done = cleaned(command, "a.txt", cwd=repo)
    assert done.returncode == 2 and done.stderr.count("clean-scrape:") == 1 and ".profile.jsonl" in done.stderr
    assert (repo / "a.txt").read_bytes() == before


def test_profiles_are_not_checked(repo):
    done = cleaned("check", "--profile", PROFILE, PROFILE, cwd=repo)
    assert done.returncode == 0 and done.stdout == ""
    before = (repo / PROFILE).read_bytes()
    assert cleaned("fix", ".", cwd=repo).returncode == 2  # HTML is refused
    assert (repo / PROFILE).read_bytes() == before


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl"])
def test_fix_and_the_allow_list_see_what_check_sees(name, repo):
    """Of a text in a folder that is a site; and without a profile nothing changes."""
    page = (
        "The council met on Friday in the hall by the lock.\nPage generated in 0.034 seconds\nIt rained all day long.\n"
    )
    template = Template(9, {"it rained all day long": 9, "page generated in 0.0 seconds": 9})
    write_profile(repo / PROFILE, Head("folder", root="texts"), [("a", template)])
    (repo / "texts" / "a").mkdir(parents=True)
    path = repo / "texts" / "a" / name
    path.write_text(json.dumps({"text": page}) + "\n" if name.endswith("l") else page)
    before = path.read_bytes()
    checked = cleaned("check", "--profile", PROFILE, path, cwd=repo)
    gone = len(checked.stdout.splitlines())
    assert checked.returncode == 1 and gone
    cleaned("check", "--profile", PROFILE, "--update-allow-list", path, cwd=repo)
    assert cleaned("check", "--profile", PROFILE, path, cwd=repo).returncode == 0
    (repo / ".clean-scrape.toml").unlink()
    fixed = cleaned("fix", "--profile", PROFILE, path, cwd=repo)
    assert f"{gone} line" in fixed.stdout and path.read_bytes() != before
    assert cleaned("check", "--profile", PROFILE, path, cwd=repo).returncode == 0
