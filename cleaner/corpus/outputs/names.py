"""Names of outputs: safe for every system, and different for each input."""

from __future__ import annotations

import os
import unicodedata
from hashlib import blake2b
from typing import Protocol

from cleaner.corpus.report_files import REPORT_FOLDER, STATE_FOLDER
from cleaner.records import Kind

#: Bytes of a part of a path; a longer part is cut. File systems allow 255.
MAX_PART_BYTES = 200

_HTML_ENDINGS = (".html", ".htm", ".xhtml", ".xht", ".shtml", ".gz", ".zst")
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})


class Taken(Protocol):
    """A set of keys, in memory or on disk."""

    def __contains__(self, key: object, /) -> bool:
        """Tell whether the key was added."""

    def add(self, key: bytes, /) -> None:
        """Add a key; nothing happens when it is there."""


class Names:
    """Gives each input an output name that no other input has, also on file systems that ignore case.

    Names depend on earlier inputs, so call ``take`` in the order of the inputs. ``ending`` is added to the name of an
    input with another ending.
    """

    def __init__(self, files: Taken, folders: Taken, ending: str = ".txt") -> None:
        self._files = files
        self._folders = folders
        self._ending = ending

    def take(self, name: str, kind: Kind) -> str:
        """Return the output path, with "/" between its parts, for the input ``name``, and mark it as used."""
        free = self.free(name, kind)
        self.keep(free)
        return free

    def keep(self, free: str) -> None:
        """Mark a free path as used."""
        self._files.add(path_key(free))
        folders = free.split("/")[:-1]
        for depth in range(1, len(folders) + 1):
            self._folders.add(path_key("/".join(folders[:depth])))

    def free(self, name: str, kind: Kind) -> str:
        """Return the path that ``take`` would return, without marking it."""
        whole = kind == "text" and not name.lower().endswith(_HTML_ENDINGS)
        if self._ending != ".txt":  # plain text may have any ending, Markdown only its own
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
    """Return 8 bytes that are equal for names which some file system treats as the same. Millions fit into memory."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
    return blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _marked(part: str, name: str) -> str:
    """Return ``part`` with a hash of the whole name before its last ending."""
    stem, dot, ending = part.rpartition(".")
    mark = "~" + blake2b(os.fsencode(name), digest_size=4).hexdigest()
    return f"{stem}{mark}.{ending}" if stem and dot else part + mark


def _safe(part: str) -> str:
    """Return a part of a path in a form that every system can store and every terminal can show."""
    safe = "".join(_percent(c) if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in part)
    if safe.partition(".")[0].lower() in _RESERVED:
        safe = _percent(safe[0]) + safe[1:]
    if safe.endswith((".", " ")):
        safe = safe[:-1] + _percent(safe[-1])
    raw = safe.encode("utf-8")
    if len(raw) > MAX_PART_BYTES:
        ending = "." + safe.rpartition(".")[2] if "." in safe[-8:] else ""
        safe = _marked(raw[: MAX_PART_BYTES - 50].decode("utf-8", "ignore") + ending, part)
    return safe


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogateescape"))
