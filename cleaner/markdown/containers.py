"""The containers of the blocks of a page: the quotes and list items around them, and headings, code and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cleaner.records import Block

#: Quotes and items one inside the other; deeper ones are written at this depth.
MAX_CONTAINER_DEPTH = 8

_LISTS = frozenset(("ul", "ol", "menu", "dir"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_CODE = frozenset(("pre", "listing", "xmp", "plaintext", "textarea"))

ContainerPath = tuple[int, ...]


class Containers:
    """The quotes and items around each block (-1 is the outside), and the nearest of some elements, or -1."""

    def __init__(self, blocks: Sequence[Block], numbers: Mapping[int, int]) -> None:
        self.blocks, self.numbers = blocks, numbers
        self.paths: list[ContainerPath] = [()] * (len(blocks) + 1)
        self.headings, self.codes, self.tables, self.terms, self.lists = (
            self._nearest(tags) for tags in (_HEADINGS, _CODE, frozenset(("table",)), frozenset(("dt", "dd")), _LISTS)
        )
        for at, block in enumerate(blocks):
            path = self.paths[block.parent]
            contains = block.tag in ("blockquote", "li") and len(path) < MAX_CONTAINER_DEPTH
            self.paths[at] = (*path, at) if contains else path

    def _nearest(self, tags: frozenset[str]) -> list[int]:
        found = [-1] * (len(self.blocks) + 1)
        for at, block in enumerate(self.blocks):
            found[at] = at if block.tag in tags else found[block.parent]
        return found

    def is_item(self, block: int) -> bool:
        """Tell whether a block of a path is a list item; otherwise it is a quote."""
        return self.blocks[block].tag == "li"

    def list_of(self, item: int) -> int:
        """Return the list of an item, -1 when it is in none."""
        return self.lists[item]

    def number(self, item: int) -> int | None:
        """Return the number of an item, None when it has a bullet."""
        return self.numbers.get(item)

    def level(self, heading: int) -> int:
        """Return the level of a heading, 1 to 6."""
        return int(self.blocks[heading].tag[1])

    def term(self, block: int) -> str:
        """Return "dt" or "dd" for a block that is the term or the text of an entry, "" for others."""
        at = self.terms[block]
        return self.blocks[at].tag if at >= 0 else ""
