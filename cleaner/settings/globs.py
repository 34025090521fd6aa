"""Globs that name files and folders below a folder."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase


def matches_any(globs: Iterable[str], path: str) -> bool:
    """Tell whether a glob matches ``path``, or a folder that holds it.

    ``path`` is relative, with forward slashes. A glob matches whole names, beginning at any folder:
    ``*`` stays inside a name, ``**`` stands for any number of folders.

    >>> matches_any(("raw/*.html", "old"), "pages/raw/a.html")
    True
    """
    names = path.split("/")
    return any(_matches([part for part in glob.split("/") if part], names) for glob in globs)


def _matches(parts: list[str], names: list[str]) -> bool:
    """True when the parts of a glob match a run of whole names; takes parts times names steps."""
    reached: set[int] = set()
    for name in names:
        reached.add(0)
        for index, part in enumerate(parts):
            if part == "**" and index in reached:
                reached.add(index + 1)
        stay = {index for index in reached if index < len(parts) and parts[index] == "**"}
        step = {index + 1 for index in reached if index < len(parts) and fnmatchcase(name, parts[index])}
        reached = stay | step
        if len(parts) in reached:
            return True
    return False
