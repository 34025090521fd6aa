"""Runs that write Markdown: names, rows that give the page back, and front matter."""

from __future__ import annotations

import json
from hashlib import sha256
from importlib.resources import files as resources
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from cleaner.corpus.finished.restore import restore
from cleaner.corpus.outputs.names import Names
from cleaner.corpus.run import Job
from cleaner.errors import InputError
from cleaner.settings.record import Settings
from tests.test_corpus_run import FORMS, TEXT, corpus, rows, run, tree

SCHEMA = json.loads((resources("cleaner") / "data" / "schema" / "page-row.json").read_text("utf-8"))

PAGE = (
    "<title>The gate</title><meta name=author content='Ann Lee'><meta property=og:site_name content='Harbour: Post'>"
    "<body><article><h1>The gate</h1><p>The keeper wrote <b>nineteen</b> names into the ledger on Monday.</p>"
    "<ul><li>One barge with timber<li>One barge with slate</ul></article>"
    "<nav><ul><li><a href='/in'>Sign in</a></li><li><a href='/up'>Sign up</a></li></ul></nav></body>"
)
BODY = """# The gate

The keeper wrote **nineteen** names into the ledger on Monday.

- One barge with timber
- One barge with slate
"""


def job(tmp_path: Path, form: str = "md", **how: object) -> Job:
    return Job(tmp_path / "in", tmp_path / "out", Settings(), format=form, **how)  # type: ignore[arg-type]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    root = corpus(tmp_path / "in")
    (root / "gate.html").write_text(PAGE, "utf-8")
    (root / "notes.md").write_text("# Notes\n\nThe gate *was* open.\n", "utf-8")
    return root


@pytest.mark.parametrize(
    ("name", "kind", "output"),
    [
        ("a/b.html", "html", "a/b.html.md"),
        ("c.txt", "text", "c.txt.md"),
        ("plain", "text", "plain.md"),
        ("notes.md", "text", "notes.md"),
        ("NOTES.MD", "text", "NOTES.MD"),
        ("notes.md", "html", "notes.md.md"),
        ("notes.md.gz", "text", "notes.md.gz.md"),
        ("c.html", "text", "c.html.md"),
        ("_report/a.txt", "text", "%5Freport/a.txt.md"),
    ],
)
def test_names(name, kind, output):
    assert Names(set(), set(), ".md").take(name, kind) == output


def test_two_that_would_share_a_name_do_not():
    names = Names(set(), set(), ".md")
    assert names.take("a", "html") == "a.md"
    second = names.take("a.md", "text")
    assert second.startswith("a~") and second.endswith(".md")


def test_pages_are_written_as_markdown_and_texts_as_they_are(source, tmp_path):
    run(job(tmp_path))
    out = tree(tmp_path / "out")
    assert out["gate.html.md"].decode() == BODY
    assert out["notes.md"] == (source / "notes.md").read_bytes()
    kept = "The council voted on Tuesday to close the old bridge.\r\nIt was late and all went home.\r\n"
    assert out["crlf.txt.md"] == out["sub/wide.txt.md"] == kept.encode()
    assert out["_report/changes.diff"] == out["_report/html-changes.diff"] == b""
    outputs = {row["output"] for row in rows(tmp_path / "out")}
    assert outputs == {name for name in out if not name.startswith("_report/")}


def test_a_row_has_the_plain_body_where_the_output_is_another(source, tmp_path):
    run(job(tmp_path))
    found = {row["source"]: row for row in rows(tmp_path / "out")}
    for row in found.values():
        Draft202012Validator(SCHEMA).validate(row)
        assert row["output_sha256"] == sha256((tmp_path / "out" / row["output"]).read_bytes()).hexdigest()
    assert found["gate.html"]["body"].startswith("The gate\n\nThe keeper wrote nineteen names")
    assert {name for name, row in found.items() if "body" in row} == {
        *("gate.html", "bad.txt", "sub/bom.txt", "sub/wide.txt")
    }
    assert {name for name, row in found.items() if "raw_body" in row} == {"bad.txt", "sub/bom.txt", "sub/wide.txt"}


