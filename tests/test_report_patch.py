"""Patches: ``git apply`` takes them, forwards and back, whatever the lines and names are."""

from __future__ import annotations

import random
import subprocess

import pytest

from cleaner.diff import git_patch, hunks, quoted, unified
from cleaner.report.rows import page_row
from tests.making import text_page

NAMES = ("a.txt", "sub/with blank.txt", 'quo"te\\.txt', "tab\there.txt", "Bücher/語.txt", "-dash.txt", " lead.txt")


def applied(folder, patch, *options):
    done = subprocess.run(["git", "apply", *options, "-"], input=patch, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def cases(count):
    """Pages of every shape that patches stumble on, the same at each run."""
    dice = random.Random(20)
    for number in range(count):
        ends = dice.choice([("\n",), ("\r\n",), ("\r",), ("\n", "\r\n", "\r")])
        rows = [dice.choice(("a", "bb", "", "c c", "\x0c")) + dice.choice(ends) for _ in range(dice.randrange(1, 25))]
        if dice.random() < 0.4:
            rows.append("no end")
        encoding = dice.choice(["utf-8", "utf-8", "utf-16-le", "utf-16-be"])
        share = dice.choice([0.05, 0.4, 1.0])
        keep = [dice.random() >= share for _ in rows]
        folder, _, name = NAMES[number % len(NAMES)].rpartition("/")
        yield (
            f"{folder + '/' if folder else ''}{number}{name}",
            text_page([r.encode(encoding) for r in rows], keep, encoding=encoding),
        )


def test_one_patch_over_many_files_goes_back_and_forth(tmp_path):
    patch = []
    pages = list(cases(210))
    for name, cleaned in pages:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(cleaned.to_bytes())
        patch.append(git_patch(name, page_row(cleaned)[2]))
    whole = b"".join(patch)
    applied(tmp_path, whole, "-R")
    assert [(tmp_path / name).read_bytes() for name, _ in pages] == [cleaned.page.data for _, cleaned in pages]
    applied(tmp_path, whole)
    assert [(tmp_path / name).read_bytes() for name, _ in pages] == [cleaned.to_bytes() for _, cleaned in pages]


def test_a_page_that_stays_whole_has_no_patch():
    assert page_row(text_page([b"one\n", b"two"], [True, True]))[2] == b""
    assert git_patch("a.txt", b"") == b""


def test_hunks_count_lines_and_show_three_around():
    old = b"".join(b"%d\n" % n for n in range(1, 21))
    said = hunks(old, [(2, 4), (old.index(b"15\n"), old.index(b"16\n"))]).decode()
    assert said.startswith("@@ -1,5 +1,4 @@\n 1\n-2\n 3\n 4\n 5\n@@ -12,7 +11,6 @@\n 12\n")


def test_what_is_left_of_a_physical_line_is_put_back():
    assert hunks(b"a\rb\rc\n", [(2, 4)]) == b"@@ -1,1 +1,1 @@\n-a\rb\rc\n+a\rc\n"


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a/b.txt", b"a/b.txt"),
        ('a/"b', b'"a/\\"b"'),
        ("a/\t", b'"a/\\011"'),
        ("a/\udcff", b'"a/\\377"'),
        ("a b", b"a b"),
    ],
)
def test_names_are_quoted_as_git_does(name, header):
    assert quoted(name) == header


def test_the_diff_for_people_is_the_same_patch_without_git():
    assert list(unified(["a\n"], [True], "p")) == []
    said = "".join(unified(["ä\n", "b"], [True, False], "p"))
    assert said == "--- a/p\n+++ b/p\n@@ -1,2 +1,1 @@\n ä\n-b\n\\ No newline at end of file\n"


def test_a_patch_takes_linear_time():
    """200,000 lines of UTF-16, every second one gone: quadratic work would not end."""
    line = "x\n".encode("utf-16-le")
    old = line * 200_000
    gone = [(at, at + len(line)) for at in range(0, len(old), 2 * len(line))]
    assert hunks(old, gone).count(b"\n-") > 100_000
