"""Opening files of any kind safely: without waiting for a pipe, without following a link, and with a limit of size."""

from __future__ import annotations

import errno
import os
import stat
from hashlib import file_digest
from pathlib import Path
from typing import BinaryIO

from cleaner.errors import InputError, UnreadableError

#: Bytes of a page, packed or unpacked; a larger one is refused, so that memory stays bounded.
PAGE_CAP = 64 * 1024 * 1024

#: Data that unpack to more than RATIO_CAP times their size are refused, once they have more than RATIO_FREE bytes.
RATIO_CAP, RATIO_FREE = 1_000, 10 * 1024 * 1024

#: Kinds of files that are not opened, each with its reason and its message.
SPECIAL_KINDS = {
    stat.S_IFLNK: ("symlink", "is a symbolic link; links are not followed"),
    stat.S_IFIFO: ("fifo", "is a named pipe, not a file"),
    stat.S_IFSOCK: ("socket", "is a socket, not a file"),
    stat.S_IFCHR: ("device", "is a device, not a file"),
    stat.S_IFBLK: ("device", "is a device, not a file"),
}


def read_regular(path: Path, source: str) -> bytes:
    """The bytes of a regular file.

    Raises InputError as ``open_regular`` does, UnreadableError when the file is larger than PAGE_CAP.
    """
    with open_regular(path, source) as file:
        try:
            data = file.read(PAGE_CAP + 1)
        except OSError as error:
            raise unopened(error, source) from error
    if len(data) > PAGE_CAP:
        raise too_big(source)
    return data


def open_regular(path: Path, source: str) -> BinaryIO:
    """A regular file, opened to read; never waits for a pipe, never follows a link in the last part.

    Raises InputError.
    """
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    try:
        number = os.open(path, flags)
    except OSError as error:
        raise unopened(error, source) from error
    kind = stat.S_IFMT(os.fstat(number).st_mode)
    if kind != stat.S_IFREG:
        os.close(number)
        reason, message = SPECIAL_KINDS.get(kind, ("not-a-file", "is not a regular file"))
        raise InputError(message, source=source, reason=reason)
    return os.fdopen(number, "rb")


def hash_of(path: Path) -> bytes | None:
    """The SHA-256 of a regular file, None when it does not exist or cannot be read."""
    try:
        with open_regular(path, path.name) as file:
            return file_digest(file, "sha256").digest()  # type: ignore[arg-type]
    except (InputError, OSError):
        return None


def unopened(error: OSError, source: str) -> InputError:
    """Convert an error of the system that occurred when opening a file."""
    if error.errno == errno.ELOOP:
        return InputError(SPECIAL_KINDS[stat.S_IFLNK][1], source=source, reason="symlink")
    what = error.strerror or type(error).__name__
    if isinstance(error, FileNotFoundError):
        return InputError(f"does not exist ({what})", source=source, reason="missing")
    return InputError(f"cannot be read ({what}); check its permissions", source=source, reason="unreadable")


def too_big(source: str) -> UnreadableError:
    """The error for data larger than the limits."""
    return UnreadableError(
        f"is larger than {PAGE_CAP // 2**20} MB unpacked, or unpacks to more than {RATIO_CAP:,} times its size",
        source=source,
        reason="too-big",
    )
