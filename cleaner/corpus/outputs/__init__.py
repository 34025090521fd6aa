"""The output folder: files appear when they are complete, and files that other programs wrote are never replaced."""

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

    All methods raise OSError when writing fails.
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
        """Write ``data`` under ``name``, without waiting for the disk, as a run writes very many files."""
        target = self._place(name)
        with atomic_file(target, temporary=self.temporary / f"file-{os.getpid()}", durable=False) as file:
            file.write(data)

    def move(self, part: Path, name: str) -> None:
        """Move a complete file to its name. A link of that name is replaced, the file that it points to is not."""
        part.replace(self._place(name))

    def _place(self, name: str) -> Path:
        """Make the folder of an output and return the path of the output."""
        target = self.root / name
        self._make(target.parent)
        return target

    def check_free(self, name: str, known: bytes | None, wanted: bytes) -> None:
        """Raise InputError when the file under ``name`` must not be replaced.

        It may be replaced when it is a link, or when its hash is ``known``, that of our last output there, or
        ``wanted``, that of the new output.
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
        """Make a folder and those above it. Raises NotADirectoryError instead of following a link."""
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
        """Delete our own folder when it is empty."""
        for folder in (self.temporary, self.state):
            try:
                folder.rmdir()
            except OSError:
                return


def _in_the_way(name: str, what: str) -> InputError:
    return InputError(
        f"{what} lies where its output {name} belongs; move it away, or name another output folder", reason="in-the-way"
    )
