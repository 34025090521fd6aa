"""A run that is killed at any moment and started again gives what an uninterrupted one gives, to the byte.

Once with SIGKILL at random times, as it comes; once at each step by which a run leaves its mark on the disk, in a
process forked for it, where the next step kills it, or fails as on a full disk.
"""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cleaner.corpus import item_reader, run
from cleaner.corpus import task as work
from cleaner.corpus.journal import writer
from cleaner.corpus.journal.state import RunState
from cleaner.corpus.run import Job
from cleaner.settings.record import Settings
from tests.runs import (
    OURS,
    SOAK,
    check_account,
    cleaned,
    development_pages,
    digest,
    environment,
    files,
    linked,
    page,
    rows,
    session,
    small_corpus,
    started,
)

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="signals and forks of POSIX")

#: Kills, and pages of the run that is killed.
KILLS, PAGES = (100, 1200) if SOAK else (6, 150)

#: Steps tried of each kind of run; all of them under soak.
STEPS = 10_000 if SOAK else 14

#: Small pages are done before a second is over: with this, a run of them has many checkpoints.
OFTEN = "from cleaner.corpus.journal import writer; writer.CHECKPOINT_SECONDS = 0.02"

FORMATS = ("text", "jsonl", "parquet", "md")


def torn(out: Path, *right: dict[str, bytes]) -> list[str]:
    """Files under a final name that hold something else than they should."""
    return [name for name, data in files(out).items() if data not in [whole.get(name) for whole in right]]


# ------------------------------------------------------------------ at random times


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("pages")
    return linked(development_pages(PAGES), root / "in") if SOAK else small_corpus(root / "in", PAGES)


@pytest.fixture(scope="module", params=FORMATS)
def whole(request, pages, tmp_path_factory) -> tuple[str, Path, float]:
    """A format, what an uninterrupted run gives in it, and how long that took."""
    out = tmp_path_factory.mktemp("whole") / "out"
    begun = time.monotonic()
    cleaned(pages, out, "--format", request.param, env=environment())  # a process, as those that are killed
    took = time.monotonic() - begun
    check_account(out)
    return request.param, out, took


