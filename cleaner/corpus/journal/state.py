"""The state of an output folder, an SQLite file: the records of the current run and of the last finished run.

A run that was killed resumes after its last checkpoint. A run over inputs that were cleaned before takes unchanged
pages from the last run. The file is locked while a run writes into the folder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.corpus.journal.database import Database

_SCHEMA = """
CREATE TABLE IF NOT EXISTS page (
    run INTEGER, position INTEGER, source TEXT, print BLOB, kind TEXT, output TEXT, sha BLOB, check_sum INTEGER,
    row_start INTEGER, row_end INTEGER, patch_start INTEGER, patch_end INTEGER,
    shard INTEGER, nth INTEGER, record_start INTEGER, record_end INTEGER, site TEXT,
    PRIMARY KEY (run, position)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_source ON page (run, source);
CREATE TABLE IF NOT EXISTS output (name TEXT PRIMARY KEY, sha BLOB) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS taken (key BLOB, folder INTEGER, position INTEGER, PRIMARY KEY (key, folder)) WITHOUT ROWID;
"""


class Entry(NamedTuple):
    """The record of one input.

    ``fingerprint`` covers its content and the template that it was compared with. ``kind`` is empty when it failed.
    ``output_hash`` is the sha256 of its body. The other fields are the places of its row, its patch and its record in
    the files of the report, in bytes; ``nth`` is the record's number in its shard, from 0, and ``check_sum`` is the
    CRC-32 of row and patch, or of row and record. ``site`` is the site that it was compared with, "" for none.
    """

    position: int
    source: str
    fingerprint: bytes
    kind: str
    output: str
    output_hash: bytes
    check_sum: int
    row_start: int
    row_end: int
    patch_start: int
    patch_end: int
    shard: int
    nth: int
    record_start: int
    record_end: int
    site: str = ""


#: Settings that are lists of hashes, with their description: a message gives only the number of their changes.
_LISTS = {"allow": "the allow-list"}

#: The columns of an entry, in the order of its fields.
_COLUMNS = (
    "position, source, print, kind, output, sha, check_sum, row_start, row_end, patch_start, patch_end, "
    "shard, nth, record_start, record_end, site"
)


class RunState(Database):
    """The state of an output folder. Close it to let other runs write there.

    Raises InputError when another run is writing there or the file is damaged, OSError when writing fails.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, _SCHEMA)
        if not self._one("SELECT 1 FROM pragma_table_info('page') WHERE name = 'site'"):  # of an earlier version
            self._execute("ALTER TABLE page ADD COLUMN site TEXT")
        self.run = int(self.read_note("run") or 1)
        self.count = self._count()

    def add(self, entry: Entry) -> None:
        """Record the next input."""
        marks = ", ".join("?" * (len(entry) + 1))
        self._execute(f"INSERT INTO page (run, {_COLUMNS}) VALUES ({marks})", (self.run, *entry))  # noqa: S608
        if entry.output:
            self.add_output(entry.output, entry.output_hash)
        self.count += 1

    def add_output(self, name: str, output_hash: bytes) -> None:
        """Record that we wrote the output ``name``. A file of this name is ours as long as it has this sha256."""
        self._execute("INSERT OR REPLACE INTO output VALUES (?, ?)", (name, output_hash))

    def at(self, position: int) -> Entry | None:
        """Return the entry of this run at a position, None when there is none."""
        return self._entry("run = ? AND position = ?", (self.run, position))

    def before(self, source: str) -> Entry | None:
        """Return the entry of a source in the last finished run, None when there is none."""
        return self._entry("run = ? AND source = ?", (self.run - 1, source))

    def has_last_run(self) -> bool:
        """Return True when an earlier run came to its end."""
        return self._one("SELECT 1 FROM page WHERE run = ? LIMIT 1", (self.run - 1,)) is not None

    def output_hash(self, name: str) -> bytes | None:
        """Return the sha256 of our last output of this name, None when there was none."""
        found = self._one("SELECT sha FROM output WHERE name = ?", (name,))
        return bytes(found[0]) if found else None

    def ends(self) -> Mapping[str, int]:
        """Return the lengths of the report's files up to the last recorded input, in bytes.

        The length of the rows is under "row", that of the patches under the kind of page.
        """
        row = self._one("SELECT max(row_end) FROM page WHERE run = ?", (self.run,))
        patches = self._rows("SELECT kind, max(patch_end) FROM page WHERE run = ? GROUP BY kind", (self.run,))
        return {"row": int(row[0] or 0) if row else 0, **{str(kind): int(end) for kind, end in patches if kind}}

    def shard(self) -> tuple[int, int, int]:
        """Return the number of the shard that is being filled, how many records it has, and how many bytes."""
        where = "run = ? AND record_end > 0 ORDER BY position DESC LIMIT 1"
        found = self._one(f"SELECT shard, nth + 1, record_end FROM page WHERE {where}", (self.run,))  # noqa: S608
        return (int(found[0]), int(found[1]), int(found[2])) if found else (0, 0, 0)

    def forget_from(self, position: int) -> None:
        """Delete the entries of this run from a position on."""
        self._execute("DELETE FROM page WHERE run = ? AND position >= ?", (self.run, position))
        self._execute("DELETE FROM taken WHERE position >= ?", (position,))
        self.count = self._count()
        self.commit()

    def taken(self, folder: bool) -> TakenNames:
        """Return the keys of the output names, or of their folders, that this run has used."""
        return TakenNames(self, folder)

    def next_run(self) -> None:
        """Make the current run the last finished one, and delete the entries of the run before it."""
        self._execute("DELETE FROM page WHERE run < ?", (self.run,))
        self._execute("DELETE FROM taken")
        self.run += 1
        self.write_note("run", str(self.run))
        self.write_note("finishing", "")
        self.count = 0
        self.commit()

    def forget_runs(self) -> None:
        """Delete the entries of all runs, so that everything is cleaned again. The hashes of our outputs stay."""
        self._execute("DELETE FROM page")
        self._execute("DELETE FROM taken")
        self.write_note("finishing", "")
        self.count = 0
        self.commit()

    def _count(self) -> int:
        found = self._one("SELECT max(position) + 1 FROM page WHERE run = ?", (self.run,))
        return int(found[0] or 0) if found else 0

    def _entry(self, where: str, values: tuple[Any, ...]) -> Entry | None:
        found = self._one(f"SELECT {_COLUMNS} FROM page WHERE {where}", values)  # noqa: S608
        return Entry(*found) if found else None


