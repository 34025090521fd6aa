"""The hooks as pre-commit runs them, and that its way of splitting files changes nothing.

pre-commit installs what HEAD holds: commit before you judge a failure here.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import cli
from tests.runs import ROOT, SOAK

MANIFEST = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")

BODY = """\
Footbridge over the mill stream to be mended by autumn

The council agreed on Monday to mend the footbridge over the mill stream, closed since the flood in March.

{}Two firms have offered to do the work, and the cheaper says it can begin within three weeks of being asked.

Page {} of the minutes tells who voted for it, and what the mayor had to say about the cost.
"""

#: Lines of a kind that no policy spares; which lines go is the business of other tests.
RESIDUE = ("Page generated in 0.034 seconds", "0.203 seconds", "Rendered in 12 ms")

HTML = """<!DOCTYPE html>
<html lang="en"><head><title>Footbridge</title></head><body>
<p>The council agreed on Monday to mend the footbridge over the mill stream, closed since the flood in March.</p>
<div><p>Page generated in 0.034 seconds</p></div>
<p>Two firms have offered to do the work, and the cheaper says it can begin within three weeks of being asked.</p>
</body></html>
"""


def jsonl(*residues: str) -> str:
    """A data file with a row for each residue."""
    return "".join(json.dumps({"text": BODY.format(one, n), "n": n}) + "\n" for n, one in enumerate(residues))


def entry(hook: str) -> list[str]:
    """The arguments of a hook's command, as the manifest has them."""
    found = re.search(rf"- id: {hook}\n(?:  .*\n)*?  entry: clean-scrape (.*)\n", MANIFEST)
    assert found
    return found.group(1).split()


def environment(home: Path) -> dict[str, str]:
    """Ours without what a hook of git around this test may have set."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PRE_COMMIT"))}
    names = {f"GIT_{who}_{what}": "test" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return (
        kept
        | names
        | {"GIT_CONFIG_GLOBAL": os.devnull, "PRE_COMMIT_HOME": str(home / "store"), "PRE_COMMIT_COLOR": "never"}
    )


def git(folder: Path, *command: str) -> str:
    done = subprocess.run(
        ["git", *command], cwd=folder, env=environment(folder), capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A repository of pages: nine dirty ones of text, three clean ones, one of HTML."""
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(12):
        residue = f"{RESIDUE[number % 3]}\n\n" if number < 9 else ""
        (folder / f"page{number}.txt").write_text(BODY.format(residue, number), encoding="utf-8")
    (folder / "web.html").write_text(HTML, encoding="utf-8")
    (folder / "rows.jsonl").write_text(jsonl(f"{RESIDUE[0]}\n\n", ""), encoding="utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "pages")
    return folder


def run(arguments: list[str], folder: Path) -> cli.Ended:
    return cli.run(*arguments, cwd=folder)


def findings(output: str) -> list[str]:
    return sorted(line for line in output.split("\n") if re.match(r"\S+:[0-9]+: [A-Z]{2}[0-9]{3} ", line))


def test_splitting_the_files_changes_no_finding(pages: Path) -> None:
    files = sorted(path.name for path in pages.glob("*.[thj]*"))
    command = entry("clean-scrape")
    whole = run([*command, *files], pages)
    assert whole.returncode == 1
    assert whole.stderr == ""
    assert {line.split(":")[0] for line in findings(whole.stdout)} == {
        *(f"page{n}.txt" for n in range(9)),
        *("web.html", "rows.jsonl"),
    }
    assert findings(whole.stdout) == sorted(whole.stdout.splitlines())
    for size in (1, 5):
        parts = [run([*command, *files[at : at + size]], pages) for at in range(0, len(files), size)]
        assert findings("".join(part.stdout for part in parts)) == findings(whole.stdout)


def test_formats_are_arguments_of_the_hook(pages: Path) -> None:
    done = run([*entry("clean-scrape"), "--format", "github", "page0.txt", "rows.jsonl", "web.html"], pages)
    assert (done.returncode, done.stderr) == (1, "")
    heads = [line.split(",title=")[0] for line in done.stdout.splitlines()]
    assert heads[0].startswith("::warning file=page0.txt,line=")
    assert heads[1:] == ["::warning file=rows.jsonl,line=1,endLine=1", "::warning file=web.html"]


def test_excluded_and_accepted_lines_are_no_findings(pages: Path) -> None:
    command = entry("clean-scrape")
    (pages / "setup.cfg").write_text("[clean-scrape]\nexclude = page0.txt, web.*\n", encoding="utf-8")
    assert run([*command, "page0.txt", "web.html"], pages).returncode == 0
    found = run([*command, "page1.txt", "page2.txt"], pages)
    assert found.returncode == 1
    accepted = run([*command, "--update-allow-list", "page1.txt", "page2.txt"], pages)
    assert accepted.returncode == 0, accepted.stderr
    # pages 4 and 5 hold the same residue as 1 and 2: the list knows lines, not files
    assert run([*command, *(f"page{n}.txt" for n in (1, 2, 4, 5))], pages).stdout == ""
    assert run([*command, "page3.txt"], pages).returncode == 1


def clone(folder: Path, *, install: bool) -> Path:
    """A copy of this repository for pre-commit, which installs the project from it, or takes what is installed."""
    git(folder, "clone", "--quiet", "--depth", "1", ROOT.as_uri(), str(folder / "clone"))
    if not install:
        manifest = folder / "clone" / ".pre-commit-hooks.yaml"
        manifest.write_text(manifest.read_text("utf-8").replace("language: python", "language: system"), "utf-8")
        git(folder / "clone", "commit", "--quiet", "--all", "--message", "take what is installed")
    return folder / "clone"


def command_on_path(folder: Path) -> str:
    """A search path on which ``clean-scrape`` is this code."""
    folder.mkdir()
    command = folder / "clean-scrape"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cleaner "$@"\n', "utf-8")
    command.chmod(0o755)
    return os.pathsep.join([str(folder), os.environ["PATH"]])


@pytest.mark.parametrize("install", [False, pytest.param(True, marks=pytest.mark.skipif(not SOAK, reason="make soak"))])
def test_try_repo_finds_and_fixes_the_same_as_one_call(pages: Path, tmp_path: Path, install: bool) -> None:
    """Both hooks over all files, split as pre-commit does; to install the project takes ten seconds or more."""
    if importlib.util.find_spec("pre_commit") is None or shutil.which("git") is None:
        pytest.skip("pre-commit or git is not installed: pip install 'clean-scrape[test]'")
    if not (ROOT / ".git").exists():
        pytest.skip("pre-commit installs from a repository, and this is none")
    files = sorted(path.name for path in pages.glob("*.[thj]*"))
    expected = findings(run([*entry("clean-scrape"), *files], pages).stdout)
    repository = clone(tmp_path, install=install)
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", str(repository), "--all-files"],
        cwd=pages,
        env=environment(tmp_path) | {"PATH": command_on_path(tmp_path / "bin"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if re.search(r"NewConnectionError|NameResolutionError|Temporary failure in name resolution", done.stdout):
        pytest.skip("no package index can be reached from here, which pre-commit needs to install the hook")
    assert done.returncode == 1, done.stdout + done.stderr
    assert findings(done.stdout) == expected
    changed = [row.split()[2] for row in git(pages, "diff", "--numstat").splitlines()]
    assert changed == [*(f"page{n}.txt" for n in range(9)), "rows.jsonl"]
    assert (pages / "rows.jsonl").read_text("utf-8") == jsonl("", "")
    for number in range(9):
        assert (pages / f"page{number}.txt").read_text("utf-8") == BODY.format("", number)
