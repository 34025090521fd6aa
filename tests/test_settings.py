"""Settings from files: where they are found, what they may say, the messages for mistakes; the allow-list."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from dataclasses import fields, replace
from pathlib import Path

import pytest

from cleaner import clean, load_settings
from cleaner.corpus.journal.state import describe_changes
from cleaner.corpus.run import Job
from cleaner.errors import SettingsError
from cleaner.report.summary import to_json_value
from cleaner.settings.allow_list import Allowed, Silenced, merge_entries, read_allow_list, render
from cleaner.settings.checks import KEYS, SITE_KEYS
from cleaner.settings.files import Configuration, read_configuration, with_overrides
from cleaner.settings.globs import matches_any
from cleaner.settings.record import ANY_CODE, PageSettings, Settings, line_hash

CODES = ("BY101", "CK101", "CK102", "NV311", "RL111", "RL112")

IN_INI = """
[metadata]
name = other

[clean-scrape]
policy = safe
select = CK, RL11
ignore =
    CK102
    BY
languages = en
second-opinion = yes
exclude = old, raw/*.html

[clean-scrape:www.Example.org]
policy = strict
ignore = NV
"""

IN_TOML = """
policy = "safe"
select = ["CK", "RL11"]
ignore = ["CK102", "BY"]
languages = ["en"]
second-opinion = true
exclude = ["old", "raw/*.html"]

[{}sites."Example.org"]
policy = "strict"
ignore = ["NV"]
"""

EXPECTED = Settings(
    policy="safe",
    select=("CK", "RL11"),
    ignore=("CK102", "BY"),
    languages=("en",),
    second_opinion=True,
    sites={
        "example.org": Settings(
            policy="strict",
            select=("CK", "RL11"),
            ignore=("NV",),
            languages=("en",),
            second_opinion=True,
        )
    },
)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def load(start: Path, config: Path | None = None) -> Configuration:
    return read_configuration(start, config, codes=CODES)


def mistakes(start: Path, config: Path | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(start, config)
    return str(caught.value).split("\n")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A folder that ends the search, so that no file above the test's own counts."""
    (tmp_path / ".git").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("setup.cfg", IN_INI),
        ("pyproject.toml", "[tool.clean-scrape]" + IN_TOML.format("tool.clean-scrape.")),
    ],
)
def test_found_files_say_the_same(repo: Path, name: str, text: str) -> None:
    write(repo / name, text)
    found = load(repo)
    assert found.settings == EXPECTED
    assert found.exclude == ("old", "raw/*.html")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("own.cfg", IN_INI),
        ("own.ini", IN_INI),
        ("own.toml", IN_TOML.format("")),
        ("own.toml", "[clean-scrape]" + IN_TOML.format("clean-scrape.")),
        ("own.toml", "[tool.clean-scrape]" + IN_TOML.format("tool.clean-scrape.")),
        ("pyproject.toml", "[tool.clean-scrape]" + IN_TOML.format("tool.clean-scrape.")),
    ],
)
def test_named_files_say_the_same_and_beat_those_found(repo: Path, name: str, text: str) -> None:
    write(repo / "setup.cfg", "[clean-scrape]\npolicy = balanced\n")
    named = write(repo / "conf" / name, text)
    assert load(repo, named).settings == EXPECTED


def test_without_a_file_the_defaults_hold(repo: Path) -> None:
    found = load(repo)
    assert found.settings == Settings()
    assert found.file is None
    assert set(found.origins.values()) == {"default"}


@pytest.mark.parametrize("wrong", [{"policy": "wild"}, {"select": "RT"}, {"languages": "en"}])
def test_settings_made_by_hand_are_checked_too(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong.values()))):
        Settings(**wrong)  # type: ignore[arg-type]


def test_every_key_is_a_field() -> None:
    names = {field.name for field in fields(Settings)}
    listed = {"allow", "silenced"}  # in the allow-list
    of_files = {"allow_list", "exclude", "profile"}
    assert {key.replace("-", "_") for key in KEYS} - of_files == names - listed - {"sites"}
    assert {key.replace("-", "_") for key in SITE_KEYS} | {"allow", "silenced"} == {
        f.name for f in fields(PageSettings)
    }


def test_the_nearest_file_with_the_section_wins(repo: Path) -> None:
    write(repo / "setup.cfg", "[clean-scrape]\npolicy = strict\n")
    write(repo / "a" / "pyproject.toml", "[project]\nname = 'other'\n")
    write(repo / "a" / "setup.cfg", "[metadata]\nname = other\n")
    assert load(repo / "a").settings.policy == "strict"
    write(repo / "a" / "setup.cfg", "[clean-scrape]\npolicy = safe\n")
    found = load(repo / "a" / "page.txt")
    assert found.settings.policy == "safe"
    assert found.file == repo / "a" / "setup.cfg"
    assert found.root == repo / "a"
    assert found.origins["policy"] == str(repo / "a" / "setup.cfg")
    assert found.origins["select"] == "default"


def test_pyproject_goes_before_setup_cfg(repo: Path) -> None:
    write(repo / "setup.cfg", "[clean-scrape]\npolicy = strict\n")
    write(repo / "pyproject.toml", "[tool.clean-scrape]\npolicy = 'safe'\n")
    assert load(repo).settings.policy == "safe"


def test_the_search_ends_at_the_top_of_the_repository(tmp_path: Path) -> None:
    write(tmp_path / "setup.cfg", "[clean-scrape]\npolicy = strict\n")
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "repo" / "pages").mkdir()
    found = load(tmp_path / "repo" / "pages")
    assert found.settings == Settings()
    assert found.root == tmp_path / "repo"


def test_a_broken_file_that_does_not_speak_of_us_is_passed_over(repo: Path) -> None:
    write(repo / "pyproject.toml", "[project\n")
    write(repo / "setup.cfg", "name = other\n")
    assert load(repo).settings == Settings()


def test_a_section_of_a_site_alone_counts(repo: Path) -> None:
    write(repo / "setup.cfg", "[clean-scrape:example.org]\npolicy = strict\n")
    found = load(repo).settings
    assert found.policy == "balanced"
    assert found.for_site("example.org").policy == "strict"


def test_defaults_of_other_tools_stay_out(repo: Path) -> None:
    write(repo / "setup.cfg", "[DEFAULT]\ncolour = red\n[clean-scrape]\npolicy = safe\n")
    assert load(repo).settings == Settings(policy="safe")


def test_all_mistakes_are_told_at_once(repo: Path) -> None:
    write(
        repo / "setup.cfg",
        "[clean-scrape]\npolcy = safe\npolicy = saef\nselect = RX11, cookies, CK9\nlanguages = en, xx\n"
        "second-opinion = maybe\nexclude = /raw\n[clean-scrape:a.org]\nexclude = old\nignore = NW\n",
    )
    write(repo / ".clean-scrape.toml", '[[allow]]\ncode = "RL111"\nline = "short"\n')
    mistake = mistakes(repo)
    for one, wanted in zip(
        mistake,
        [
            "unknown key 'polcy'; did you mean 'policy'?",
            "policy: unknown policy 'saef'; did you mean 'safe'?",
            "select: no code begins with 'RX11'; did you mean 'RL11'?",
            "select: 'cookies' is no code",
            "select: no code begins with 'CK9'; did you mean 'CK1'?",
            "languages: unknown language 'xx'; there are ",
            "second-opinion: expected true or false, got 'maybe'",
            "exclude: '/raw' cannot match",
            "entry 1: line: expected the first 16 hex digits",
            "site a.org: unknown key 'exclude'",
            "site a.org: ignore: no code begins with 'NW'; did you mean 'NV'?",
        ],
        strict=True,
    ):
        assert wanted in one


@pytest.mark.parametrize(
    ("name", "section", "wrong"),
    [
        ("setup.cfg", "[clean_scrape]", "clean_scrape"),
        ("setup.cfg", "[clean-scrap:a.org]", "clean-scrap"),
        ("pyproject.toml", "[tool.clean_scrape]", "clean_scrape"),
        ("pyproject.toml", "[tool.Clean-Scrape.sites.x]", "Clean-Scrape"),
    ],
)
def test_a_section_that_is_all_but_ours_is_a_mistake(repo: Path, name: str, section: str, wrong: str) -> None:
    write(repo / name, f"{section}\n")
    (mistake,) = mistakes(repo)
    assert f"unknown section '{wrong}'; did you mean 'clean-scrape'?" in mistake


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("setup.cfg", "[clean-scrape:https://a.org/]\n", "write the host alone"),
        ("setup.cfg", "[clean-scrape:]\n", "write the host alone"),
        ("pyproject.toml", "[tool.clean-scrape.sites.a.org]\npolicy = 'safe'\n", "site a.org: put the name in quotes"),
    ],
)
def test_names_that_no_site_can_have(repo: Path, name: str, text: str, wanted: str) -> None:
    write(repo / name, text)
    (mistake,) = mistakes(repo)
    assert wanted in mistake


def test_sections_of_others_are_none_of_our_business(repo: Path) -> None:
    write(repo / "setup.cfg", "[clean]\npolicy = strict\n[scraper]\n[clean-up]\n")
    assert load(repo).settings == Settings()


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ('select = "CK"', "select: expected a list of strings"),
        ("ignore = [1]", "ignore: expected a list of strings"),
        ("policy = 1", "policy: unknown policy 1"),
        ('second-opinion = "yes"', "second-opinion: expected true or false"),
        ("allow-list = 3", "allow-list: expected a path"),
        ('second_opinion = "yes"', "did you mean 'second-opinion'?"),
        ('exclude = [""]', "exclude: '' cannot match"),
        ('select = [""]', "select: '' is no code"),
        ('sites = "a"', "sites: expected a table"),
        ('sites = {"a.org" = 3}', "a.org: expected a table"),
        ('sites = {"a.org" = {sites = {}}}', "site a.org: unknown key 'sites'"),
    ],
)
def test_values_of_the_wrong_kind(repo: Path, line: str, wanted: str) -> None:
    write(repo / "pyproject.toml", f"[tool.clean-scrape]\n{line}\n")
    (mistake,) = mistakes(repo)
    assert wanted in mistake


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("a.toml", "policy = 'safe'\nselect = [\n", "is not valid TOML"),
        ("a.toml", "a = " + "[" * 100_000, "is not valid TOML"),
        ("a.toml", "clean-scrape = 3\n", "expected a table"),
        ("a.cfg", "[clean-scrape]\npolicy = safe\npolicy = strict\n", "is not a valid file of settings"),
        ("a.cfg", "[other]\n", "holds no section"),
        ("pyproject.toml", "[project]\n", "holds no section"),
        ("a.yaml", "policy: safe\n", ".toml, .cfg and .ini files only"),
    ],
)
def test_named_files_that_cannot_be_used(repo: Path, name: str, text: str, wanted: str) -> None:
    (mistake,) = mistakes(repo, write(repo / "conf" / name, text))
    assert wanted in mistake


def test_a_syntax_error_names_its_line(repo: Path) -> None:
    write(repo / "pyproject.toml", "[tool.clean-scrape]\npolicy = safe\n")
    (mistake,) = mistakes(repo)
    assert "line 2" in mistake
    write(repo / "pyproject.toml", "")
    write(repo / "setup.cfg", "[clean-scrape]\npolicy = safe\nnonsense\n")
    (mistake,) = mistakes(repo)
    assert "line  3" in mistake or "line 3" in mistake or "[line 3]" in mistake


def test_named_files_must_be_there_and_decode(repo: Path) -> None:
    (mistake,) = mistakes(repo, repo / "none.toml")
    assert "cannot be read: No such file" in mistake
    (repo / "latin.toml").write_bytes(b"policy = 'caf\xe9'\n")
    (mistake,) = mistakes(repo, repo / "latin.toml")
    assert "cannot be read" in mistake


def test_the_command_line_holds_everywhere(repo: Path) -> None:
    write(repo / "setup.cfg", IN_INI)
    settings = load(repo).settings
    assert with_overrides(settings, {"policy": None, "select": ()}) == settings
    changed = with_overrides(settings, {"policy": "balanced", "select": ("NV",), "ignore": ("RL112",)}, codes=CODES)
    for one in (changed, changed.for_site("example.org")):
        assert (one.policy, one.select, one.ignore) == ("balanced", ("NV",), ("RL112",))
    assert changed.languages == ("en",)
    kept = with_overrides(settings, {"ignore": ["BY"]})
    assert (kept.policy, kept.for_site("example.org").policy) == ("safe", "strict")


def test_codes_of_the_command_line_are_checked() -> None:
    with pytest.raises(SettingsError, match=r"select: no code begins with 'RL2'.*\n.*ignore: 'x' is no code"):
        with_overrides(Settings(), {"select": ["RL2"], "ignore": ["x"]}, codes=CODES)


@pytest.mark.parametrize(
    ("globs", "path", "excluded"),
    [
        (("old",), "old/a.txt", True),
        (("old",), "pages/old/b/a.txt", True),
        (("old",), "older/a.txt", False),
        (("old/",), "old/a.txt", True),
        (("*.html",), "pages/a.html", True),
        (("*.html",), "pages/a.html.txt", False),
        (("raw/*.html",), "pages/raw/a.html", True),
        (("raw/*.html",), "raw/deep/a.html", False),
        (("raw/**/*.html",), "raw/deep/deeper/a.html", True),
        (("raw/**/*.html",), "raw/a.html", True),
        (("raw/**",), "raw/a.html", True),
        (("**/a.txt",), "a.txt", True),
        (("[ab].txt",), "b.txt", True),
        ((), "b.txt", False),
    ],
)
def test_globs(globs: tuple[str, ...], path: str, excluded: bool) -> None:
    assert matches_any(globs, path) is excluded


