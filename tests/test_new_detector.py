"""The steps of docs/detectors.md in a copy of the project: a new family counts, and no other file is touched."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "detectors.md").read_text("utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```\n", PAGE, re.DOTALL))
CASE = "quizzes/en-poll"

HTML = """<title>The old quay</title><article><h1>The old quay</h1>
<p>The council of Little Harbour voted on Monday to close the old quay to all boats before the storms arrive.</p>
<p>Take our quiz</p>
<p>In winter and in spring the boats of both families lay there, and nobody had asked for a fee since the war.</p>
<div class="quiz-box"><p>Which boat has two masts?</p></div>
<p>The quiz in the harbour inn was won by two fishermen, who gave the prize to the lifeboat, said the mayor.</p>
<p>If you liked the story of the lock keeper and his daughter, take our quiz and see.</p>
<p>Work on the new harbour wall begins in March, when the ice has gone, and takes at least two summers.</p></article>"""
GERMAN = """Der Rat stimmte am Montag dafür, den alten Kai noch vor den Stürmen für alle Boote zu schließen.

Machen Sie mit beim Quiz

Im Winter und im Frühling lagen die Boote beider Familien am alten Kai, und niemand hatte je eine Gebühr verlangt.

Das Quiz im Gasthaus gewannen zwei Fischer, und sie gaben den Preis wie jedes Jahr dem Rettungsboot.
"""
SCRIPT = f"""
from cleaner import clean
for data in ({HTML!r}, {GERMAN!r}):
    for verdict in clean(data).verdicts:
        for one in verdict.evidence:
            if one.code.startswith("QZ"):
                print(one.code, one.weight > 0, "stays" if verdict.keep else "goes", verdict.line.text)
        assert verdict.keep or verdict.line.blank or verdict.code.startswith("QZ")
"""


def documented_file(name: str) -> str:
    """What the documentation shows of a file."""
    return FILES[name]


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """The project with the files of the new family, and nothing else changed."""
    root = tmp_path_factory.mktemp("project")
    for name in ("cleaner", "tests"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    added = [root / name for name in FILES if "/" in name]
    assert [path for path in added if path.exists()] == []
    for path in added:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FILES[path.relative_to(root).as_posix()], "utf-8")
    return root


def run(copy: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy), "COLUMNS": "80"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_evidence_counts_in_html_and_in_other_languages_and_prose_stays(copy):
    assert run(copy, "-c", SCRIPT).splitlines() == [
        "QZ101 True goes Take our quiz",
        "QZ301 True stays Which boat has two masts?",
        "QZ102 True stays If you liked the story of the lock keeper and his daughter, take our quiz and see.",
        "QZ101 True goes Machen Sie mit beim Quiz",
    ]


def test_explain_shows_its_evidence_as_documented(copy):
    printed = run(copy, "-m", "cleaner", "explain", f"tests/fixtures/{CASE}/raw.txt:5").splitlines()
    documented = documented_file("explained").splitlines()
    shown = [line.split(" ...")[0] for line in documented]  # the features of the model change with its weights
    beginnings = [line[: len(start)] for line, start in zip(printed, shown, strict=False)]
    assert [re.sub(r"\d\.\d\d", "0.00", line) for line in beginnings] == [
        re.sub(r"\d\.\d\d", "0.00", line) for line in shown
    ]


def test_its_fixture_is_written_as_documented(copy):
    expected = {name: text for name, text in FILES.items() if "/expected." in name}
    assert expected
    for name in expected:
        (copy / name).unlink()
    run(copy, "-m", "tests.make_fixture", CASE)
    assert {name: (copy / name).read_text("utf-8") for name in expected} == expected


def test_the_tests_of_detectors_and_phrases_accept_it(copy):
    chosen = "QZ or quizzes or phrase or group or file or twice or unique"
    files = [f"tests/test_{name}.py" for name in ("rules", "phrases", "fixtures")]
    passed = run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", chosen, *files)
    assert int(re.findall(r"(\d+) passed", passed)[-1]) > 20
