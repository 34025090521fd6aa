"""What can happen to a run from outside: places that are wrong, a disk that is full, signals, other processes.

Kills of the whole run are in test_runs_kills, pages that end or hang a worker in test_runs_poison, races of hooks in
test_inplace.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from cleaner.corpus.journal.state import RunState
from tests.runs import (
    OURS,
    SOAK,
    as_other,
    check_account,
    cleaned,
    environment,
    files,
    rows,
    session,
    small_corpus,
    started,
)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals, mounts and limits of POSIX")

PAGES = 120

#: Each page takes a moment, so that a run is still at work when something happens to it.
IMPORTS = "from cleaner.corpus import run; from cleaner.corpus.journal import writer; from tests import poisoned"
SLOWLY = f"{IMPORTS}; run.process_task = poisoned.slowly"

#: So does each, and there are many checkpoints.
OFTEN = f"{SLOWLY}; writer.CHECKPOINT_SECONDS = 0.1"


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> Path:
    return small_corpus(tmp_path_factory.mktemp("pages") / "in", PAGES)


@pytest.fixture(scope="module")
def right(pages, tmp_path_factory) -> dict[str, bytes]:
    """What a run over the pages gives when nothing happens."""
    out = tmp_path_factory.mktemp("right") / "out"
    cleaned(pages, out)
    assert len(check_account(out)) == PAGES
    return files(out)


@pytest.fixture
def few(tmp_path) -> Path:
    return small_corpus(tmp_path / "in", 9)


def at_work(out: Path, running: subprocess.Popen[str]) -> None:
    """Wait until a run has a checkpoint behind it."""
    _until(lambda: running.poll() is not None or _size(out / OURS / "run" / "pages.jsonl") > 0, 60)
    assert running.poll() is None, running.stderr and running.stderr.read()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _until(true: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} seconds"
        time.sleep(0.01)


def allowed(*words: str) -> bool:
    """Tell whether this machine lets us run a command."""
    if not shutil.which(words[0]):
        return False
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


# ------------------------------------------------------------------ places


def test_in_eq_out(few):
    before = files(few)
    assert cleaned(few, few).returncode == 2
    assert files(few) == before and not (few / OURS).exists()


def test_in_eq_out_by_a_link(few, tmp_path):
    (tmp_path / "link").symlink_to(few)
    before = files(few)
    assert cleaned(few, tmp_path / "link").returncode == 2
    assert files(few) == before and not (few / OURS).exists()


def test_out_in_in(few):
    before, out = files(few), few / "out"
    for _ in range(2):
        assert cleaned(few, out).returncode == 0
        assert {row["source"] for row in check_account(out)} == set(before)
    assert {name: data for name, data in files(few).items() if not name.startswith("out/")} == before


def test_in_in_out(few, tmp_path):
    before = files(tmp_path)
    assert cleaned(few, tmp_path).returncode == 2
    assert files(tmp_path) == before


def test_out_readonly(few, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    out.chmod(0o555)
    done = cleaned(few, out, before=as_other())
    assert done.returncode == 3 and "Permission denied" in done.stderr
    assert list(out.iterdir()) == []


def test_out_on_a_readonly_disk(few, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    done = cleaned(few, out, before=mounted(out, "ro"))
    assert done.returncode == 3 and "Read-only file system" in done.stderr


def test_out_symlink(few, tmp_path):
    elsewhere, out = tmp_path / "elsewhere", tmp_path / "out"
    elsewhere.mkdir()
    out.symlink_to(elsewhere)
    assert cleaned(few, out).returncode == 0
    assert len(check_account(elsewhere)) == 9 and out.is_symlink()


def test_out_planted(few, tmp_path):
    """Links in the output folder are replaced or left alone, never followed; what others wrote is left alone."""
    out, outside = tmp_path / "out", tmp_path / "outside"
    for folder in (out, outside, outside / "folder", out / "ccc"):
        folder.mkdir()
    (outside / "x").write_text("precious")
    (out / "aaa").symlink_to(outside / "folder")
    sources = sorted(path.relative_to(few).as_posix() for path in few.rglob("*.*"))
    linked, taken = (name for name in sources if name in ("ccc/00002.html", "ccc/00008.html"))
    (out / f"{linked}.txt").symlink_to(outside / "x")
    (out / f"{taken}.txt").write_text("mine")
    (out / "_report").symlink_to(outside / "folder")
    done = cleaned(few, out)
    assert (outside / "x").read_text() == "precious" and list((outside / "folder").iterdir()) == []
    assert (out / f"{taken}.txt").read_text() == "mine"
    if done.returncode == 3:  # a report cannot go through the link either
        assert "_report" in done.stderr
        (out / "_report").unlink()
        done = cleaned(few, out)
    assert done.returncode == 2
    found = {row["source"]: row for row in rows(out)}
    assert found[linked]["status"] == "written" and not (out / f"{linked}.txt").is_symlink()
    for name in sources:
        if name == taken or name.startswith("aaa/"):
            assert (found[name]["status"], found[name]["error"]["reason"]) == ("quarantined", "in-the-way")


def test_out_is_file(few, tmp_path):
    (tmp_path / "out").write_text("mine")
    assert cleaned(few, tmp_path / "out").returncode == 2
    assert (tmp_path / "out").read_text() == "mine"


# ------------------------------------------------------------------ the machine


def mounted(place: Path, options: str) -> list[str]:
    """Words that run a command where a small disk of its own is mounted; the test is skipped where that may not be."""
    if not allowed("unshare", "-m", "mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)):
        pytest.skip("nothing can be mounted here (unshare -m mount)")
    script = 'place=$0; options=$1; shift; mount -t tmpfs -o "$options" tmpfs "$place" && exec "$@"'
    return ["unshare", "-m", "sh", "-c", script, str(place), options]


@pytest.mark.parametrize("kilobytes", [96, 256, 448, 640] if SOAK else [96, 448])
def test_disk_full(kilobytes, pages, right, tmp_path):
    """What was written is whole, and with more space the run goes on to the same end."""
    small, then, whole = (tmp_path / name for name in ("small", "then", "whole"))
    small.mkdir()
    words = mounted(small, f"size={kilobytes}k")
    script = (
        '"$@"; echo "code $?"; cp -a "$SMALL" "$THEN"; mount -o remount,size=64m "$SMALL"; '
        '"$@"; code=$?; cp -a "$SMALL" "$WHOLE"; exit $code'
    )
    places = {"SMALL": str(small), "THEN": str(then), "WHOLE": str(whole)}
    done = cleaned(pages, small, before=[*words, "sh", "-c", script, "sh"], env=environment(**places))
    assert "code 3" in done.stdout.splitlines(), done.stderr
    assert "No space left" in done.stderr or "full" in done.stderr
    assert [name for name, data in files(then).items() if right.get(name) != data] == []
    assert done.returncode == 2 and files(whole) == right


@pytest.mark.parametrize("limit", ["-f 128", "-n 16"])
def test_quota_and_fd_limit(limit, pages, right, tmp_path):
    """A limit for the size of files or their number stops a run, or does not; nothing is lost."""
    out = tmp_path / "out"
    done = cleaned(pages, out, before=["sh", "-c", f'ulimit {limit}; exec "$@"', "sh"])
    assert done.returncode == 3 or (limit == "-n 16" and done.returncode == 2), done.stderr
    assert [name for name, data in files(out).items() if right.get(name) != data] == []
    assert cleaned(pages, out).returncode == 2
    assert files(out) == right


# ------------------------------------------------------------------ signals


@pytest.mark.parametrize(
    ("number", "whom", "code"),
    [(signal.SIGTERM, "parent", 143), (signal.SIGINT, "group", 130), (signal.SIGINT, "parent", 130)],
    ids=["term", "int", "int_parent"],
)
def test_term_int(number, whom, code, pages, right, tmp_path):
    out = tmp_path / "out"
    running = started(pages, out, "--quiet", patch=OFTEN)
    at_work(out, running)
    (os.killpg if whom == "group" else os.kill)(running.pid, number)
    _, said = running.communicate(timeout=100)
    assert running.returncode == code and "Traceback" not in said, said
    _until(lambda: session(running.pid) == [], 60)
    assert [name for name, data in files(out).items() if right.get(name) != data] == []
    assert cleaned(pages, out).returncode == 2
    assert files(out) == right


def test_double_int(pages, right, tmp_path):
    out = tmp_path / "out"
    running = started(pages, out, "--quiet", patch=OFTEN)
    at_work(out, running)
    for _ in range(2):
        os.killpg(running.pid, signal.SIGINT)
        time.sleep(0.05)
    running.communicate(timeout=100)
    assert running.returncode in (130, -signal.SIGINT)
    _until(lambda: session(running.pid) == [], 60)
    assert [name for name, data in files(out).items() if right.get(name) != data] == []
    assert cleaned(pages, out).returncode == 2
    assert files(out) == right


def workers(running: subprocess.Popen[str]) -> list[psutil.Process]:
    """The workers of a run: children of the process they are forked from."""
    return [worker for child in psutil.Process(running.pid).children() for worker in child.children()]


def ended_right(running, out, right):
    """A run that goes on by itself to the output that it should have."""
    _, said = running.communicate(timeout=100)
    assert running.returncode == 2, said
    assert files(out) == right


@pytest.mark.parametrize("often", [1, 6])
def test_worker_kill(often, pages, right, tmp_path):
    """Who kills a worker costs the run a little time, and no page.

    It is killed over any page but its first: a page whose worker was killed is the first of the next one, which lives
    until that page is through. So no page is hit each time that it is tried.
    """
    out, notes = tmp_path / "out", tmp_path / "notes"
    notes.mkdir()
    patch = OFTEN.replace("poisoned.slowly", "poisoned.slowly_noted")
    running = started(pages, out, patch=patch, env=environment(TEST_NOTES=str(notes)))
    at_work(out, running)
    killed: set[int] = set()

    def kill_one() -> bool:
        found = [one for one in workers(running) if one.pid not in killed and _size(notes / str(one.pid)) > 1]
        for one in found[-1:]:
            one.kill()
            killed.add(one.pid)
        return bool(found)

    for _ in range(often):
        _until(kill_one, 60)
    ended_right(running, out, right)


def test_worker_kill_at_rest(pages, right, tmp_path):
    """A worker that has nothing in hand may be killed, too."""
    out = tmp_path / "out"
    running = started(pages, out, patch=OFTEN)
    _until(lambda: bool(workers(running)), 60)
    for worker in workers(running):
        worker.kill()
    ended_right(running, out, right)


def test_parent_kill(pages, right, tmp_path):
    out = tmp_path / "out"
    running = started(pages, out, patch=OFTEN)
    at_work(out, running)
    running.kill()
    running.communicate()
    _until(lambda: session(running.pid) == [], 60)
    assert cleaned(pages, out).returncode == 2
    assert files(out) == right


# ------------------------------------------------------------------ inputs that change meanwhile


def test_vanish(tmp_path):
    source, out = small_corpus(tmp_path / "in", 60), tmp_path / "out"
    running = started(source, out, patch=OFTEN)
    at_work(out, running)
    gone = sorted(source.rglob("*.html"))[-1]
    gone.unlink()
    running.communicate(timeout=100)
    assert running.returncode == 2
    found = {row["source"]: row for row in check_account(out)}[gone.relative_to(source).as_posix()]
    assert (found["status"], found["error"]["reason"]) == ("skipped", "missing")


def test_grow(tmp_path):
    source, out = small_corpus(tmp_path / "in", 60), tmp_path / "out"
    running = started(source, out, patch=OFTEN)
    at_work(out, running)
    with sorted(source.rglob("*.html"))[-1].open("ab") as file:
        file.write(b"<p>One more paragraph about the town and its barges.</p>" * 50)
    running.communicate(timeout=100)
    assert len(check_account(out)) == 60


# ------------------------------------------------------------------ the same everywhere

#: Python imports it at its start, in workers too: the clock goes wrong, and nothing may reach the network.
STRANGE = """
import os, socket, time
_shift = float(os.environ.get("TEST_SHIFT", 0))
_time, _time_ns = time.time, time.time_ns
time.time = lambda: _time() + _shift
time.time_ns = lambda: _time_ns() + int(_shift * 1e9)
class _Trapped(socket.socket):
    def __init__(self, family=-1, *args, **named):
        if family != socket.AF_UNIX and named.get("fileno") is None:
            os.write(2, b"NETWORK\\n")
            os._exit(99)
        super().__init__(family, *args, **named)