def test_a_glob_of_many_stars_takes_no_time() -> None:
    assert not matches_any(("**/" * 200 + "x",), "a/" * 2_000 + "a")


def test_globs_count_from_the_folder_of_the_file(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repo / "old" / "project"
    write(root / "setup.cfg", "[clean-scrape]\nexclude = old\n")
    monkeypatch.chdir(root)
    found = load(root)
    assert not found.excludes(Path("pages/a.txt"))
    assert not found.excludes(root / "pages" / "a.txt")
    assert found.excludes(Path("pages/old/a.txt"))


def test_line_hash_knows_content_only() -> None:
    assert line_hash("Read\u00a0 More\n") == line_hash(" read more") == line_hash("READ MORE")
    assert line_hash("read more.") != line_hash("read more")
    assert line_hash("\udcff lone") != line_hash("lone")
    assert line_hash("read more") == "a3055c979d2bde28"


def test_the_allow_list_lies_beside_the_settings(repo: Path) -> None:
    write(
        repo / "a" / "setup.cfg", "[clean-scrape]\nallow-list = lists/kept.toml\n[clean-scrape:a.org]\npolicy = safe\n"
    )
    entry = Allowed("RL111", line_hash("See also"), "See also")
    write(repo / "a" / "lists" / "kept.toml", render([entry]))
    found = load(repo / "a")
    assert found.allow_list == repo / "a" / "lists" / "kept.toml"
    assert found.settings.allow == found.settings.for_site("a.org").allow == {("RL111", line_hash("See also"))}


def test_without_settings_the_allow_list_lies_at_the_top(repo: Path) -> None:
    write(repo / ".clean-scrape.toml", render([Allowed("RL111", "0" * 16)]))
    (repo / "pages").mkdir()
    assert load(repo / "pages").settings.allow == {("RL111", "0" * 16)}


def test_any_text_survives_the_allow_list(tmp_path: Path) -> None:
    texts = ['"quoted" \\ back', "日本語 😀", "'''", "#"]
    entries = [Allowed("RL111", f"{number:016x}", text) for number, text in enumerate(texts)]
    path = write(tmp_path / "list.toml", render(entries))
    assert read_allow_list(path).allowed == tuple(entries)
    odd = render([Allowed("RL111", "0" * 16, "a\x00\x7f\u2028\u202e\udcff b")])
    assert tomllib.loads(odd)["allow"][0]["text"] == "a\ufffd\ufffd \ufffd\ufffd b"


def test_merging_sorts_and_keeps_what_was_there() -> None:
    old = [Allowed("RL111", "b" * 16, "noted by hand"), Allowed("CK101", "a" * 16, "x")]
    new = [Allowed("RL111", "b" * 16, "found"), Allowed("BY101", "b" * 16, "found"), Allowed("BY101", "c" * 16, "a")]
    both = merge_entries(old, new)
    assert [(e.code, e.line[0], e.text) for e in both] == [
        ("BY101", "c", "a"),
        ("BY101", "b", "found"),
        ("CK101", "a", "x"),
        ("RL111", "b", "noted by hand"),
    ]
    assert merge_entries(both, reversed(new)) == both
    assert merge_entries((), old) == merge_entries((), reversed(old))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[[allow]\n", "is not valid TOML"),
        ("[allow]\n", "with two brackets"),
        ("allow = [3]\n", "entry 1: expected a table"),
        ('[[allow]]\ncode = "RL1"\nline = "0123456789abcdef"\n', "code: expected a code such as"),
        ('[[allow]]\nline = "0123456789abcdef"\n', "code: expected a code such as"),
        ('[[allow]]\ncode = "RL111"\nline = "0123456789abcdef"\nlien = ""\n', "unknown key 'lien'"),
        ("policy = 'safe'\n", "unknown key 'policy'"),
    ],
)
def test_a_wrong_allow_list_is_an_error(repo: Path, text: str, wanted: str) -> None:
    write(repo / ".clean-scrape.toml", text)
    (mistake,) = mistakes(repo)
    assert wanted in mistake


