"""Leaves put into their quotes and items."""

from __future__ import annotations

from collections.abc import Iterable

from cleaner.markdown.leaves import Leaf
from cleaner.markdown.places import Path, Places


class Layout:
    """Writes leaves one after the other.

    ``rows`` are the lines of the Markdown. Two lists that follow each other have different markers, else they were one.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self.rows: list[str] = []
        self._path: Path = ()
        self._indents: list[str] = []  # what the lines of each container of the path begin with
        self._flows = False
        self._others: dict[int, bool] = {}  # lists that take the other marker

    def write(self, leaves: Iterable[Leaf]) -> str:
        """The Markdown of all leaves."""
        for leaf in leaves:
            self._add(leaf)
        return "".join([f"{row}\n" for row in self.rows])

    def _add(self, leaf: Leaf) -> None:
        common = 0
        for one, other in zip(self._path, leaf.path, strict=False):
            if one != other:
                break
            common += 1
        if self.rows and not self._close(leaf, common):
            self.rows.append("".join(self._indents[:common]).rstrip())
        del self._indents[common:]
        first = rest = "".join(self._indents)
        for depth in range(common, len(leaf.path)):
            marker = self._marker(leaf.path, depth, common)
            indent = " " * len(marker) if self._places.is_item(leaf.path[depth]) else marker
            self._indents.append(indent)
            first, rest = first + marker, rest + indent
        self.rows.append(first + leaf.rows[0])
        self.rows += [(rest + row).rstrip() if not row else rest + row for row in leaf.rows[1:]]
        self._path, self._flows = leaf.path, leaf.flows

    def _close(self, leaf: Leaf, common: int) -> bool:
        """Whether a leaf follows without a blank line: as the next item, or the first of a list in an item."""
        if leaf.gap or not self._flows or common == len(leaf.path) or not self._places.is_item(leaf.path[common]):
            return False
        item = leaf.path[common]
        if common < len(self._path):
            before = self._path[common]
            return self._places.is_item(before) and self._places.list_of(before) == self._places.list_of(item)
        return common > 0 and self._places.number(item) in (None, 1)  # another number would not end the paragraph

    def _marker(self, path: Path, depth: int, common: int) -> str:
        item = path[depth]
        if not self._places.is_item(item):
            return "> "
        own = self._places.list_of(item)
        if own not in self._others:
            before = self._path[depth] if depth == common and depth < len(self._path) else -1
            follows = before >= 0 and self._places.is_item(before)
            self._others[own] = follows and not self._others.get(self._places.list_of(before), False)
        number = self._places.number(item)
        if number is None:
            return "* " if self._others[own] else "- "
        return f"{number}{')' if self._others[own] else '.'} "
