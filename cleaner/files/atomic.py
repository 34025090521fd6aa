"""Putting a new file in the place of an old one in one step, unless somebody else wrote to it meanwhile."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import IO

from cleaner.errors import CleanScrapeError, InputError
from cleaner.files.opening import open_regular, read_regular

_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What tells whether a file is still as it was read: the hash of its bytes, and its status before reading."""

    digest: bytes
    status: os.stat_result

    def same(self, other: Snapshot) -> bool:
        """True when nobody wrote to the file between the two readings.

        The bytes count too: two writes within one tick of the clock leave the same time.
        """
        return self.digest == other.digest and _identity(self.status) == _identity(other.status)


def read_file(path: Path) -> tuple[bytes, Snapshot]:
    """Read a regular file whole; links, folders, pipes and devices are refused with InputError."""
    status = status_of(path)
    data = read_regular(path, str(path))
    return data, Snapshot(digest_of([data]), status)


def status_of(path: Path) -> os.stat_result:
    """The status of what lies at a path; ask before reading, so that a write during it shows. Raises InputError."""
    try:
        return path.lstat()
    except OSError as error:
        raise _failed("read", path, error) from error


def snapshot(path: Path) -> Snapshot:
    """The snapshot of a regular file of any size. Raises InputError."""
    status = status_of(path)
    with open_regular(path, str(path)) as file:
        try:
            return Snapshot(digest_of(iter(lambda: file.read(_PIECE), b"")), status)
        except OSError as error:
            raise _failed("read", path, error) from error


def replace_file(path: Path, body: bytes, before: Snapshot | None) -> None:
    """Put ``body`` in the place of a file; see ``replacing``."""
    with replacing(path, before) as file:
        file.write(body)


@contextmanager
def replacing(path: Path, before: Snapshot | None) -> Iterator[IO[bytes]]:
    """A file to write that takes the place of the one at ``path`` when the block ends well.

    It takes over mode and, where permitted, owner. ``before`` is the file as it was read, None when there was
    none. Raises InputError with reason ``changed``, and leaves everything as it is, when the file is not as it
    was read.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=".clean-scrape-", suffix=".tmp", dir=path.parent)
    except OSError as error:
        raise _failed("written", path, error) from error
    fresh = Path(name)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - of a descriptor
            yield file
        _take_over(fresh, before.status if before else None)
        if not _still(path, before):
            raise changed(path)
        fresh.replace(path)
    except OSError as error:
        raise _failed("written", path, error) from error
    finally:
        fresh.unlink(missing_ok=True)


def changed(path: Path) -> InputError:
    """The error for a file that is not as it was read."""
    return InputError(
        "was written to by somebody else meanwhile, so it was left alone; run again",
        source=str(path),
        reason="changed",
    )


def refuse_read_only(path: Path, status: os.stat_result) -> None:
    """Raise InputError for a file of which the right to write was taken away: whoever did that meant it."""
    if not status.st_mode & 0o222:
        raise InputError("is read-only; make it writable to fix it", source=str(path), reason="read-only")


def _still(path: Path, before: Snapshot | None) -> bool:
    """True when the file is as it was read, or still not there."""
    if before is None:
        return not os.path.lexists(path)
    try:
        # Reading takes its time in a large file, so the status is asked once more behind it.
        return before.same(snapshot(path)) and _identity(before.status) == _identity(status_of(path))
    except CleanScrapeError:
        return False


def _take_over(fresh: Path, status: os.stat_result | None) -> None:
    """Give a new file the owner and mode of the one it replaces; all may read a new one."""
    if status is None:
        fresh.chmod(0o644)
        return
    if hasattr(os, "chown"):
        with suppress(OSError):  # only root may give files away; the group may be ours to give
            os.chown(fresh, -1, status.st_gid)
            os.chown(fresh, status.st_uid, -1)
    fresh.chmod(stat.S_IMODE(status.st_mode))


def _failed(what: str, path: Path, error: OSError) -> InputError:
    return InputError(f"cannot be {what} ({error.strerror or error})", source=str(path))


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size


def digest_of(pieces: Iterable[bytes]) -> bytes:
    """The hash of the bytes of a file, given in pieces."""
    found = blake2b(digest_size=32)
    for piece in pieces:
        found.update(piece)
    return found.digest()