socket.socket = _Trapped
socket.getaddrinfo = lambda *_: os._exit(98)
"""

YEAR = 365 * 24 * 3600

WORLDS = {
    "locale": {"LC_ALL": "C", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "0"},
    "turkish": {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "PYTHONUTF8": "0", "PYTHONHASHSEED": "1"},
    "homeless": {"HOME": "/nonexistent", "PYTHONHASHSEED": "random", "TZ": "America/St_Johns"},
    "clock_back": {"TEST_SHIFT": str(-YEAR), "PYTHONHASHSEED": "7"},
    "clock_on": {"TEST_SHIFT": str(50 * YEAR), "TZ": "Pacific/Kiritimati"},
}


@pytest.mark.parametrize("world", WORLDS)
def test_clock_locale_hashseed_net(world, pages, right, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(STRANGE)
    path = os.pathsep.join([str(tmp_path), environment()["PYTHONPATH"]])
    done = cleaned(pages, tmp_path / "out", env=environment(**WORLDS[world], PYTHONPATH=path))
    assert done.returncode == 2 and "NETWORK" not in done.stderr
    assert files(tmp_path / "out") == right


def test_net(pages, right, tmp_path):
    if not allowed("unshare", "-n", "true"):
        pytest.skip("no network namespaces here (unshare -n); the sockets are trapped in the tests above")
    assert cleaned(pages, tmp_path / "out", "--metadata", before=["unshare", "-n"]).returncode == 2
    assert cleaned(pages, tmp_path / "out", "--restart", before=["unshare", "-n"]).returncode == 2
    assert files(tmp_path / "out") == right


@pytest.mark.parametrize("jobs", [1, 2, 7])
def test_workers(jobs, pages, right, tmp_path):
    assert cleaned(pages, tmp_path / "out", "--jobs", jobs).returncode == 2
    assert files(tmp_path / "out") == right


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_start_method(method, pages, right, tmp_path):
    patch = (
        "import multiprocessing; from cleaner.corpus import item_reader; from cleaner.workers import processes\n"
        f"start = lambda: multiprocessing.get_context({method!r})\n"
        "item_reader.worker_context = processes.worker_context = start"
    )
    done = cleaned(pages, tmp_path / "out", patch=patch)
    assert done.returncode == 2, done.stderr
    assert files(tmp_path / "out") == right


# ------------------------------------------------------------------ others


def test_two_runs(pages, right, tmp_path):
    out = tmp_path / "out"
    running = started(pages, out, patch=OFTEN)
    at_work(out, running)
    for _ in range(2):
        second = cleaned(pages, out)
        assert second.returncode == 2 and "another run" in second.stderr
    running.communicate(timeout=100)
    assert running.returncode == 2
    assert files(out) == right


def test_two_runs_and_the_first_stands_still(few, tmp_path):
    out = tmp_path / "out"
    (out / OURS).mkdir(parents=True)
    state = RunState(out / OURS / "state.sqlite")
    assert cleaned(few, out).returncode == 2
    state.close()
    assert cleaned(few, out).returncode == 0


def test_stdout_closed(few, tmp_path):
    """Who reads only the first line of what a run says does not harm it."""
    words = " ".join([sys.executable, "-m", "cleaner", str(few)])
    for number, ending in enumerate(("| head -1", ">&-", "2>&-", "| true")):
        out = tmp_path / f"out{number}"
        done = subprocess.run(
            f"{words} {out} {ending}", shell=True, capture_output=True, text=True, env=environment(), check=False
        )
        assert "Traceback" not in done.stderr and "Error" not in done.stderr, (ending, done.stderr)
        assert len(check_account(out)) == 9
        assert done.returncode == 0
