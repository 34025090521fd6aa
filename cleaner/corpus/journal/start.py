"""The beginning of a run: what the run before left behind is finished, kept or swept away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cleaner.corpus.finished.html_pages import drop_browsed, move_browsed
from cleaner.corpus.journal.state import State, changes
from cleaner.corpus.outputs import Folder
from cleaner.corpus.report_files import (
    REPORT_FILES,
    REPORT_FOLDER,
    ROWS_FILE,
    shard_name,
)
from cleaner.errors import InputError
from cleaner.files.opening import hash_of, open_regular

#: Below the state folder: the report that grows, and the one before it.
GROWING, LAST = "run", "last"


@contextmanager
def opened(folder: Folder, configuration: Mapping[str, Any], restart: bool) -> Iterator[tuple[Folder, State]]:
    """The folder and its state, ready to go on or to begin.

    Raises InputError when another run is at work there, or the run before had another configuration.
    """
    state = State(folder.state / "state.sqlite")
    try:
        (folder.state / ".gitignore").write_text("*\n", "ascii")
        if state.about("finishing"):
            settle(folder, state)
        _check_configuration(state, configuration, restart)
        _check_shards(folder, state)
        _recover(folder, state)
        _retire(folder, state)
        yield folder, state
    finally:
        state.close()


def settle(folder: Folder, state: State) -> None:
    """Give the files of a run that has come to its end their names; may be repeated.

    Raises OSError.
    """
    growing = folder.state / GROWING
    shards = [str(name) for name in json.loads(state.about("finishing"))]
    for name in shards:
        if (growing / name).exists():
            folder.move(growing / name, name)
    for name in _shards(state):
        if name not in shards:
            (folder.root / name).unlink(missing_ok=True)
    move_browsed(growing, folder)
    for name in REPORT_FILES:
        if (growing / name).exists():
            folder.move(growing / name, f"{REPORT_FOLDER}/{name}")
    state.note("shards", json.dumps(shards))
    state.next_run()
    for own in (GROWING, LAST):
        shutil.rmtree(folder.state / own, ignore_errors=True)


def _shards(state: State) -> list[str]:
    return [str(name) for name in json.loads(state.about("shards") or "[]")]


def _check_configuration(state: State, configuration: Mapping[str, Any], restart: bool) -> None:
    now = json.dumps(configuration, sort_keys=True)
    before = state.about("configuration")
    if restart:
        state.forget()
    elif before and before != now:
        found = "\n".join(f"  {change}" for change in changes(before, configuration))
        raise InputError(
            f"the output folder holds pages that were cleaned with another configuration:\n{found}\n"
            "add --restart to clean everything again, or name another folder",
            reason="configuration",
        )
    state.note("configuration", now)
    state.commit()


def _check_shards(folder: Folder, state: State) -> None:
    """Raise InputError when somebody else's files have the names of shards."""
    ours = _shards(state)
    for ending in ("jsonl", "parquet"):
        name = shard_name(0, ending)
        if name not in ours and (folder.root / name).exists():
            raise InputError(
                f"{folder.root / name} was not written by clean-scrape, or its state is gone; move it away, or name "
                "another folder",
                reason="in-the-way",
            )


def _recover(folder: Folder, state: State) -> None:
    """Give bodies their names that were accounted for but not moved; the others go."""
    for part in sorted(folder.temporary.iterdir()):
        entry = state.at(int(part.name)) if part.name.isdecimal() and len(part.name) < 18 else None
        if entry and entry.output and hash_of(part) == entry.sha:
            folder.move(part, entry.output)
        elif part.is_file() or part.is_symlink():
            part.unlink(missing_ok=True)


def _retire(folder: Folder, state: State) -> None:
    """Put the report before this one aside: it would not fit the pages that are written from here on."""
    last = folder.state / LAST
    known = state.has_before()
    drop_browsed(folder.root / REPORT_FOLDER)
    if not known:
        _adopt(folder.root / REPORT_FOLDER / ROWS_FILE, state)
    for name in reversed(REPORT_FILES):
        report = folder.root / REPORT_FOLDER / name
        if known and report.is_file() and not report.is_symlink():
            last.mkdir(exist_ok=True)
            report.replace(last / name)
        else:
            with suppress(FileNotFoundError, NotADirectoryError):
                report.unlink()


def _adopt(report: Path, state: State) -> None:
    """Know the outputs of a report as ours whose state is gone."""
    with suppress(InputError), open_regular(report, report.name) as rows:
        for row in rows:
            with suppress(ValueError, LookupError, TypeError, RecursionError):
                found = json.loads(row)
                state.own(str(found["output"]), bytes.fromhex(found["output_sha256"]))


def finished_folders(folder: Folder) -> tuple[Path, ...]:
    """Where the files of the report before this one lie."""
    return folder.state / LAST, folder.root
