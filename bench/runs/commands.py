"""The commands that are compared, and rounds of them in turn."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.runs.corpora import Corpus
from bench.runs.measured import Spent, outputs, spent

#: Input folder or file, output folder, number of workers in; a command out.
Command = Callable[[Path, Path, int], list[str]]


def ours(source: Path, out: Path, jobs: int) -> list[str]:
    """``clean-scrape IN OUT``."""
    return [_script("clean-scrape"), str(source), str(out), "--jobs", str(jobs), "--quiet"]


def into_shards(source: Path, out: Path, jobs: int) -> list[str]:
    """``clean-scrape IN OUT`` that writes files of many records."""
    return [*ours(source, out, jobs), "--format", "jsonl"]


def trafilatura(source: Path, out: Path, jobs: int) -> list[str]:
    """``trafilatura --input-dir IN``, as it comes."""
    return [_script("trafilatura"), "--input-dir", str(source), "--output-dir", str(out), "--parallel", str(jobs)]


def _script(name: str) -> str:
    """The script that was installed with this interpreter, whatever the PATH is."""
    found = shutil.which(name, path=sysconfig.get_path("scripts"))
    if found is None:
        raise SystemExit(f"{name} is not installed beside {sys.executable}: pip install .")
    return found


@dataclass(frozen=True, slots=True)
class Run:
    """What is run. ``jobs`` is the number of workers."""

    name: str
    command: Command
    corpus: Corpus
    jobs: int

    def once(self, below: Path, *, memory: bool = False, first: bool = False) -> tuple[Spent, int]:
        """Run it in a folder that is removed afterwards; what it took, and how many files it wrote.

        Raises SystemExit when it wrote none. Pages that were refused are no failure: what is written is counted.
        """
        with folder(below) as out:
            return self.into(out, memory=memory, first=first)

    def into(self, out: Path, *, memory: bool = False, first: bool = False) -> tuple[Spent, int]:
        """Run it, and leave its output there."""
        command = self.command(self.corpus.path, out, self.jobs)
        found = spent(command, memory=memory, first=out if first else None)
        if not (written := outputs(out)):
            raise SystemExit(f"{' '.join(command)} wrote nothing and ended with {found.code}:\n{found.stderr}")
        return found, written


@contextmanager
def folder(below: Path) -> Iterator[Path]:
    """A name for an output folder; what is in it goes in the end."""
    out = below / "out"
    try:
        yield out
    finally:
        shutil.rmtree(out, ignore_errors=True)


def in_turn(runs: Sequence[Run], rounds: int, below: Path) -> list[list[Spent]]:
    """What each run took in each round: all runs in turn, so that a machine that slows down slows all of them."""
    found: list[list[Spent]] = [[] for _ in runs]
    for _ in range(rounds):
        for one, those in zip(runs, found, strict=True):
            those.append(one.once(below)[0])
    return found


def bare(corpus: Corpus, below: Path) -> dict[str, float]:
    """Seconds on the clock and CPU seconds of the bare library over a folder."""
    with folder(below) as out:
        command = [sys.executable, "-m", "bench.runs.loop", str(corpus.path), str(out)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 (our own module)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def middle(values: Sequence[float]) -> float:
    """The median, 0 of nothing."""
    return float(median(values)) if values else 0.0


def spread(values: Sequence[float]) -> float:
    """Half of the way from the least to the most, over the median."""
    return (max(values) - min(values)) / 2 / middle(values) if middle(values) else 0.0
