"""Every example of the documentation is executed: what is a command runs, what is a file is read.

``console`` blocks and ``>>>`` lines are compared with what is printed in ``test_readme``.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import tomllib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cleaner.configuration import load_configuration
from cleaner.review.labels import write_labels
from cleaner.rules import rules
from cleaner.settings.allow_list import read_allow_list
from cleaner.settings.record import line_hash
from cleaner.sites.lookup import ProfileFile
from tests.runs import page
from tests.shown import ROOT, blocks, run_line

PAGES = ["README.md", *sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/*.md"))]

#: Scripts, which stand in a file of their own, and the tests that run them.
SCRIPTS = {
    "docs/adapters.md": "test_adapters_scrapy.py",
    "docs/engines.md": "test_engines_ecosystem.py test_engines_ray.py test_engines_spark.py test_engines_datatrove.py",
    "docs/detectors.md": "test_new_detector.py test_third_party.py",
}

#: Beginnings of commands that are not run here, and why.
ELSEWHERE = {
    "pip install": "what the extras bring is installed by whoever runs the tests",
    "python3 -m pip install": "test_packaging.py builds and installs the wheel",
    "make ": "these run the tests themselves, or measure for minutes on pages that are not part of the project",
    ".venv/bin/python -m bench": "the same; test_bench.py has the parts",
    ".venv/bin/python -m training": "the same; test_training.py has the parts",
    "curl ": "there is no network",
    "clean-scrape review ": "it wants a terminal; test_review_terminal.py has one",
    "clean-scrape crawl/ clean/ --engine ray": "test_engines_ray.py runs it, where Ray is installed",
}

#: Beginnings of commands that take what a run wrote.
WRITTEN = tuple(f"clean-scrape {name} " for name in ("restore", "report", "allow", "stats"))

#: Every language that a block may have, so that a new kind of block finds somebody who executes it.
LANGUAGES = {"console", "html", "ini", "python", "sh", "text", "toml", "yaml", "{toctree}"}


def fences(name: str) -> list[str]:
    """The languages of the blocks of a page, in order."""
    marks = re.findall(r"^ *(?:```|~~~)(.*)$", (ROOT / name).read_text("utf-8"), re.MULTILINE)
    return marks[::2]


def commands(name: str) -> list[str]:
    """The lines of the ``sh`` blocks of a page that are run here; what git adds was made by the line before."""
    lines = [line for _, block in blocks(name, "sh") for line in block.replace("\ngit add", " ; git add").splitlines()]
    return [line for line in lines if not line.startswith(tuple(ELSEWHERE))]


@pytest.mark.parametrize("name", PAGES)
def test_every_block_is_of_a_kind_that_is_executed(name):
    assert set(fences(name)) <= LANGUAGES
    scripts = [block for _, block in blocks(name, "python") if ">>>" not in block]
    assert bool(scripts) <= (name in SCRIPTS)


def test_what_is_run_elsewhere_is_there():
    lines = [line for name in PAGES for _, block in blocks(name, "sh") for line in block.splitlines()]
    assert [start for start in ELSEWHERE if not any(line.startswith(start) for line in lines)] == []
    named = {test for tests in SCRIPTS.values() for test in tests.split()} | {
        test for why in ELSEWHERE.values() for test in re.findall(r"test_\w+\.py", why)
    }
    assert [test for test in sorted(named) if not (ROOT / "tests" / test).is_file()] == []


def warc(pages: list[bytes]) -> bytes:
    """An archive of pages, packed."""
    records = []
    for number, content in enumerate(pages):
        body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + content
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number:032}>\r\n"
            "WARC-Date: 2024-01-01T00:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
            f"WARC-Target-URI: https://example.org/{number}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        records.append(gzip.compress(head.encode() + body + b"\r\n\r\n", mtime=0))
    return b"".join(records)


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Path:
    """A folder, at the top of a repository, that holds what the commands of the documentation take for granted."""
    folder = tmp_path_factory.mktemp("world")
    examples = ROOT / "examples" / "pages"
    link = b"<head><link rel=canonical href=https://example.org/%d>"
    pages = [page(number).replace(b"<title>", link % number + b"<title>") for number in range(6)]
    for name in ("pages", "crawl", "crawl-1", "crawl-2", "new-pages"):
        (folder / name / "town").mkdir(parents=True)
        for number, content in enumerate(pages):
            (folder / name / "town" / f"{number}.html").write_bytes(content)
        shutil.copy(examples / "lock.txt", folder / name / "lock.txt")
    ferry = (examples / "ferry.html").read_bytes()
    (folder / "page.html").write_bytes(ferry)
    (folder / "page.gz").write_bytes(gzip.compress(ferry, mtime=0))
    shutil.copy(examples / "teaser.txt", folder / "notes.txt")
    for name in ("crawl.warc.gz", "crawl-1.warc.gz"):
        (folder / name).write_bytes(warc(pages))
    (folder / "crawl.jsonl").write_text((json.dumps({"html": ferry.decode()}) + "\n") * 7, "utf-8")
    text = {"body": "The vote is on Monday.\nLoading, please wait...\n"}
    (folder / "pages.jsonl").write_text(json.dumps(text) + "\n", "utf-8")
    (folder / "pages.jsonl.gz").write_bytes(gzip.compress((json.dumps(text) + "\n").encode(), mtime=0))
    write_labels(folder / "clean-scrape-labels.jsonl", [])
    rows = [{"publisher": "Lantern", "body": content.decode()} for content in pages]
    pq.write_table(pa.Table.from_pylist(rows), folder / "rows.parquet")
    for line in (
        "git init --quiet .",
        "clean-scrape profile --quiet pages/ -o sites.profile.jsonl",
        *(f"clean-scrape profile --quiet --shard pages/ -o {n}.profile.jsonl.zst" for n in (1, 2, "all")),
        "clean-scrape --quiet pages/ OUT",
        "clean-scrape --quiet pages/ clean/",
    ):
        assert run_line(line, folder).returncode == 0, line
    return folder


@pytest.mark.skipif(shutil.which("bash") is None, reason="sh blocks need bash")
@pytest.mark.parametrize("name", [name for name in PAGES if commands(name)])
def test_commands_run(name, world, tmp_path):
    wrong = []
    for number, line in enumerate(commands(name)):
        here = Path(shutil.copytree(world, tmp_path / str(number)))
        if "clean/" in line and not line.startswith(WRITTEN):
            shutil.rmtree(here / "clean")
        if line.startswith("clean-scrape fix"):  # which refuses HTML
            shutil.rmtree(here / "pages" / "town")
        done = run_line(line, here)
        finds = line.startswith("clean-scrape check") and "|" not in line and "--update" not in line
        if done.returncode != finds or "Traceback" in done.stdout:
            wrong.append(f"{name}: {line}\nended with {done.returncode}\n{done.stdout}")
    assert not wrong, "\n".join(wrong)


def configuration(folder: Path, kind: str, block: str):
    """What the command line makes of a file of settings."""
    file = folder / {"ini": "setup.cfg", "toml": "pyproject.toml"}[kind]
    file.write_text(block, "utf-8")
    return load_configuration(folder, file)


@pytest.mark.parametrize("name", ["docs/configuration.md", "docs/guide.md", "docs/pre-commit.md"])
def test_files_of_settings_are_read(name, tmp_path):
    found = []
    for kind in ("ini", "toml"):
        for number, (_, block) in enumerate(blocks(name, kind)):
            if "[[allow]]" not in block:
                (here := tmp_path / f"{kind}{number}").mkdir()
                found.append(configuration(here, kind, block))
                assert {of for of in found[-1].origins.values() if of != "default"}
    assert found


def test_the_two_forms_of_settings_say_the_same(tmp_path):
    (ini,), (toml,) = (blocks("docs/configuration.md", kind) for kind in ("ini", "toml"))
    assert configuration(tmp_path, "ini", ini[1]).settings == configuration(tmp_path, "toml", toml[1]).settings


def test_the_mistakes_shown_are_the_words_for_them(tmp_path):
    ((_, block),) = blocks("docs/configuration.md", "text")
    (tmp_path / "setup.cfg").write_text("[clean-scrape]\npolcy = safe\nselect = CX\n", "utf-8")
    (tmp_path / "a.txt").write_text("The vote is on Monday.\n", "utf-8")
    done = run_line("clean-scrape check --config setup.cfg a.txt", tmp_path)
    assert done.returncode == 2
    assert done.stdout == f"clean-scrape: {block}"


def test_the_entry_of_an_allow_list_is_read_and_knows_its_line(tmp_path):
    ((_, block),) = blocks("docs/pre-commit.md", "toml")
    (tmp_path / ".clean-scrape.toml").write_text(block, "utf-8")
    (entry,) = read_allow_list(tmp_path / ".clean-scrape.toml").allowed
    assert entry.line == line_hash(entry.text)
    assert entry.code in rules()
    assert tomllib.loads(block)["allow"][0]["text"] == entry.text


def test_the_hooks_are_as_pre_commit_wants_them(tmp_path):
    hooks = re.findall(r"- id: (\S+)", (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    found = [block for name in PAGES for _, block in blocks(name, "yaml") if "- id: " in block]
    head = next(block for block in found if "repos:" in block).partition("      - id:")[0]
    for number, block in enumerate(found):
        file = tmp_path / f"{number}.yaml"
        file.write_text(block if "repos:" in block else head + block, "utf-8")
        done = run_line(f"python -m pre_commit validate-config {file}", tmp_path)
        assert done.returncode == 0, done.stdout
        assert set(re.findall(r"- id: (\S+)", block)) <= set(hooks)


def test_the_finding_in_a_row_is_shown_as_it_is(tmp_path):
    ((_, block),) = blocks("docs/pre-commit.md", "text")
    rows = [{"id": f"doc-{n + 5}", "text": f"Vote {n} is on Monday.\n"} for n in range(1, 13)]
    rows[11]["text"] += "The hall opens at nine.\nLoading, please wait...\n"
    (tmp_path / "pages.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    done = run_line("clean-scrape check --quiet pages.jsonl", tmp_path)
    without_score = re.compile(r" \[0\.\d\d\]$", re.MULTILINE)
    assert without_score.sub("", done.stdout) == without_score.sub("", block)


def test_the_profile_shown_is_one(tmp_path):
    ((_, block),) = blocks("docs/profiles.md", "text")
    path = tmp_path / "sites.profile.jsonl"
    path.write_text(block, "utf-8")
    template = ProfileFile.open(path, tmp_path).find("example.org")
    assert (template.pages, template.counts) == (4, {"0 comments": 3, "sign in": 4})
