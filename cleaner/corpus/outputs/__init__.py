"""The output folder: files that are whole or not there, and none that anybody else wrote is replaced."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from cleaner.corpus.report_files import STATE_FOLDER
from cleaner.errors import InputError
from cleaner.files.atomic import atomic_file
from cleaner.files.opening import hash_of


class Folder:
    """A folder to write into. Files appear under their names only when they are complete.

    All methods raise OSError when the disk refuses.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.state = root / STATE_FOLDER
        self.temporary = self.state / "tmp"
        root.mkdir(parents=True, exist_ok=True)
        self._made = {root}
        for own in (self.state, self.temporary):
            self._make(own)

    def write(self, name: str, data: bytes) -> None:
        """Write ``data`` under ``name``; not durably, as a run writes very many files."""
        target = self._place(name)
        with atomic_file(target, temporary=self.temporary / f"file-{os.getpid()}", durable=False) as file:
            file.write(data)

    def move(self, part: Path, name: str) -> None:
        """Give a file that is complete its name; a link of that name goes, what it points to stays."""
        part.replace(self._place(name))

    def _place(self, name: str) -> Path:
        """The path of an output, whose folder is made."""
        target = self.root / name
        self._make(target.parent)
        return target

    def check_free(self, name: str, known: bytes | None, wanted: bytes) -> None:
        """Raise InputError when what lies under ``name`` is not ours to replace.

        It is when it is a link, or a file with one of these hashes: what we last wrote there, what is to be written.
        """
        target = self.root / name
        try:
            mode = target.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            mode = stat.S_IFLNK
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            raise InputError(
                "its output would have a longer path than the system allows; choose a shorter output folder",
                reason="name-too-long",
            ) from error
        if not stat.S_ISLNK(mode) and hash_of(target) not in (known or wanted, wanted):
            raise _in_the_way(name, "something that clean-scrape did not write, or that was changed since,")
        try:
            self._make(target.parent)
        except (FileExistsError, NotADirectoryError) as error:
            raise _in_the_way(name, "a link or a file") from error

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
        for folder in (self.temporary, self.state):
            try:
                folder.rmdir()
            except OSError:
                return


def _in_the_way(name: str, what: str) -> InputError:
    return InputError(
        f"{what} lies where its output {name} belongs; move it away, or name another output folder", reason="in-the-way"
    )
