"""Kept lines to leaf blocks (the term of CommonMark): paragraphs, headings, tables and code inside lists and quotes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from cleaner.markdown.containers import ContainerPath, Containers
from cleaner.markdown.escape import escape_heading_end, escape_line_start
from cleaner.markdown.inline import inline
from cleaner.markdown.links import Links
from cleaner.markdown.tables import CellPiece, table_rows, with_header
from cleaner.markdown.text_runs import Cell, InlineMarkup, LinePart, TextRun, all_strong, without_strong
from cleaner.records import Line

# Linear: runs of one character.
_TICKS = re.compile("`{3,}")

_TEXT, _HEADING, _CODE, _TABLE = "text", "heading", "code", "table"


class LeafBlock(NamedTuple):
    """Lines of Markdown; ``gap``: a blank line stood before them; ``flows``: a list may follow without one."""

    path: ContainerPath
    rows: list[str]
    gap: bool
    flows: bool


class _Group(NamedTuple):
    """The lines of a leaf block. ``key`` is the block, or the number of the table, that they share."""

    kind: str
    key: int
    path: ContainerPath
    gap: bool
    lines: list[Line]


class LeafBlocks:
    """Makes the leaf blocks of a page; ``tables`` are its tables of data by number, with their columns."""

    def __init__(
        self,
        markup: InlineMarkup,
        containers: Containers,
        tables: Mapping[int, Mapping[int, int]],
        links: Links,
    ) -> None:
        self._markup, self._containers, self._tables, self._links = markup, containers, tables, links

    def of_lines(self, lines: Iterable[tuple[Line, bool]]) -> Iterator[LeafBlock]:
        """Yield the leaf blocks of lines, each of which comes with whether it was kept."""
        return map(self._leaf_block, self._groups(lines))

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
        return self._containers.codes[line.markup.block] if line.markup is not None else -1

    def _kind(self, line: Line) -> tuple[str, int]:
        block = line.markup.block if line.markup is not None else -1
        if (code := self._containers.codes[block]) >= 0:
            return _CODE, code
        cell = self._parts(line)[0].cell
        if cell is not None and cell.table in self._tables:
            return _TABLE, cell.table
        if (heading := self._containers.headings[block]) >= 0:
            return _HEADING, heading
        path = self._containers.paths[block]
        # Lines of the same item or quote form one paragraph; the term and the text of an entry are separate.
        return _TEXT, (path[-1] + 1 if path else 0) * 3 + ("", "dt", "dd").index(self._containers.term(block))

    def _path(self, kind: str, line: Line) -> ContainerPath:
        block = line.markup.block if line.markup is not None else -1
        near = {_CODE: self._containers.codes, _TABLE: self._containers.tables, _HEADING: self._containers.headings}
        return self._containers.paths[near[kind][block] if kind in near else block]

    def _parts(self, line: Line) -> Sequence[LinePart]:
        return self._markup.parts.get(line.number - 1) or (LinePart((TextRun(line.text),)),)

    def _leaf_block(self, group: _Group) -> LeafBlock:
        write = {_CODE: self._fenced, _TABLE: self._table, _HEADING: self._heading, _TEXT: self._text}[group.kind]
        return LeafBlock(group.path, write(group), group.gap, group.kind in (_TEXT, _HEADING))

    def _fenced(self, group: _Group) -> list[str]:
        rows = [line.text for line in group.lines]
        while not rows[-1].strip():
            rows.pop()
        longest = max((len(ticks) for row in rows for ticks in _TICKS.findall(row)), default=2)
        fence = "`" * (longest + 1)
        return [fence + self._markup.languages.get(group.key, ""), *rows, fence]

    def _table(self, group: _Group) -> list[str]:
        pieces = [
            CellPiece(line.number, part.cell, part.runs)
            for line in group.lines
            for part in self._parts(line)
            if part.cell is not None
        ]
        cells: list[tuple[Cell, str]] = []
        for piece in with_header(pieces):
            self._links.line = piece.line
            cells.append((piece.cell, inline(piece.runs, self._links.address, cell=True)))
        return table_rows(cells, self._tables[group.key])

    def _heading(self, group: _Group) -> list[str]:
        text = " ".join([self._line(line, strong=False) for line in group.lines])
        return [f"{'#' * self._containers.level(group.key)} {escape_heading_end(text)}"]

    def _text(self, group: _Group) -> list[str]:
        rows = [escape_line_start(self._line(line)) for line in group.lines]
        return [*(f"{row}\\" for row in rows[:-1]), rows[-1]]

    def _line(self, line: Line, *, strong: bool = True) -> str:
        """Write a line as inline Markdown; a heading that is strong as a whole gets no markup for that."""
        self._links.line = line.number
        parts = self._parts(line)
        if not strong and all(all_strong(part.runs) for part in parts):
            parts = [LinePart(without_strong(part.runs)) for part in parts]
        return " | ".join([inline(part.runs, self._links.address) for part in parts])
