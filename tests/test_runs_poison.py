"""A page that crashes, exhausts or hangs a worker costs itself, and is named; all others are written.

Under soak with the limits of a real run, which let a page hang for its ten seconds of CPU time.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tests.poisoned import MARK
from tests.runs import PATIENCE, SOAK, check_account, cleaned, page, session, started

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="signals of POSIX")

PAGES = 1000 if SOAK else 300

#: How many pages have a poison, and the reasons that fit it.
KINDS = {
    "kill": (9 if SOAK else 3, {"worker-died"}),
    "segv": (8 if SOAK else 2, {"worker-died"}),
    "memory": (7 if SOAK else 2, {"memory"}),
    "exit": (7 if SOAK else 2, {"worker-died"}),
    "raise": (7 if SOAK else 2, {"internal"}),
    "spin": (3 if SOAK else 1, {"time-budget"}),
    "sleep": (2 if SOAK else 1, {"time-budget"}),
}

#: What makes the workers of a run take the poison in.
TAKEN = "from cleaner.corpus import run; from tests import poisoned; run.process_task = poisoned.poisoned"


#: Limits of a second, and half a gigabyte.
LIMITED = """
from functools import partial
sys.modules["cleaner.cli.run"].Job = partial(run.Job, limits=poisoned.Short(seconds=1.0, memory=512 * 2**20))
"""

#: Says at the end how many kB of memory the parent process had at most.
MEASURED = """
import atexit
from pathlib import Path
status = Path("/proc/self/status")
atexit.register(lambda: print(*(row for row in status.read_text().split("\\n") if "VmHWM" in row), file=sys.stderr))
"""


def poisoned_pages(root: Path) -> tuple[Path, dict[str, str]]:
    """Pages, and which of them are poisoned."""
    root.mkdir()
    kinds = [kind for kind, (count, _) in KINDS.items() for _ in range(count)]
    # Spread unevenly: some share a batch, some follow each other.
    places = [(number * 97 + number * number) % PAGES for number in range(200)]
    places = list(dict.fromkeys(places))[: len(kinds)]
    poison = {f"{at:05}.html": kind for at, kind in zip(places, kinds, strict=True)}
    for number in range(PAGES):
        name = f"{number:05}.html"
        mark = b"<!-- " + MARK + poison[name].encode() + b"; -->" if name in poison else b""
        (root / name).write_bytes(mark + page(number))
    return root, poison


def test_poisoned_pages_cost_themselves_only(tmp_path):
    source, poison = poisoned_pages(tmp_path / "in")
    patch = TAKEN if SOAK else f"{TAKEN}{LIMITED}"
    done = cleaned(source, tmp_path / "out", patch=patch + (MEASURED if sys.platform == "linux" else ""))
    assert done.returncode == 2
    rows = check_account(tmp_path / "out")
    assert [row["source"] for row in rows] == sorted(path.name for path in source.iterdir())
    failed = {row["source"]: row["error"]["reason"] for row in rows if row["status"] == "quarantined"}
    wrong = {name: (poison.get(name), reason) for name, reason in failed.items() if not fits(poison.get(name), reason)}
    assert wrong == {}
    assert sorted(failed) == sorted(poison) and len(failed) == sum(count for count, _ in KINDS.values())
    assert sum(row["status"] == "written" for row in rows) == PAGES - len(failed)
    peaks = [int(row.split()[1]) for row in done.stderr.splitlines() if row.startswith("VmHWM")]
    assert all(peak < 200 * 1024 for peak in peaks) and len(peaks) == (sys.platform == "linux")


def fits(kind: str | None, reason: str) -> bool:
    return kind is not None and reason in KINDS[kind][1]


def test_the_workers_of_poisoned_pages_are_gone_when_the_run_is_over(tmp_path):
    """A worker that hangs is not only given up, it is ended."""
    source = tmp_path / "in"
    source.mkdir()
    for number, kind in enumerate(("spin", "sleep", "kill")):
        (source / f"{number}.html").write_bytes(b"<!-- " + MARK + kind.encode() + b"; -->" + page(number))
    running = started(source, tmp_path / "out", patch=f"{TAKEN}{LIMITED}")
    running.communicate(timeout=PATIENCE)
    until = time.monotonic() + 60
    while (left := session(running.pid)) and time.monotonic() < until:
        time.sleep(0.02)
    assert left == []
    assert [row["status"] for row in check_account(tmp_path / "out")] == ["quarantined"] * 3
