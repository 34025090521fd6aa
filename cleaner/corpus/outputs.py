"""Outputs of a run: a safe name of its own for each input, and files that are whole or not there."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import IO

from cleaner.corpus.inputs import REPORT
from cleaner.errors import InputError
from cleaner.records import Kind

#: Our own folder for what is not finished yet.
STATE = ".clean-scrape"

#: A part of a path of more bytes is cut; file systems end at 255.
LONGEST_PART = 200

_HTML_ENDINGS = (".html", ".htm", ".xhtml", ".xht", ".shtml", ".gz")
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})


class Names:
    """Gives each input an output name that no other input has, also where case does not count.

    Names depend on the inputs before, so ask in the order of the inputs.
    """

    def __init__(self) -> None:
        self._files: set[bytes] = set()
        self._folders: set[bytes] = set()

    def take(self, name: str, kind: Kind) -> str:
        """The output path, parts joined by "/", for the input ``name`` of this kind."""
        whole = kind == "text" and not name.lower().endswith(_HTML_ENDINGS)
        *folders, last = (_safe(part) for part in name.split("/"))
        if folders and folders[0] in (REPORT, STATE):
            folders[0] = _percent(folders[0][0]) + folders[0][1:]
        for depth in range(len(folders)):
            while _key("/".join(folders[: depth + 1])) in self._files:
                folders[depth] = _marked(folders[depth], name)
        last = last if whole else last + ".txt"
        free = "/".join((*folders, last))
        while free in (REPORT, STATE) or _key(free) in self._files or _key(free) in self._folders:
            last = _marked(last, name)
            free = "/".join((*folders, last))
        self._files.add(_key(free))
        self._folders.update(_key("/".join(folders[:n])) for n in range(1, len(folders) + 1))
        return free


def _key(path: str) -> bytes:
    """Equal for names that some file system holds to be the same; 8 bytes, to hold millions."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
    return blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _marked(part: str, name: str) -> str:
    """``part`` with a mark made from the whole name, before its last ending."""
    stem, dot, ending = part.rpartition(".")
    mark = "~" + blake2b(os.fsencode(name), digest_size=4).hexdigest()
    return f"{stem}{mark}.{ending}" if stem and dot else part + mark


def _safe(part: str) -> str:
    """A part of a path that every system can hold and every terminal can show."""
    safe = "".join(_percent(c) if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in part)
    if safe.partition(".")[0].lower() in _RESERVED:
        safe = _percent(safe[0]) + safe[1:]
    if safe.endswith((".", " ")):
        safe = safe[:-1] + _percent(safe[-1])
    raw = safe.encode("utf-8")
    if len(raw) > LONGEST_PART:
        ending = "." + safe.rpartition(".")[2] if "." in safe[-8:] else ""
        safe = _marked(raw[: LONGEST_PART - 50].decode("utf-8", "ignore") + ending, part)
    return safe


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogateescape"))


def _abandoned(part: str) -> bool:
    """True for an unfinished file of a process that was killed; another run may still be at work on its own."""
    pid = part.partition("-")[0]
    if os.name != "posix" or not pid.isdigit():  # elsewhere asking for a process would end it
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


class Folder:
    """The output folder. Files appear under their names only when they are complete.

    All methods raise OSError when the disk refuses.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._temporary = root / STATE / "tmp"
        self._temporary.mkdir(parents=True, exist_ok=True)
        self._made = {root}
        for part in self._temporary.iterdir():
            if _abandoned(part.name):
                part.unlink(missing_ok=True)

    def write(self, name: str, data: bytes, source: Path | None = None) -> None:
        """Write ``data`` under ``name``; refuses to write over ``source``."""
        target = self.root / name
        if source is not None and target.exists() and source.exists() and target.samefile(source):
            raise InputError(
                "its output would overwrite it; choose another output folder", source=name, reason="in-is-out"
            )
        with self.open(name) as file:
            file.write(data)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A file to write that gets its name when the block ends well."""
        part = self._temporary / f"{os.getpid()}-{_key(name).hex()}"
        try:
            with part.open("wb") as file:
                yield file
            target = self.root / name
            self._make(target.parent)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)

    def _make(self, folder: Path) -> None:
        """Make a folder and those above it, without following a link that lies in the way."""
        missing = []
        while folder not in self._made:
            missing.append(folder)
            folder = folder.parent
        for one in reversed(missing):
            if one.is_symlink():
                raise NotADirectoryError(f"{one} is a symbolic link; outputs are not written through links")
            one.mkdir(exist_ok=True)
            self._made.add(one)

    def close(self) -> None:
        """Take our own folder away again when nothing is left in it."""
        for folder in (self._temporary, self._temporary.parent):
            try:
                folder.rmdir()
            except OSError:
                return
