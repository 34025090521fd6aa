"""Files of profiles: what is written is read and found again, and of what is wrong in one the line is named."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import pickle
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleaner.errors import ProfileError
from cleaner.files import unpacking
from cleaner.files.codecs import codec_named, packed_file
from cleaner.sites import lookup
from cleaner.sites.files import PROFILE_ENDINGS, Head, read_profile, read_shard, write_profile, write_shard
from cleaner.sites.keys import bound_site_name
from cleaner.sites.lookup import ProfileFile
from cleaner.sites.profile import MAX_KEY_CHARS, MAX_PAGE_LINES, MAX_SITE_PAGES, SiteProfile, Template, fingerprint_keys
from cleaner.sites.rows import MAX_PAGE_ROW_BYTES, MAX_ROW_BYTES

SLOW = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

TEXTS = st.text(min_size=1, max_size=12).map(bound_site_name)
SITES = st.one_of(
    TEXTS, st.text("ab.\u00e9\U0001f600", min_size=1, max_size=5), st.sampled_from(["a\nb", "\x1b[31m", '"', "\\"])
)
PAGES = st.lists(st.lists(st.one_of(TEXTS, st.sampled_from(["home", "news"])), min_size=1, max_size=4), max_size=6)
PROFILES = st.dictionaries(SITES, PAGES.filter(bool), max_size=12)


def profile_of(pages: list[list[str]]) -> SiteProfile:
    profile = SiteProfile()
    for page in pages:
        keys = tuple(sorted(set(page)))
        profile += SiteProfile({fingerprint_keys(keys): keys})
    return profile


def written(path: Path, made: dict[str, list[list[str]]]) -> dict[str, Template]:
    """Write a profile of these sites; their templates."""
    sites = {site: profile_of(pages).template() for site, pages in sorted(made.items())}
    write_profile(path, Head(), sites.items())
    return sites


def small() -> dict[str, list[list[str]]]:
    return {"a.example": [["home", "one"], ["home", "two"]], "b.example": [["news", "x"], ["news", "y"], ["z"]]}


@SLOW
@given(made=PROFILES, asked=st.lists(SITES, max_size=5), ending=st.sampled_from(PROFILE_ENDINGS))
def test_find_equals_a_dict(tmp_path: Path, made: dict[str, list[list[str]]], asked: list[str], ending: str) -> None:
    path = tmp_path / f"x{ending}"
    sites = written(path, made)
    head, read = read_profile(path)
    assert head == Head()
    assert list(read) == list(sites.items())
    profiles = ProfileFile.open(path)
    for site in [*sites, *asked, *(site + "0" for site in sites), *(site[:-1] for site in sites), *sites]:
        assert profiles.find(site) == sites.get(site), site


@SLOW
@given(made=PROFILES, ending=st.sampled_from(PROFILE_ENDINGS))
def test_shards_are_read_as_they_were_written(tmp_path: Path, made: dict[str, list[list[str]]], ending: str) -> None:
    path = tmp_path / f"x{ending}"
    sites = {site: profile_of(pages) for site, pages in sorted(made.items())}
    write_shard(path, Head("lang", whole=True), sites.items())
    head, read = read_shard(path)
    assert head == Head("lang", whole=True)
    assert list(read) == list(sites.items())


def test_many_sites_of_which_some_have_all_pages(tmp_path: Path) -> None:
    made = {f"s{number}": [["home", f"page {'x' * n}"] for n in range(2)] for number in range(3_000)}
    made["s5"] = made["s50"] = [["home", f"page {'x' * n}"] for n in range(MAX_SITE_PAGES)]
    path = tmp_path / "x.profile.jsonl.gz"
    sites = written(path, made)
    profiles = ProfileFile.open(path)
    assert {site: profiles.find(site) for site in sites} == sites
    assert profiles.find("s") is profiles.find("s3000") is None
    five = profiles.find("s5")
    assert five
    assert five.counts == {"home": MAX_SITE_PAGES}


def longest(path: Path) -> int:
    return max(map(len, path.read_bytes().splitlines(keepends=True)))


def test_the_longest_rows_can_be_read(tmp_path: Path) -> None:
    site, path = bound_site_name("\u200b\U0001f600" * 200), tmp_path / "x.profile.jsonl"
    escaped = "\x01" * (MAX_KEY_CHARS + 13)  # six bytes a sign
    pages = [[escaped, f"page {number}"] for number in range(MAX_SITE_PAGES)]
    sites = written(path, {site: pages})
    assert longest(path) < MAX_ROW_BYTES
    assert ProfileFile.open(path).find(site) == sites[site]
    large = profile_of([[f"{number:04}{escaped}" for number in range(MAX_PAGE_LINES)]])
    write_shard(path, Head(whole=True), [(site, large)])
    assert longest(path) < MAX_PAGE_ROW_BYTES
    assert dict(read_shard(path)[1]) == {site: large}


def test_an_empty_profile(tmp_path: Path) -> None:
    for ending in PROFILE_ENDINGS:
        write_profile(tmp_path / f"x{ending}", Head("folder", root="../in"), ())
        profiles = ProfileFile.open(tmp_path / f"x{ending}", tmp_path)
        assert profiles.head == Head("folder", root="../in")
        assert profiles.find("a") is profiles.find("") is None


def test_the_file_reads_well_and_hides_nothing(tmp_path: Path) -> None:
    path, page = tmp_path / "x.profile.jsonl", ["\u00fcber uns", "\u202egnp.exe", "\x9b31m"]
    written(path, {"b\u00fccher.example": [page, [*page, "a"], [*page, "b"]]})
    head, site, *lines = path.read_text("utf-8").split("\n")[:-1]
    assert head == '{"profile": 1, "site_key": "host", "whole": false}'
    assert site == '{"site": "b\u00fccher.example", "pages": 3}'
    assert lines == [
        '{"site": "b\u00fccher.example", "line": "\\u009b31m", "pages": 3}',
        '{"site": "b\u00fccher.example", "line": "\u00fcber uns", "pages": 3}',
        '{"site": "b\u00fccher.example", "line": "\\u202egnp.exe", "pages": 3}',
    ]


def test_the_same_content_has_the_same_bytes_and_the_same_digest(tmp_path: Path) -> None:
    digests = set()
    for ending in PROFILE_ENDINGS:
        one, two = tmp_path / f"one{ending}", tmp_path / f"other-name{ending}"
        written(one, small())
        written(two, small())
        assert one.read_bytes() == two.read_bytes()
        digests.add(ProfileFile.open(one).digest)
    assert len(digests) == 1
    written(one, small() | {"c": [["home"]]})
    assert ProfileFile.open(one).digest not in digests


def test_profiles_go_to_other_processes(tmp_path: Path) -> None:
    sites = written(tmp_path / "x.profile.jsonl.zst", small())
    opened = ProfileFile.open(tmp_path / "x.profile.jsonl.zst")
    opened.find("a.example")
    sent = pickle.dumps(opened)
    assert len(sent) < 1_000
    there = pickle.loads(sent)
    assert (there.head, there.digest) == (opened.head, opened.digest)
    assert there.find("b.example") == sites["b.example"]


def test_the_unpacked_copy_goes_with_its_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    written(tmp_path / "x.profile.jsonl.gz", small())
    opened = ProfileFile.open(tmp_path / "x.profile.jsonl.gz")
    assert len(list((tmp_path / "temporary").iterdir())) == 1
    del opened
    assert not list((tmp_path / "temporary").iterdir())


def test_few_templates_are_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "MAX_CACHED_LINES", 100)
    sites = written(tmp_path / "x.profile.jsonl", {f"s{n}": [["home", "a"], ["home", "b"]] for n in range(50)})
    profiles = ProfileFile.open(tmp_path / "x.profile.jsonl")
    for site in [*sites, *reversed(sites)]:
        assert profiles.find(site) == sites[site]
        assert profiles.find(site) is profiles.find(site)
    assert len(profiles._cache) <= 5


def test_editing_lines_out_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "x.profile.jsonl"
    written(path, small())
    rows = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(row.replace(b"\n", b"\r\n") for row in rows if b'"line": "home"' not in row))
    template = ProfileFile.open(path).find("a.example")
    assert template
    assert template.pages == 2
    assert not template.counts


SITE = '{"site": "a", "pages": 1}'
THREE = '{"site": "a", "pages": 3}'
HEAD = '{"profile": 1, "site_key": "host", "whole": false}'
PAGE = json.dumps({"site": "a", "page": f"{fingerprint_keys(['home']):016x}", "lines": ["home"]})
OTHER = json.dumps({"site": "a", "page": f"{fingerprint_keys(['news']):016x}", "lines": ["news"]})
WHOLE = HEAD.replace("false", "true")

#: Rows of a profile, the number of the wrong one, and what is said of it.
WRONG: list[tuple[list[str], int, str]] = [
    ([], 1, "empty"),
    (["{}"], 1, "no head"),
    ([HEAD.replace("1", "true")], 1, "no head"),
    ([HEAD.replace("1", "2")], 1, "later version, 2"),
    ([HEAD.replace('"host"', "3")], 1, "no head"),
    ([HEAD.replace('"host"', '""')], 1, "no head"),
    ([HEAD.replace("false", "0")], 1, "no head"),
    ([HEAD.replace("false", 'false, "root": 7')], 1, "root"),
    ([HEAD, "not json"], 2, "no JSON"),
    ([HEAD, "[1]"], 2, "no JSON object"),
    ([HEAD, ""], 2, "no JSON"),
    ([HEAD, "[" * 4_000], 2, "no JSON"),
    ([HEAD, '{"a":' * 800], 2, "no JSON"),
    ([HEAD, SITE.replace("1}", "9" * 4_000 + "}")], 2, "number from 1 to 256"),
    ([HEAD, SITE.replace("1}", "1e0}")], 2, "number from 1 to 256"),
    ([HEAD, SITE.replace("1}", "true}")], 2, "number from 1 to 256"),
    ([HEAD, SITE.replace("1}", "0}")], 2, "number from 1 to 256"),
    ([WHOLE, '{"site": "a", "page": 1, "lines": ["x"]}'], 2, "hex"),
    ([HEAD, SITE.replace('"a"', "null")], 2, '"site" is not a text'),
    ([HEAD, SITE.replace('"a"', '""')], 2, '"site" is not a text'),
    ([HEAD, SITE.replace('"a"', '"\\ud800"')], 2, '"site" is not a text'),
    ([HEAD, SITE.replace('"a"', f'"{"a" * 300}"')], 2, '"site" is not a text'),
    ([HEAD, SITE.replace('"a"', f'"{"a" * MAX_ROW_BYTES}"')], 2, "longer than"),
    ([HEAD, SITE[:-1] + ', "more": 1}'], 2, "fields"),
    ([HEAD, SITE, SITE], 3, "out of order"),
    ([HEAD, SITE.replace('"a"', '"b"'), SITE], 3, "out of order"),
    ([HEAD, SITE.replace('"a"', '"\U0001f600"'), SITE.replace('"a"', '"\uffff"')], 3, "out of order"),
    ([HEAD, '{"site": "a", "line": "x", "pages": 3}'], 2, "no row before"),
    ([HEAD, THREE, '{"site": "b", "line": "x", "pages": 3}'], 3, "no row before"),
    ([HEAD, THREE, '{"site": "a", "line": "x", "pages": 4}'], 3, "number from 3 to 3"),
    ([HEAD, THREE, '{"site": "a", "line": "x", "pages": 2}'], 3, "number from 3 to 3"),
    ([HEAD, THREE, '{"site": "a", "line": 7, "pages": 3}'], 3, '"line" is not a text'),
    ([HEAD, THREE, '{"site": "a", "line": "", "pages": 3}'], 3, '"line" is not a text'),
    ([HEAD, THREE, '{"site": "a", "line": "\\udc00", "pages": 3}'], 3, '"line" is not a text'),
    ([HEAD, THREE, f'{{"site": "a", "line": "{"x" * 138}", "pages": 3}}'], 3, '"line" is not a text'),
    ([HEAD, THREE, *['{"site": "a", "line": "x", "pages": 3}'] * 2], 4, "out of order"),
    ([WHOLE, '{"site": "a", "page": "0000000000000001", "lines": ["x"]}'], 2, "fingerprint"),
    ([WHOLE, PAGE.replace('["home"]', '"home"')], 2, "list of 1"),
    ([WHOLE, PAGE.replace('["home"]', "[]")], 2, "list of 1"),
    ([WHOLE, PAGE.replace('["home"]', "[1]")], 2, "different texts"),
    ([WHOLE, PAGE.replace('["home"]', '["home", "home"]')], 2, "different texts"),
    ([WHOLE, PAGE.replace('["home"]', '["home", "\\ud800"]')], 2, "different texts"),
    ([WHOLE, PAGE, PAGE], 3, "out of order"),
    ([WHOLE, *sorted([PAGE, OTHER], reverse=True)], 3, "out of order"),
    ([WHOLE, PAGE.replace('"a"', '"b"'), PAGE], 3, "out of order"),
    ([WHOLE, SITE], 2, "fields"),
]  # fmt: skip


@pytest.mark.parametrize("ending", PROFILE_ENDINGS)
@pytest.mark.parametrize(("rows", "number", "what"), WRONG, ids=[str(at) for at in range(len(WRONG))])
def test_of_what_is_wrong_the_line_is_named(
    tmp_path: Path, rows: list[str], number: int, what: str, ending: str
) -> None:
    path = tmp_path / f"x{ending}"
    with path.open("wb") as packed, packed_file(packed, codec_named(path.name)) as file:
        file.write("".join(row + "\n" for row in rows).encode())
    for read in readers(whole=WHOLE in rows):
        with pytest.raises(ProfileError) as raised:
            read(path)
        assert f"{path}, line {number}: " in str(raised.value)
        assert what in str(raised.value)
        assert "clean-scrape profile" in str(raised.value)


def readers(whole: bool) -> Iterator[Callable[[Path], object]]:
    if whole:
        yield lambda path: list(read_shard(path)[1])
    else:
        yield lambda path: list(read_profile(path)[1])
        yield ProfileFile.open


def test_more_lines_than_the_pages_of_a_site_can_have(tmp_path: Path) -> None:
    template = Template(3, {f"line {number:05}": 3 for number in range(MAX_PAGE_LINES + 1)})
    write_profile(tmp_path / "x.profile.jsonl", Head(), [("a", template)])
    with pytest.raises(ProfileError, match=r"line 10,003: .* too many lines"):
        ProfileFile.open(tmp_path / "x.profile.jsonl")


def test_too_many_pages_of_a_site(tmp_path: Path) -> None:
    pages = {fingerprint_keys(keys): keys for keys in ((f"page {number}",) for number in range(MAX_SITE_PAGES + 1))}
    write_shard(tmp_path / "x.profile.jsonl", Head(whole=True), [("a", SiteProfile(pages))])
    with pytest.raises(ProfileError, match=r"line 258: .* more than 256"):
        list(read_shard(tmp_path / "x.profile.jsonl")[1])


@pytest.mark.parametrize("ending", PROFILE_ENDINGS)
def test_files_cut_anywhere(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"x{ending}"
    written(path, small())
    whole, rows = path.read_bytes(), 0
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        try:
            ProfileFile.open(path)
        except ProfileError as error:
            assert str(path) in str(error)
        else:
            rows += 1
            assert ending == PROFILE_ENDINGS[0]
            assert whole[:end].endswith(b"\n"), "only a cut between rows cannot be seen"
    assert rows == (whole.count(b"\n") - 1 if ending == PROFILE_ENDINGS[0] else 0)


@pytest.mark.parametrize("ending", PROFILE_ENDINGS)
def test_any_byte_may_be_wrong(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"x{ending}"
    written(path, small())
    whole = path.read_bytes()
    for at in range(len(whole)):
        for byte in (whole[at] ^ 0x80, whole[at] ^ 0x01):
            path.write_bytes(whole[:at] + bytes([byte]) + whole[at + 1 :])
            try:
                ProfileFile.open(path).find("b.example")
            except ProfileError as error:
                assert str(path) in str(error)


@SLOW
@given(data=st.binary(min_size=1, max_size=200))
def test_any_bytes(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.profile.jsonl"
    for begin in (b"", HEAD.encode() + b"\n", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"):
        path.write_bytes(begin + data)
        with pytest.raises(ProfileError):
            ProfileFile.open(path)


def test_no_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "x.profile.jsonl"
    path.write_bytes(HEAD.encode() + b"\n" + SITE.replace('"a"', '"\u00e9"').encode("latin-1") + b"\n")
    with pytest.raises(ProfileError, match="line 2: is no UTF-8"):
        ProfileFile.open(path)
    path.write_bytes(f"{HEAD}\n".encode("utf-16"))
    with pytest.raises(ProfileError, match="line 1: is no UTF-8"):
        ProfileFile.open(path)


def test_files_that_are_packed_as_several_members(tmp_path: Path) -> None:
    path = tmp_path / "x.profile.jsonl"
    sites = written(path, small())
    data = path.read_bytes()
    for pack in (gzip.compress, zstandard.ZstdCompressor().compress):
        path.write_bytes(pack(data[:70]) + pack(b"") + pack(data[70:]))
        assert dict(read_profile(path)[1]) == sites


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "RATIO_FREE", 100_000)
    monkeypatch.setattr(unpacking, "RATIO_CAP", 10)
    rows = [f'{{"site": "s{n:09}", "pages": 1}}\n' for n in range(20_000)]
    for pack in (gzip.compress, zstandard.ZstdCompressor().compress):
        path = tmp_path / "x.profile.jsonl"
        path.write_bytes(pack((HEAD + "\n" + "".join(rows)).encode()))
        with pytest.raises(ProfileError, match="unpacks to more than 10 times"):
            ProfileFile.open(path)


def test_profiles_do_not_add_and_shards_are_no_profiles(tmp_path: Path) -> None:
    written(tmp_path / "x.profile.jsonl", small())
    with pytest.raises(ProfileError, match="--shard"):
        read_shard(tmp_path / "x.profile.jsonl")
    write_shard(tmp_path / "y.profile.jsonl", Head(whole=True), ())
    for read in (read_profile, ProfileFile.open):
        with pytest.raises(ProfileError, match=r"clean-scrape profile .*y\.profile\.jsonl -o FILE"):
            read(tmp_path / "y.profile.jsonl")


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="does not exist"):
        ProfileFile.open(tmp_path / "x.profile.jsonl")
    with pytest.raises(ProfileError, match="is no file"):
        ProfileFile.open(tmp_path)
    with pytest.raises(ProfileError, match="is no file"):
        write_profile(tmp_path, Head(), ())
    with pytest.raises(ProfileError, match="cannot be read"):
        ProfileFile.open(tmp_path / ("x" * 300))


def test_a_file_is_there_when_it_is_whole(tmp_path: Path) -> None:
    def sites() -> Iterator[tuple[str, Template]]:
        yield from {"a": profile_of([["home"]]).template()}.items()
        raise KeyboardInterrupt

    for path in (tmp_path / f"x{ending}" for ending in PROFILE_ENDINGS):
        written(path, small())
        before = path.read_bytes()
        with pytest.raises(KeyboardInterrupt):
            write_profile(path, Head(), sites())
        assert path.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(f"x{ending}" for ending in PROFILE_ENDINGS)
    assert stat.S_IMODE(path.stat().st_mode) & 0o400


def test_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "x.profile.jsonl").symlink_to(tmp_path / "there.profile.jsonl")
    written(tmp_path / "x.profile.jsonl", small())
    assert (tmp_path / "x.profile.jsonl").is_symlink()
    assert (tmp_path / "there.profile.jsonl").is_file()


def test_a_file_that_is_cut_while_it_is_open(tmp_path: Path) -> None:
    path = tmp_path / "x.profile.jsonl"
    written(path, {f"s{number}": [["home"]] for number in range(2_000)})
    opened = ProfileFile.open(path)
    for end in (path.stat().st_size // 2, 60, 0):
        os.truncate(path, end)
        for site in ("s1", "s1999"):
            with suppress(ProfileError):
                opened.find(site)


def test_a_file_that_is_replaced_or_gone_while_it_is_open(tmp_path: Path) -> None:
    path = tmp_path / "x.profile.jsonl"
    sites = written(path, {f"s{number}": [["home", f"page {n}"] for n in range(3)] for number in range(50)})
    opened = ProfileFile.open(path)
    opened.find("s1")
    written(path, small())
    assert {site: opened.find(site) for site in sites} == sites
    path.unlink()
    assert opened.find("s7") == sites["s7"]


#: What forked processes share, other than what is sent to them.
OPENED: list[ProfileFile] = []


def found(site: str) -> Template | None:
    return OPENED[0].find(site)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
def test_forked_processes_find_on_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "MAX_CACHED_LINES", 0)
    path = tmp_path / "x.profile.jsonl"
    sites = written(path, {f"s{number:04}": [["home"]] for number in range(500)})
    opened = ProfileFile.open(path)
    opened.find("s1")
    OPENED.append(opened)
    try:
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert dict(zip(sites, pool.map(found, sites, 5), strict=True)) == sites
    finally:
        OPENED.clear()
