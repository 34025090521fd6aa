"""An SQLite file in the output folder that one run at a time has open."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cleaner.errors import InputError

#: Bytes of the longest path that SQLite opens, less room for the endings of its additional files.
MAX_PATH_BYTES = 500

_ABOUT = "CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"


class Database:
    """An SQLite file with the tables of ``schema`` and a table of notes. Changes last from the next ``commit`` on.

    Raises InputError when another run is writing there or the file is damaged, OSError when writing fails.
    """

    def __init__(self, path: Path, schema: str) -> None:
        self._path = path
        if len(os.fsencode(path.absolute())) > MAX_PATH_BYTES:
            raise InputError(f"the path of the output folder is too long for SQLite: {path}; choose a shorter one")
        try:
            self._db = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise _translated(error, path) from error
        try:
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_ABOUT + schema)
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            self._db.close()
            raise _translated(error, path) from error

    def close(self) -> None:
        """Close the file. Changes that were not committed are lost."""
        self._db.close()

    def read_note(self, key: str) -> str:
        """Return the value of a note, "" when there is none."""
        found = self._one("SELECT value FROM about WHERE key = ?", (key,))
        return str(found[0]) if found else ""

    def write_note(self, key: str, value: str) -> None:
        """Set the value of a note."""
        self._execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (key, value))

    def commit(self) -> None:
        """Make all changes so far survive a kill, and begin the next transaction."""
        self._execute("COMMIT")
        self._execute("BEGIN IMMEDIATE")

    def _one(self, sql: str, values: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
        return next(iter(self._rows(sql, values)), None)

    def _rows(self, sql: str, values: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        return iter(self._execute(sql, values))

    def _stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Yield rows that need not fit into memory. Write nothing until all of them are read."""
        try:
            yield from self._db.execute(sql)
        except sqlite3.Error as error:
            raise _translated(error, self._path) from error

    def _execute(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise _translated(error, self._path) from error


def _translated(error: sqlite3.Error, path: Path) -> Exception:
    """Convert an error of SQLite: InputError for another run or a damaged file, OSError for the machine."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return InputError("another run is writing into this folder; wait for it, or name another folder", reason="busy")
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return InputError(f"{path} is damaged; delete it, and everything is cleaned again", reason="state")
    return OSError(f"{path}: {error}")