DOCS = Path(__file__).parent.parent / "docs"


def shown(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)


def test_what_the_docs_show_can_be_read(repo: Path) -> None:
    (ini,), (toml,) = shown("configuration.md", "ini"), shown("configuration.md", "toml")
    first, second = load(repo, write(repo / "a.cfg", ini)), load(repo, write(repo / "a.toml", toml))
    assert first.settings == second.settings != Settings()
    (allow,) = shown("pre-commit.md", "toml")
    (entry,) = read_allow_list(write(repo / "list.toml", allow)).allowed
    assert entry.line == line_hash(entry.text)


def test_the_docs_name_every_key() -> None:
    table = (DOCS / "configuration.md").read_text("utf-8").partition("## Keys")[2].partition("## Sites")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) == set(KEYS)


def test_cleaning_alone_reads_no_configuration() -> None:
    code = "import sys, cleaner; print('cleaner.settings.files' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_user_of_the_library_loads_what_the_command_line_would(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repo / "setup.cfg", "[clean-scrape]\nselect = RL\nexclude = old\n")
    write(repo / "other.cfg", "[clean-scrape]\npolicy = strict\n")
    write(repo / ".clean-scrape.toml", render([Allowed("RL111", "0" * 16)]))
    allow = frozenset({("RL111", "0" * 16)})
    monkeypatch.chdir(repo)
    assert load_settings() == load_settings(str(repo)) == Settings(select=("RL",), allow=allow)
    assert load_settings(config="other.cfg") == Settings(policy="strict", allow=allow)
    write(repo / "setup.cfg", "[clean-scrape]\nselect = XX\n")
    with pytest.raises(SettingsError, match="no code begins with 'XX'"):
        load_settings()


