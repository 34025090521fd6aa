"""Runs that compare pages with the other pages of their site: by a file of profiles, and in two passes.

What a profile does to the verdicts is the business of other tests; these compare runs with each other.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from importlib.resources import files as resources
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator

from cleaner.corpus import counting, run, two_pass
from cleaner.corpus import task as work
from cleaner.corpus.journal.counts import Counts
from cleaner.corpus.run import Job
from cleaner.report.rows import Row
from cleaner.report.summary import is_failure
from cleaner.settings.record import Settings
from cleaner.sites.files import Head, read_profile, write_profile
from cleaner.sites.profile import Template
from tests.runs import SOAK, check_account, cleaned, digest, environment, files, page, rows, started, sums
from tests.test_runs_kills import MARKS, chosen, die, few_pages, forked, full, left_over, often, one_process, stepping

__all__ = ["often", "one_process"]  # fixtures

SITES, PAGES = 4, 6

#: Runs that are killed.
KILLS = 50 if SOAK else 3

#: The profile that a run of two passes leaves in its report.
PROFILE = "_report/sites.profile.jsonl"


def site_page(site: str, number: int, link: str = "<link rel=canonical href='https://{}/{}'>") -> bytes:
    """A page of a site with lines that all of its pages have, and such as no other has."""
    own = page(number).decode()
    named = own.replace("<title>", f"{link.format(site, number)}<title>")
    shared = "".join(
        f"<p>{site} writes line {'abcdefgh'[n]} on each of its pages for all who read it.</p>" for n in range(6)
    )
    return named.replace("<footer>", f"<div>{shared}</div><footer>").encode()


def site_pages(link: str = "<link rel=canonical href='https://{}/{}'>") -> dict[str, bytes]:
    """Pages by name, in folders called like their site."""
    return {
        f"site{s}.example/{n}.html": site_page(f"site{s}.example", PAGES * s + n, link)
        for s in range(SITES)
        for n in range(PAGES)
    }


def written(pages: dict[str, bytes], root: Path) -> Path:
    for name, data in pages.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    return written(site_pages(), tmp_path_factory.mktemp("source") / "in")


@pytest.fixture(scope="module")
def reference(source, tmp_path_factory) -> Path:
    """What a run of two passes gives."""
    out = tmp_path_factory.mktemp("reference") / "out"
    done = cleaned(source, out, "--two-pass", "--jobs", 1)
    assert done.returncode == 0, done.stderr
    return out


def bodies(out: Path) -> list[tuple[str, int]]:
    """Of each page, in any order, the hash of its body, and with how many others it was compared."""
    return sorted((row["output_sha256"], row.get("others", 0)) for row in rows(out) if row["status"] == "written")


def run_here(source: Path, out: Path, **how: object) -> list[Row]:
    """A run in this process; the rows of what failed."""
    found: list[Row] = []
    how = {"two_pass": "host", **how}
    run.run_job(Job(source, out, Settings(), limits=None, **how), found.append)
    return [row for row in found if is_failure(row)]


# ------------------------------------------------------------------ what a run gives


def test_pages_are_compared_with_the_others_of_their_site(source, reference):
    found = check_account(reference)
    assert {row["others"] for row in found} == {PAGES - 1}
    assert sums(reference)["compared"] == SITES * PAGES
    head, sites = read_profile(reference / PROFILE)
    assert head == Head("host")
    assert [(site, template.pages) for site, template in sites] == [(f"site{s}.example", PAGES) for s in range(SITES)]
    schema = json.loads((resources("cleaner") / "data" / "schema" / "page-row.json").read_text("utf-8"))
    for row in found:
        Draft202012Validator(schema).validate(row)


def test_a_line_of_all_pages_is_told_by_its_code(reference):
    lines = [
        (line["text"], line["code"], line["why"])
        for row in rows(reference)
        for line in (*row["removed"], *row["unsure"])
        if "writes line" in line["text"]
    ]
    assert all(f"{PAGES - 1} of {PAGES - 1}" in why for _, code, why in lines if code == "DU501")


def test_the_profile_that_is_left_does_the_same(source, reference, tmp_path):
    profile = tmp_path / "a.profile.jsonl"
    shutil.copy(reference / PROFILE, profile)
    assert cleaned(source, tmp_path / "out", "--profile", profile).returncode == 0
    assert without_profile(tmp_path / "out") == without_profile(reference)


def without_profile(out: Path) -> dict[str, bytes]:
    return {name: data for name, data in files(out).items() if name != PROFILE}


def test_the_command_that_counts_makes_the_same_profile(source, reference, tmp_path):
    made = tmp_path / "a.profile.jsonl"
    assert cleaned("profile", source, "-o", made).returncode == 0
    assert made.read_bytes() == (reference / PROFILE).read_bytes()


def test_one_digest_for_any_jobs(source, reference, tmp_path):
    for jobs in (2, 7):
        cleaned(source, tmp_path / f"out{jobs}", "--two-pass", "--jobs", jobs)
        assert digest(tmp_path / f"out{jobs}") == digest(reference)


def test_the_order_of_the_pages_changes_no_page(source, reference, tmp_path):
    pages = [path.read_bytes() for path in sorted(source.rglob("*.html"))]
    random.Random(1).shuffle(pages)
    cleaned(
        written({f"{n:03}.html": data for n, data in enumerate(pages)}, tmp_path / "in"), tmp_path / "out", "--two-pass"
    )
    assert bodies(tmp_path / "out") == bodies(reference)
    assert (tmp_path / "out" / PROFILE).read_bytes() == (reference / PROFILE).read_bytes()


def as_jsonl(pages: dict[str, bytes], path: Path, named: bool) -> None:
    url = (lambda name: {"url": f"https://www.{name}"}) if named else (lambda name: {})
    path.write_text("".join(json.dumps({"html": data.decode(), **url(name)}) + "\n" for name, data in pages.items()))


def as_parquet(pages: dict[str, bytes], path: Path, named: bool) -> None:
    columns = {"html": pa.array(list(pages.values()), pa.binary())}
    pq.write_table(pa.table(columns | ({"url": [f"https://www.{name}" for name in pages]} if named else {})), path)


def as_warc(pages: dict[str, bytes], path: Path, named: bool) -> None:
    with path.open("wb") as file:
        for number, (name, data) in enumerate(pages.items()):
            body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + data
            address = name if named else "archive.example"
            head = (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number:032}>\r\n"
                "WARC-Date: 2024-01-01T00:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
                f"WARC-Target-URI: https://{address}\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            file.write(head.encode() + body + b"\r\n\r\n")


PACKINGS = [(as_jsonl, "p.jsonl"), (as_parquet, "p.parquet"), (as_warc, "p.warc")]


@pytest.mark.parametrize(("pack", "name"), PACKINGS)
def test_packed_or_not(pack: Callable[[dict[str, bytes], Path, bool], None], name, reference, tmp_path):
    pack(site_pages(), tmp_path / name, False)
    cleaned(tmp_path / name, tmp_path / "out", "--two-pass")
    if pack is as_warc:  # its address comes before what the page says of itself
        assert {row["others"] for row in rows(tmp_path / "out")} == {SITES * PAGES - 1}
        return
    assert bodies(tmp_path / "out") == bodies(reference)
    assert (tmp_path / "out" / PROFILE).read_bytes() == (reference / PROFILE).read_bytes()


@pytest.mark.parametrize(("pack", "name"), PACKINGS)
def test_addresses_of_rows_and_records_name_the_site(pack, name, reference, tmp_path):
    pack(site_pages(link=""), tmp_path / name, True)
    cleaned(tmp_path / name, tmp_path / "out", "--two-pass")
    assert bodies(tmp_path / "out") == bodies(reference)
    assert {row["site"] for row in rows(tmp_path / "out")} == {f"site{s}.example" for s in range(SITES)}


@pytest.mark.parametrize(
    ("key", "link"),
    [
        ("host", "<meta property='og:url' content='https://{}/{}'>"),
        ("domain", "<link rel=canonical href='https://shop.{}/{}'>"),
        ("folder", ""),
    ],
)
def test_site_keys(key, link, reference, tmp_path):
    source = written(site_pages(link), tmp_path / "in")
    cleaned(source, tmp_path / "out", "--two-pass", "--site-key", key)
    assert bodies(tmp_path / "out") == bodies(reference)
    head, _ = read_profile(tmp_path / "out" / PROFILE)
    assert head == Head(key, root="../../in" if key == "folder" else "")


def test_a_field_of_the_rows_names_the_site(reference, tmp_path):
    lines = [{"text": data.decode(), "feed": name.split("/")[0]} for name, data in site_pages(link="").items()]
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    cleaned(tmp_path / "p.jsonl", tmp_path / "out", "--two-pass", "--site-key", "feed")
    assert bodies(tmp_path / "out") == bodies(reference)


def test_pages_without_a_site_come_out_as_without_a_profile(tmp_path):
    source = written(site_pages(link=""), tmp_path / "in")
    plain, two = cleaned(source, tmp_path / "plain"), cleaned(source, tmp_path / "two", "--two-pass")
    assert "no page was compared" in two.stdout and "no page was compared" not in plain.stdout
    alike(tmp_path / "plain", tmp_path / "two")
    assert read_profile(tmp_path / "two" / PROFILE)[1:] and (tmp_path / "two" / PROFILE).read_bytes().count(b"\n") == 1


def alike(one: Path, other: Path) -> None:
    """Two runs gave the same, but for what the sums say of the profile."""
    left, right = files(one), files(other)
    for found in (left, right):
        found.pop(PROFILE, None)
        summary = json.loads(found.pop("_report/summary.json"))
        summary.pop("profile", None)
        found["sums"] = json.dumps(summary).encode()
    assert left == right


def test_a_profile_of_other_sites_changes_nothing(source, tmp_path):
    profile = tmp_path / "a.profile.jsonl"
    other = Template(3, {"all rights reserved": 3, "newsletter": 3})
    write_profile(profile, Head(), [("elsewhere.example", other)])
    cleaned(source, tmp_path / "plain")
    assert cleaned(source, tmp_path / "out", "--profile", profile).returncode == 0
    alike(tmp_path / "plain", tmp_path / "out")


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_shards(form, source, reference, tmp_path):
    for jobs in (1, 2):
        cleaned(source, tmp_path / f"out{jobs}", "--two-pass", "--format", form, "--jobs", jobs)
    assert bodies(tmp_path / "out1") == bodies(reference)
    assert digest(tmp_path / "out1") == digest(tmp_path / "out2")


def test_what_cannot_be_read_is_named_once(tmp_path):
    pages = site_pages() | {"bad.html": b"%PDF-1.4\n" + bytes(range(256)), "rows.jsonl": b'{"text": "A day."}\n{\n'}
    source = written(pages, tmp_path / "in")
    done = cleaned(source, tmp_path / "out", "--two-pass")
    assert done.returncode == 2
    assert [done.stderr.count(name) for name in ("bad.html", "rows.jsonl#2")] == [1, 1]
    assert sums(tmp_path / "out")["quarantined"] == 2
    check_account(tmp_path / "out")


def test_profiles_among_the_pages_are_no_pages(source, reference, tmp_path):
    shutil.copytree(source, tmp_path / "in")
    shutil.copy(reference / PROFILE, tmp_path / "in" / "old.profile.jsonl")
    (tmp_path / "in" / "people.profile.jsonl").write_text('{"text": "She keeps the lock."}\n')  # called so, and is none
    done = cleaned(tmp_path / "in", tmp_path / "out", "--two-pass")
    assert done.returncode == 0, done.stderr
    found = {row["source"]: row for row in rows(tmp_path / "out")}
    assert found["old.profile.jsonl"]["error"]["reason"] == "profile"
    assert found["people.profile.jsonl#1"]["status"] == "written"


# ------------------------------------------------------------------ wrong use, wrong files


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--two-pass", "--profile", "a.profile.jsonl"), "--two-pass"),
        (("--site-key", "host"), "--two-pass"),
        (("--two-pass", "--site-key", ""), "--site-key"),
    ],
)
def test_options_that_exclude_each_other(options, said, source, tmp_path):
    done = cleaned(source, tmp_path / "out", *options)
    assert done.returncode == 2 and said in done.stderr
    assert not (tmp_path / "out").exists()


def test_standard_input_has_no_other_pages(tmp_path):
    done = cleaned("-", tmp_path / "out", "--two-pass")
    assert done.returncode == 2 and "standard input" in done.stderr


HEAD = '{"profile": 1, "site_key": "host", "whole": false}\n'
HOSTILE = {
    "empty": b"",
    "no JSON": b"\x00\xff" * 100,
    "no head": b'{"text": "a page"}\n',
    "later": b'{"profile": 99, "site_key": "host", "whole": false}\n',
    "shard": b'{"profile": 1, "site_key": "host", "whole": true}\n',
    "order": (HEAD + '{"site": "b", "pages": 1}\n{"site": "a", "pages": 1}\n').encode(),
    "deep": (HEAD + "[" * 100_000 + "\n").encode(),
    "number": (HEAD + '{"site": "a", "pages": 1e999}\n').encode(),
    "cut gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x01",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_wrong_profile_is_one_clear_error_and_costs_nothing(what, source, tmp_path):
    profile = tmp_path / "bad.profile.jsonl"
    profile.write_bytes(HOSTILE[what])
    cleaned(source, tmp_path / "out")
    before = files(tmp_path / "out")
    done = cleaned(source, tmp_path / "out", "--restart", "--profile", profile)
    assert done.returncode == 2
    assert done.stderr.count("clean-scrape:") == 1 and "bad.profile.jsonl" in done.stderr
    assert files(tmp_path / "out") == before


def test_a_profile_that_is_not_there(source, tmp_path):
    done = cleaned(source, tmp_path / "out", "--profile", tmp_path / "none.profile.jsonl")
    assert done.returncode == 2 and "none.profile.jsonl" in done.stderr


def test_another_profile_is_another_configuration(source, reference, tmp_path):
    profile, out = tmp_path / "a.profile.jsonl", tmp_path / "out"
    shutil.copy(reference / PROFILE, profile)
    assert cleaned(source, out, "--profile", profile).returncode == 0
    again = cleaned(source, out, "--profile", profile)
    assert again.returncode == 0 and f"{SITES * PAGES} of them done before" in again.stdout
    before = digest(out)
    write_profile(profile, Head(), [("elsewhere.example", Template(3, {"home": 3}))])
    for options in (("--profile", profile), ("--two-pass",), ()):
        refused = cleaned(source, out, *options)
        assert refused.returncode == 2 and "profile" in refused.stderr and "--restart" in refused.stderr
        assert digest(out) == before
    assert cleaned(source, out, "--two-pass", "--restart").returncode == 0
    assert digest(out) == digest(reference)
    assert cleaned(source, out, "--restart").returncode == 0
    assert not (out / PROFILE).exists()
    cleaned(source, tmp_path / "plain")
    assert digest(out) == digest(tmp_path / "plain")


# ------------------------------------------------------------------ run after run


@pytest.fixture
def done(monkeypatch) -> Iterator[dict[str, list[str]]]:
    """The sources that were counted and cleaned, not known."""
    found: dict[str, list[str]] = {"counted": [], "cleaned": []}
    for what, module, name in (("counted", counting, "read_page"), ("cleaned", work, "clean")):
        original = getattr(module, name)

        def noted(
            *args: object, what: str = what, original: Callable[..., object] = original, **named: object
        ) -> object:
            found[what].append(str(named["source"]))
            return original(*args, **named)

        monkeypatch.setattr(module, name, noted)
    return found


def forget(done: dict[str, list[str]]) -> None:
    for found in done.values():
        found.clear()


@pytest.mark.usefixtures("one_process")
@pytest.mark.parametrize("form", ["text", "md", "jsonl", "parquet"])
def test_a_second_run_does_what_changed_and_gives_what_a_fresh_one_gives(form, tmp_path, done):
    source, out = written(site_pages(), tmp_path / "in"), tmp_path / "out"
    run_here(source, out, format=form)
    assert sorted(done["counted"]) == sorted(done["cleaned"]) == sorted(site_pages())
    before = digest(out)
    forget(done)
    run_here(source, out, format=form)
    assert done == {"counted": [], "cleaned": []}
    assert digest(out) == before
    new = {
        "site0.example/new.html": site_page("site0.example", 500),
        "site1.example/3.html": site_page("site1.example", 501),  # the others are compared with the same as before
        "other/a.html": site_page("new.example", 502),
    }
    written(new, source)
    if form not in ("text", "md"):  # what is gone leaves its output behind, which a fresh run does not have
        (source / "site2.example" / "0.html").unlink()
    run_here(source, out, format=form)
    changed = {name for name in site_pages() if name.startswith("site0")} | set(new)
    if form not in ("text", "md"):
        changed |= {f"site2.example/{n}.html" for n in range(1, PAGES)}
    assert sorted(done["counted"]) == sorted(new)
    assert sorted(done["cleaned"]) == sorted(changed)
    run_here(source, tmp_path / "fresh", format=form)
    assert digest(out) == digest(tmp_path / "fresh")


@pytest.mark.usefixtures("one_process")
def test_a_page_that_is_gone_does_not_count_any_more(tmp_path):
    source, out = written(site_pages(), tmp_path / "in"), tmp_path / "out"
    run_here(source, out)
    shutil.rmtree(source / "site3.example")
    (source / "site2.example" / "0.html").unlink()
    run_here(source, out)
    run_here(source, tmp_path / "fresh")
    fresh, found = files(tmp_path / "fresh"), files(out)
    assert {name: found[name] for name in fresh} == fresh


@pytest.mark.usefixtures("one_process")
def test_a_site_of_more_pages_than_are_kept(tmp_path, monkeypatch):
    """The pages that count are a sample; one of them that goes makes room for another."""
    monkeypatch.setattr("cleaner.sites.profile.MAX_SITE_PAGES", 4)
    source, out = written(site_pages(), tmp_path / "in"), tmp_path / "out"
    run_here(source, out)
    for number in range(PAGES - 2):
        (source / "site0.example" / f"{number}.html").unlink()
        run_here(source, out)
        run_here(source, tmp_path / f"fresh{number}")
        assert (out / PROFILE).read_bytes() == (tmp_path / f"fresh{number}" / PROFILE).read_bytes()


# ------------------------------------------------------------------ kills


#: What leaves marks on the disk in both passes.
STEPS = (*MARKS, (Counts, "_execute"))


def small(root: Path) -> Path:
    """Pages that end in all ways, and pages of a site."""
    return written({f"s/{n}.html": site_page("a.example", n) for n in range(3)}, few_pages(root))


@pytest.fixture
def all_steps(monkeypatch) -> None:
    monkeypatch.setattr(two_pass, "COMMIT_SECONDS", 0.0)
    monkeypatch.setattr("tests.test_runs_kills.MARKS", STEPS)


def with_step(source: Path, out: Path, at: int, act: Callable[[], None]) -> int:
    """Run in a child with a step that goes wrong: 7 when that killed it, 3 when the disk refused, else 0."""

    def child() -> int:
        stepping(at, act, [])
        try:
            run_here(source, out)
        except OSError:
            return 3
        return 0

    return forked(child)


def steps_of(source: Path, out: Path) -> int:
    undo: list[tuple[object, str, object]] = []
    count = stepping(-1, die, undo)
    try:
        run_here(source, out)
    finally:
        for place, name, original in undo:
            setattr(place, name, original)
    return count()


@pytest.mark.usefixtures("often", "one_process", "all_steps")
@pytest.mark.parametrize("act", [die, full])
@pytest.mark.parametrize("second", [False, True])
def test_each_step_of_a_run(second, act, tmp_path):
    source, before = small(tmp_path / "in"), tmp_path / "before"
    before.mkdir()
    if second:
        run_here(source, before)
        written({"s/1.html": site_page("a.example", 7), "s/9.html": site_page("a.example", 8)}, source)
    shutil.copytree(before, tmp_path / "whole")
    steps = steps_of(source, tmp_path / "whole")
    right = files(tmp_path / "whole")
    run_here(source, tmp_path / "fresh")
    assert right == files(tmp_path / "fresh")
    for at in chosen(steps, f"two {second}"):
        out = tmp_path / f"out{at}"
        shutil.copytree(before, out)
        assert with_step(source, out, at, act) in ((7,) if act is die else (0, 3)), f"step {at}"
        run_here(source, out)
        assert files(out) == right, f"step {at}"
        assert [name for name in left_over(out) if not name.startswith("counts.sqlite")] == [], f"step {at}"
        shutil.rmtree(out)


def test_killed_at_times_that_spread_over_both_passes(source, reference, tmp_path):
    """With its workers, by SIGKILL; each run twice, and then to its end."""
    begun = time.monotonic()
    cleaned(source, tmp_path / "out", "--two-pass", "--jobs", 2, env=environment())
    took = time.monotonic() - begun
    imports = "from cleaner.corpus import two_pass; from cleaner.corpus.journal import writer"
    patch = f"{imports}; writer.CHECKPOINT_SECONDS = two_pass.COMMIT_SECONDS = 0.0"
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    for number in range(KILLS):
        out = tmp_path / f"out{number}"
        for _ in range(2):
            with started(source, out, "--two-pass", "--jobs", 2, patch=patch, **pipes) as running:
                time.sleep(took * (number + 1) / (KILLS + 1))
                os.killpg(running.pid, signal.SIGKILL)
        assert cleaned(source, out, "--two-pass", "--jobs", 2).returncode == 0
        assert digest(out) == digest(reference), f"kill {number}"


@pytest.mark.usefixtures("often", "one_process", "all_steps")
def test_a_first_pass_that_was_killed_goes_on_where_it_was(tmp_path, done, monkeypatch):
    source, out = written(site_pages(), tmp_path / "in"), tmp_path / "out"
    finish = Counts.finish

    def child() -> int:
        monkeypatch.setattr(Counts, "finish", lambda counts: die())
        run_here(source, out)
        return 0

    assert forked(child) == 7
    assert Counts.finish is finish
    run_here(source, out)
    assert done["counted"] == []
    assert sorted(done["cleaned"]) == sorted(site_pages())
    run_here(source, tmp_path / "fresh")
    assert digest(out) == digest(tmp_path / "fresh")


@pytest.mark.usefixtures("often", "one_process", "all_steps")
@pytest.mark.parametrize("share", [0.2, 0.4, 0.6, 0.7, 0.8, 0.9])
def test_inputs_that_change_between_a_kill_and_the_next_start(share, tmp_path):
    """Pages that were cleaned before the kill are cleaned again where their site has changed."""
    source, out = small(tmp_path / "in"), tmp_path / "out"
    assert with_step(source, out, int(steps_of(source, tmp_path / "whole") * share), die) == 7
    written({"s/9.html": site_page("a.example", 9)}, source)
    run_here(source, out)
    run_here(source, tmp_path / "fresh")
    assert digest(out) == digest(tmp_path / "fresh")
