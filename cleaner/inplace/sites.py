"""What files where they stand are compared with: a file of profiles that was counted before, and never each other."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleaner.errors import ProfileError
from cleaner.sites.finder import Finder, Sites, opened_sites
from cleaner.sites.keys import FOLDER


@dataclass(frozen=True, slots=True)
class Compared:
    """Finds what is known of the sites of pages; goes to worker processes as it is.

    ``root`` is the folder below which the first folder is a site, None where sites are no folders.
    """

    sites: Sites
    root: Path | None

    def finder(self, path: Path, number: int | None = None, fields: Mapping[str, Any] | None = None) -> Finder:
        """What finds the template of the page in a file, or in its record ``number`` with these other fields."""
        return self.sites.finder(self._name(path, number), fields or {})

    def _name(self, path: Path, number: int | None) -> str:
        """The page as a run over the root would call it; "" for one that lies elsewhere, which has no folder."""
        whole = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
        if self.root is None or not whole.is_relative_to(self.root):
            return ""
        name = whole.relative_to(self.root).as_posix()
        return name if number is None else f"{name}/{number:08}"


@contextmanager
def open_comparison(profile: Path | None) -> Iterator[Compared | None]:
    """What a file of profiles says, None when there is no file.

    Raises ProfileError, also when sites are folders, and the file does not say below which.
    """
    with opened_sites(profile) as sites:
        if profile is None or sites is None:
            yield None
            return
        head = sites.profiles.head
        if head.site_key == FOLDER and not head.root:
            message = f"{profile} does not say below which folder its sites lie; count it again from one folder"
            raise ProfileError(message, source=str(profile))
        root = os.path.abspath(profile.parent / head.root)  # noqa: PTH100 - as above
        yield Compared(sites, Path(root) if head.site_key == FOLDER else None)
