"""The lines of a flattened page, and the blocks around them.

A ``Block`` is made when the first line inside its element is written, so an element without text
leaves no trace, and every element is visited once however deep it lies.
"""

from __future__ import annotations

from cleaner.read.elements import State
from cleaner.read.tokens import words_of
from cleaner.records import Block, Markup

#: Tags of ancestors in ``Markup.path`` and words in ``Markup.tokens``. The nearest count, and a
#: bound keeps pages of 50,000 nested elements linear.
LONGEST_PATH, MOST_TOKENS = 12, 64


class Frame:
    """An open element.

    ``line`` is the number of lines written before it, ``flows`` is true when it stands within a line,
    and then ``leads`` when nothing stood before it there. ``block`` is -1 until a line is written in it.
    """

    __slots__ = ("block", "flows", "leads", "line", "names", "parent", "state", "tag")

    def __init__(self, tag: str, parent: Frame | None, state: State, names: str, line: int) -> None:
        self.tag, self.parent, self.state, self.names, self.line = tag, parent, state, names, line
        self.block = -1
        self.flows = self.leads = False


class Layer:
    """The text layer as it grows: ``texts`` and ``markups`` by line, and the blocks."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.markups: list[Markup | None] = []
        self.blank_at = -1
        self._heads: list[tuple[str, int, int, tuple[str, ...]]] = []
        self._last: list[int] = []
        self._paths: list[tuple[str, ...]] = []
        self._tokens: list[frozenset[str]] = []
        self._nearest: list[tuple[str, ...]] = []
        self._plain: list[Markup | None] = []
        self._words: dict[str, tuple[str, ...]] = {"": ()}

    def write(self, text: str, frame: Frame | None, *, blank: bool, link_chars: int) -> None:
        """Add a line inside ``frame``, after a blank line when ``blank`` and when it is not the first."""
        if blank and self.texts:
            self.blank_at = len(self.texts)
            self.texts.append("")
            self.markups.append(None)
        if frame is not None and frame.block < 0:
            self._open(frame)
        self.texts.append(text)
        self.markups.append(self._markup(frame, link_chars))

    def close(self, frame: Frame) -> None:
        """Let the frame's block reach to here."""
        if frame.block >= 0:
            self._last[frame.block] = len(self.texts)

    def blocks(self) -> tuple[Block, ...]:
        """The blocks, parents before what they hold."""
        rows = zip(self._heads, self._last, strict=True)
        return tuple([Block(tag, parent, first, last, own) for (tag, parent, first, own), last in rows])

    def _open(self, frame: Frame) -> None:
        chain = []
        inner: Frame | None = frame
        while inner is not None and inner.block < 0:
            chain.append(inner)
            inner = inner.parent
        for one in reversed(chain):
            self._add(one, one.parent.block if one.parent is not None else -1)

    def _add(self, frame: Frame, parent: int) -> None:
        own = self._words.get(frame.names)
        if own is None:
            own = self._words[frame.names] = words_of(frame.names)
        frame.block = len(self._heads)
        self._heads.append((frame.tag, parent, len(self.texts), own))
        self._last.append(len(self.texts) + 1)
        self._plain.append(None)
        path = self._paths[parent] if parent >= 0 else ()
        self._paths.append((*path[1 - LONGEST_PATH :], frame.tag))
        if own or parent < 0:
            above = self._nearest[parent] if parent >= 0 else ()
            nearest = tuple(dict.fromkeys((*own, *above)))[:MOST_TOKENS]
            self._nearest.append(nearest)
            self._tokens.append(frozenset(nearest))
        else:
            self._nearest.append(self._nearest[parent])
            self._tokens.append(self._tokens[parent])

    def _markup(self, frame: Frame | None, link_chars: int) -> Markup:
        if frame is None:
            return Markup(-1, link_chars=link_chars)
        plain = self._plain[frame.block]
        if plain is not None and not link_chars:
            return plain
        block, state = frame.block, frame.state
        made = Markup(
            block,
            self._paths[block],
            self._tokens[block],
            state.section,
            link_chars,
            state.heading,
            state.lists,
            state.tables,
            state.hidden,
            state.control,
        )
        if not link_chars:
            self._plain[block] = made
        return made
