"""The lines of a flattened page, and the blocks around them.

A block is made when the first line inside its element is written, so an element without text
leaves no trace, and every element is visited once however deep it lies.
"""

from __future__ import annotations

from cleaner.read.elements import State
from cleaner.read.tokens import words_of
from cleaner.records import Block, Markup

#: Tags of ancestors in ``Markup.path`` and words in ``Markup.tokens``. The nearest count, and a
#: bound keeps pages of 50,000 nested elements linear.
LONGEST_PATH, MOST_TOKENS = 12, 64

#: The number of a block that is not made yet; the outside of all elements is block -1.
_UNMADE = -2


class Frame:
    """An open element; the frame without a parent stands for the outside.

    ``line`` is the number of lines written before it, ``flows`` is true when it stands within a line,
    and then ``leads`` when nothing stood before it there. The rest is set when a line is written in
    it: the number of its ``block``, ``path``, ``tokens``, ``above``, the nearest frame around it that has
    names, and ``plain``, the markup of its lines without links.
    """

    __slots__ = (
        *("above", "block", "flows", "leads", "line", "names", "parent", "path", "plain", "state", "tag", "tokens"),
    )

    above: Frame | None
    path: tuple[str, ...]
    plain: Markup | None
    tokens: frozenset[str]

    def __init__(self, tag: str, names: str, parent: Frame | None, state: State, line: int) -> None:
        self.tag, self.names, self.parent, self.state, self.line = tag, names, parent, state, line
        self.block = _UNMADE
        self.flows = self.leads = False


def outside() -> Frame:
    """The frame around all elements."""
    frame = Frame("", "", None, State(), 0)
    frame.block, frame.path, frame.tokens, frame.above, frame.plain = -1, (), frozenset(), None, None
    return frame


class Layer:
    """The text layer as it grows: ``texts`` and ``markups`` by line, and the blocks, a list for each field."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.markups: list[Markup | None] = []
        self.blank_at = -1
        self._tags: list[str] = []
        self._parents: list[int] = []
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        self._names: list[str] = []
        self._joined: dict[tuple[frozenset[str], str], frozenset[str]] = {}

    def part(self) -> None:
        """Add a blank line, but not as the first."""
        if self.texts:
            self.blank_at = len(self.texts)
            self.texts.append("")
            self.markups.append(None)

    def write(self, text: str, frame: Frame, link_chars: int) -> None:
        """Add a line inside ``frame``."""
        if frame.block == _UNMADE:
            self._make(frame)
        self.texts.append(text)
        markup = frame.plain
        if markup is None or link_chars:
            state = frame.state
            markup = Markup(
                frame.block,
                frame.path,
                frame.tokens,
                state.section,
                link_chars,
                state.heading,
                state.lists,
                state.tables,
                state.hidden,
                state.control,
            )
            if not link_chars:
                frame.plain = markup
        self.markups.append(markup)

    def close(self, frame: Frame) -> None:
        """Let the frame's block, if there is one, reach to here."""
        if frame.block >= 0:
            self._lasts[frame.block] = len(self.texts)

    def blocks(self) -> tuple[Block, ...]:
        """The blocks, parents before what they hold."""
        own = map(words_of, self._names)
        rows = zip(self._tags, self._parents, self._firsts, self._lasts, own, strict=True)
        return tuple(map(Block._make, rows))

    def _make(self, frame: Frame) -> None:
        """Make the block of a frame, after those of the frames around it."""
        unmade = []
        near: Frame | None = frame
        while near is not None and near.block == _UNMADE:
            unmade.append(near)
            near = near.parent
        assert near is not None  # noqa: S101  the outside is made
        first = len(self.texts)
        for one in reversed(unmade):
            names = one.names
            one.above = near if near.names else near.above
            one.path = (*near.path[1 - LONGEST_PATH :], one.tag)
            one.tokens = self._joint(near.tokens, one) if names else near.tokens
            one.plain = None
            one.block = len(self._tags)
            self._tags.append(one.tag)
            self._parents.append(near.block)
            self._firsts.append(first)
            self._lasts.append(first + 1)
            self._names.append(names)
            near = one

    def _joint(self, outer: frozenset[str], frame: Frame) -> frozenset[str]:
        """The words of a frame with those around it; siblings share one set."""
        key = (outer, frame.names)
        joint = self._joined.get(key)
        if joint is None:
            joint = outer.union(words_of(frame.names))
            if len(joint) > MOST_TOKENS:
                joint = self._nearest(frame)
            self._joined[key] = joint
        return joint

    def _nearest(self, frame: Frame) -> frozenset[str]:
        """The words nearest to a frame, where there are too many above it."""
        found: dict[str, None] = {}
        near: Frame | None = frame
        for _ in range(MOST_TOKENS):
            if near is None or len(found) >= MOST_TOKENS:
                break
            found.update(dict.fromkeys(words_of(near.names)))
            near = near.above
        return frozenset(list(found)[:MOST_TOKENS])
