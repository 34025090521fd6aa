"""The same page gets the same verdicts: whatever the hash seed, the threads and the instructions of the processor."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.score_digest import PINNED, pages

ROOT = Path(__file__).parents[1]

#: What each run sets for itself.
OURS = ("PYTHONHASHSEED", "OPENBLAS_NUM_THREADS", "NPY_DISABLE_CPU_FEATURES")


def simd() -> list[str]:
    """The instruction sets beyond the baseline that numpy uses on this machine, and that can be switched off."""
    return list(np.show_config(mode="dicts").get("SIMD Extensions", {}).get("found", []))


def run(**environment: str) -> str:
    """The digests, from a process of its own."""
    usual = {name: value for name, value in os.environ.items() if name not in OURS}
    done = subprocess.run(
        [sys.executable, "-m", "tests.score_digest", "--show"],
        check=False,
        cwd=ROOT,
        env=usual | environment,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def plain() -> str:
    return run(PYTHONHASHSEED="1", OPENBLAS_NUM_THREADS="1")


def changed(one: str, other: str) -> list[str]:
    """The pages whose digests differ, without the line of all."""
    names = [*zip(one.splitlines(), other.splitlines(), strict=True)]
    return [left.split()[0] for left, right in names if left != right and not left.startswith("all ")]


def test_verdicts_are_those_pinned(plain):
    message = f"verdicts changed; when that is meant, write {PINNED.name} anew: python -m tests.score_digest"
    assert changed(PINNED.read_text("utf-8"), plain) == [], message
    assert PINNED.read_text("utf-8") == plain, message


def test_verdicts_do_not_depend_on_hash_seed_threads_or_processor(plain):
    other = {"PYTHONHASHSEED": "4242", "OPENBLAS_NUM_THREADS": "2"}
    assert changed(plain, run(**other)) == []
    if simd():
        assert changed(plain, run(**other, NPY_DISABLE_CPU_FEATURES=" ".join(simd()))) == []


def test_pages_are_of_many_sorts():
    made = dict(pages())
    assert len(made) >= 40
    assert len(set(made.values())) == len(made)
    assert sum(text.startswith("<!doctype") for text in made.values()) == len(made) / 2