def test_files_left_out_are_no_part_of_what_a_run_was_configured_with(repo: Path) -> None:
    def configured(exclude: str) -> dict[str, object]:
        write(repo / "setup.cfg", f"[clean-scrape]\npolicy = safe\nexclude = {exclude}\n")
        return Job(repo, repo / "out", load(repo).settings).configuration()

    assert configured("old") == configured("raw, new")


# -- codes that are silenced on a site

SILENT = '[[silence]]\nsite = "Www.Courier.example"\ncode = "RL11"\n'


def silenced(repo: Path, text: str) -> Settings:
    write(repo / ".clean-scrape.toml", text)
    return load(repo).settings


def test_a_code_is_silent_on_its_site_only(repo: Path) -> None:
    settings = silenced(repo, SILENT)
    there, elsewhere = settings.for_site("courier.example"), settings.for_site("post.example")
    assert [there.may_drop(code) for code in ("RL111", "RL112", "RL101", "CK101")] == [False, False, True, True]
    assert all(elsewhere.may_drop(code) for code in ("RL111", "RL112", "RL101"))
    assert all(settings.for_site("").may_drop(code) for code in ("RL111", "RL112"))


def test_silence_wins_over_select_and_over_what_a_site_says_itself(repo: Path) -> None:
    write(
        repo / "setup.cfg",
        "[clean-scrape]\nselect = RL\n[clean-scrape:courier.example]\nselect = RL111\npolicy = strict\n",
    )
    there = silenced(repo, SILENT).for_site("courier.example")
    assert there.policy == "strict"
    assert not there.may_drop("RL111")
    there = with_overrides(silenced(repo, SILENT), {"select": ["RL111"]}).for_site("courier.example")
    assert not there.may_drop("RL111")


