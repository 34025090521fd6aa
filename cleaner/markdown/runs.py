"""Lines as runs of text with their inline markup, and where they stand in tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cleaner.read.flatten import INVISIBLE


class Mark(NamedTuple):
    """What holds for a piece of text; ``link`` is the number of a link, 0 for none."""

    link: int = 0
    strong: bool = False
    em: bool = False
    strike: bool = False
    code: bool = False

    def common(self, other: Mark) -> Mark:
        """What holds for both."""
        if self == other:
            return self
        link = self.link if self.link == other.link else 0
        return Mark(link, *(one and two for one, two in zip(self[1:], other[1:], strict=True)))


PLAIN = Mark()


class Cell(NamedTuple):
    """A place in a table: rows and columns count from 0, columns as they are seen."""

    table: int
    row: int
    column: int
    header: bool = False


class Run(NamedTuple):
    """A piece of a line."""

    text: str
    mark: Mark = PLAIN


class Part(NamedTuple):
    """A line, or what a row of a table has of it in one cell."""

    runs: tuple[Run, ...]
    cell: Cell | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """What was noted of a page.

    ``parts`` go by index into ``Page.lines``; lines without one hold nothing to tell. ``numbers`` (of the items of
    ordered lists) and ``languages`` (of code) go by index into ``Page.blocks``. ``links`` are the addresses as they
    stand there; a mark's link counts from 1.
    """

    parts: Mapping[int, tuple[Part, ...]]
    links: Sequence[str]
    base: str
    numbers: Mapping[int, int]
    languages: Mapping[int, str]


NO_MARKS = Marks({}, (), "", {}, {})


def is_strong(runs: Sequence[Run]) -> bool:
    """Whether all of a line is strong."""
    return all(run.mark.strong for run in runs)


def not_strong(runs: Sequence[Run]) -> tuple[Run, ...]:
    """The same runs, none of them strong."""
    return tuple([run._replace(mark=run.mark._replace(strong=False)) for run in runs])


def collapsed_runs(pieces: Sequence[Run]) -> tuple[Run, ...]:
    """The pieces as a browser shows them.

    What holds for a blank holds for both sides of it, so none is at an edge of anything.
    """
    runs: list[tuple[list[str], Mark]] = []
    blank: Mark | None = None
    for text, mark in pieces:
        words = text.split()
        if not text.isprintable():
            words = [shown for word in words if (shown := INVISIBLE.sub("", word))]
        if text[0].isspace() or (not words and text[-1].isspace()):
            blank = mark if blank is None else blank.common(mark)
        if not words:
            continue
        if runs and blank is not None:
            _append(runs, " ", runs[-1][1].common(mark).common(blank))
        _append(runs, " ".join(words), mark)
        blank = mark if text[-1].isspace() else None
    return tuple([Run("".join(texts), mark) for texts, mark in runs])


def _append(runs: list[tuple[list[str], Mark]], text: str, mark: Mark) -> None:
    if runs and runs[-1][1] == mark:
        runs[-1][0].append(text)
    else:
        runs.append(([text], mark))
