"""Lines as runs of text, each with its inline style, and their cells in tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cleaner.read.flatten import INVISIBLE_CHARACTERS


class InlineStyle(NamedTuple):
    """The style of a run of text; ``link`` is the number of a link, 0 for none."""

    link: int = 0
    strong: bool = False
    em: bool = False
    strike: bool = False
    code: bool = False

    def common(self, other: InlineStyle) -> InlineStyle:
        """Return what both styles share."""
        if self == other:
            return self
        link = self.link if self.link == other.link else 0
        return InlineStyle(link, *(one and two for one, two in zip(self[1:], other[1:], strict=True)))


PLAIN = InlineStyle()


class Cell(NamedTuple):
    """A place in a table: rows and columns count from 0, columns as they are seen."""

    table: int
    row: int
    column: int
    header: bool = False


class TextRun(NamedTuple):
    """A piece of a line in one style."""

    text: str
    style: InlineStyle = PLAIN


class LinePart(NamedTuple):
    """A line, or the part of it that stands in one cell of a table."""

    runs: tuple[TextRun, ...]
    cell: Cell | None = None


@dataclass(frozen=True, slots=True)
class InlineMarkup:
    """The inline markup of a page.

    ``parts`` go by index into ``Page.lines``; lines without one are plain text. ``numbers`` (of the items of
    ordered lists) and ``languages`` (of code) go by index into ``Page.blocks``. ``links`` are the addresses as they
    stand there; the link of a style counts from 1.
    """

    parts: Mapping[int, tuple[LinePart, ...]]
    links: Sequence[str]
    base: str
    numbers: Mapping[int, int]
    languages: Mapping[int, str]


NO_MARKUP = InlineMarkup({}, (), "", {}, {})


def all_strong(runs: Sequence[TextRun]) -> bool:
    """Tell whether all of a line is strong."""
    return all(run.style.strong for run in runs)


def without_strong(runs: Sequence[TextRun]) -> tuple[TextRun, ...]:
    """Return the same runs, none of them strong."""
    return tuple([run._replace(style=run.style._replace(strong=False)) for run in runs])


def collapse_runs(pieces: Sequence[TextRun]) -> tuple[TextRun, ...]:
    """Return the pieces with whitespace collapsed, as a browser shows them.

    A space has the style that the text on both sides of it shares, so no style begins or ends with a space.
    """
    runs: list[tuple[list[str], InlineStyle]] = []
    blank: InlineStyle | None = None
    for text, style in pieces:
        words = text.split()
        if not text.isprintable():
            words = [shown for word in words if (shown := INVISIBLE_CHARACTERS.sub("", word))]
        if text[0].isspace() or (not words and text[-1].isspace()):
            blank = style if blank is None else blank.common(style)
        if not words:
            continue
        if runs and blank is not None:
            _append(runs, " ", runs[-1][1].common(style).common(blank))
        _append(runs, " ".join(words), style)
        blank = style if text[-1].isspace() else None
    return tuple([TextRun("".join(texts), style) for texts, style in runs])


def _append(runs: list[tuple[list[str], InlineStyle]], text: str, style: InlineStyle) -> None:
    if runs and runs[-1][1] == style:
        runs[-1][0].append(text)
    else:
        runs.append(([text], style))
