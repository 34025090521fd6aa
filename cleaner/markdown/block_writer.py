"""Writes leaf blocks into their containers: block quotes and list items (the terms of CommonMark)."""

from __future__ import annotations

from collections.abc import Iterable

from cleaner.markdown.containers import ContainerPath, Containers
from cleaner.markdown.leaf_blocks import LeafBlock


class BlockWriter:
    """Writes leaf blocks one after the other.

    ``rows`` are the lines of the Markdown. Two lists that follow each other get different markers:
    otherwise they would be one.
    """

    def __init__(self, containers: Containers) -> None:
        self._containers = containers
        self.rows: list[str] = []
        self._path: ContainerPath = ()
        self._indents: list[str] = []  # the prefixes of lines in each container of the path
        self._flows = False
        self._others: dict[int, bool] = {}  # lists that take the other marker

    def write(self, blocks: Iterable[LeafBlock]) -> str:
        """Return the Markdown of all leaf blocks."""
        for leaf in blocks:
            self._add(leaf)
        return "".join([f"{row}\n" for row in self.rows])

    def _add(self, leaf: LeafBlock) -> None:
        common = 0
        for one, other in zip(self._path, leaf.path, strict=False):
            if one != other:
                break
            common += 1
        if self.rows and not self._follows_closely(leaf, common):
            self.rows.append("".join(self._indents[:common]).rstrip())
        del self._indents[common:]
        first = rest = "".join(self._indents)
        for depth in range(common, len(leaf.path)):
            marker = self._marker(leaf.path, depth, common)
            indent = " " * len(marker) if self._containers.is_item(leaf.path[depth]) else marker
            self._indents.append(indent)
            first, rest = first + marker, rest + indent
        self.rows.append(first + leaf.rows[0])
        self.rows += [(rest + row).rstrip() if not row else rest + row for row in leaf.rows[1:]]
        self._path, self._flows = leaf.path, leaf.flows

    def _follows_closely(self, leaf: LeafBlock, common: int) -> bool:
        """Tell whether a leaf block needs no blank line before it, as the next item or the first of an inner list."""
        if leaf.gap or not self._flows or common == len(leaf.path) or not self._containers.is_item(leaf.path[common]):
            return False
        item = leaf.path[common]
        if common < len(self._path):
            before, own = self._path[common], self._containers.list_of(item)
            return self._containers.is_item(before) and self._containers.list_of(before) == own
        return common > 0 and self._containers.number(item) in (None, 1)  # another number would not end the paragraph

    def _marker(self, path: ContainerPath, depth: int, common: int) -> str:
        item = path[depth]
        if not self._containers.is_item(item):
            return "> "
        own = self._containers.list_of(item)
        if own not in self._others:
            before = self._path[depth] if depth == common and depth < len(self._path) else -1
            follows = before >= 0 and self._containers.is_item(before)
            self._others[own] = follows and not self._others.get(self._containers.list_of(before), False)
        number = self._containers.number(item)
        if number is None:
            return "* " if self._others[own] else "- "
        return f"{number}{')' if self._others[own] else '.'} "
