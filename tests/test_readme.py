"""What README and docs show is what happens: their Python and console blocks are executed.

In Python blocks the output after ``>>>`` lines is compared; in ``console`` blocks lines that begin with
``$ `` are run and what follows is compared with what they print (``...`` stands for anything).
"""

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", "docs/guide.md", "docs/library.md"]
FLAGS = doctest.ELLIPSIS | doctest.REPORT_NDIFF

#: Ends the output of each command in a console block.
MARK = "\x1e"


def blocks(page: str, language: str) -> list[tuple[int, str]]:
    """The fenced blocks of a language, each with the number of its first line."""
    text = (ROOT / page).read_text("utf-8")
    found = re.finditer(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [(text[: match.start(1)].count("\n"), match[1]) for match in found]


@pytest.fixture(params=PAGES)
def page(request, tmp_path, monkeypatch) -> str:
    """A page of documentation, with a folder to try it in that holds the examples."""
    shutil.copytree(ROOT / "examples" / "pages", tmp_path / "examples" / "pages")
    monkeypatch.chdir(tmp_path)
    return request.param


def test_python_blocks(page):
    parser, runner, names = doctest.DocTestParser(), doctest.DocTestRunner(optionflags=FLAGS), {}
    report = []
    for line, block in blocks(page, "python"):
        if ">>>" in block:
            example = parser.get_doctest(block, names, page, page, line)
            runner.run(example, out=report.append, clear_globs=False)
            names = example.globs
    assert runner.tries or page == "docs/guide.md", f"{page} shows no Python"
    assert not report, "".join(report)


def commands(block: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output shown."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)
    assert not parts[0], "a console block begins with a command"
    return [(part.split("\n", 1)[0], part.split("\n", 1)[1]) for part in parts[1:]]


def run(lines: list[str]) -> list[str]:
    """Run commands in one shell; the exit status of each is the next one's ``$?``."""
    script = "".join(f"{line}\n(s=$?; printf '{MARK}'; exit $s)\n" for line in lines)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = os.environ | {"PATH": path, "NO_COLOR": "1", "COLUMNS": "120", "LC_ALL": "C.UTF-8"}
    command = ["bash", "-c", "exec 2>&1\n" + script]
    done = subprocess.run(command, env=env, capture_output=True, encoding="utf-8", timeout=120, check=False)
    outputs = done.stdout.split(MARK)[:-1]
    assert len(outputs) == len(lines), done.stdout
    return outputs


@pytest.mark.skipif(shutil.which("bash") is None, reason="console blocks need bash")
def test_console_blocks(page):
    checker = doctest.OutputChecker()
    wrong = []
    for _, block in blocks(page, "console"):
        shown = commands(block)
        got = run([command for command, _ in shown])
        for (command, expected), output in zip(shown, got, strict=True):
            if not checker.check_output(expected, output, doctest.ELLIPSIS):
                wrong.append(f"{page}: $ {command}\nshown:\n{expected}\nprinted:\n{output}")
    assert not wrong, "\n".join(wrong)


def test_the_readme_opens_with_the_three_commands():
    first_screen = (ROOT / "README.md").read_text("utf-8").split("\n")[:30]
    opened = [line for line in first_screen if line.startswith("make ")]
    assert [line.split()[1] for line in opened] == ["run", "test", "check"]


def test_links_inside_the_project_lead_somewhere():
    for name in [*PAGES, "docs/decisions.md", "CHANGELOG.md"]:
        text = (ROOT / name).read_text("utf-8")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert (ROOT / name).parent.joinpath(target).exists(), f"{name}: {target}"


def test_the_catalogue_of_rules_is_current():
    command = [sys.executable, "-m", "cleaner", "rules", "--markdown"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60, check=True)
    assert (ROOT / "docs" / "rules.md").read_text("utf-8") == done.stdout, "run `make rules`"
