"""Writing files completely or not at all: a file is written under a temporary name, and renamed in one step.

``atomic_file`` and ``atomic_path`` write our own files, ``replace_unchanged`` replaces files of the user, which must
not have changed since they were read.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

from cleaner.errors import CleanScrapeError, InputError
from cleaner.files.opening import open_regular, read_regular

_PIECE_BYTES = 1024 * 1024


@contextmanager
def atomic_path(
    target: Path,
    *,
    temporary: Path | None = None,
    durable: bool = True,
    before_rename: Callable[[Path], None] | None = None,
) -> Iterator[Path]:
    """Yield a path to write to; the file there gets the name ``target`` when the block ends well, else it is deleted.

    ``temporary`` is that path, on the same file system; by default a random name beside ``target``, so two processes
    that write the same file do not meet. ``before_rename`` may look at the file, and raises what forbids the rename.
    A ``durable`` file, and its name, are on the disk when the block has ended. A run that writes a file for each page
    passes False: it makes its files durable together, at its checkpoints. Raises OSError when writing fails.
    """
    written = temporary or target.with_name(f".clean-scrape-{secrets.token_hex(8)}.tmp")
    try:
        yield written
        if durable:
            with written.open("r+b") as file:
                os.fsync(file.fileno())
        if before_rename:
            before_rename(written)
        written.replace(target)
    except BaseException:
        with suppress(OSError):
            written.unlink()
        raise
    if durable:
        _sync_folder(target.parent)


@contextmanager
def atomic_file(
    target: Path,
    *,
    temporary: Path | None = None,
    durable: bool = True,
    before_rename: Callable[[Path], None] | None = None,
    mode: int = 0o666,
) -> Iterator[BinaryIO]:
    """Yield a file to write that gets the name ``target`` when the block ends well: see ``atomic_path``.

    ``mode`` are the permissions of the file while it is written, from which the umask is taken.
    """
    with (
        atomic_path(target, temporary=temporary, durable=durable, before_rename=before_rename) as path,
        open(path, "wb" if temporary else "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file,
    ):
        yield file


def _sync_folder(folder: Path) -> None:
    """Flush the names in a folder to the disk, where the file system supports it; Windows does not."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except PermissionError:  # a folder that may be written to, but not listed
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The hash of the bytes of a file, and its status before reading: they show whether the file has changed since."""

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
    """The status of a path. Call this before reading, so that a write during reading is noticed. Raises InputError."""
    try:
        return path.lstat()
    except OSError as error:
        raise _failed("read", path, error) from error


def snapshot(path: Path) -> Snapshot:
    """The snapshot of a regular file of any size. Raises InputError."""
    status = status_of(path)
    with open_regular(path, str(path)) as file:
        try:
            return Snapshot(digest_of(iter(lambda: file.read(_PIECE_BYTES), b"")), status)
        except OSError as error:
            raise _failed("read", path, error) from error


def snapshot_if_there(path: Path) -> Snapshot | None:
    """The snapshot of a regular file, None when nothing lies at the path. Raises InputError."""
    return snapshot(path) if os.path.lexists(path) else None


def replace_file(path: Path, body: bytes, before: Snapshot | None) -> None:
    """Put ``body`` in the place of a file; see ``replace_unchanged``."""
    with replace_unchanged(path, before) as file:
        file.write(body)


@contextmanager
def replace_unchanged(path: Path, before: Snapshot | None) -> Iterator[BinaryIO]:
    """Yield a file to write that takes the place of the one at ``path`` when the block ends well.

    It takes over mode and, where permitted, owner. ``before`` is the file as it was read, None when there was none.
    Raises InputError, and leaves everything as it is, when the file is not as it was read (with the reason
    ``changed``), and when writing fails.
    """

    def take_over(fresh: Path) -> None:
        _take_over(fresh, before.status if before else None)
        if not _is_unchanged(path, before):
            raise changed(path)

    try:
        with atomic_file(path, before_rename=take_over, mode=0o600) as file:  # private until it has its mode
            yield file
    except OSError as error:
        raise _failed("written", path, error) from error


def changed(path: Path) -> InputError:
    """The error for a file that is not as it was read."""
    return InputError(
        "was changed by another program in the meantime, so it was not replaced; run again",
        source=str(path),
        reason="changed",
    )


def refuse_read_only(path: Path, status: os.stat_result) -> None:
    """Raise InputError for a read-only file, since its owner does not want it changed."""
    if not status.st_mode & 0o222:
        raise InputError("is read-only; make it writable to fix it", source=str(path), reason="read-only")


def _is_unchanged(path: Path, before: Snapshot | None) -> bool:
    """True when the file is as it was read, or still not there."""
    if before is None:
        return not os.path.lexists(path)
    try:
        # Reading a large file takes long, so the status is read once more afterwards.
        return before.same(snapshot(path)) and _identity(before.status) == _identity(status_of(path))
    except CleanScrapeError:
        return False


def _take_over(fresh: Path, status: os.stat_result | None) -> None:
    """Give a new file the owner and mode of the one it replaces; all may read a new one."""
    if status is None:
        fresh.chmod(0o644)
        return
    if hasattr(os, "chown"):
        with suppress(OSError):  # only root may change the owner; the group can often be changed
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
