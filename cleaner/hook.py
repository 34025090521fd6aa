"""Checking and fixing files where they stand: what ``check``, ``fix`` and the pre-commit hooks do.

A file is rewritten whole or not at all, loses whole lines only, and is left alone when anybody else
wrote to it meanwhile.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cleaner.allowlist import Allowed, entries_for, merged, read_allow_list, render
from cleaner.corpus.inputs import read_regular, unpacked
from cleaner.errors import CleanScrapeError, InputError
from cleaner.pipeline import clean
from cleaner.records import Cleaned
from cleaner.settings import Settings


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A file as it was read: its bytes, and what tells whether it is still the same."""

    data: bytes
    status: os.stat_result

    def same(self, other: Snapshot) -> bool:
        """True when nobody wrote to the file between the two readings.

        The bytes count too: two writes within one tick of the clock leave the same time.
        """
        return self.data == other.data and _identity(self.status) == _identity(other.status)


@dataclass(frozen=True, slots=True)
class AllowListUpdate:
    """What an update of the allow-list did, and which entries match no line of the files checked."""

    added: tuple[Allowed, ...]
    unused: tuple[Allowed, ...]


def findings(path: Path, settings: Settings) -> Cleaned:
    """Clean a file without writing; its ``dropped`` verdicts are the findings.

    Raises InputError, of links and whatever else is no regular file too, and UnreadableError.
    """
    return _cleaned(path, read_file(path).data, settings)


def patchable(path: Path, cleaned: Cleaned) -> bool:
    """True when the lines of a page are those of its file: not for HTML, nor for compressed files.

    Raises InputError.
    """
    return cleaned.page.kind == "text" and read_file(path).data == cleaned.page.data


def fix_file(path: Path, settings: Settings) -> Cleaned | None:
    """Delete the residue from a text file in place; None when there was nothing to do.

    Encoding, byte order mark, newlines and permissions stay. An unchanged file is not touched. Raises
    InputError with reason ``html``, ``compressed``, ``read-only``, ``changed`` (by somebody else, after it was
    read) or those of ``findings``; the file is then as it was.
    """
    before = read_file(path)
    cleaned = _cleaned(path, before.data, settings)
    _refuse_unfit(path, before, cleaned)
    body = cleaned.to_bytes()
    if body == before.data:
        return None
    if not before.status.st_mode & 0o222:  # whoever took the right to write away meant it, though we could
        raise InputError("is read-only; make it writable to fix it", source=str(path), reason="read-only")
    replace_file(path, body, before)
    return cleaned


def _cleaned(path: Path, data: bytes, settings: Settings) -> Cleaned:
    return clean(unpacked(data, str(path)), source=path.as_posix(), settings=settings)


def read_file(path: Path) -> Snapshot:
    """Read a regular file whole; links, folders, pipes and devices are refused with InputError."""
    try:
        status = path.lstat()  # before reading, so that a write during it shows
    except OSError as error:
        raise _failed("read", path, error) from error
    return Snapshot(read_regular(path, str(path)), status)


def _failed(what: str, path: Path, error: OSError) -> InputError:
    return InputError(f"cannot be {what} ({error.strerror or error})", source=str(path))


def _refuse_unfit(path: Path, before: Snapshot, cleaned: Cleaned) -> None:
    """Raise InputError when lines of the file cannot be deleted in place."""
    page, source = cleaned.page, str(path)
    elsewhere = f"write a cleaned copy instead: clean-scrape {path} OUT"
    if page.kind == "html":
        raise InputError(
            f"is HTML, and fix deletes lines of text files only; {elsewhere}", source=source, reason="html"
        )
    if page.data != before.data:
        raise InputError(f"is compressed; {elsewhere}", source=source, reason="compressed")
    end = page.bom
    for line in page.lines:
        if line.start != end:
            break
        end = line.end
    if end != len(before.data):  # never write what could not be accounted for byte by byte
        raise InputError(f"its lines and bytes do not tally; {elsewhere}", source=source, reason="tally")


def replace_file(path: Path, body: bytes, before: Snapshot | None) -> None:
    """Put ``body`` in the place of a file in one step, with its mode and, where permitted, its owner.

    ``before`` is the file as it was read, None when there was none. Raises InputError with reason
    ``changed``, and leaves everything as it is, when the file is not as it was read.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=".clean-scrape-", suffix=".tmp", dir=path.parent)
    except OSError as error:
        raise _failed("written", path, error) from error
    fresh = Path(name)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - of a descriptor
            file.write(body)
        _take_over(fresh, before.status if before else None)
        if not _still(path, before):
            raise InputError(
                "was written to by somebody else meanwhile, so it was left alone; run again",
                source=str(path),
                reason="changed",
            )
        fresh.replace(path)
    except OSError as error:
        raise _failed("written", path, error) from error
    finally:
        fresh.unlink(missing_ok=True)


def _still(path: Path, before: Snapshot | None) -> bool:
    """True when the file is as it was read, or still not there."""
    if before is None:
        return not os.path.lexists(path)
    try:
        return read_file(path).same(before)
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


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size


def update_allow_list(path: Path, pages: Iterable[Cleaned]) -> AllowListUpdate:
    """Add an entry for every line that would go from ``pages``; nothing is ever taken out.

    Entries are sorted and hold no time, so the same findings give the same file. Raises SettingsError when
    the list is wrong, InputError when it cannot be written.
    """
    before = read_file(path) if os.path.lexists(path) else None
    old = read_allow_list(path)
    wanted, seen = entries_for(pages)
    entries = merged(old, wanted)
    known = {(entry.code, entry.line) for entry in old}
    added = tuple(entry for entry in entries if (entry.code, entry.line) not in known)
    if added:
        replace_file(path, render(entries).encode(), before)
    return AllowListUpdate(added, tuple(entry for entry in old if entry.line not in seen))
