"""Memory of runs over more and more short pages: it must not grow with their number."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.runs.commands import Command, Run, into_shards, ours
from bench.runs.corpora import short
from bench.runs.measured import Memory
from bench.score import share
from bench.tables import Table

#: A slope is given for so many pages.
PAGES = 100_000

_FORMS: tuple[tuple[str, Command], ...] = (("jsonl", into_shards), ("files", ours))


def tables(most: int, jobs: int, below: Path) -> list[Table]:
    """Peaks by number of pages, and how much memory more pages take, between the last two numbers."""
    rows: dict[str, dict[str, object]] = {}
    slopes: dict[str, dict[str, object]] = {}
    for form, command in _FORMS:
        found: list[tuple[int, Memory]] = []
        for count in sizes(most):
            pages = short(count, form, below)
            done, _ = Run(form, command, pages, jobs).once(below, memory=True)
            if done.code:  # all these pages are good: the memory of a run that lost some has no meaning
                raise SystemExit(f"a run over {count:,} pages ended with {done.code}:\n{done.stderr}")
            shutil.rmtree(pages.path) if pages.is_folder else pages.path.unlink()
            found.append((count, done.memory))
            row = {"MB": pages.bytes / 1e6, "pages/s": share(count, done.seconds)}
            rows[f"{pages.name}: {count:,} pages"] = row | _named(done.memory)
        if len(found) > 1:
            slopes[pages.name] = _named(slope(found))
    title = f"Peak memory in MB over generated pages of 1 to 2 KB, {jobs} at work"
    growth = f"Growth of peak memory: MB for {PAGES:,} pages more, between the last two numbers of pages"
    return [Table(title, rows), Table(growth, slopes)] if slopes else [Table(title, rows)]


def sizes(most: int) -> list[int]:
    """Numbers of pages: ``most``, a tenth and a hundredth of it, from 1,000 on."""
    return [count for count in (most // 100, most // 10) if count >= 1000] + [most]


def slope(found: Sequence[tuple[int, Memory]]) -> Memory:
    """How much more of each kind of memory 100,000 pages take, between the last two numbers of pages."""
    (fewer, low), (more, high) = found[-2:]
    step = PAGES / (more - fewer)
    before, after = asdict(low), asdict(high)
    return Memory(**{name: (after[name] - before[name]) * step for name in before})


def _named(memory: Memory) -> dict[str, object]:
    return {
        "parent RSS": memory.parent,
        "parent PSS": memory.parent_pss,
        "worker RSS": memory.worker,
        "worker PSS": memory.worker_pss,
        "all PSS": memory.together,
    }
