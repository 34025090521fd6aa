"""What README and docs show is what happens: their Python and console blocks are executed.

In Python blocks the output after ``>>>`` lines is compared; in ``console`` blocks lines that begin with
``$ `` are run and what follows is compared with what they print. A line ``...`` stands for anything.
"""

import doctest
import io
import runpy
import shutil
from contextlib import redirect_stdout

import pytest

from tests.cli import environment
from tests.shown import PAGES, ROOT, blocks, commands, prepare, run


@pytest.fixture
def page(request, tmp_path, monkeypatch) -> str:
    """A page of documentation, with a folder to try it in that holds the examples."""
    prepare(tmp_path)
    monkeypatch.chdir(tmp_path)
    return request.param


@pytest.mark.parametrize(
    "page", [name for name in PAGES if "\n>>> " in (ROOT / name).read_text("utf-8")], indirect=True
)
def test_python_blocks(page):
    flags = doctest.ELLIPSIS | doctest.REPORT_NDIFF
    parser, runner, names = doctest.DocTestParser(), doctest.DocTestRunner(optionflags=flags), {}
    report = []
    for line, block in blocks(page, "python"):
        if ">>>" in block:
            example = parser.get_doctest(block, names, page, page, line)
            runner.run(example, out=report.append, clear_globs=False)
            names = example.globs
    assert runner.tries, f"{page} shows no Python"
    assert not report, "".join(report)


@pytest.mark.skipif(shutil.which("bash") is None, reason="console blocks need bash")
@pytest.mark.parametrize("page", [name for name in PAGES if blocks(name, "console")], indirect=True)
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


@pytest.mark.parametrize("name", ["rules", "schema", "cli"])
def test_pages_that_come_from_the_code_are_current(name):
    printed = io.StringIO()
    with environment({"COLUMNS": "80"}), redirect_stdout(printed):
        runpy.run_path(str(ROOT / "docs" / f"make_{name}.py"), run_name="__main__")
    assert (ROOT / "docs" / f"{name}.md").read_text("utf-8") == printed.getvalue(), "run `make rules`"
