"""Tables of data as tables of GFM. Tables that only arrange blocks on a page come out as those blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cleaner.markdown.places import Places
from cleaner.markdown.runs import Cell, Part, Run, is_strong, not_strong
from cleaner.records import Line

#: Lines of a cell; one with more is a part of the page.
MOST_LINES = 8

#: Cells that a parser has to fill in where rows are short. Parsers end a table at 65,536 of them.
MOST_FILLED_IN = 50_000


class Grid:
    """What the kept lines of a table take of it."""

    def __init__(self, block: int) -> None:
        self.block = block
        self.spoiled = block < 0
        self.lines: Counter[tuple[int, int]] = Counter()
        self.headed = False

    def add(self, cells: Iterable[Cell]) -> None:
        """Add a line."""
        for cell in cells:
            self.lines[cell.row, cell.column] += 1
            self.headed = self.headed or cell.header

    @property
    def columns(self) -> dict[int, int]:
        """The columns that hold something, each with its number."""
        return {column: at for at, column in enumerate(sorted({column for _, column in self.lines}))}

    @property
    def holds(self) -> bool:
        """Whether it can be, and looks like, a table of data."""
        if self.spoiled or max(self.lines.values(), default=0) > MOST_LINES:
            return False
        width, rows = len(self.columns), len({row for row, _ in self.lines})
        return width > 1 and (rows > 1 or self.headed) and width * rows - len(self.lines) <= MOST_FILLED_IN


def grids(kept: Iterable[Line], parts: Mapping[int, tuple[Part, ...]], places: Places) -> dict[int, Mapping[int, int]]:
    """The numbers of the tables of data among the kept lines, with the columns of each."""
    found: dict[int, Grid] = {}
    for line in kept:
        cells = [part.cell for part in parts.get(line.number - 1, ()) if part.cell is not None]
        block = line.markup.block if line.markup is not None else -1
        if places.codes[block] > places.tables[block] >= 0:
            continue  # see _arranging
        if not cells:
            continue
        grid = found.setdefault(cells[0].table, Grid(places.tables[block]))
        grid.add(cells)
        deeper = places.headings[block] > grid.block or places.paths[block] != places.paths[grid.block]
        if deeper or places.tables[block] != grid.block or any(cell.table != cells[0].table for cell in cells):
            grid.spoiled = True
    arranging = _arranging(kept, places)
    return {number: grid.columns for number, grid in found.items() if grid.block not in arranging and grid.holds}


def _arranging(kept: Iterable[Line], places: Places) -> set[int]:
    """The tables that hold code, or other tables."""
    found: set[int] = set()
    filled: set[int] = set()
    for line in kept:
        if line.markup is not None:
            table = places.tables[line.markup.block]
            filled.add(table)
            if places.codes[line.markup.block] > table:
                found.add(table)
    for at in range(len(places.blocks) - 1, -1, -1):
        if places.blocks[at].tag == "table" and (at in filled or at in found):
            outer = places.tables[places.blocks[at].parent]
            found.add(outer)
    return found


class Piece(NamedTuple):
    """What a line has in a cell."""

    line: int
    cell: Cell
    runs: tuple[Run, ...]


def headed(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """The pieces of a table; where its first row alone is strong, that is its head.

    What is strong as a whole in a head goes without saying.
    """
    size = sum(piece.cell.row == pieces[0].cell.row for piece in pieces)
    head, rest = pieces[:size], pieces[size:]
    strong = all(is_strong(piece.runs) for piece in head) and not all(is_strong(piece.runs) for piece in rest)
    if not (strong or all(piece.cell.header for piece in head)):
        return pieces
    marked = [piece._replace(cell=piece.cell._replace(header=True)) for piece in head]
    return [*(one._replace(runs=not_strong(one.runs)) if is_strong(one.runs) else one for one in marked), *rest]


def table_rows(cells: Iterable[tuple[Cell, str]], columns: Mapping[int, int]) -> list[str]:
    """The lines of a table; ``cells`` come in order, several times for one that has several lines."""
    rows: dict[int, dict[int, list[str]]] = {}
    body: set[int] = set()
    for cell, text in cells:
        rows.setdefault(cell.row, {}).setdefault(columns[cell.column], []).append(text)
        if not cell.header:
            body.add(cell.row)
    first = next(iter(rows))
    head: dict[int, list[str]] = {} if first in body else rows.pop(first)
    width = len(columns)
    return [_row(head, width), "|" + " --- |" * width, *(_row(row, 1 + max(row)) for row in rows.values())]


def _row(row: Mapping[int, list[str]], width: int) -> str:
    cells = ("<br>".join(row.get(at, ())) for at in range(width))
    return "|" + "".join([f" {cell} |" if cell else " |" for cell in cells])