def test_killed_at_random_times(pages, whole, tmp_path):
    """A fifth of the kills hit the parent alone; under soak ten kills hit each run, one after the other."""
    form, reference, took = whole
    dice = random.Random(form)
    kills = KILLS if form == "text" else max(2, KILLS // 10)
    each, right = 10 if SOAK else 1, files(reference)
    for start in range(0, kills, each):
        out = tmp_path / f"out{start}"
        for number in range(start, min(start + each, kills)):
            after = dice.uniform(0, took / (each / 2)) if SOAK else took * (number + dice.random()) / kills
            kill(out, pages, form, after, parent_only=number % 5 == 4)
            assert torn(out, right) == [], f"kill {number}, after {after:.3f} s"
        again = cleaned(pages, out, "--format", form)
        assert again.returncode in (0, 2), again.stderr
        assert digest(out) == digest(reference), f"kills up to {number}, the last after {after:.3f} s"
        shutil.rmtree(out)


def kill(out: Path, pages: Path, form: str, after: float, parent_only: bool) -> None:
    patch = "" if SOAK else OFTEN
    running = started(pages, out, "--format", form, patch=patch, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with running:
        time.sleep(after)
        (os.kill if parent_only else os.killpg)(running.pid, signal.SIGKILL)
    until = time.monotonic() + 60
    while parent_only and session(running.pid):
        assert time.monotonic() < until, "a worker outlives its parent"
        time.sleep(0.02)


# ------------------------------------------------------------------ at each step

#: What leaves marks on the disk.
MARKS = ((os, "replace"), (os, "fsync"), (os, "unlink"), (os, "mkdir"), (Path, "write_bytes"), (RunState, "_execute"))

Act = Callable[[], None]


#: The one of these pages that is none.
FAILING = ("e.html",)


@pytest.fixture
def one_process(monkeypatch) -> None:
    """What a run in this process starts all the same is forked from it, which takes no time."""
    forking = multiprocessing.get_context("fork")
    for module in (item_reader, writer):
        monkeypatch.setattr(module, "worker_context", lambda: forking)


@pytest.fixture
def often(monkeypatch) -> None:
    """A checkpoint behind each page."""
    monkeypatch.setattr(writer, "CHECKPOINT_SECONDS", 0.0)


def few_pages(root: Path) -> Path:
    """Pages that end in all ways: HTML, text, one that fails, one in a folder, two that want the same name."""
    (root / "b").mkdir(parents=True)
    for number, name in enumerate(("a.html", "a.HTML", "b/c.html")):
        (root / name).write_bytes(page(number))
    (root / "d.txt").write_text("The council voted on Tuesday.\nAccept all cookies\nIt rained.\n")
    (root / "e.html").write_bytes(b"%PDF-1.4\n" + bytes(range(256)))
    (root / "f.jsonl").write_text('{"html": "<p>It rained on Monday.</p>"}\n{\n{"text": "It rained on Tuesday."}\n')
    return root


def changed(root: Path) -> Path:
    """The same pages, one changed, one gone and one new, before all others."""
    (root / "b" / "c.html").write_bytes(page(100))
    (root / "d.txt").unlink()
    (root / "A").write_text("The council met on Friday.\nShare on Facebook\n")
    return root


def run_here(source: Path, out: Path, form: str) -> None:
    run.run_job(Job(source, out, Settings(), format=form, limits=None), lambda row: None)


def stepping(at: int, act: Act, undo: list[tuple[object, str, object]]) -> Callable[[], int]:
    """Do ``act`` at the step of this number; returns how to ask for the number of steps so far."""
    count = 0

    def counted(name: str, original: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **named: object) -> object:
            nonlocal count
            count += 1
            if count == at:
                if name == "write_bytes":
                    path, data = args
                    original(path, data[: len(data) // 2])
                act()
            return original(*args, **named)

        return call

    for place, name in MARKS:
        original = getattr(place, name)
        undo.append((place, name, original))
        setattr(place, name, counted(name, original))
    return lambda: count


def forked(work_of_child: Callable[[], int]) -> int:
    """The exit code of a child of this process that does this work."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads; the child starts none
        child = os.fork()
    if child == 0:
        code = 99
        try:
            code = work_of_child()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die() -> None:
    os._exit(7)


def full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def with_step(source: Path, out: Path, form: str, at: int, act: Act) -> int:
    """Run in a child with a step that goes wrong: 7 when that killed it, 3 when the disk refused, else 0."""

    def child() -> int:
        stepping(at, act, [])
        try:
            run_here(source, out, form)
        except OSError:
            return 3
        return 0

    return forked(child)


def steps_of(source: Path, out: Path, form: str) -> int:
    """How many steps a run takes."""
    undo: list[tuple[object, str, object]] = []
    count = stepping(-1, die, undo)
    try:
        run_here(source, out, form)
    finally:
        for place, name, original in undo:
            setattr(place, name, original)
    return count()


def chosen(steps: int, seed: object) -> list[int]:
    """Steps to try: all, or the first, the last of them, where the report gets its name, and some of the others."""
    if steps <= STEPS:
        return list(range(1, steps + 1))
    begin = steps - STEPS // 2
    some = random.Random(str(seed)).sample(range(2, begin + 1), STEPS - STEPS // 2 - 1)
    return sorted({1, *some, *range(begin + 1, steps + 1)})


@pytest.mark.usefixtures("often", "one_process")
@pytest.mark.parametrize("act", [die, full])
@pytest.mark.parametrize("form", FORMATS if SOAK else FORMATS[:2])
def test_each_step_of_a_run(form, act, tmp_path):
    source = few_pages(tmp_path / "in")
    steps = steps_of(source, tmp_path / "whole", form)
    right = files(tmp_path / "whole")
    for at in chosen(steps, form):
        out = tmp_path / f"out{at}"
        code = with_step(source, out, form, at, act)
        assert code in ((7,) if act is die else (0, 3)), f"step {at}"
        assert torn(out, right) == [], f"step {at}"
        run_here(source, out, form)
        assert files(out) == right, f"step {at}"
        assert left_over(out) == [], f"step {at}"
        shutil.rmtree(out)


@pytest.mark.usefixtures("often", "one_process")
@pytest.mark.parametrize("act", [die, full])
@pytest.mark.parametrize("form", FORMATS if SOAK else FORMATS[:2])
def test_each_step_of_a_second_run(form, act, tmp_path):
    source = few_pages(tmp_path / "in")
    before = tmp_path / "before"
    run_here(source, before, form)
    changed(source)
    shutil.copytree(before, tmp_path / "whole")
    steps = steps_of(source, tmp_path / "whole", form)
    old, right = files(before), files(tmp_path / "whole")
    for at in chosen(steps, form):
        out = tmp_path / f"out{at}"
        shutil.copytree(before, out)
        with_step(source, out, form, at, act)
        assert torn(out, old, right) == [], f"step {at}"
        run_here(source, out, form)
        assert files(out) == right, f"step {at}"
        assert left_over(out) == [], f"step {at}"
        shutil.rmtree(out)


def left_over(out: Path) -> list[str]:
    """What lies about in our own folder, besides the state, when a run is over."""
    found = (path.relative_to(out / OURS).as_posix() for path in (out / OURS).rglob("*"))
    return [name for name in found if name not in ("tmp", ".gitignore") and not name.startswith("state.sqlite")]


# ------------------------------------------------------------------ run after run


@pytest.fixture
def cleanings(monkeypatch) -> Iterator[list[str]]:
    """The sources that were cleaned, not taken over."""
    done: list[str] = []
    original = work.clean

    def counted(*args: object, **named: object) -> object:
        done.append(named["source"])
        return original(*args, **named)

    monkeypatch.setattr(work, "clean", counted)
    return done


@pytest.mark.usefixtures("one_process")
@pytest.mark.parametrize("form", FORMATS)
def test_only_what_changed_is_cleaned_again(form, tmp_path, cleanings):
    source, out = few_pages(tmp_path / "in"), tmp_path / "out"
    run_here(source, out, form)
    first, before = list(cleanings), digest(out)
    cleanings.clear()
    run_here(source, out, form)
    assert cleanings == [name for name in first if name in FAILING]  # what failed is tried again
    assert digest(out) == before
    cleanings.clear()
    run_here(changed(source), out, form)
    assert [name for name in cleanings if name not in FAILING] == ["A", "b/c.html"]
    run_here(source, tmp_path / "fresh", form)
    assert rows(out) == rows(tmp_path / "fresh")
    fresh, found = files(tmp_path / "fresh"), files(out)
    assert {name: found[name] for name in fresh} == fresh
    gone = "d.txt.md" if form == "md" else "d.txt"
    assert set(found) - set(fresh) <= {gone}  # its input is gone; what was made of it is not ours to delete
    check_account_but(out, gone)


def check_account_but(out: Path, name: str) -> None:
    """As ``check_account``, without an output that no row speaks of any more."""
    (out / name).unlink(missing_ok=True)
    check_account(out)


@pytest.mark.usefixtures("one_process")
def test_an_output_that_was_changed_is_cleaned_again_and_never_overwritten(tmp_path, cleanings):
    source, out = few_pages(tmp_path / "in"), tmp_path / "out"
    run_here(source, out, "text")
    (out / "b" / "c.html.txt").unlink()
    (out / "d.txt").write_text("by hand\n")
    cleanings.clear()
    run_here(source, out, "text")
    assert [name for name in cleanings if name not in FAILING] == ["b/c.html", "d.txt"]
    assert (out / "b" / "c.html.txt").is_file()
    assert (out / "d.txt").read_text() == "by hand\n"
    reasons = {row["source"]: row["error"]["reason"] for row in rows(out) if row["status"] == "quarantined"}
    assert reasons["d.txt"] == "in-the-way"


@pytest.mark.usefixtures("one_process")
@pytest.mark.parametrize("form", FORMATS)
def test_a_changed_report_is_not_taken_over(form, tmp_path):
    source, out = few_pages(tmp_path / "in"), tmp_path / "out"
    run_here(source, out, form)
    before = files(out)
    report = out / "_report" / "pages.jsonl"
    report.write_bytes(report.read_bytes().replace(b"Accept", b"Refuse"))
    run_here(source, out, form)
    assert files(out) == before


def test_another_configuration_is_refused_until_it_is_wanted(tmp_path):
    source, out = few_pages(tmp_path / "in"), tmp_path / "out"
    cleaned(source, out)
    before = digest(out)
    refused = cleaned(source, out, "--policy", "strict")
    assert refused.returncode == 2 and "--restart" in refused.stderr and "policy" in refused.stderr
    assert digest(out) == before
    assert cleaned(source, out, "--policy", "strict", "--restart").returncode == 2  # one page and one row are bad
    cleaned(source, tmp_path / "fresh", "--policy", "strict")
    assert digest(out) == digest(tmp_path / "fresh")


@pytest.mark.usefixtures("often", "one_process")
@pytest.mark.parametrize("changing", ["gone", "new", "other"])
def test_inputs_that_change_between_a_kill_and_the_next_start(changing, tmp_path):
    """The run that goes on must not mix what it did before with what is there now."""
    for at in (40, 60, 80):
        source, out = few_pages(tmp_path / f"in{at}"), tmp_path / f"out{at}"
        assert with_step(source, out, "text", at, die) == 7
        if changing == "gone":
            (source / "a.HTML").unlink()
        elif changing == "new":
            (source / "a.htm").write_bytes(page(50))
        else:
            (source / "a.html").write_bytes(page(51))
        run_here(source, out, "text")
        run_here(source, tmp_path / f"fresh{at}", "text")
        fresh, found = files(tmp_path / f"fresh{at}"), files(out)
        assert {name: found[name] for name in fresh} == fresh, f"step {at}"
