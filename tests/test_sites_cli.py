"""``clean-scrape profile``: the same bytes however pages are parted, failures named, and a view for people."""

from __future__ import annotations

import errno
import gzip
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from cleaner.cli import main
from cleaner.cli.profile import profile_command
from cleaner.corpus.counting import CountJob, PageCounts, make_profile
from cleaner.corpus.items import Fields, Item
from cleaner.errors import ProfileError
from cleaner.read import read_page
from cleaner.records import Page
from cleaner.sites.files import Head, read_head, read_profile
from cleaner.sites.keys import MAX_SITE_CHARS, SiteOf
from cleaner.sites.lookup import ProfileFile
from cleaner.sites.profile import SiteProfile, Template
from cleaner.workers.limits import Limits
from cleaner.workers.pool import Failure

HOSTS = ("www.example.org", "example.com", "news.example.com", "example.net")


def row(number: int) -> dict[str, str]:
    """A page of one of four hosts, as a row."""
    host = HOSTS[number % 4]
    text = f"Sign in\nStory {'x' * number} of {host}\nContact {host}\n{number} comments\nPage {number} of many\n"
    return {"text": text, "url": f"https://{host}/{number}", "language": "en" if number % 2 else "de", "id": "7"}


def html(number: int) -> str:
    values = row(number)
    body = "".join(f"<p>{line}</p>" for line in values["text"].splitlines())
    return f"<!doctype html><html><head><link rel=canonical href='{values['url']}'></head><body>{body}</body></html>"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder of pages that name their address, in HTML, packed and in files of many pages."""
    folder = tmp_path / "pages"
    (folder / "a" / "deep").mkdir(parents=True)
    (folder / "b").mkdir()
    for number in range(12):
        (folder / ("a/deep" if number % 3 else "b") / f"{number}.html").write_text(html(number))
    (folder / "a" / "12.html.gz").write_bytes(gzip.compress(html(12).encode()))
    (folder / "rows.jsonl").write_text("".join(json.dumps(row(number)) + "\n" for number in range(13, 24)))
    return folder


def profile(*args: object, code: int = 0) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["profile", *map(str, args)])
    assert ended.value.code == code


def made(out: Path, sources: Sequence[Path], **how: object) -> bytes:
    """What counting in this process writes."""
    job = CountJob(tuple(sources), out, **{"limits": None, **how})  # type: ignore[arg-type]
    make_profile(job, lambda item, result: None)
    return out.read_bytes()


def expected(numbers: range) -> dict[str, Template]:
    sums: dict[str, SiteProfile] = {}
    for number in numbers:
        page = read_page(row(number)["text"], kind="text")
        site = HOSTS[number % 4].removeprefix("www.")
        sums[site] = sums.get(site, SiteProfile()) + SiteProfile.of(page)
    return {site: sums[site].template() for site in sorted(sums)}


def test_pages_of_all_kinds_count(pages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "x.profile.jsonl"
    profile(pages, "-o", out, "--jobs", 1)
    head, sites = read_profile(out)
    assert head == Head()
    assert dict(sites) == expected(range(24))
    said = capsys.readouterr().out.split("\n")
    assert said[0] == "24 pages: 24 counted"
    assert said[1].split() == ["sites", "4", "(4", "with", "lines", "that", "3", "pages", "or", "more", "share)"]
    assert said[-2] == f"profile: {out}"


def test_the_same_bytes_however_pages_are_parted(pages: Path, tmp_path: Path) -> None:
    profile(pages, "-o", tmp_path / "one.profile.jsonl", "--jobs", 2, "-q")
    one = (tmp_path / "one.profile.jsonl").read_bytes()
    parts = [*sorted(pages.rglob("*.html")), pages / "a" / "12.html.gz", pages / "rows.jsonl"]
    dice = Random(3)
    shards = []
    for number in range(3):
        dice.shuffle(parts)
        assert made(tmp_path / "two.profile.jsonl", parts, memory=number * 3_000) == one
        shards.append(tmp_path / f"{number}.profile.jsonl{('', '.gz', '.zst')[number]}")
        made(shards[-1], parts[number::3] + parts[:2], shard=True, memory=0)
    made(tmp_path / "rest.profile.jsonl", parts, shard=True)
    for memory in (0, 10**9):
        dice.shuffle(shards)
        assert made(tmp_path / "two.profile.jsonl", [*shards, tmp_path / "rest.profile.jsonl"], memory=memory) == one
    merged = made(tmp_path / "all.profile.jsonl", [*shards, pages], shard=True)
    assert merged == (tmp_path / "rest.profile.jsonl").read_bytes(), "shards add up to shards"
    assert made(tmp_path / "two.profile.jsonl", [tmp_path / "all.profile.jsonl"]) == one


def test_shards_merge_through_the_command(pages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(tmp_path / "one.profile.jsonl", [pages])
    a, b, out = (tmp_path / f"{name}.profile.jsonl.zst" for name in "abc")
    profile("--shard", "-q", pages / "a", "-o", a, "--jobs", 1)
    profile("--shard", "-q", pages / "b", pages / "rows.jsonl", "-o", b, "--jobs", 1)
    assert capsys.readouterr().out == ""
    profile(b, a, "-o", out)
    assert capsys.readouterr().out.startswith("2 shards merged\n  sites")
    assert ProfileFile.open(out).digest == ProfileFile.open(tmp_path / "one.profile.jsonl").digest


def test_a_profile_is_not_merged(pages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(tmp_path / "x.profile.jsonl", [pages])
    profile(tmp_path / "x.profile.jsonl", pages, "-o", tmp_path / "y.profile.jsonl", code=2)
    assert "--shard" in capsys.readouterr().err
    assert not (tmp_path / "y.profile.jsonl").exists()


def test_a_damaged_shard_stops_all(pages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = made(tmp_path / "x.profile.jsonl", [pages], shard=True)
    (tmp_path / "x.profile.jsonl").write_bytes(data[:-100])
    profile(tmp_path / "x.profile.jsonl", "-o", tmp_path / "y.profile.jsonl", code=2)
    assert "line 25: is cut off" in capsys.readouterr().err
    assert not (tmp_path / "y.profile.jsonl").exists()


def test_profiles_beside_the_pages_are_passed_over(pages: Path, tmp_path: Path) -> None:
    one = made(pages / "x.profile.jsonl", [pages])
    made(pages / "y.profile.jsonl.gz", [pages], shard=True)
    assert made(pages / "x.profile.jsonl", [pages]) == one


def test_failures_are_named_and_nothing_else_is_lost(
    pages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = made(tmp_path / "one.profile.jsonl", [pages])
    (pages / "picture.html").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (pages / "cut.html.gz").write_bytes(gzip.compress(b"<p>Words." * 100)[:20])
    (pages / "link").symlink_to(pages / "rows.jsonl")
    (pages / "no-site.txt").write_text("Some words\n")
    with (pages / "rows.jsonl").open("a") as rows:
        rows.write('{"no": "page"}\n')
    profile(pages, "-o", tmp_path / "x.profile.jsonl", "--jobs", 2, code=2)
    said = capsys.readouterr()
    assert (tmp_path / "x.profile.jsonl").read_bytes() == one
    assert said.out.startswith("29 pages: 24 counted, 2 without a site, 3 failed\n")
    for name in ("picture.html", "link", "rows.jsonl#12"):
        assert f"clean-scrape: {name}: " in said.err
    assert "cut.html.gz: could not be read in full" in said.err


def test_a_page_that_takes_too_long_is_named(pages: Path, tmp_path: Path) -> None:
    (pages / "slow.html").write_text("<p>Words and more words</p>\n" * 300_000)
    said: list[tuple[str, str]] = []

    def seen(item: Item, result: PageCounts | Failure) -> None:
        if isinstance(result, Failure):
            said.append((item.source, result.reason))

    job = CountJob((pages,), tmp_path / "x.profile.jsonl", limits=Limits(seconds=0.5, seconds_per_mb=0))
    make_profile(job, seen)
    assert said == [("slow.html", "time-budget")]
    assert (tmp_path / "x.profile.jsonl").read_bytes() == made(
        tmp_path / "y.profile.jsonl", [pages / "a", pages / "b", pages / "rows.jsonl"]
    )


@pytest.mark.parametrize(("key", "sites"), [("host", 4), ("domain", 3), ("language", 2), ("nothing", 0), ("id", 1)])
def test_site_keys(pages: Path, tmp_path: Path, key: str, sites: int) -> None:
    made(tmp_path / "x.profile.jsonl", [pages / "rows.jsonl"], site_key=key)
    head, found = read_profile(tmp_path / "x.profile.jsonl")
    assert head == Head(key)
    assert len(list(found)) == sites


def test_columns_of_parquet_name_sites(pages: Path, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [{**row(number), "body": row(number)["text"], "text": 1} for number in range(13, 24)]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "rows.parquet")
    one = made(tmp_path / "x.profile.jsonl", [pages / "rows.jsonl"], site_key="language")
    fields = Fields(text="body")
    assert made(tmp_path / "y.profile.jsonl", [tmp_path / "rows.parquet"], site_key="language", fields=fields) == one


def test_folders_are_sites(pages: Path, tmp_path: Path) -> None:
    shutil.copy(pages / "b" / "0.html", pages)
    made(pages / "x.profile.jsonl", [pages], site_key="folder")
    head, sites = read_profile(pages / "x.profile.jsonl")
    assert head.root == "."
    assert [(site, template.pages) for site, template in sites] == [("a", 9), ("b", 4), ("rows.jsonl", 11)]
    (tmp_path / "out").mkdir()
    made(tmp_path / "out" / "x.profile.jsonl", [pages], site_key="folder")
    assert read_head(tmp_path / "out" / "x.profile.jsonl").root == "../pages"
    made(tmp_path / "s.profile.jsonl", [pages], site_key="folder", shard=True)
    made(tmp_path / "out" / "y.profile.jsonl", [tmp_path / "s.profile.jsonl"])
    assert (tmp_path / "out" / "y.profile.jsonl").read_bytes() == (tmp_path / "out" / "x.profile.jsonl").read_bytes()
    made(tmp_path / "y.profile.jsonl", [pages / "a", pages], site_key="folder")
    assert read_head(tmp_path / "y.profile.jsonl").root == "", "there are two"


def test_shards_by_different_keys_do_not_add(pages: Path, tmp_path: Path) -> None:
    made(tmp_path / "a.profile.jsonl", [pages], shard=True)
    made(tmp_path / "b.profile.jsonl", [pages], shard=True, site_key="domain")
    with pytest.raises(ProfileError, match="'domain' and not 'host'"):
        made(tmp_path / "c.profile.jsonl", [tmp_path / "a.profile.jsonl", tmp_path / "b.profile.jsonl"])
    with pytest.raises(ProfileError, match="'host' and not 'domain'"):
        made(tmp_path / "c.profile.jsonl", [tmp_path / "a.profile.jsonl"], site_key="domain")
    made(tmp_path / "c.profile.jsonl", [tmp_path / "b.profile.jsonl"])
    assert read_head(tmp_path / "c.profile.jsonl").site_key == "domain"


def test_show(pages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for out, how in ((tmp_path / "x.profile.jsonl", ()), (tmp_path / "y.profile.jsonl.gz", ("--shard",))):
        profile(pages, "-o", out, "-q", "--jobs", 1, *how)
        profile("--show", out, "example.com")
        first, _, *lines = capsys.readouterr().out.split("\n")[:-1]
        assert first == "example.com: 6 pages counted, 4 lines on 3 or more of them"
        assert [line.split(None, 2) for line in lines] == [
            ["6", "100%", text] for text in ("0 comments", "contact example.com", "page 0 of many", "sign in")
        ]
        profile("--show", out)
        assert [line.split() for line in capsys.readouterr().out.split("\n")[1:-1]] == [
            ["6", "4", site] for site in ("example.com", "example.net", "example.org", "news.example.com")
        ]
        profile("--show", out, "exmaple.com", code=2)
        assert "Did you mean example.com?" in capsys.readouterr().err
        profile("--show", out, "zzz", code=2)
        assert "lists its sites" in capsys.readouterr().err


def test_what_is_shown_cannot_steer_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"text": f"\x1b]0;gone\x07 \u202eherring\nx{'y' * n}\n", "site": "\x1b[31m\nred"} for n in range(3)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    made(tmp_path / "x.profile.jsonl", [tmp_path / "rows.jsonl"], site_key="site")
    profile("--show", tmp_path / "x.profile.jsonl")
    profile("--show", tmp_path / "x.profile.jsonl", "\x1b[31m\nred")
    profile("--show", tmp_path / "x.profile.jsonl", "\x1b[31m\nre", code=2)
    said = capsys.readouterr()
    assert "<U+001B>[31m<U+000A>red" in said.out
    assert "herring" in said.out
    assert not {"\x1b", "\x07", "\u202e"} & {*said.out, *said.err}


@pytest.mark.parametrize(
    ("args", "what"),
    [
        ((), "name a folder"),
        (("pages",), "-o FILE"),
        (("pages", "-o", "x.jsonl"), "call the file x.profile.jsonl"),
        (("pages", "-o", "no/x.profile.jsonl"), "no folder"),
        (("nowhere", "-o", "x.profile.jsonl"), "does not exist"),
        (("--show", "x.profile.jsonl", "a", "b"), "at most one site"),
        (("--show", "x.profile.jsonl", "-o", "y.profile.jsonl"), "at most one site"),
        (("--show", "x.profile.jsonl"), "does not exist"),
        (("nowhere.profile.jsonl", "-o", "x.profile.jsonl"), "does not exist"),
    ],
)
def test_wrong_use(
    pages: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], args: tuple[str, ...], what: str
) -> None:
    monkeypatch.chdir(pages.parent)
    profile(*args, code=2)
    assert what in capsys.readouterr().err


def test_settings_leave_files_out(pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "setup.cfg").write_text("[clean-scrape]\nexclude = pages/b\n")
    monkeypatch.chdir(tmp_path)
    profile("pages", "-o", "x.profile.jsonl", "-q", "--jobs", 1)
    one = (tmp_path / "x.profile.jsonl").read_bytes()
    assert one == made(tmp_path / "y.profile.jsonl", [pages / "a", pages / "rows.jsonl"])


def test_no_file_is_left_when_the_disk_refuses(
    pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr(os, "fsync", full)
    profile(pages, "-o", tmp_path / "x.profile.jsonl", "--jobs", 1, code=3)
    assert "No space left" in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


def test_what_is_no_file_is_not_replaced(pages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "null.profile.jsonl").symlink_to(os.devnull)
    profile(pages, "-o", tmp_path / "null.profile.jsonl", "--jobs", 1, code=2)
    assert "is no file" in capsys.readouterr().err
    (tmp_path / "folder.profile.jsonl").mkdir()
    profile(pages, "-o", tmp_path / "folder.profile.jsonl", "--jobs", 1, code=2)


def page(site: str = "") -> Page:
    return Page("x", "text", (), (), site=site)


def test_the_site_of_a_page() -> None:
    assert SiteOf().of(page("a.example"), "a/b", "c") == "a.example"
    assert SiteOf("folder").of(page("a.example"), "a/b/c", "c") == "a"
    assert SiteOf("folder").of(page("a.example"), "a", "c") == ""
    assert SiteOf("folder").of(page(), "\udcff/a") == "%FF"
    assert SiteOf("lang").of(page("a.example"), "a/b", " c ") == "c"
    assert SiteOf("lang").of(page("a.example"), "a/b") == ""
    assert (SiteOf("lang").field, SiteOf("domain").field) == ("lang", None)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("news.shop.example.co.uk", "example.co.uk"),
        ("a.github.io", "a.github.io"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("co.uk", "co.uk"),
        ("", ""),
        *((odd, odd) for odd in ("..", "[", "%zz", "\x00", "a\nb", "x y")),
    ],
)
def test_domains(host: str, domain: str) -> None:
    assert SiteOf("domain").of(page(host)) == domain


def test_names_of_sites_are_bounded_and_can_be_written() -> None:
    one, two = (SiteOf("site").of(page(), field="x" * 1_000 + end) for end in "ab")
    assert one != two
    assert len(one) == len(two) == MAX_SITE_CHARS + 17
    assert SiteOf("site").of(page(), field="\ud800") == "?"


def test_the_help_shows_examples() -> None:
    for command in (profile_command, *profile_command.commands.values()):
        assert "Examples:" in (command.help or "")


def test_an_empty_profile_is_no_success(pages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shards, plain, out = tmp_path / "shards", tmp_path / "plain", tmp_path / "x.profile.jsonl"
    shards.mkdir()
    plain.mkdir()
    (plain / "a.txt").write_text("A page that does not say what site it is of.\n", "utf-8")
    profile(pages, "-o", shards / "1.profile.jsonl", "--shard", "-q", "--jobs", 1)
    profile(shards, "-o", out, "--jobs", 1, code=2)
    assert "name the files" in capsys.readouterr().err
    profile(plain, "-o", out, "--jobs", 1, code=2)
    assert "--site-key folder" in capsys.readouterr().err
