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


class Place:
    """A block in the making; ``named`` is the nearest place with names, itself included."""

    __slots__ = ("first", "last", "named", "names", "number", "parent", "path", "plain", "tag", "tokens")

    def __init__(self, tag: str, names: str, parent: Place | None, number: int, first: int) -> None:
        self.tag, self.names, self.parent, self.number = tag, names, parent, number
        self.first, self.last = first, first + 1
        self.named: Place | None = self if names else parent.named if parent is not None else None
        self.path: tuple[str, ...] = (*parent.path[1 - LONGEST_PATH :], tag) if parent is not None else (tag,)
        self.tokens: frozenset[str] | None = None
        self.plain: Markup | None = None


class Frame:
    """An open element.

    ``line`` is the number of lines written before it, ``flows`` is true when it stands within a line,
    and then ``leads`` when nothing stood before it there. ``place`` is set when a line is written in it.
    """

    __slots__ = ("flows", "leads", "line", "names", "parent", "place", "state", "tag")

    def __init__(self, tag: str, names: str, parent: Frame | None, state: State, line: int) -> None:
        self.tag, self.names, self.parent, self.state, self.line = tag, names, parent, state, line
        self.place: Place | None = None
        self.flows = self.leads = False


class Layer:
    """The text layer as it grows: ``texts`` and ``markups`` by line, and the blocks."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.markups: list[Markup | None] = []
        self.blank_at = -1
        self._places: list[Place] = []
        self._words: dict[str, tuple[str, ...]] = {"": ()}
        self._joined: dict[tuple[frozenset[str], str], frozenset[str]] = {}

    def write(self, text: str, frame: Frame | None, *, blank: bool, link_chars: int) -> None:
        """Add a line inside ``frame``, after a blank line when ``blank`` and when it is not the first."""
        if blank and self.texts:
            self.blank_at = len(self.texts)
            self.texts.append("")
            self.markups.append(None)
        markup = self._markup(frame, link_chars) if frame is not None else Markup(-1, link_chars=link_chars)
        self.texts.append(text)
        self.markups.append(markup)

    def close(self, frame: Frame) -> None:
        """Let the frame's block reach to here."""
        if frame.place is not None:
            frame.place.last = len(self.texts)

    def blocks(self) -> tuple[Block, ...]:
        """The blocks, parents before what they hold."""
        return tuple(
            [
                Block(p.tag, p.parent.number if p.parent is not None else -1, p.first, p.last, self._own(p))
                for p in self._places
            ]
        )

    def _open(self, frame: Frame) -> Place:
        chain = []
        inner: Frame | None = frame
        while inner is not None and inner.place is None:
            chain.append(inner)
            inner = inner.parent
        place = inner.place if inner is not None else None
        for one in reversed(chain):
            place = one.place = Place(one.tag, one.names, place, len(self._places), len(self.texts))
            self._places.append(place)
        assert place is not None  # noqa: S101  the chain holds at least the frame
        return place

    def _markup(self, frame: Frame, link_chars: int) -> Markup:
        place = frame.place or self._open(frame)
        if place.plain is not None and not link_chars:
            return place.plain
        state = frame.state
        made = Markup(
            place.number,
            place.path,
            self._tokens(place.named) if place.named is not None else frozenset(),
            state.section,
            link_chars,
            state.heading,
            state.lists,
            state.tables,
            state.hidden,
            state.control,
        )
        if not link_chars:
            place.plain = made
        return made

    def _tokens(self, place: Place) -> frozenset[str]:
        chain = []
        near: Place | None = place
        while near is not None and near.tokens is None:
            chain.append(near)
            near = near.parent.named if near.parent is not None else None
        found: frozenset[str] = near.tokens if near is not None and near.tokens is not None else frozenset()
        for one in reversed(chain):
            key = (found, one.names)
            joined = self._joined.get(key)
            if joined is None:
                joined = found.union(self._own(one))
                if len(joined) > MOST_TOKENS:
                    joined = self._nearest(one)
                self._joined[key] = joined
            found = one.tokens = joined
        return found

    def _nearest(self, place: Place) -> frozenset[str]:
        """The words nearest to a place, where there are too many above it."""
        found: dict[str, None] = {}
        near: Place | None = place
        for _ in range(MOST_TOKENS):
            if near is None or len(found) >= MOST_TOKENS:
                break
            found.update(dict.fromkeys(self._own(near)))
            near = near.parent.named if near.parent is not None else None
        return frozenset(list(found)[:MOST_TOKENS])

    def _own(self, place: Place) -> tuple[str, ...]:
        own = self._words.get(place.names)
        if own is None:
            own = self._words[place.names] = words_of(place.names)
        return own