def test_lines_under_a_silent_code_stay(repo: Path) -> None:
    page = "The vote is on Monday.\nRelated: Ten years of votes\nLoading, please wait...\nNobody was surprised.\n"
    settings = silenced(repo, SILENT)
    stayed = clean(page, settings=settings, url="https://www.courier.example/a")
    assert [(v.line.number, v.code) for v in stayed.dropped] == [(3, "RT101")]
    assert stayed.verdicts[1].code == "RL112"
    gone = clean(page, settings=settings, url="https://post.example/a")
    assert [v.line.number for v in gone.dropped] == [2, 3]
    assert clean(stayed.text, settings=settings, url="https://courier.example/a").text == stayed.text


def test_mistakes_in_silence_are_told_with_the_others(repo: Path) -> None:
    text = '[[silence]]\nsite = "https://a.example/"\ncode = "RL1x"\nwhy = "x"\n[[allow]]\ncode = "R"\n'
    with pytest.raises(SettingsError) as caught:
        silenced(repo, text)
    said = str(caught.value)
    assert "silence entry 1: site: expected the host alone" in said
    assert "silence entry 1: code: expected a code or the beginning of codes" in said
    assert "silence entry 1: unknown key 'why'" in said
    assert 'entry 1: code: expected a code such as RL111, or "*"' in said
    with pytest.raises(SettingsError, match="silence: no code begins with 'XX'"):
        silenced(repo, '[[silence]]\nsite = "a.example"\ncode = "XX"\n')
    with pytest.raises(SettingsError, match=r"write \[\[silence\]\], with two brackets"):
        silenced(repo, '[silence]\nsite = "a.example"\ncode = "RL"\n')


