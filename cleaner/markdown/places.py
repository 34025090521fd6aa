"""Where the blocks of a page stand: in which quotes and items, headings, code and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cleaner.records import Block

#: Quotes and items one inside the other; what lies deeper is written at this depth.
DEEPEST = 8

_LISTS = frozenset(("ul", "ol", "menu", "dir"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_CODE = frozenset(("pre", "listing", "xmp", "plaintext", "textarea"))

Path = tuple[int, ...]


class Places:
    """By block, and -1 for the outside: the quotes and items around it, and the nearest of some elements, or -1."""

    def __init__(self, blocks: Sequence[Block], numbers: Mapping[int, int]) -> None:
        self.blocks, self.numbers = blocks, numbers
        self.paths: list[Path] = [()] * (len(blocks) + 1)
        self.headings, self.codes, self.tables, self.terms, self.lists = (
            self._nearest(tags) for tags in (_HEADINGS, _CODE, frozenset(("table",)), frozenset(("dt", "dd")), _LISTS)
        )
        for at, block in enumerate(blocks):
            path = self.paths[block.parent]
            contains = block.tag in ("blockquote", "li") and len(path) < DEEPEST
            self.paths[at] = (*path, at) if contains else path

    def _nearest(self, tags: frozenset[str]) -> list[int]:
        found = [-1] * (len(self.blocks) + 1)
        for at, block in enumerate(self.blocks):
            found[at] = at if block.tag in tags else found[block.parent]
        return found

    def is_item(self, block: int) -> bool:
        """Whether a block of a path is an item; else it is a quote."""
        return self.blocks[block].tag == "li"

    def list_of(self, item: int) -> int:
        """The list of an item, -1 for one that stands in none."""
        return self.lists[item]

    def number(self, item: int) -> int | None:
        """The number of an item, None where it has a bullet."""
        return self.numbers.get(item)

    def level(self, heading: int) -> int:
        """The level of a heading."""
        return int(self.blocks[heading].tag[1])

    def term(self, block: int) -> str:
        """Whether a block is the term ("dt") or the text ("dd") of an entry, "" for neither."""
        at = self.terms[block]
        return self.blocks[at].tag if at >= 0 else ""
