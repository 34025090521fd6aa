"""Inputs of a run: a folder walked in a fixed order, a single file, or standard input."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cleaner.corpus.report_files import STATE_FOLDER, is_report
from cleaner.files.opening import SPECIAL_KINDS
from cleaner.lines.display import display_name

#: Folders of tools, which hold no pages.
TOOL_FOLDERS = frozenset({".git", ".hg", ".svn", STATE_FOLDER})


@dataclass(frozen=True, slots=True)
class Input:
    """One input: ``name`` is its path below the folder given, with "/" between the parts.

    ``path`` is where it lies, None for standard input. ``reason`` and ``message`` are set when it must not be opened.
    ``size`` is that of the file when it was found, in bytes.
    """

    name: str
    path: Path | None = None
    reason: str = ""
    message: str = ""
    size: int = 0

    @property
    def source(self) -> str:
        """The name as valid Unicode, for messages and reports."""
        return display_name(self.name)


def find(root: Path, output_folder: Path | None = None) -> Iterator[Input]:
    """Yield the inputs under ``root``, a folder or a single file, sorted by the bytes of their names.

    Links, pipes, sockets and devices are yielded with the reason why they are not opened. Folders of version control,
    our own report folders and ``output_folder`` are passed over.
    """
    if not root.is_dir():
        yield named(root)
        return
    excluded = output_folder.resolve() if output_folder else None
    waiting = [("", root)]
    while waiting:
        name, path = waiting.pop()
        if not name or name.endswith("/"):
            waiting += _entries(path, name, excluded)
        else:
            yield Input(name, path, *_special(path))


def named(path: Path) -> Input:
    """Return the input of a single file that the user named. A link stands for the file that it points to."""
    whole = path.resolve()
    with suppress(OSError):
        if stat.S_ISFIFO(path.stat().st_mode):  # also one without a name, as <(command) gives
            return Input(path.name, whole, "fifo", "is a pipe, not a file; only `clean-scrape - OUT` reads from one")
    return Input(path.name, whole, *_special(whole))


def _entries(folder: Path, name: str, excluded: Path | None) -> list[tuple[str, Path]]:
    """Return names and paths of what lies in a folder, in reverse order. Names of folders end in "/"."""
    try:
        with os.scandir(folder) as listing:
            found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in listing]
    except OSError:
        # Named like a file, the folder fails when it is opened later, and is reported.
        return [(name.rstrip("/") or ".", folder)]
    kept = [
        (f"{name}{part}{'/' if is_dir else ''}", folder / part)
        for part, is_dir in found
        if not (is_dir and (part in TOOL_FOLDERS or _is_excluded(folder / part, excluded)))
    ]
    return sorted(kept, key=lambda pair: os.fsencode(pair[0]), reverse=True)


def _is_excluded(folder: Path, excluded: Path | None) -> bool:
    if excluded is not None and folder.name == excluded.name and folder.resolve() == excluded:
        return True
    return is_report(folder)


def _special(path: Path) -> tuple[str, str, int]:
    try:
        status = path.lstat()
    except OSError:
        return "", "", 0  # opening it raises the error
    return *SPECIAL_KINDS.get(stat.S_IFMT(status.st_mode), ("", "")), status.st_size
