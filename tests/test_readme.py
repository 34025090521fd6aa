"""What README and docs show is what happens: their Python and console blocks are executed.

In Python blocks the output after ``>>>`` lines is compared; in ``console`` blocks lines that begin with
``$ `` are run and what follows is compared with what they print. A line ``...`` stands for anything.
"""

import doctest
import re
import shutil
import subprocess
import sys

import pytest

from tests.shown import PAGES, ROOT, blocks, commands, prepare, run


@pytest.fixture(params=PAGES)
def page(request, tmp_path, monkeypatch) -> str:
    """A page of documentation, with a folder to try it in that holds the examples."""
    prepare(tmp_path)
    monkeypatch.chdir(tmp_path)
    return request.param


def test_python_blocks(page):
    flags = doctest.ELLIPSIS | doctest.REPORT_NDIFF
    parser, runner, names = doctest.DocTestParser(), doctest.DocTestRunner(optionflags=flags), {}
    report = []
    for line, block in blocks(page, "python"):
        if ">>>" in block:
            example = parser.get_doctest(block, names, page, page, line)
            runner.run(example, out=report.append, clear_globs=False)
            names = example.globs
    assert runner.tries or page in ("docs/guide.md", "docs/checks.md"), f"{page} shows no Python"
    assert not report, "".join(report)


@pytest.mark.skipif(shutil.which("bash") is None, reason="console blocks need bash")
def test_console_blocks(page, tmp_path):
    checker = doctest.OutputChecker()
    wrong = []
    for _, block in blocks(page, "console"):
        shown = commands(block)
        printed = run([command for command, _ in shown], tmp_path)
        for (command, expected), output in zip(shown, printed, strict=True):
            if not checker.check_output(expected, output, doctest.ELLIPSIS):
                wrong.append(f"{page}: $ {command}\nshown:\n{expected}\nprinted:\n{output}")
    assert not wrong, "\n".join([*wrong, "if the new output is right: `make docs`"])


def test_the_readme_opens_with_the_three_commands():
    first_screen = (ROOT / "README.md").read_text("utf-8").split("\n")[:30]
    opened = [line for line in first_screen if line.startswith("make ")]
    assert [line.split()[1] for line in opened] == ["run", "test", "check"]


def test_links_inside_the_project_lead_somewhere():
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_catalogue_of_rules_is_current():
    command = [sys.executable, "docs/make_rules.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60, check=True)
    assert (ROOT / "docs" / "rules.md").read_text("utf-8") == done.stdout, "run `make rules`"
