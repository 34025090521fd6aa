"""Output names: one for each input, the same each time; and files that are whole or not there."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.corpus.outputs import Folder, Names
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
    assert Names().take(name, kind) == output


def test_the_later_of_two_that_clash_is_marked_by_its_path():
    names = Names()
    assert names.take("a.html", "html") == "a.html.txt"
    second = names.take("a.html.txt", "text")
    assert second.startswith("a.html~") and second.endswith(".txt") and len(second) == len("a.html~12345678.txt")
    again = Names()
    again.take("a.html", "html")
    assert again.take("a.html.txt", "text") == second


def test_a_file_never_stands_where_a_folder_must():
    names = Names()
    assert names.take("a.html", "html") == "a.html.txt"
    assert names.take("a.html.txt/b.txt", "text").startswith("a.html~")
    names = Names()
    names.take("a.html.txt/b.txt", "text")
    assert names.take("a.html", "html").startswith("a.html~")


def test_long_names_are_cut_and_marked():
    long = Names().take("ü" * 120 + ".html", "html")
    assert len(long.encode()) <= 210 and long.endswith(".html.txt")
    names = Names()
    assert names.take("ü" * 120 + "1.txt", "text") != names.take("ü" * 120 + "2.txt", "text")


PARTS = st.text(st.sampled_from("aAäÄ\u0308ſsßİi.\udcff\n%~_ "), min_size=1, max_size=4).filter(
    lambda p: p not in (".", "..")
)


@given(st.lists(st.tuples(st.lists(PARTS, min_size=1, max_size=3), st.sampled_from(["html", "text"])), max_size=30))
@settings(max_examples=200, deadline=None)
def test_no_two_inputs_share_an_output_on_any_disk(wanted):
    paths = {"/".join(parts): kind for parts, kind in wanted}
    files = {path: kind for path, kind in paths.items() if not any(p.startswith(path + "/") for p in paths)}
    names = Names()
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
    with pytest.raises(RuntimeError), folder.open("a/b.txt") as file:
        file.write(b"half")
        raise RuntimeError
    assert not (tmp_path / "a").exists()
    folder.write("a/b.txt", b"whole")
    folder.close()
    assert [p.relative_to(tmp_path).as_posix() for p in sorted(tmp_path.rglob("*"))] == ["a", "a/b.txt"]


def test_parts_of_a_killed_run_go_and_those_of_a_live_one_stay(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as killed:
        killed.wait(60)
    parts = tmp_path / ".clean-scrape" / "tmp"
    parts.mkdir(parents=True)
    for name in (f"{killed.pid}-ab", f"{os.getppid()}-cd", "notes"):
        (parts / name).write_bytes(b"part")
    Folder(tmp_path).close()
    assert sorted(part.name for part in parts.iterdir()) == sorted([f"{os.getppid()}-cd", "notes"])


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


def test_an_input_is_never_overwritten(tmp_path):
    source = tmp_path / "a.txt"
    source.write_bytes(b"source")
    with pytest.raises(InputError) as caught:
        Folder(tmp_path).write("a.txt", b"body", source)
    assert caught.value.reason == "in-is-out"
    assert source.read_bytes() == b"source"
