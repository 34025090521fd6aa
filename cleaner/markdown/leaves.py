"""Kept lines to leaves: the paragraphs, headings, tables and pieces of code that lists and quotes hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from cleaner.markdown.escape import heading_end, line_start
from cleaner.markdown.inline import inline
from cleaner.markdown.links import Links
from cleaner.markdown.places import Path, Places
from cleaner.markdown.runs import Cell, Marks, Part, Run, is_strong, not_strong
from cleaner.markdown.tables import Piece, headed, table_rows
from cleaner.records import Line

# Linear: runs of one sign.
_TICKS = re.compile("`{3,}")

_TEXT, _HEADING, _CODE, _TABLE = "text", "heading", "code", "table"


class Leaf(NamedTuple):
    """Lines of Markdown; ``gap`` says that a blank line stood before them, ``flows`` that a list may follow closely."""

    path: Path
    rows: list[str]
    gap: bool
    flows: bool


class _Group(NamedTuple):
    """The lines of a leaf. ``key`` is the block, or the number of the table, that they share."""

    kind: str
    key: int
    path: Path
    gap: bool
    lines: list[Line]


class Leaves:
    """Makes the leaves of a page; ``grids`` are the columns of its tables of data by number."""

    def __init__(self, marks: Marks, places: Places, grids: Mapping[int, Mapping[int, int]], links: Links) -> None:
        self._marks, self._places, self._grids, self._links = marks, places, grids, links

    def leaves(self, lines: Iterable[tuple[Line, bool]]) -> Iterator[Leaf]:
        """The leaves of all lines, each with whether it was kept."""
        return map(self._leaf, self._groups(lines))

    def _groups(self, lines: Iterable[tuple[Line, bool]]) -> Iterator[_Group]:
        group: _Group | None = None
        gap = near = False
        for line, keep in lines:
            if line.blank:
                if group is not None and group.kind == _CODE and keep and self._code(line) == group.key:
                    group.lines.append(line)
                gap, near = True, False
            elif not keep:
                near = False
            else:
                kind, key = self._kind(line)
                if group is not None and (group.kind, group.key) == (kind, key) and (kind != _TEXT or near):
                    group.lines.append(line)
                else:
                    if group is not None:
                        yield group
                    group = _Group(kind, key, self._path(kind, line), gap, [line])
                gap, near = False, True
        if group is not None:
            yield group

    def _code(self, line: Line) -> int:
        return self._places.codes[line.markup.block] if line.markup is not None else -1

    def _kind(self, line: Line) -> tuple[str, int]:
        block = line.markup.block if line.markup is not None else -1
        if (code := self._places.codes[block]) >= 0:
            return _CODE, code
        cell = self._parts(line)[0].cell
        if cell is not None and cell.table in self._grids:
            return _TABLE, cell.table
        if (heading := self._places.headings[block]) >= 0:
            return _HEADING, heading
        path = self._places.paths[block]
        # The line of a paragraph goes on with those of the same item or quote, and term and text stand apart.
        return _TEXT, (path[-1] + 1 if path else 0) * 3 + ("", "dt", "dd").index(self._places.term(block))

    def _path(self, kind: str, line: Line) -> Path:
        block = line.markup.block if line.markup is not None else -1
        near = {_CODE: self._places.codes, _TABLE: self._places.tables, _HEADING: self._places.headings}
        return self._places.paths[near[kind][block] if kind in near else block]

    def _parts(self, line: Line) -> Sequence[Part]:
        return self._marks.parts.get(line.number - 1) or (Part((Run(line.text),)),)

    def _leaf(self, group: _Group) -> Leaf:
        write = {_CODE: self._fenced, _TABLE: self._table, _HEADING: self._heading, _TEXT: self._text}[group.kind]
        return Leaf(group.path, write(group), group.gap, group.kind in (_TEXT, _HEADING))

    def _fenced(self, group: _Group) -> list[str]:
        rows = [line.text for line in group.lines]
        while not rows[-1].strip():
            rows.pop()
        longest = max((len(ticks) for row in rows for ticks in _TICKS.findall(row)), default=2)
        fence = "`" * (longest + 1)
        return [fence + self._marks.languages.get(group.key, ""), *rows, fence]

    def _table(self, group: _Group) -> list[str]:
        pieces = [
            Piece(line.number, part.cell, part.runs)
            for line in group.lines
            for part in self._parts(line)
            if part.cell is not None
        ]
        cells: list[tuple[Cell, str]] = []
        for piece in headed(pieces):
            self._links.line = piece.line
            cells.append((piece.cell, inline(piece.runs, self._links.address, cell=True)))
        return table_rows(cells, self._grids[group.key])

    def _heading(self, group: _Group) -> list[str]:
        text = " ".join([self._line(line, strong=False) for line in group.lines])
        return [f"{'#' * self._places.level(group.key)} {heading_end(text)}"]

    def _text(self, group: _Group) -> list[str]:
        rows = [line_start(self._line(line)) for line in group.lines]
        return [*(f"{row}\\" for row in rows[:-1]), rows[-1]]

    def _line(self, line: Line, *, strong: bool = True) -> str:
        """A line as inline Markdown; a heading, which is strong itself, says nothing by being it as a whole."""
        self._links.line = line.number
        parts = self._parts(line)
        if not strong and all(is_strong(part.runs) for part in parts):
            parts = [Part(not_strong(part.runs)) for part in parts]
        return " | ".join([inline(part.runs, self._links.address) for part in parts])
