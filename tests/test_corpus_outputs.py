"""Output names: one for each input, the same each time; and files that are whole or not there."""

from __future__ import annotations

import unicodedata
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.corpus.outputs import Folder
from cleaner.corpus.outputs.names import Names
from cleaner.errors import InputError


@pytest.mark.parametrize(
    ("name", "kind", "output"),
    [
        ("a/b.html", "html", "a/b.html.txt"),
        ("a/c.txt", "text", "a/c.txt"),
        ("a/c.md", "text", "a/c.md"),
        ("a/c", "text", "a/c"),
        ("a/c", "html", "a/c.txt"),
        ("a/c.txt", "html", "a/c.txt.txt"),
        ("a/c.txt.gz", "text", "a/c.txt.gz.txt"),
        ("a/C.HTM", "text", "a/C.HTM.txt"),
        ("bad\udcff.txt", "text", "bad%FF.txt"),
        ("a\nb\x1b.txt", "text", "a%0Ab%1B.txt"),
        ("a\u202eb.txt", "text", "a%E2%80%AEb.txt"),
        ("con.txt", "text", "%63on.txt"),
        ("end./x. ", "text", "end%2E/x.%20"),
        ("Bücher 語 'q\"?.txt", "text", "Bücher 語 'q\"?.txt"),
        ("_report/a.txt", "text", "%5Freport/a.txt"),
        (".clean-scrape/a.txt", "text", "%2Eclean-scrape/a.txt"),
        ("x/_report/a.txt", "text", "x/_report/a.txt"),
    ],
)
def test_names(name, kind, output):
    assert Names(set(), set()).take(name, kind) == output


def test_the_later_of_two_that_clash_is_marked_by_its_path():
    names = Names(set(), set())
    assert names.take("a.html", "html") == "a.html.txt"
    second = names.take("a.html.txt", "text")
    assert second.startswith("a.html~") and second.endswith(".txt") and len(second) == len("a.html~12345678.txt")
    again = Names(set(), set())
    again.take("a.html", "html")
    assert again.take("a.html.txt", "text") == second


def test_a_file_never_stands_where_a_folder_must():
    names = Names(set(), set())
    assert names.take("a.html", "html") == "a.html.txt"
    assert names.take("a.html.txt/b.txt", "text").startswith("a.html~")
    names = Names(set(), set())
    names.take("a.html.txt/b.txt", "text")
    assert names.take("a.html", "html").startswith("a.html~")


def test_long_names_are_cut_and_marked():
    long = Names(set(), set()).take("ü" * 120 + ".html", "html")
    assert len(long.encode()) <= 210 and long.endswith(".html.txt")
    names = Names(set(), set())
    assert names.take("ü" * 120 + "1.txt", "text") != names.take("ü" * 120 + "2.txt", "text")


PARTS = st.text(st.sampled_from("aAäÄ\u0308ſsßİi.\udcff\n%~_ "), min_size=1, max_size=4).filter(
    lambda p: p not in (".", "..")
)


@given(st.lists(st.tuples(st.lists(PARTS, min_size=1, max_size=3), st.sampled_from(["html", "text"])), max_size=30))
@settings(max_examples=200, deadline=None)
def test_no_two_inputs_share_an_output_on_any_disk(wanted):
    paths = {"/".join(parts): kind for parts, kind in wanted}
    files = {path: kind for path, kind in paths.items() if not any(p.startswith(path + "/") for p in paths)}
    names = Names(set(), set())
    taken = [names.take(name, kind) for name, kind in sorted(files.items())]
    folded = [unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()) for name in taken]
    assert len(set(folded)) == len(files)
    folders = {name[:at] for name in folded for at, char in enumerate(name) if char == "/"}
    assert not folders & set(folded)
    for name in taken:
        name.encode("utf-8")
        assert ".." not in name.split("/") and not name.startswith("/")


def test_a_file_appears_only_when_it_is_whole(tmp_path):
    folder = Folder(tmp_path)
    with pytest.raises(TypeError):
        folder.write("a/b.txt", None)
    assert not list(tmp_path.rglob("*b.txt"))
    assert not list(folder.temporary.iterdir())
    folder.write("a/b.txt", b"whole")
    folder.close()
    assert [p.relative_to(tmp_path).as_posix() for p in sorted(tmp_path.rglob("*"))] == ["a", "a/b.txt"]


def test_nothing_is_written_through_links(tmp_path):
    (tmp_path / "outside").mkdir()
    out = tmp_path / "out"
    out.mkdir()
    (out / "sub").symlink_to("../outside")
    (out / "a.txt").symlink_to("../outside/a.txt")
    folder = Folder(out)
    with pytest.raises(OSError, match="symbolic link"):
        folder.write("sub/a.txt", b"x")
    folder.write("a.txt", b"x")
    assert not list((tmp_path / "outside").iterdir())
    assert not (out / "a.txt").is_symlink()


def test_what_somebody_else_wrote_is_left_alone(tmp_path):
    folder = Folder(tmp_path)
    wanted, ours = sha256(b"wanted").digest(), sha256(b"ours").digest()
    for name, data in (("yours.txt", b"yours"), ("ours.txt", b"ours"), ("same.txt", b"wanted")):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "folder.txt").mkdir()
    for free, known in (("new/a.txt", None), ("same.txt", None), ("same.txt", ours), ("ours.txt", ours)):
        folder.check_free(free, known, wanted)
    for name, known in (("yours.txt", None), ("yours.txt", ours), ("folder.txt", None), ("yours.txt/a.txt", None)):
        with pytest.raises(InputError, match="move it away") as caught:
            folder.check_free(name, known, wanted)
        assert caught.value.reason == "in-the-way"


def test_an_output_whose_path_is_too_long_is_named(tmp_path):
    folder = Folder(tmp_path)
    for name in ("n" * 300 + ".txt", "/".join(["d" * 200] * 25)):
        with pytest.raises(InputError, match="longer path") as caught:
            folder.check_free(name, None, b"")
        assert caught.value.reason == "name-too-long"