def test_an_update_keeps_what_is_silent(repo: Path) -> None:
    path = write(repo / ".clean-scrape.toml", SILENT)
    found = read_allow_list(path)
    write(path, render([Allowed("RL111", "0" * 16)], found.silenced))
    again = read_allow_list(path)
    assert again.silenced == found.silenced == (Silenced("courier.example", "RL11"),)
    assert len(again.allowed) == 1


def test_a_line_that_is_allowed_under_any_code_stays_whoever_speaks(repo: Path) -> None:
    page = "Sign In / Register\nThe vote is on Monday.\nRelated: Ten years of votes\nLoading, please wait...\nHome\n"
    gone = {v.line.text: v.code for v in clean(page).dropped}
    assert {"Home", "Related: Ten years of votes"} < gone.keys()
    one = Settings(
        allow=frozenset({(ANY_CODE, line_hash("home")), ("RL111", line_hash("Related: Ten years of votes"))})
    )
    kept = clean(page, settings=one)
    assert {v.line.text for v in kept.dropped} == gone.keys() - {"Home"}  # the other is allowed under another code
    assert clean(kept.text, settings=one).text == kept.text


def test_changes_of_the_allow_list_are_told_once_and_in_words() -> None:
    site = Settings(policy="strict")
    old = Settings(sites={"a.example": site})
    allow = frozenset({(ANY_CODE, "0" * 16), ("RL111", "1" * 16)})
    new = Settings(allow=allow, sites={"a.example": replace(site, allow=allow)}, silenced={"b.example": ("RL",)})
    mistake = describe_changes(json.dumps({"settings": to_json_value(old)}), {"settings": to_json_value(new)})
    assert mistake == ["settings.allow (the allow-list): 2 lines added", 'settings.silenced.b.example: null -> ["RL"]']
