"""A run from end to end in this process, and putting its pages together again."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from cleaner.corpus import run as running
from cleaner.corpus.ours import is_ours
from cleaner.corpus.restore import restore
from cleaner.corpus.run import SHARD, Job, run
from cleaner.errors import InputError
from cleaner.settings import Settings

TEXT = (
    "The council voted on Tuesday to close the old bridge.{0}"
    "Loading, please wait...{0}"
    "It was late and all went home.{0}"
)
HTML = (
    "<title>Bridge</title><body><p>The council voted on Tuesday to close it.</p>"
    "<nav><ul><li><a href='/in'>Sign in</a></li><li><a href='/up'>Sign up</a></li></ul></nav></body>"
)
FORMS = {
    "crlf.txt": TEXT.format("\r\n").encode(),
    "cut.txt": TEXT.format("\n").encode() + b"0.203 seconds",
    "old mac.txt": TEXT.format("\r").encode(),
    "sub/bom.txt": b"\xef\xbb\xbf" + TEXT.format("\n").encode(),
    "sub/wide.txt": TEXT.format("\r\n").encode("utf-16"),
    'sub/quo"te.txt': TEXT.format("\n").encode(),
    "bad.txt": TEXT.format("\n").encode() + "Caf\u00e9 na\u00efve \u2013 ".encode() * 20 + b"\xff\xfe\n",
    "empty.txt": b"",
    "plain": TEXT.format("\n").encode(),
}


def corpus(root: Path) -> Path:
    for name, data in FORMS.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (root / "page.html").write_text(HTML, "utf-8")
    (root / "page.txt.gz").write_bytes(gzip.compress(TEXT.format("\n").encode(), mtime=0))
    (root / "cut.gz").write_bytes(gzip.compress(TEXT.encode(), mtime=0)[:-9])
    return root


def tree(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def rows(out: Path) -> list[dict]:
    return [json.loads(row) for row in (out / "_report" / "pages.jsonl").read_text("utf-8").split("\n")[:-1]]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    root = tmp_path_factory.mktemp("run")
    source, out = corpus(root / "in"), root / "out"
    run(Job(source, out, Settings()), lambda row: None)
    return source, out


def test_every_input_has_a_row_in_order_and_every_good_one_an_output(done):
    source, out = done
    found = rows(out)
    assert [row["source"] for row in found] == sorted(tree(source), key=str.encode)
    assert [row["source"] for row in found if "error" in row] == ["cut.gz"]
    outputs = {row["output"] for row in found if row["output"]}
    assert outputs == {name for name in tree(out) if not name.startswith("_report/")}
    assert {"page.html.txt", "page.txt.gz.txt", "sub/bom.txt", "plain"} <= outputs
    assert not (out / ".clean-scrape").exists()


def test_residue_goes_and_bytes_of_the_rest_stay(done):
    _, out = done
    kept = "The council voted on Tuesday to close the old bridge.\r\nIt was late and all went home.\r\n"
    assert (out / "crlf.txt").read_bytes() == kept.encode()
    assert (out / "sub/wide.txt").read_bytes() == kept.encode("utf-16")
    assert (out / "sub/bom.txt").read_bytes().startswith(b"\xef\xbb\xbfThe council")
    assert (out / "empty.txt").read_bytes() == b""


def test_the_patch_taken_back_gives_the_inputs(done, tmp_path):
    _, out = done
    names = [row["output"] for row in rows(out) if row.get("kind") == "text" and not row["source"].endswith(".gz")]
    copy = tmp_path / "copy"
    for name, data in tree(out).items():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes(data)
    subprocess.run(["git", "apply", "-R", "_report/changes.diff"], cwd=copy, check=True, capture_output=True)
    assert {name: (copy / name).read_bytes() for name in names} == FORMS
    subprocess.run(["git", "apply", "-R", "_report/html-changes.diff"], cwd=copy, check=True, capture_output=True)
    (page,) = (page for page in restore(out) if page.source == "page.html")
    assert (copy / "page.html.txt").read_bytes() == page.layer
    assert b"Sign in" in page.layer
    assert b"Sign in" not in (out / "page.html.txt").read_bytes()


@pytest.mark.parametrize("form", ["text", "jsonl"])
def test_restoring_gives_every_text_layer(form, done, tmp_path):
    source, _ = done
    run(Job(source, tmp_path, Settings(), format=form), lambda row: None)
    pages = {page.source: page for page in restore(tmp_path)}
    assert [page.problem for page in pages.values()] == [""] * len(pages)
    assert {name: pages[name].layer for name in FORMS} == FORMS
    assert len(pages) == len(FORMS) + 2


def test_any_number_of_jobs_gives_the_same_bytes(done, tmp_path):
    source, out = done
    run(Job(source, tmp_path, Settings(), jobs=3), lambda row: None)
    assert tree(tmp_path) == tree(out)


def test_a_record_of_jsonl_has_what_the_docs_say(done, tmp_path):
    source, _ = done
    run(Job(source, tmp_path, Settings(), format="jsonl"), lambda row: None)
    records = [json.loads(row) for row in (tmp_path / SHARD).read_text("utf-8").split("\n")[:-1]]
    names = {"id", "url", "title", "language", "confidence", "notes", "lines", "words", "removed", "text"}
    assert all(names == set(record) - {"raw"} for record in records)
    assert {record["id"] for record in records if "raw" in record} >= {"sub/bom.txt", "sub/wide.txt"}
    assert [r["id"] for r in records] == [row["source"] for row in rows(tmp_path) if "error" not in row]


@pytest.mark.parametrize("form", ["text", "jsonl"])
def test_tampering_is_found(form, tmp_path):
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        (source / name).write_text(TEXT.format("\n"))
    run(Job(source, out, Settings(), format=form), lambda row: None)
    victim = out / (SHARD if form == "jsonl" else "b.txt")
    victim.write_bytes(victim.read_bytes().replace(b"bridge", b"tunnel", 1))
    report = out / "_report" / "pages.jsonl"
    last = report.read_bytes().split(b"\n")[2]
    report.write_bytes(report.read_bytes().replace(last, last.replace(b"Loading", b"Leading")) + b"nonsense\n")
    problems = {page.source: page.problem for page in restore(out)}
    changed, fine = ("a.txt", "b.txt") if form == "jsonl" else ("b.txt", "a.txt")
    assert problems[fine] == ""
    assert "changed since" in problems[changed]
    assert "report was changed" in problems["c.txt"]
    assert "not valid JSON" in problems["row 4"]


def test_a_report_cannot_make_us_read_elsewhere(tmp_path):
    (tmp_path / "_report").mkdir()
    row = {"source": "a", "output": "../../etc/passwd", "output_sha256": "", "removed": []}
    (tmp_path / "_report" / "pages.jsonl").write_text(json.dumps(row) + "\n")
    (page,) = restore(tmp_path)
    assert "outside the output folder" in page.problem


@pytest.mark.parametrize("form", ["text", "jsonl"])
def test_missing_rows_are_found(form, tmp_path):
    source, out = corpus(tmp_path / "in"), tmp_path / "out"
    run(Job(source, out, Settings(), format=form), lambda row: None)
    report = out / "_report" / "pages.jsonl"
    whole = report.read_bytes().splitlines(keepends=True)
    report.write_bytes(b"".join(whole[:-1]))
    *_, last = restore(out)
    assert last.problem == f"has {len(whole) - 1} rows, but {len(whole)} inputs were seen; rows are missing"


def test_a_report_cannot_make_us_write_elsewhere(tmp_path):
    (tmp_path / "_report").mkdir()
    row = {"source": "../../etc/passwd", "output": SHARD, "output_sha256": "", "removed": []}
    (tmp_path / "_report" / "pages.jsonl").write_text(json.dumps(row) + "\n")
    (tmp_path / SHARD).write_text(json.dumps({"id": row["source"], "text": ""}) + "\n")
    (page,) = restore(tmp_path)
    assert "outside the output folder" in page.problem


def test_restoring_without_a_report_says_so(tmp_path):
    with pytest.raises(InputError, match="there is no report"):
        list(restore(tmp_path))


def test_our_outputs_are_known_until_they_change(done):
    source, out = done
    assert is_ours(out / "sub" / "wide.txt")
    assert not is_ours(source / "crlf.txt")
    other, pipe = out / "other.txt", out / "pipe"
    other.write_text("something of yours\n")
    os.mkfifo(pipe)
    try:
        assert not is_ours(other)
        assert not is_ours(pipe)
    finally:
        other.unlink()
        pipe.unlink()


def test_places_that_would_do_harm_are_refused(tmp_path):
    source = corpus(tmp_path / "in")
    before = tree(source)
    (tmp_path / "file").write_text("x")
    for out, said in ((source, "same folder"), (tmp_path, "inside the output"), (tmp_path / "file", "is a file")):
        with pytest.raises(InputError, match=said):
            run(Job(source, out, Settings()), lambda row: None)
    assert tree(source) == before
    run(Job(source / "plain", source, Settings()), lambda row: None)
    assert (source / "plain").read_bytes() == before["plain"]
    assert rows(source)[0]["error"]["reason"] == "in-is-out"


def test_an_output_whose_path_is_too_long_costs_only_itself(tmp_path):
    source = corpus(tmp_path / "in")
    out = tmp_path
    while len(os.fsencode(out)) < 3_900:  # Linux ends a path at 4,096 bytes
        out = out / ("o" * 90)
    (source / ("n" * 200)).write_text(TEXT.format("\n"))
    summary = run(Job(source, out, Settings()), lambda row: None)
    assert summary.failures == {"name-too-long": 1, "cut-gzip": 1}
    assert summary.pages["written"] == len(FORMS) + 2


def test_an_output_folder_inside_the_input_is_not_read_again(tmp_path):
    source = corpus(tmp_path / "in")
    run(Job(source, source / "out", Settings()), lambda row: None)
    first = tree(source / "out")
    run(Job(source, source / "out", Settings()), lambda row: None)
    assert tree(source / "out") == first


def test_a_page_that_does_not_add_up_is_not_written(tmp_path, monkeypatch):
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.txt").write_text(TEXT.format("\n"))
    (source / "b.txt").write_text(TEXT.format("\n"))
    clean = running.clean

    def lossy(data, *, source, settings):
        cleaned = clean(data, source=source, settings=settings)
        if source == "a.txt":
            first, verdict, *rest = cleaned.verdicts
            wrong = verdict._replace(line=verdict.line._replace(end=verdict.line.end - 1))
            cleaned = replace(cleaned, verdicts=(first, wrong, *rest))
        return cleaned

    monkeypatch.setattr(running, "clean", lossy)
    summary = run(Job(source, tmp_path / "out", Settings()), lambda row: None)
    assert [row.get("error", {}).get("reason") for row in rows(tmp_path / "out")] == ["unproven", None]
    assert (summary.pages["failed"], summary.pages["written"]) == (1, 1)
    assert not (tmp_path / "out" / "a.txt").exists()


def test_a_run_that_breaks_off_leaves_no_report_and_no_parts(tmp_path):
    source = corpus(tmp_path / "in")
    out = tmp_path / "out"
    run(Job(source, out, Settings()), lambda row: None)

    def stop(row):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Job(source, out, Settings()), stop)
    assert not any((out / "_report").iterdir())
    assert not (out / ".clean-scrape").exists()
