"""The lines of a flattened page, and the blocks around them.

A block is made when the first line inside its element is written, so there is no block for an element without text.
Every element is visited once, however deep it lies.
"""

from __future__ import annotations

from functools import cached_property

from cleaner.read.elements import State
from cleaner.read.tokens import words_of
from cleaner.records import Block, Markup

#: Tags of ancestors in ``Markup.path``, and words in ``Markup.tokens``: the nearest ones. The bounds keep the time
#: linear on pages of 50,000 nested elements.
MAX_PATH_TAGS, MAX_TOKENS = 12, 64

#: Values in place of the number of a block: outside of all elements, an element without a line so far, a blank line.
OUTSIDE_BLOCK, UNMADE_BLOCK, BLANK_BLOCK = -1, -2, -3


class Frame:
    """An open element; the frame without a parent stands for the page outside of all elements.

    ``line`` is the number of lines written before it. ``flows`` is true when the element began inside a line, and
    ``leads`` when it was also the first in that line. ``block`` is the number of its block.
    """

    __slots__ = ("block", "flows", "leads", "line", "names", "parent", "state", "tag")

    def __init__(self, tag: str, names: str, parent: Frame | None, state: State, line: int) -> None:
        self.tag = tag
        self.names = names
        self.parent = parent
        self.state = state
        self.line = line
        self.block = UNMADE_BLOCK if parent is not None else OUTSIDE_BLOCK
        self.flows = self.leads = False


class LayerBuilder:
    """Collects the lines of the text layer and the blocks, one list for each field.

    Records are made of them when the page ends, so an element costs little while it is read.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.blank_at = -1
        self._within: list[int] = []  # the block of each line
        self._link_chars: list[int] = []
        self._tags: list[str] = []
        self._names: list[str] = []
        self._parents: list[int] = []
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        self._states: list[State] = []

    def add_blank_line(self) -> None:
        """Add a blank line, but not as the first."""
        if self.texts:
            self.blank_at = len(self.texts)
            self._add("", BLANK_BLOCK, 0)

    def write(self, text: str, frame: Frame, link_chars: int) -> None:
        """Add a line inside ``frame``."""
        if frame.block == UNMADE_BLOCK:
            self._make(frame)
        self._add(text, frame.block, link_chars)

    def close(self, frame: Frame) -> None:
        """End the frame's block, if it has one, at the last line written."""
        if frame.block >= 0:
            self._lasts[frame.block] = len(self.texts)

    def blocks(self) -> tuple[Block, ...]:
        """Return the blocks, parents before their children."""
        own = map(self._words_by_names.__getitem__, self._names)
        rows = zip(self._tags, self._parents, self._firsts, self._lasts, own, strict=True)
        return tuple(map(Block._make, rows))

    def markups(self) -> list[Markup | None]:
        """Return the markup of each line, None for blank lines; lines of a block without links share it."""
        paths, tokens, states = self._paths(), self._tokens(), [*self._states, State()]
        plain: dict[int, Markup | None] = {BLANK_BLOCK: None}
        found: list[Markup | None] = []
        for block, links in zip(self._within, self._link_chars, strict=True):
            if links or block not in plain:
                s = states[block]
                around = block, paths[block], tokens[block], s.section
                markup = Markup._make((*around, links, s.heading, s.lists, s.tables, s.hidden, s.control))
                if not links:
                    plain[block] = markup
                found.append(markup)
            else:
                found.append(plain[block])
        return found

    def _add(self, text: str, block: int, link_chars: int) -> None:
        self.texts.append(text)
        self._within.append(block)
        self._link_chars.append(link_chars)

    def _make(self, frame: Frame) -> None:
        """Make the block of a frame, after those of the frames around it."""
        unmade = []
        near: Frame | None = frame
        while near is not None and near.block == UNMADE_BLOCK:
            unmade.append(near)
            near = near.parent
        parent = near.block if near is not None else OUTSIDE_BLOCK
        first = len(self.texts)
        for one in reversed(unmade):
            self._tags.append(one.tag)
            self._names.append(one.names)
            self._parents.append(parent)
            self._firsts.append(first)
            self._lasts.append(first + 1)
            self._states.append(one.state)
            one.block = parent = len(self._tags) - 1

    @cached_property
    def _words_by_names(self) -> dict[str, tuple[str, ...]]:
        """The words of each different string of names; blocks with equal names share them."""
        return {names: words_of(names) for names in dict.fromkeys(self._names)}

    # The lists below have one value per block, and at the end one for the outside, which the index -1 finds.

    def _paths(self) -> list[tuple[str, ...]]:
        paths: list[tuple[str, ...]] = [()] * (len(self._tags) + 1)
        for block, (tag, parent) in enumerate(zip(self._tags, self._parents, strict=True)):
            paths[block] = (*paths[parent][1 - MAX_PATH_TAGS :], tag)
        return paths

    def _tokens(self) -> list[frozenset[str]]:
        """The words of each block with those around it; blocks with the same share one set."""
        tokens: list[frozenset[str]] = [frozenset()] * (len(self._names) + 1)
        joined: dict[tuple[frozenset[str], str], frozenset[str]] = {}
        above: list[int] = []
        for block, (names, parent) in enumerate(zip(self._names, self._parents, strict=True)):
            outer = tokens[parent]
            if not names:
                tokens[block] = outer
                continue
            joint = joined.get((outer, names))
            if joint is None:
                joint = outer.union(self._words_by_names[names])
                if len(joint) > MAX_TOKENS:
                    above = above or self._above()
                    joint = self._nearest(block, above)
                joined[outer, names] = joint
            tokens[block] = joint
        return tokens

    def _above(self) -> list[int]:
        """The nearest block with names around each block."""
        above = [OUTSIDE_BLOCK] * (len(self._names) + 1)
        for block, parent in enumerate(self._parents):
            above[block] = parent if parent >= 0 and self._names[parent] else above[parent]
        return above

    def _nearest(self, block: int, above: list[int]) -> frozenset[str]:
        """The words nearest to a block, at most MAX_TOKENS."""
        found: dict[str, None] = {}
        for _ in range(MAX_TOKENS):
            if block == OUTSIDE_BLOCK or len(found) >= MAX_TOKENS:
                break
            found.update(dict.fromkeys(self._words_by_names[self._names[block]]))
            block = above[block]
        return frozenset(list(found)[:MAX_TOKENS])