class TakenNames:
    """Keys of the names that a run has used, on disk: there may be millions."""

    def __init__(self, state: RunState, folder: bool) -> None:
        self._state, self._folder = state, folder

    def __contains__(self, key: object, /) -> bool:
        """Return True when the key was added."""
        sql = "SELECT 1 FROM taken WHERE key = ? AND folder = ?"
        return self._state._one(sql, (key, self._folder)) is not None

    def add(self, key: bytes, /) -> None:
        """Add a key for the input that is being recorded."""
        values = (key, self._folder, self._state.count)
        self._state._execute("INSERT OR IGNORE INTO taken VALUES (?, ?, ?)", values)


def describe_changes(old: str, new: Mapping[str, Any]) -> list[str]:
    """Return the parts of a configuration that differ from ``old``, the JSON of an earlier one, with both values."""
    try:
        before = json.loads(old)
        names = sorted({*before, *new})
    except (ValueError, TypeError, RecursionError):
        return ["everything (the earlier configuration cannot be read)"]
    found = []
    for name in names:
        one, other = before.get(name), json.loads(json.dumps(new.get(name)))
        if name == "sites" and isinstance(one, dict) and isinstance(other, dict):
            one, other = _without_shared(one), _without_shared(other)
        if name in _LISTS and isinstance(one, list) and isinstance(other, list):
            found += _list_changes(name, one, other)
        elif isinstance(one, dict) and isinstance(other, dict):
            found += [f"{name}.{part}" for part in describe_changes(json.dumps(one), other)]
        elif one != other:
            found.append(f"{name}: {_brief(one)} -> {_brief(other)}")
    return found


def _without_shared(sites: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of sites without the values that all sites share: their changes are named once."""
    shared = (*_LISTS, "silenced")
    return {
        site: {name: value for name, value in own.items() if name not in shared} if isinstance(own, dict) else own
        for site, own in sites.items()
    }


def _list_changes(name: str, old: list[Any], new: list[Any]) -> list[str]:
    """Return how many entries were added to a list of hashes and how many were removed."""
    before, after = (frozenset(json.dumps(one) for one in side) for side in (old, new))
    sides = ((after - before, "added"), (before - after, "taken out"))
    found = [f"{len(side):,} {'line' if len(side) == 1 else 'lines'} {what}" for side, what in sides if side]
    return [f"{name} ({_LISTS[name]}): {', '.join(found)}"] if found else []


def _brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
