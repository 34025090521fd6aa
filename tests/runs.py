"""Corpora for tests of whole runs, the command line as a process where one is needed, and what a run left behind."""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import types
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import psutil
import pytest

from cleaner.corpus.report_files import shard_number
from tests import cli

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("CLEAN_SCRAPE_SHARED", ROOT.parent / "shared"))

#: Tests at full size: ``make soak``.
SOAK = os.environ.get("CLEAN_SCRAPE_SOAK") == "1"

#: Seconds after which a run that says nothing is held to hang.
PATIENCE = 1800 if SOAK else 120

OURS = ".clean-scrape"

_WORDS = """
harbour lock barge keeper council river winter stone bridge ledger gate engineer summer boat crew field tide market
school letter garden window doctor farmer captain evening morning village minister station signal
"""


def page(number: int) -> bytes:
    """A small page of its own for each number: an article between a menu and a footer."""
    dice, words = random.Random(number), _WORDS.split()
    paragraphs = [
        f"<p>In {1900 + dice.randrange(120)} the {' '.join(dice.choices(words, k=9))} of town {number} was moved to "
        f"the {' '.join(dice.choices(words, k=12))}, as the {dice.choice(words)} had asked for.</p>"
        for _ in range(1 + dice.randrange(8))
    ]
    menu = "<nav><ul><li><a href='/'>Home</a></li><li><a href='/news'>News</a></li></ul></nav>"
    foot = "<footer><p>Subscribe to our newsletter | Cookie settings</p></footer>"
    head = f"<!DOCTYPE html><html lang=en><title>Town {number}</title>"
    return f"{head}<body>{menu}{''.join(paragraphs)}{foot}</body></html>".encode()


def small_corpus(root: Path, count: int) -> Path:
    """A folder of small pages, some of them text, some packed wrongly, in three folders."""
    for number in range(count):
        folder = root / ("abc"[number % 3] * 3)
        folder.mkdir(parents=True, exist_ok=True)
        if number % 11 == 5:
            lines = [f"Town {number} had {n} barges that winter, and the keeper wrote them down." for n in range(5)]
            (folder / f"{number:05}.txt").write_text("\n".join([*lines, "Share on Facebook", "Accept all cookies", ""]))
        elif number % 53 == 50:
            (folder / f"{number:05}.html").write_bytes(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 8)
        else:
            (folder / f"{number:05}.html").write_bytes(page(number))
    return root


def development_pages(most: int | None = None) -> list[Path]:
    """Real pages, in order; the test that asks for them is skipped where they are not."""
    folder = SHARED / "data" / "wcxb" / "html"
    if not folder.is_dir():
        pytest.skip(f"there are no development pages in {folder}: set CLEAN_SCRAPE_SHARED")
    return sorted(path for path in folder.iterdir() if path.is_file())[:most]


def unpacked(path: Path) -> bytes:
    """What is in a file, packed or not."""
    data = path.read_bytes()
    return gzip.decompress(data) if path.name.endswith(".gz") else data


def linked(pages: Sequence[Path], root: Path) -> Path:
    """A folder with these pages in it, unpacked."""
    root.mkdir(parents=True)
    for path in pages:
        (root / path.name.removesuffix(".gz")).write_bytes(unpacked(path))
    return root


def hostile() -> types.ModuleType:
    """The maker of hostile inputs; the test that asks for it is skipped where it is not."""
    path = SHARED / "bench" / "hostile.py"
    if not path.is_file():
        pytest.skip(f"there is no {path}: set CLEAN_SCRAPE_SHARED")
    spec = importlib.util.spec_from_file_location("hostile", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def command(*args: object, patch: str = "") -> list[str]:
    """The command line as words; ``patch`` is code that is run in its parent process before."""
    code = f"import sys\nfrom cleaner.cli import main\n{patch}\nmain(sys.argv[1:])"
    return [sys.executable, *(["-c", code] if patch else ["-m", "cleaner"]), *map(str, args)]


def environment(**changes: str) -> dict[str, str]:
    """The environment of this process, from which tests can be imported anywhere, with changes."""
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, **changes}


def cleaned(
    *args: object, patch: str = "", before: Sequence[str] = (), **how: object
) -> cli.Ended | subprocess.CompletedProcess[str]:
    """Run the command line to its end, in this process unless something is asked that only another can give.

    ``before`` are words before its own, a command that runs it; ``how`` goes to ``subprocess.run``.
    """
    if not patch and not before and how.keys() <= {"cwd"}:
        return cli.run(*args, **how)
    how = {"env": environment(), "stdin": subprocess.DEVNULL, "timeout": PATIENCE, **how}
    done = subprocess.run(
        [*before, *command(*args, patch=patch)],
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
        **how,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def started(*args: object, patch: str = "", **how: object) -> subprocess.Popen[str]:
    """Start the command line in a session of its own."""
    how = {"env": environment(), "stdin": subprocess.DEVNULL, "start_new_session": True, **how}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command(*args, patch=patch), text=True, **{**pipes, **how})


def as_other() -> list[str]:
    """Words that run a command with the rights of any other user: root may read and write what it may not.

    The test that asks for them is skipped where root cannot give up its rights.
    """
    if os.geteuid() != 0:
        return []
    rights = "-dac_override,-dac_read_search"
    words = ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}"]
    if not shutil.which("setpriv") or subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip("root cannot give up its rights here (setpriv)")
    return words


def session(leader: int) -> list[psutil.Process]:
    """The living processes of a session."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (OSError, psutil.Error):
            continue
    return found


def files(out: Path) -> dict[str, bytes]:
    """What a run gave: the files of its output folder by name, without our own."""
    found = (path for path in sorted(out.rglob("*")) if path.is_file() and path.relative_to(out).parts[0] != OURS)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in found}


def digest(out: Path) -> str:
    """One hash over all that a run gave."""
    whole = sha256()
    for name, data in sorted(files(out).items()):
        whole.update(f"{name!r} {len(data)}\n".encode("utf-8", "surrogateescape") + data)
    return whole.hexdigest()


def rows(out: Path) -> list[dict]:
    """The rows of the report."""
    return [json.loads(row) for row in (out / "_report" / "pages.jsonl").read_bytes().splitlines()]


def sums(out: Path) -> dict[str, int]:
    """How many pages there were of each status."""
    return json.loads((out / "_report" / "summary.json").read_bytes())["pages"]


def check_account(out: Path) -> list[dict]:
    """The rows of a run by files, when they add up and each output is there once."""
    found, pages = rows(out), sums(out)
    assert pages["seen"] == len(found) == pages["written"] + pages["quarantined"] + pages["skipped"]
    for status in ("written", "quarantined", "skipped"):
        assert pages[status] == sum(row["status"] == status for row in found)
    assert all(row["error"]["reason"] and row["error"]["message"] for row in found if row["status"] != "written")
    assert len({row["source"] for row in found}) == len(found)
    outputs = [row["output"] for row in found if row["status"] == "written"]
    if all(shard_number(output) is not None for output in outputs):
        outputs = list(set(outputs))
    assert sorted(outputs) == sorted(name for name in files(out) if not name.startswith("_report/"))
    restored = cleaned("restore", out)
    assert restored.returncode == 0, restored.stderr
    assert restored.stdout.startswith(f"{pages['written']:,} page")
    return found