def test_layers_are_the_same_as_of_a_run_that_writes_texts(source, tmp_path):
    run(job(tmp_path, metadata=True))
    run(Job(source, tmp_path / "texts", Settings()))
    pages = list(restore(tmp_path / "out"))
    assert [page.problem for page in pages] == [""] * (len(FORMS) + 5)
    assert [page.layer for page in pages] == [page.layer for page in restore(tmp_path / "texts")]


def test_any_number_of_jobs_gives_the_same_bytes(source, tmp_path):
    run(job(tmp_path, metadata=True))
    run(Job(source, tmp_path / "more", Settings(), jobs=3, format="md", metadata=True))
    assert tree(tmp_path / "more") == tree(tmp_path / "out")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (b"keeper wrote nineteen", b"keeper wrote eighteen", "the report was changed"),
        (b'"raw_body":"', b'"raw_body":"!', "its report row is damaged"),
        (b'"body":"The gate', b'"body":7,"x":"The gate', "does not fit"),
    ],
)
def test_a_body_that_was_tampered_with_is_found(source, tmp_path, old, new, problem):
    run(job(tmp_path))
    report = tmp_path / "out" / "_report" / "pages.jsonl"
    report.write_bytes(report.read_bytes().replace(old, new, 1))
    assert any(problem in page.problem for page in restore(tmp_path / "out"))


def test_an_edited_output_is_found_and_left_alone(source, tmp_path):
    run(job(tmp_path))
    edited = tmp_path / "out" / "gate.html.md"
    edited.write_text("mine", "utf-8")
    (problem,) = [page.problem for page in restore(tmp_path / "out") if page.problem]
    assert "changed since" in problem
    run(job(tmp_path))
    assert edited.read_text("utf-8") == "mine"
    (row,) = [row for row in rows(tmp_path / "out") if row["source"] == "gate.html"]
    assert row["error"]["reason"] == "in-the-way"


def test_another_format_wants_a_new_beginning_and_then_gives_what_a_fresh_run_gives(source, tmp_path):
    run(job(tmp_path, "text"))
    with pytest.raises(InputError, match="format"):
        run(job(tmp_path))
    run(job(tmp_path, restart=True))
    fresh = Job(source, tmp_path / "fresh", Settings(), format="md")
    run(fresh)
    found = tree(tmp_path / "out")
    assert {name: found[name] for name in tree(fresh.out)} == tree(fresh.out)


def test_records_and_front_matter(tmp_path):
    (tmp_path / "in").mkdir()
    pages = [
        {"html": f"<html>{PAGE}", "url": "https://post.example/gate"},
        {"text": TEXT.format("\n"), "url": "https://post.example/bridge"},
    ]
    (tmp_path / "in" / "p.jsonl").write_text("".join(json.dumps(page) + "\n" for page in pages))
    run(job(tmp_path, metadata=True))
    html, text = ((tmp_path / "out" / "p.jsonl" / f"0000000{n}.md").read_text("utf-8") for n in (1, 2))
    head, body = front(html)
    assert body == BODY
    assert head == {
        **{"title": "The gate", "url": "https://post.example/gate", "site": "post.example", "language": "en"},
        **{"author": "Ann Lee", "site_name": "Harbour: Post"},
    }
    head, body = front(text)
    assert body.startswith("The council voted") and head["url"] == "https://post.example/bridge"
    assert [page.problem for page in restore(tmp_path / "out")] == ["", ""]


def front(markdown: str) -> tuple[dict[str, str], str]:
    """The front matter, and what comes behind it."""
    _, head, body = markdown.split("---\n", 2)
    return yaml.safe_load(head), body.removeprefix("\n")
