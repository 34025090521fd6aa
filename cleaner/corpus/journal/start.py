"""The beginning and the end of a run: files of earlier runs are completed, set aside or deleted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cleaner.corpus.finished.html_pages import delete_html_report, publish_html_report
from cleaner.corpus.journal.state import RunState, describe_changes
from cleaner.corpus.outputs import Folder
from cleaner.corpus.report_files import (
    REPORT_FILES,
    REPORT_FOLDER,
    ROWS_FILE,
    SUMMARY_FILE,
    shard_name,
)
from cleaner.errors import InputError
from cleaner.files.opening import hash_of, open_regular

#: Below the state folder: the files of the growing report, and of the last report.
GROWING_FOLDER, LAST_FOLDER = "run", "last"


@contextmanager
def open_journal(folder: Folder, configuration: Mapping[str, Any], restart: bool) -> Iterator[tuple[Folder, RunState]]:
    """Open the state of an output folder and prepare the folder, so that a run can begin or resume.

    With ``restart`` the records of earlier runs are deleted. Raises InputError when another run is writing there, or
    when an earlier run had another configuration.
    """
    state = RunState(folder.state / "state.sqlite")
    try:
        (folder.state / ".gitignore").write_text("*\n", "ascii")
        if state.read_note("finishing"):
            _publish_report(folder, state)
        _check_configuration(state, configuration, restart)
        _check_shards(folder, state)
        _finish_bodies(folder, state)
        _set_aside(folder, state)
        yield folder, state
    finally:
        state.close()


def finish_report(folder: Folder, state: RunState, sums: Mapping[str, Any]) -> None:
    """Write the sums of a run, which name its shards, beside the growing report, and publish the report.

    Raises OSError.
    """
    data = json.dumps(sums, ensure_ascii=False, indent=2, sort_keys=True).encode("utf-8", "backslashreplace")
    (folder.state / GROWING_FOLDER / SUMMARY_FILE).write_bytes(data + b"\n")
    state.write_note("finishing", json.dumps([*sums["shards"]]))
    state.commit()
    _publish_report(folder, state)


def _publish_report(folder: Folder, state: RunState) -> None:
    """Give the files of a finished run their final names. It may be repeated after a kill.

    Raises OSError.
    """
    growing = folder.state / GROWING_FOLDER
    shards = [str(name) for name in json.loads(state.read_note("finishing"))]
    for name in shards:
        if (growing / name).exists():
            folder.move(growing / name, name)
    for name in _last_shards(state):
        if name not in shards:
            (folder.root / name).unlink(missing_ok=True)
    publish_html_report(growing, folder)
    for name in REPORT_FILES:
        if (growing / name).exists():
            folder.move(growing / name, f"{REPORT_FOLDER}/{name}")
    state.write_note("shards", json.dumps(shards))
    state.next_run()
    for own in (GROWING_FOLDER, LAST_FOLDER):
        shutil.rmtree(folder.state / own, ignore_errors=True)


def _last_shards(state: RunState) -> list[str]:
    return [str(name) for name in json.loads(state.read_note("shards") or "[]")]


def _check_configuration(state: RunState, configuration: Mapping[str, Any], restart: bool) -> None:
    now = json.dumps(configuration, sort_keys=True)
    before = state.read_note("configuration")
    if restart:
        state.forget_runs()
    elif before and before != now:
        found = "\n".join(f"  {change}" for change in describe_changes(before, configuration))
        raise InputError(
            f"the output folder holds pages that were cleaned with another configuration:\n{found}\n"
            "add --restart to clean everything again, or name another folder",
            reason="configuration",
        )
    state.write_note("configuration", now)
    state.commit()


def _check_shards(folder: Folder, state: RunState) -> None:
    """Raise InputError when files that we did not write have the names of shards."""
    ours = _last_shards(state)
    for ending in ("jsonl", "parquet"):
        name = shard_name(0, ending)
        if name not in ours and (folder.root / name).exists():
            raise InputError(
                f"{folder.root / name} was not written by clean-scrape, or its state is gone; move it away, or name "
                "another folder",
                reason="in-the-way",
            )


def _finish_bodies(folder: Folder, state: RunState) -> None:
    """Move recorded bodies that were not moved yet to their names, and delete all other unfinished files."""
    for part in sorted(folder.temporary.iterdir()):
        entry = state.at(int(part.name)) if part.name.isdecimal() and len(part.name) < 18 else None
        if entry and entry.output and hash_of(part) == entry.output_hash:
            folder.move(part, entry.output)
        elif part.is_file() or part.is_symlink():
            part.unlink(missing_ok=True)


def _set_aside(folder: Folder, state: RunState) -> None:
    """Move the last report into the state folder, since the new pages will no longer fit to it."""
    last = folder.state / LAST_FOLDER
    known = state.has_last_run()
    delete_html_report(folder.root / REPORT_FOLDER)
    if not known:
        _adopt_outputs(folder.root / REPORT_FOLDER / ROWS_FILE, state)
    for name in reversed(REPORT_FILES):
        report = folder.root / REPORT_FOLDER / name
        if known and report.is_file() and not report.is_symlink():
            last.mkdir(exist_ok=True)
            report.replace(last / name)
        else:
            with suppress(FileNotFoundError, NotADirectoryError):
                report.unlink()


def _adopt_outputs(report: Path, state: RunState) -> None:
    """Record the outputs of a report as ours when the state that recorded them is gone."""
    with suppress(InputError), open_regular(report, report.name) as rows:
        for row in rows:
            with suppress(ValueError, LookupError, TypeError, RecursionError):
                found = json.loads(row)
                state.add_output(str(found["output"]), bytes.fromhex(found["output_sha256"]))


def finished_folders(folder: Folder) -> tuple[Path, ...]:
    """Return the folders in which files of the last report lie, the set-aside ones first."""
    return folder.state / LAST_FOLDER, folder.root
