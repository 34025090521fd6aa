"""What a run has done so far, and what the run before it did: an SQLite file in the output folder.

A run that was killed goes on after its last checkpoint; a run over inputs that were cleaned before takes what
is unchanged from the run before. Whoever has the file open is the only one at work in the folder.
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
    """One input that was done.

    ``print`` is the fingerprint of its content, ``kind`` is empty when it failed; ``sha`` is that of its body. The
    rest says where in the files of the report its row, its patch and its record lie; ``nth`` is the record's
    number in its shard, ``check_sum`` covers all three. ``site`` is what its lines were compared with, "" for nothing;
    the fingerprint covers that, too.
    """

    position: int
    source: str
    print: bytes
    kind: str
    output: str
    sha: bytes
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


#: Lists of which only the number of changes is told, in which words.
_LISTS = {"allow": "the allow-list"}

_FIELDS = ", ".join(Entry._fields)


class State(Database):
    """The state of an output folder; close it to let others in.

    Raises InputError when another run is at work there or the file is damaged, OSError when the disk refuses.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, _SCHEMA)
        if not self._one("SELECT 1 FROM pragma_table_info('page') WHERE name = 'site'"):  # of an earlier version
            self._execute("ALTER TABLE page ADD COLUMN site TEXT")
        self.run = int(self.about("run") or 1)
        self.count = self._count()

    def add(self, entry: Entry) -> None:
        """Add the next input that was done."""
        marks = ", ".join("?" * (len(entry) + 1))
        self._execute(f"INSERT INTO page (run, {_FIELDS}) VALUES ({marks})", (self.run, *entry))  # noqa: S608
        if entry.output:
            self.own(entry.output, entry.sha)
        self.count += 1

    def own(self, name: str, sha: bytes) -> None:
        """Know what lies under an output name as ours, as long as it has this hash."""
        self._execute("INSERT OR REPLACE INTO output VALUES (?, ?)", (name, sha))

    def at(self, position: int) -> Entry | None:
        """What this run did at a position."""
        return self._entry("run = ? AND position = ?", (self.run, position))

    def before(self, source: str) -> Entry | None:
        """What the finished run before this one made of a source."""
        return self._entry("run = ? AND source = ?", (self.run - 1, source))

    def has_before(self) -> bool:
        """Tell whether a finished run before this one is known."""
        return self._one("SELECT 1 FROM page WHERE run = ? LIMIT 1", (self.run - 1,)) is not None

    def written(self, name: str) -> bytes | None:
        """The hash of what we last wrote under an output name, None when that was never ours."""
        found = self._one("SELECT sha FROM output WHERE name = ?", (name,))
        return bytes(found[0]) if found else None

    def ends(self) -> Mapping[str, int]:
        """How long the files of the report are, up to the last input that was done: by "row" and kind."""
        row = self._one("SELECT max(row_end) FROM page WHERE run = ?", (self.run,))
        patches = self._rows("SELECT kind, max(patch_end) FROM page WHERE run = ? GROUP BY kind", (self.run,))
        return {"row": int(row[0] or 0) if row else 0, **{str(kind): int(end) for kind, end in patches if kind}}

    def shard(self) -> tuple[int, int, int]:
        """The shard that is being filled, how many records it has, and how many bytes."""
        where = "run = ? AND record_end > 0 ORDER BY position DESC LIMIT 1"
        found = self._one(f"SELECT shard, nth + 1, record_end FROM page WHERE {where}", (self.run,))  # noqa: S608
        return (int(found[0]), int(found[1]), int(found[2])) if found else (0, 0, 0)

    def cut(self, position: int) -> None:
        """Forget what this run did from a position on."""
        self._execute("DELETE FROM page WHERE run = ? AND position >= ?", (self.run, position))
        self._execute("DELETE FROM taken WHERE position >= ?", (position,))
        self.count = self._count()
        self.commit()

    def taken(self, folder: bool) -> TakenNames:
        """The keys of output names, or of their folders, that this run has given."""
        return TakenNames(self, folder)

    def next_run(self) -> None:
        """This run is finished, and the one before it is forgotten."""
        self._execute("DELETE FROM page WHERE run < ?", (self.run,))
        self._execute("DELETE FROM taken")
        self.run += 1
        self.note("run", str(self.run))
        self.note("finishing", "")
        self.count = 0
        self.commit()

    def forget(self) -> None:
        """Start over: nothing counts as done, but outputs stay known as ours."""
        self._execute("DELETE FROM page")
        self._execute("DELETE FROM taken")
        self.note("finishing", "")
        self.count = 0
        self.commit()

    def _count(self) -> int:
        found = self._one("SELECT max(position) + 1 FROM page WHERE run = ?", (self.run,))
        return int(found[0] or 0) if found else 0

    def _entry(self, where: str, values: tuple[Any, ...]) -> Entry | None:
        found = self._one(f"SELECT {_FIELDS} FROM page WHERE {where}", values)  # noqa: S608
        return Entry(*found) if found else None


class TakenNames:
    """Keys that a run has given, on disk: millions of them must not fill the memory."""

    def __init__(self, state: State, folder: bool) -> None:
        self._state, self._folder = state, folder

    def __contains__(self, key: object, /) -> bool:
        """Tell whether the key was added."""
        sql = "SELECT 1 FROM taken WHERE key = ? AND folder = ?"
        return self._state._one(sql, (key, self._folder)) is not None

    def add(self, key: bytes, /) -> None:
        """Add a key, as of the input that is being done."""
        values = (key, self._folder, self._state.count)
        self._state._execute("INSERT OR IGNORE INTO taken VALUES (?, ?, ?)", values)


def changes(old: str, new: Mapping[str, Any]) -> list[str]:
    """Which parts of a configuration differ from the one that was noted as JSON, with both values."""
    try:
        before = json.loads(old)
        names = sorted({*before, *new})
    except (ValueError, TypeError, RecursionError):
        return ["everything (what was noted is damaged)"]
    found = []
    for name in names:
        one, other = before.get(name), json.loads(json.dumps(new.get(name)))
        if name == "sites" and isinstance(one, dict) and isinstance(other, dict):
            one, other = _own(one), _own(other)
        if name in _LISTS and isinstance(one, list) and isinstance(other, list):
            found += _listed(name, one, other)
        elif isinstance(one, dict) and isinstance(other, dict):
            found += [f"{name}.{part}" for part in changes(json.dumps(one), other)]
        elif one != other:
            found.append(f"{name}: {_brief(one)} -> {_brief(other)}")
    return found


def _own(sites: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of sites without what holds for all of them: its changes are told once."""
    shared = (*_LISTS, "silenced")
    return {
        site: {name: value for name, value in own.items() if name not in shared} if isinstance(own, dict) else own
        for site, own in sites.items()
    }


def _listed(name: str, old: list[Any], new: list[Any]) -> list[str]:
    """What became of a list whose entries tell a person nothing: hashes of lines."""
    before, after = (frozenset(json.dumps(one) for one in side) for side in (old, new))
    sides = ((after - before, "added"), (before - after, "taken out"))
    said = [f"{len(side):,} {'line' if len(side) == 1 else 'lines'} {what}" for side, what in sides if side]
    return [f"{name} ({_LISTS[name]}): {', '.join(said)}"] if said else []


def _brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
