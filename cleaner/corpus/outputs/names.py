"""Names of outputs: a safe one of its own for each input."""

from __future__ import annotations

import os
import unicodedata
from hashlib import blake2b
from typing import Protocol

from cleaner.corpus.report_files import REPORT_FOLDER, STATE_FOLDER
from cleaner.records import Kind

#: A part of a path of more bytes is cut; file systems end at 255.
LONGEST_PART = 200

_HTML_ENDINGS = (".html", ".htm", ".xhtml", ".xht", ".shtml", ".gz", ".zst")
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})


class Taken(Protocol):
    """A set of keys, in memory or on disk."""

    def __contains__(self, key: object, /) -> bool:
        """Tell whether the key was added."""

    def add(self, key: bytes, /) -> None:
        """Add a key; nothing happens when it is there."""


class Names:
    """Gives each input an output name that no other input has, also where case does not count.

    Names depend on the inputs before, so ask in the order of the inputs. ``ending`` is that of outputs whose input
    has another one.
    """

    def __init__(self, files: Taken, folders: Taken, ending: str = ".txt") -> None:
        self._files = files
        self._folders = folders
        self._ending = ending

    def take(self, name: str, kind: Kind) -> str:
        """The output path, parts joined by "/", for the input ``name`` of this kind; no other gets it from now on."""
        free = self.free(name, kind)
        self.keep(free)
        return free

    def keep(self, free: str) -> None:
        """Give a path that is free away."""
        self._files.add(path_key(free))
        folders = free.split("/")[:-1]
        for depth in range(1, len(folders) + 1):
            self._folders.add(path_key("/".join(folders[:depth])))

    def free(self, name: str, kind: Kind) -> str:
        """The path that ``take`` would give."""
        whole = kind == "text" and not name.lower().endswith(_HTML_ENDINGS)
        if self._ending != ".txt":  # the body of a text page is a text under any name, but Markdown by its ending only
            whole = whole and name.lower().endswith(self._ending)
        *folders, last = (_safe(part) for part in name.split("/"))
        if folders and folders[0] in (REPORT_FOLDER, STATE_FOLDER):
            folders[0] = _percent(folders[0][0]) + folders[0][1:]
        for depth in range(len(folders)):
            while path_key("/".join(folders[: depth + 1])) in self._files:
                folders[depth] = _marked(folders[depth], name)
        last = last if whole else last + self._ending
        free = "/".join((*folders, last))
        while free in (REPORT_FOLDER, STATE_FOLDER) or path_key(free) in self._files or path_key(free) in self._folders:
            last = _marked(last, name)
            free = "/".join((*folders, last))
        return free


def path_key(path: str) -> bytes:
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
