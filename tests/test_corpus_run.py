"""A run from end to end in this process, and putting its pages together again."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from cleaner.corpus import task as working
from cleaner.corpus.finished.own_files import is_own_file
from cleaner.corpus.finished.restore import restore
from cleaner.corpus.journal import parts, writer
from cleaner.corpus.outputs import Folder
from cleaner.corpus.run import Job, run_job
from cleaner.errors import InputError
from cleaner.settings.record import Settings

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


SHARD = "pages-00000.jsonl"


def run(job: Job, seen=lambda row: None):
    """A run in this process, which is quicker than starting workers."""
    return run_job(job if job.jobs > 1 else replace(job, limits=None), seen)


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
    """All files but those of the state, which is about this machine."""
    files = (p for p in root.rglob("*") if p.is_file() and ".clean-scrape" not in p.parts)
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in files}


def rows(out: Path) -> list[dict]:
    return [json.loads(row) for row in (out / "_report" / "pages.jsonl").read_text("utf-8").split("\n")[:-1]]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    root = tmp_path_factory.mktemp("run")
    source, out = corpus(root / "in"), root / "out"
    run(Job(source, out, Settings()))
    return source, out


def test_every_input_has_a_row_in_order_and_every_good_one_an_output(done):
    source, out = done
    found = rows(out)
    assert [row["source"] for row in found] == sorted(tree(source), key=str.encode)
    assert [row["source"] for row in found if row["notes"]] == ["bad.txt", "cut.gz"]
    assert {row["status"] for row in found} == {"written"}
    outputs = {row["output"] for row in found if row["output"]}
    assert outputs == {name for name in tree(out) if not name.startswith("_report/")}
    assert {"page.html.txt", "page.txt.gz.txt", "sub/bom.txt", "plain"} <= outputs
    assert not any((out / ".clean-scrape" / "tmp").iterdir())


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


@pytest.mark.parametrize("form", ["text", "md", "jsonl"])
def test_restoring_gives_every_text_layer(form, done, tmp_path):
    source, _ = done
    run(Job(source, tmp_path, Settings(), format=form))
    pages = {page.source: page for page in restore(tmp_path)}
    assert [page.problem for page in pages.values()] == [""] * len(pages)
    assert {name: pages[name].layer for name in FORMS} == FORMS
    assert len(pages) == len(FORMS) + 3


def test_any_number_of_jobs_gives_the_same_bytes(done, tmp_path):
    source, out = done
    run(Job(source, tmp_path, Settings(), jobs=3))
    assert tree(tmp_path) == tree(out)


def test_a_record_of_jsonl_has_what_the_docs_say(done, tmp_path):
    source, _ = done
    run(Job(source, tmp_path, Settings(), format="jsonl"))
    records = [json.loads(row) for row in (tmp_path / SHARD).read_text("utf-8").split("\n")[:-1]]
    names = {"id", "source", "url", "title", "language", "confidence", "notes", "lines", "words", "removed", "text"}
    assert all(names == set(record) - {"raw"} for record in records)
    assert {record["id"] for record in records if "raw" in record} >= {"sub/bom.txt", "sub/wide.txt"}
    assert [r["id"] for r in records] == [row["source"] for row in rows(tmp_path) if "error" not in row]


@pytest.mark.parametrize("form", ["text", "md", "jsonl"])
def test_tampering_is_found(form, tmp_path):
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        (source / name).write_text(TEXT.format("\n"))
    run(Job(source, out, Settings(), format=form))
    victim = out / (SHARD if form == "jsonl" else "b.txt.md" if form == "md" else "b.txt")
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


@pytest.mark.parametrize("form", ["text", "md", "jsonl"])
def test_missing_rows_are_found(form, tmp_path):
    source, out = corpus(tmp_path / "in"), tmp_path / "out"
    run(Job(source, out, Settings(), format=form))
    report = out / "_report" / "pages.jsonl"
    whole = report.read_bytes().splitlines(keepends=True)
    report.write_bytes(b"".join(whole[:-1]))
    *_, last = restore(out)
    assert last.problem == f"has {len(whole) - 1} rows, but {len(whole)} inputs were seen; rows are missing"


def test_a_report_cannot_make_us_write_elsewhere(tmp_path):
    (tmp_path / "_report").mkdir()
    row = {"source": "../../etc/passwd", "output": SHARD, "output_sha256": "", "removed": []}
    (tmp_path / "_report" / "pages.jsonl").write_text(json.dumps(row) + "\n")
    (tmp_path / SHARD).write_text(json.dumps({"source": row["source"], "text": ""}) + "\n")
    (page,) = restore(tmp_path)
    assert "outside the output folder" in page.problem


def test_restoring_without_a_report_says_so(tmp_path):
    with pytest.raises(InputError, match="there is no report"):
        list(restore(tmp_path))


def test_our_outputs_are_known_until_they_change(done):
    source, out = done
    assert is_own_file(out / "sub" / "wide.txt")
    assert not is_own_file(source / "crlf.txt")
    other, pipe = out / "other.txt", out / "pipe"
    other.write_text("something of yours\n")
    os.mkfifo(pipe)
    try:
        assert not is_own_file(other)
        assert not is_own_file(pipe)
    finally:
        other.unlink()
        pipe.unlink()


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_our_shards_are_known_until_they_change(form, done, tmp_path):
    run(Job(done[0], tmp_path, Settings(), format=form))
    (shard,) = tmp_path.glob("pages-*")
    assert is_own_file(shard)
    shard.write_bytes(shard.read_bytes() + b"\n")
    assert not is_own_file(shard)


def test_places_that_would_do_harm_are_refused(tmp_path):
    source = corpus(tmp_path / "in")
    before = tree(source)
    (tmp_path / "file").write_text("x")
    for out, said in ((source, "same folder"), (tmp_path, "inside the output"), (tmp_path / "file", "is a file")):
        with pytest.raises(InputError, match=said):
            run(Job(source, out, Settings()))
    assert tree(source) == before
    run(Job(source / "plain", source, Settings()))
    assert (source / "plain").read_bytes() == before["plain"]
    assert rows(source)[0]["error"]["reason"] == "in-the-way"


def test_an_output_whose_path_is_too_long_costs_only_itself(tmp_path, monkeypatch):
    source = corpus(tmp_path / "in")

    def refused(self, name, known, wanted):
        if name == "plain":
            raise InputError("its path is too long", reason="name-too-long")

    monkeypatch.setattr(Folder, "check_free", refused)
    summary = run(Job(source, tmp_path / "out", Settings()))
    assert summary.failures == {"name-too-long": 1}
    assert summary.pages["written"] == len(FORMS) + 2


def test_an_output_folder_too_deep_for_sqlite_is_refused(tmp_path):
    source = corpus(tmp_path / "in")
    with pytest.raises(InputError, match="choose a shorter one"):
        run(Job(source, tmp_path.joinpath(*["o" * 90] * 6), Settings()))


def test_an_output_folder_inside_the_input_is_not_read_again(tmp_path):
    source = corpus(tmp_path / "in")
    run(Job(source, source / "out", Settings()))
    first = tree(source / "out")
    run(Job(source, source / "out", Settings()))
    assert tree(source / "out") == first


def test_a_page_that_does_not_add_up_is_not_written(tmp_path, monkeypatch):
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.txt").write_text(TEXT.format("\n"))
    (source / "b.txt").write_text(TEXT.format("\n"))
    clean = working.clean

    def lossy(data, *, source, **how):
        cleaned = clean(data, source=source, **how)
        if source == "a.txt":
            first, verdict, *rest = cleaned.verdicts
            wrong = verdict._replace(line=verdict.line._replace(end=verdict.line.end - 1))
            cleaned = replace(cleaned, verdicts=(first, wrong, *rest))
        return cleaned

    monkeypatch.setattr(working, "clean", lossy)
    summary = run(Job(source, tmp_path / "out", Settings()))
    assert [row.get("error", {}).get("reason") for row in rows(tmp_path / "out")] == ["unproven", None]
    assert (summary.pages["quarantined"], summary.pages["written"]) == (1, 1)
    assert not (tmp_path / "out" / "a.txt").exists()


def broken_off(job: Job, after: int) -> None:
    """A run that ends at a row, as Ctrl-C does."""
    seen = []

    def stop(row):
        seen.append(row)
        if len(seen) == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(job, stop)


@pytest.fixture
def always_checked(monkeypatch):
    """A checkpoint after every page."""
    monkeypatch.setattr(writer, "CHECKPOINT_SECONDS", -1.0)


@pytest.fixture
def cleaned(monkeypatch):
    """The sources that are really cleaned."""
    clean, sources = working.clean, []

    def noted(data, *, source, **how):
        sources.append(source)
        return clean(data, source=source, **how)

    monkeypatch.setattr(working, "clean", noted)
    return sources


@pytest.mark.parametrize("form", ["text", "md", "jsonl", "parquet"])
def test_a_run_that_was_broken_off_goes_on_where_it_was(form, tmp_path, always_checked, cleaned):
    source = corpus(tmp_path / "in")
    run(Job(source, tmp_path / "whole", Settings(), format=form))
    job = Job(source, tmp_path / "out", Settings(), format=form)
    for after in (3, 7, 7):
        cleaned.clear()
        broken_off(job, after)
        assert not any((job.out / "_report").glob("*"))
    assert cleaned == []  # seven were done before, and it goes on behind them
    run(job)
    assert len(cleaned) == len(FORMS) + 3 - 7
    assert tree(job.out) == tree(tmp_path / "whole")


@pytest.mark.parametrize("form", ["text", "md", "jsonl", "parquet"])
def test_what_is_unchanged_is_not_cleaned_again(form, tmp_path, cleaned):
    source = corpus(tmp_path / "in")
    job = Job(source, tmp_path / "out", Settings(), format=form)
    run(job)
    before = tree(job.out)
    cleaned.clear()
    run(job)
    assert (cleaned, tree(job.out)) == ([], before)
    (source / "crlf.txt").write_bytes(b"The bridge is open again.\n")
    (source / "new.txt").write_bytes(b"The bridge was painted blue.\n")
    (source / "page.html").unlink()
    run(job)
    assert cleaned == ["crlf.txt", "new.txt"]
    run(Job(source, tmp_path / "fresh", Settings(), format=form))
    left = {"text": {"page.html.txt"}, "md": {"page.html.md"}}.get(form, set())
    assert {name: data for name, data in tree(job.out).items() if name not in left} == tree(tmp_path / "fresh")


def test_inputs_that_change_while_a_run_is_broken_off_are_seen(tmp_path, always_checked):
    source = corpus(tmp_path / "in")
    job = Job(source, tmp_path / "out", Settings())
    broken_off(job, 8)
    (source / "bad.txt").unlink()
    (source / "cut.txt").write_bytes(b"The bridge is open again.\n")
    run(job)
    run(Job(source, tmp_path / "fresh", Settings()))
    found = tree(job.out)
    found.pop("bad.txt")
    assert found == tree(tmp_path / "fresh")


def test_a_body_that_went_missing_is_made_again_and_one_that_was_edited_is_left_alone(tmp_path):
    source = corpus(tmp_path / "in")
    job = Job(source, tmp_path / "out", Settings())
    run(job)
    before = tree(job.out)
    (job.out / "crlf.txt").unlink()
    run(job)
    assert tree(job.out) == before
    (job.out / "crlf.txt").write_text("edited by hand\n")
    assert run(job).failures == {"in-the-way": 1}
    assert (job.out / "crlf.txt").read_text() == "edited by hand\n"


def test_outputs_are_known_as_ours_by_the_report_when_the_state_is_gone(tmp_path):
    source = corpus(tmp_path / "in")
    job = Job(source, tmp_path / "out", Settings())
    run(job)
    shutil.rmtree(job.out / ".clean-scrape")
    (source / "crlf.txt").write_bytes(b"The bridge is open again.\n")
    assert not run(job).failures
    assert (job.out / "crlf.txt").read_bytes() == b"The bridge is open again.\n"


def test_another_configuration_is_refused_unless_asked_for(tmp_path, cleaned):
    source = corpus(tmp_path / "in")
    job = Job(source, tmp_path / "out", Settings())
    run(job)
    strict = replace(job, settings=Settings(policy="strict"))
    with pytest.raises(InputError, match=r'settings\.policy: "balanced" -> "strict"(.|\n)*--restart'):
        run(strict)
    cleaned.clear()
    run(replace(strict, restart=True))
    assert len(cleaned) == len(FORMS) + 3
    run(replace(strict, out=tmp_path / "fresh"))
    assert tree(job.out) == tree(tmp_path / "fresh")


def test_only_one_run_at_a_time(tmp_path):
    source = corpus(tmp_path / "in")
    job = Job(source, tmp_path / "out", Settings())

    def another(row):
        with pytest.raises(InputError, match="another run"):
            run(job)

    run(job, another)


def test_a_damaged_state_is_named(tmp_path):
    source = corpus(tmp_path / "in")
    job = Job(source, tmp_path / "out", Settings())
    run(job)
    (job.out / ".clean-scrape" / "state.sqlite").write_bytes(b"not a database" * 1000)
    with pytest.raises(InputError, match="is damaged; delete it"):
        run(job)


def test_shards_are_filled_one_after_the_other(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "MAX_SHARD_BYTES", 2_000)
    source = corpus(tmp_path / "in")
    job = Job(source, tmp_path / "out", Settings(), format="jsonl")
    run(job)
    shards = sorted(path.name for path in job.out.glob("pages-*"))
    assert len(shards) > 2
    assert not any(page.problem for page in restore(job.out))
    (source / "sub" / "bom.txt").unlink()
    monkeypatch.setattr(parts, "MAX_SHARD_BYTES", 10**9)
    run(job)
    assert [path.name for path in job.out.glob("pages-*")] == [SHARD]


def test_somebody_elses_shard_is_left_alone(tmp_path):
    source = corpus(tmp_path / "in")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / SHARD).write_text("{}\n")
    with pytest.raises(InputError, match="was not written by clean-scrape"):
        run(Job(source, tmp_path / "out", Settings(), format="jsonl"))
