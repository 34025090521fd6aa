"""The pages of docs/ that come from the code are those of today's code."""

import configparser
import io
import re
import runpy
from contextlib import redirect_stdout

import pytest

from tests.shown import ROOT


@pytest.mark.parametrize("page", ["rules", "schema", "cli"])
def test_a_page_that_comes_from_the_code_is_up_to_date(page):
    with redirect_stdout(io.StringIO()) as written:
        runpy.run_path(str(ROOT / "docs" / f"make_{page}.py"), run_name="__main__")
    current = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    assert written.getvalue() == current, "run `make rules` and commit the page"


def layers() -> list[set[str]]:
    """The rooms of each layer that import-linter checks, from the top."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", "utf-8")
    listed = next(setup[name] for name in setup.sections() if setup[name].get("containers") == "cleaner")
    return [set(row.split(" | ")) for row in listed["layers"].split("\n") if row]


def test_the_map_has_the_layers_that_are_checked():
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", (ROOT / "docs" / "map.md").read_text("utf-8"), re.MULTILINE)
    numbers = sorted({int(number) for number, _ in rows}, reverse=True)
    assert [{room for n, room in rows if int(n) == number} for number in numbers] == layers()


def test_contributing_has_the_layers_that_are_checked():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    block = text.split("```text\n", 1)[1].split("```", 1)[0]
    assert [set(row[:36].split()) for row in block.splitlines()] == layers()
