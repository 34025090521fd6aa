"""Many hooks at once on one data file, and an editor that keeps saving: old or new, never a mixture of both."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runs import ROOT, SOAK

PROCESSES, SAVES, ROWS = (12, 24, 8) if SOAK else (6, 9, 8)

# Forks before it fixes, so that the processes do not each read the program; they end when the file `stop` is there.
FIXERS = """
import os, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from cleaner.corpus.items import Fields
from cleaner.errors import InputError
from cleaner.inplace import rows
from cleaner.inplace.rewrite import fix_rows
from cleaner.settings.record import Settings
from tests.test_inplace_rows import judge
rows.clean = judge
judge("Kept.", settings=Settings())
path, stop = map(Path, sys.argv[1:])

def tell(row, error):
    os._exit(3)  # no save holds a row that cannot be read

def work():
    fixed = 0
    while not stop.exists():
        try:
            fixed += fix_rows(path, Fields(), Settings(), tell) is not None
        except InputError as error:
            if error.reason != "changed":
                return 2
    return 0 if fixed else 1

children = []
for _ in range({processes}):
    child = os.fork()
    if not child:
        os._exit(work())
    children.append(child)
print("ready", flush=True)
print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
"""


def unpack(data: bytes) -> bytes:
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def save(number: int) -> bytes:
    """What the editor saves: rows that all name their save, each save of other lengths, so that a mixture shows."""
    texts = (f"Save {number}, row {row}.{' Kept.' * (number % 5)}\nJUNK\n" for row in range(ROWS))
    return b"".join(json.dumps({"save": number, "text": text}).encode() + b"\n" for text in texts)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.parametrize("pack", [bytes, lambda data: gzip.compress(data, 1)], ids=["plain", "gzip"])
def test_hooks_and_an_editor_on_one_file(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    folder, stop = tmp_path / "data", tmp_path / "stop"
    folder.mkdir()
    path = folder / "pages.jsonl"
    path.write_bytes(pack(save(0)))
    code = FIXERS.format(root=str(ROOT), processes=PROCESSES)
    seen = set()
    with subprocess.Popen([sys.executable, "-c", code, path, stop], stdout=subprocess.PIPE, text=True) as fixers:
        assert fixers.stdout is not None
        assert fixers.stdout.readline() == "ready\n"
        for number in range(SAVES):
            fresh = tmp_path / "editor"
            fresh.write_bytes(pack(save(number)))
            fresh.replace(path)
            for _ in range(6 * (number % 3)):  # often too fast for the hooks, at times not
                seen.add(path.read_bytes())
                time.sleep(0.02)
        until = time.monotonic() + 60
        while b"JUNK" in unpack(path.read_bytes()) and time.monotonic() < until:
            time.sleep(0.02)
        stop.touch()
        said = fixers.stdout.read()
    codes = json.loads(said)
    assert set(codes) <= {0, 1}, "a hook failed for another reason than a changed file, or read a row that was none"
    assert 0 in codes, "no hook ever fixed the file"
    seen.add(path.read_bytes())
    legal = {text for number in range(SAVES) for text in (save(number), save(number).replace(b"JUNK\\n", b""))}
    assert {unpack(data) for data in seen} <= legal
    assert b"JUNK" not in unpack(path.read_bytes())
    assert [entry.name for entry in folder.iterdir()] == ["pages.jsonl"]
