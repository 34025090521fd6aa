"""Inputs of a run: a folder walked in a fixed order, a single file, or standard input."""

from __future__ import annotations

import errno
import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import BinaryIO

from cleaner.errors import InputError, UnreadableError
from cleaner.report.escape import display_name

#: A page of more bytes than this is refused, packed or not: memory stays bounded.
PAGE_CAP = 64 * 1024 * 1024

#: Data that unpacks to more than this many times its size is refused, once it passes RATIO_FREE.
RATIO_CAP, RATIO_FREE = 1_000, 10 * 1024 * 1024

#: Archives inside archives are opened this deep.
DEPTH_CAP = 4

#: Folders that belong to tools, not to a corpus.
LEFT_OUT = frozenset({".git", ".hg", ".svn", ".clean-scrape"})

#: The folder of our report below an output folder.
REPORT = "_report"

_PIECE = 1024 * 1024
_GZIP = b"\x1f\x8b\x08"
_SPECIAL = {
    stat.S_IFLNK: ("symlink", "is a symbolic link; links are not followed"),
    stat.S_IFIFO: ("fifo", "is a named pipe, not a file"),
    stat.S_IFSOCK: ("socket", "is a socket, not a file"),
    stat.S_IFCHR: ("device", "is a device, not a file"),
    stat.S_IFBLK: ("device", "is a device, not a file"),
}


@dataclass(frozen=True, slots=True)
class Input:
    """One input: ``name`` is its path below the folder given, with "/" between the parts.

    ``path`` is where it lies, None for standard input. ``reason`` and ``message`` say why it is not
    to be opened, when it is not. ``size`` is that of the file when it was found.
    """

    name: str
    path: Path | None = None
    reason: str = ""
    message: str = ""
    size: int = 0

    @property
    def source(self) -> str:
        """The name as valid Unicode, for people and reports."""
        return display_name(self.name)


def find(root: Path, leave_out: Path | None = None) -> Iterator[Input]:
    """Yield the inputs under ``root``, a folder or a single file, sorted by the bytes of their names.

    Links, pipes, sockets and devices are yielded with the reason why they are not opened. Folders of
    version control, our own report folders and ``leave_out`` are passed over.
    """
    if not root.is_dir():
        yield named(root)
        return
    barred = leave_out.resolve() if leave_out else None
    waiting = [("", root)]
    while waiting:
        name, path = waiting.pop()
        if not name or name.endswith("/"):
            waiting += _entries(path, name, barred)
        else:
            yield Input(name, path, *_special(path))


def named(path: Path) -> Input:
    """The input of a single file that somebody named; who names a link means what it points to."""
    whole = path.resolve()
    with suppress(OSError):
        if stat.S_ISFIFO(path.stat().st_mode):  # also one without a name, as <(command) gives
            return Input(path.name, whole, "fifo", "is a pipe, not a file; only `clean-scrape - OUT` reads from one")
    return Input(path.name, whole, *_special(whole))


def _entries(folder: Path, name: str, barred: Path | None) -> list[tuple[str, Path]]:
    """What lies in a folder, in reverse order; the names of folders end in "/"."""
    try:
        with os.scandir(folder) as listing:
            found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in listing]
    except OSError:
        # Named like a file, the folder fails when it is opened, and is reported then.
        return [(name.rstrip("/") or ".", folder)]
    kept = [
        (f"{name}{part}{'/' if is_dir else ''}", folder / part)
        for part, is_dir in found
        if not (is_dir and (part in LEFT_OUT or _is_barred(folder / part, barred)))
    ]
    return sorted(kept, key=lambda pair: os.fsencode(pair[0]), reverse=True)


def _is_barred(folder: Path, barred: Path | None) -> bool:
    if barred is not None and folder.name == barred.name and folder.resolve() == barred:
        return True
    return folder.name == REPORT and (folder / "pages.jsonl").is_file() and (folder / "summary.json").is_file()


