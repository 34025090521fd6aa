"""What the one parent process of a local run does for each page: it bounds how many workers a machine can feed."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.pages import items
from bench.runs.measured import Spent, spent
from bench.score import share
from bench.tables import Table

#: Pages of the run that is taken for the start.
START_PAGES = 4

JOBS = 2

#: Commands over a folder, by name.
PLAIN, TWO_PASS, COUNT = "clean", "clean, two passes", "profile"


def tables(data: Path, part: int, below: Path | None) -> Iterator[Table]:
    """CPU milliseconds a page of parent and workers, and cores that the parent feeds when it does nothing else."""
    with tempfile.TemporaryDirectory(prefix="bench-scale-", dir=below) as folder:
        pages = _folder(data, part, Path(folder, "pages"))
        few = Path(folder, "few")
        for path in sorted(path for path in pages.rglob("*") if path.is_file())[:START_PAGES]:
            (few / path.parent.name).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, few / path.parent.name / path.name)
        number = sum(1 for path in pages.rglob("*") if path.is_file())
        rows = {name: _row(name, pages, few, number) for name in (PLAIN, TWO_PASS, COUNT)}
    note = (
        f"{JOBS} workers; the time of a run over {START_PAGES} pages is subtracted."
        " Cores: those of the workers that one parent keeps busy."
    )
    yield Table(f"A local run: CPU milliseconds a page, {number:,} pages", rows, note)


def _folder(data: Path, part: int, place: Path) -> Path:
    index = json.loads((data / "sites" / "index.json").read_text("utf-8"))
    for item in items(data, "sites", part):
        (place / index[item.name]["site"]).mkdir(parents=True, exist_ok=True)
        (place / index[item.name]["site"] / f"{item.name}.html").write_bytes(item.html(data))
    return place


def _row(name: str, pages: Path, few: Path, number: int) -> dict[str, object]:
    start, whole = _run(name, few), _run(name, pages)
    done = number - START_PAGES
    parent = (whole.parent_cpu - start.parent_cpu) * 1000 / done
    workers = (whole.cpu - start.cpu) * 1000 / done - parent
    return {
        "parent": parent,
        "workers": workers,
        "cores": share(workers, parent),
        "pages/s at most": share(1000, parent),
    }


def _run(name: str, pages: Path) -> Spent:
    """Run a command into a place of its own. Raises SystemExit when it fails."""
    with tempfile.TemporaryDirectory(prefix="out-", dir=pages.parent) as out:
        command = [sys.executable, "-m", "cleaner"]
        more = ["--jobs", str(JOBS), "--site-key", "folder", "--quiet"]
        if name == COUNT:
            command += ["profile", str(pages), "-o", f"{out}/all.profile.jsonl", *more]
        else:
            command += ["run", str(pages), f"{out}/clean", "--format", "jsonl"]
            command += ["--two-pass", *more] if name == TWO_PASS else more[:2] + more[4:]
        done = spent(command)
    if done.code:
        raise SystemExit(f"{' '.join(command)} ended with {done.code}:\n{done.stderr}")
    return done
