"""The review loop as a person has it: in a terminal, one key at a time."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from cleaner.review.labels import read_labels
from cleaner.settings.allow_list import read_allow_list
from tests.runs import cleaned, environment

pexpect = pytest.importorskip("pexpect", reason="no pexpect: pip install -e '.[test]'")

#: What a page may say to take over a terminal, or what is read as markup by whoever shows it.
HOSTILE = "Share \x1b]0;owned\x07\x1b[2J [bold red]on[/] \u202egnp.exe"

PAGE = f"""The vote is on Monday, said the mayor of the town, and nobody in the harbour was surprised to hear it at all.
Related: Ten years of votes
The boats of both families lay at the old quay, where they had been tied up since the first storm of the winter.
Related: The lock is open
{HOSTILE}
Loading, please wait...
語り手は港の古い桟橋で船を数えていた。
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    """A working folder in which a page was cleaned."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "page.txt").write_text(PAGE, "utf-8")
    (tmp_path / "in" / "site.html").write_text(
        "<html><link rel=canonical href='https://www.post.example/a'><nav><a href=/>Home page</a></nav>"
        f"<article><p>{PAGE.splitlines()[0]}</p><p>{PAGE.splitlines()[2]}</p></article>", "utf-8",
    )  # fmt: skip
    assert cleaned("in", "out", "--quiet", cwd=tmp_path).returncode == 0
    return tmp_path


class Terminal:
    """A review in a pseudo-terminal; ``says`` waits until the screen shows something."""

    def __init__(self, folder: Path, *args: str, size: tuple[int, int] = (24, 80)) -> None:
        words = ["-m", "cleaner", "review", "out", *args]
        env = {**environment(), "TERM": "xterm", "LC_ALL": "C.UTF-8"}
        for name in ("COLUMNS", "LINES"):  # they would go before the size of the terminal
            env.pop(name, None)
        self.child = pexpect.spawn(
            sys.executable, words, cwd=folder, env=env, encoding="utf-8", dimensions=size, timeout=100
        )
        self.seen = ""

    def says(self, what: str) -> Terminal:
        self.child.expect(what.replace(" ", r"\s+"))  # it may be broken over two rows
        self.seen += self.child.before + self.child.after
        return self

    def press(self, keys: str) -> Terminal:
        self.child.send(keys)
        return self

    def ends(self) -> int:
        self.child.expect(pexpect.EOF)
        self.seen += self.child.before
        self.child.close()
        return self.child.exitstatus


def answers(folder: Path) -> dict[str, str]:
    return {one.text: one.answer for one in read_labels(folder / "clean-scrape-labels.jsonl").values()}


def allowed(folder: Path) -> list[str]:
    return [entry.text for entry in read_allow_list(folder / ".clean-scrape.toml").allowed]


@pytest.mark.parametrize("size", [(24, 80), (24, 40), (50, 200)])
def test_every_key(folder, size):
    terminal = Terminal(folder, "--code", "RL", size=size).says("1 of 2").says("q quit")
    first = "Related: Ten years of votes"
    terminal.press("?").says("any key: back").press(" ").says("1 of 2")
    terminal.press("z").says("is not an answer")
    terminal.press("u").says("nothing to undo")
    terminal.press("s").says("2 of 2").press("u").says("1 of 2")
    terminal.press("d").says("2 of 2")
    assert len(answers(folder)) == 1
    terminal.press("u").says("1 of 2")
    assert answers(folder) == {}
    terminal.press("a").says("2 groups under this code").press("b").says("1 of 2")
    terminal.press("x").says("site of this page is not known").press("a").says("any other key: back").press("k")
    assert terminal.ends() == 0
    assert answers(folder) == {first: "keep", "Related: The lock is open": "keep"}
    assert allowed(folder) == [first, "Related: The lock is open"]
    assert "2 to keep; 0 left" in terminal.seen
    assert "clean-scrape IN OUT --restart" in terminal.seen


def test_quitting_and_going_on(folder):
    terminal = Terminal(folder).says("1 of ").press("d").says("2 of ").press("q")
    assert terminal.ends() == 0
    assert len(answers(folder)) == 1
    total = int(re.search(r"1 of (\d+)", terminal.seen)[1])
    again = Terminal(folder).says(rf"1 of {total - 1}\b").press("\x04")
    assert again.ends() == 0
    assert "no answers" in again.seen


@pytest.mark.parametrize("how", ["interrupt", "kill"])
def test_nothing_that_was_answered_is_lost(folder, how):
    terminal = Terminal(folder, "--code", "RL").says("1 of 2").press("k").says("2 of 2")
    if how == "interrupt":
        terminal.press("\x03")
        assert terminal.ends() == 130
    else:
        terminal.child.kill(9)
        terminal.child.wait()
    assert list(answers(folder).values()) == ["keep"]
    assert len(allowed(folder)) == 1
    Terminal(folder, "--code", "RL").says("1 of 1").press("q").ends()


def test_a_code_is_silenced_on_a_site(folder):
    terminal = Terminal(folder, "--site", "www.post.example").says("Home page").press("x")
    terminal.says("on all pages of post.example").press("n").says("Home page").press("x").says("y yes").press("y")
    assert terminal.ends() == 0
    (silenced,) = read_allow_list(folder / ".clean-scrape.toml").silenced
    assert silenced.site == "post.example"
    assert cleaned("in", "out", "--quiet", "--restart", cwd=folder).returncode == 0
    assert "Home page" in (folder / "out" / "site.html.txt").read_text("utf-8")


def test_what_pages_say_does_not_reach_the_terminal(folder):
    terminal = Terminal(folder, "--code", "RL", size=(24, 200)).says("1 of 2").press("s").says("2 of 2").says("q quit")
    terminal.press("q")
    assert terminal.ends() == 0
    assert "Share <U+001B>]0;owned<U+0007><U+001B>[2J [bold red]on[/] <U+202E>gnp.exe" in plain(terminal.seen)
    assert "\x1b]0;" not in terminal.seen
    assert "\u202e" not in terminal.seen


def plain(text: str) -> str:
    """What a terminal shows, without the colours that are ours."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


@pytest.mark.parametrize("wanted", [True, False])
def test_colour_only_when_it_is_wanted(folder, monkeypatch, wanted):
    if not wanted:
        monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal(folder).says("q quit").press("q")
    terminal.ends()
    assert bool(re.search(r"\x1b\[(?:\d+;)*(?:3[0-7]|9[0-7])m", terminal.seen)) == wanted


def test_nothing_to_ask_about(folder):
    terminal = Terminal(folder, "--code", "PW")
    assert terminal.ends() == 0
    assert "there are no lines to judge" in terminal.seen