def _special(path: Path) -> tuple[str, str, int]:
    try:
        status = path.lstat()
    except OSError:
        return "", "", 0  # opening it will say what is wrong
    return *_SPECIAL.get(stat.S_IFMT(status.st_mode), ("", "")), status.st_size


def read_input(item: Input) -> bytes:
    """The bytes of an input, unpacked when they are gzip.

    Raises InputError when it cannot be opened or is no regular file, UnreadableError when it is too
    big or its compression is damaged.
    """
    if item.reason:
        raise InputError(item.message, source=item.source, reason=item.reason)
    data = _stdin(item) if item.path is None else read_regular(item.path, item.source)
    return unpacked(data, item.source)


def _stdin(item: Input) -> bytes:
    data = sys.stdin.buffer.read(PAGE_CAP + 1)
    if len(data) > PAGE_CAP:
        raise _too_big(item.source)
    return data


def read_regular(path: Path, source: str) -> bytes:
    """The bytes of a regular file.

    Raises InputError as ``open_regular`` does, UnreadableError when the file is larger than PAGE_CAP.
    """
    with open_regular(path, source) as file:
        try:
            data = file.read(PAGE_CAP + 1)
        except OSError as error:
            raise _unopened(error, source) from error
    if len(data) > PAGE_CAP:
        raise _too_big(source)
    return data


def open_regular(path: Path, source: str) -> BinaryIO:
    """A regular file, open for reading; never waits for a pipe, never follows a link in the last part.

    Raises InputError.
    """
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    try:
        file = os.fdopen(os.open(path, flags), "rb")
    except OSError as error:
        raise _unopened(error, source) from error
    mode = os.fstat(file.fileno()).st_mode
    if not stat.S_ISREG(mode):
        file.close()
        reason, message = _SPECIAL.get(stat.S_IFMT(mode), ("not-a-file", "is not a regular file"))
        raise InputError(message, source=source, reason=reason)
    return file


def hash_of(path: Path) -> bytes | None:
    """The SHA-256 of a regular file, None when there is none that can be read."""
    try:
        with open_regular(path, path.name) as file:
            return file_digest(file, "sha256").digest()  # type: ignore[arg-type]
    except (InputError, OSError):
        return None


def _unopened(error: OSError, source: str) -> InputError:
    if error.errno == errno.ELOOP:
        return InputError(_SPECIAL[stat.S_IFLNK][1], source=source, reason="symlink")
    what = error.strerror or type(error).__name__
    if isinstance(error, FileNotFoundError):
        return InputError(f"is gone or was never there ({what})", source=source, reason="missing")
    return InputError(f"cannot be read ({what}); check its permissions", source=source, reason="unreadable")


def unpacked(data: bytes, source: str) -> bytes:
    """``data``, or what it unpacks to when it is gzip, by content and not by name.

    Raises UnreadableError: ``cut-gzip`` when the stream is cut or damaged, ``too-big`` when it unpacks
    to more than the caps allow, ``nested`` when archives lie too deep in one another.
    """
    for _ in range(DEPTH_CAP):
        if not data.startswith(_GZIP):
            return data
        data = _gunzip(data, source)
    if data.startswith(_GZIP):
        raise UnreadableError(f"is packed more than {DEPTH_CAP} times", source=source, reason="nested")
    return data


def _gunzip(data: bytes, source: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            while part := stream.read(_PIECE):
                parts.append(part)
                size += len(part)
                if size > PAGE_CAP or (size > RATIO_FREE and size > RATIO_CAP * len(data)):
                    raise _too_big(source)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableError(
            f"the gzip stream is cut or damaged ({error}); fetch the page again", source=source, reason="cut-gzip"
        ) from error
    return b"".join(parts)


def _too_big(source: str) -> UnreadableError:
    return UnreadableError(
        f"is larger than {PAGE_CAP // 2**20} MB unpacked, or unpacks to more than {RATIO_CAP:,} times its size",
        source=source,
        reason="too-big",
    )
