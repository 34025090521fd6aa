"""Tables of data as tables of GFM. Tables that only arrange blocks on a page are written as those blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cleaner.markdown.containers import Containers
from cleaner.markdown.text_runs import Cell, LinePart, TextRun, all_strong, without_strong
from cleaner.records import Line

#: Lines of a cell in a table of data; a table with longer cells arranges parts of the page.
MAX_CELL_LINES = 8

#: Cells that a parser has to fill in where rows are short. Parsers end a table at 65,536 of them.
MAX_FILLED_IN_CELLS = 50_000


class DataTable:
    """The cells of a table that its kept lines fill, and whether it is a table of data."""

    def __init__(self, block: int) -> None:
        self.block = block
        self.spoiled = block < 0
        self.lines: Counter[tuple[int, int]] = Counter()
        self.has_header = False

    def add(self, cells: Iterable[Cell]) -> None:
        """Add the cells of a line."""
        for cell in cells:
            self.lines[cell.row, cell.column] += 1
            self.has_header = self.has_header or cell.header

    @property
    def columns(self) -> dict[int, int]:
        """The columns that hold something, each with its number."""
        return {column: at for at, column in enumerate(sorted({column for _, column in self.lines}))}

    @property
    def is_data(self) -> bool:
        """Tell whether it looks like a table of data, and can be written as one."""
        if self.spoiled or max(self.lines.values(), default=0) > MAX_CELL_LINES:
            return False
        width, rows = len(self.columns), len({row for row, _ in self.lines})
        return width > 1 and (rows > 1 or self.has_header) and width * rows - len(self.lines) <= MAX_FILLED_IN_CELLS


def find_data_tables(
    kept: Iterable[Line], parts: Mapping[int, tuple[LinePart, ...]], containers: Containers
) -> dict[int, Mapping[int, int]]:
    """Return the numbers of the tables of data among the kept lines, with the columns of each."""
    found: dict[int, DataTable] = {}
    for line in kept:
        cells = [part.cell for part in parts.get(line.number - 1, ()) if part.cell is not None]
        block = line.markup.block if line.markup is not None else -1
        if containers.codes[block] > containers.tables[block] >= 0:
            continue  # see _arranging
        if not cells:
            continue
        grid = found.setdefault(cells[0].table, DataTable(containers.tables[block]))
        grid.add(cells)
        deeper = containers.headings[block] > grid.block or containers.paths[block] != containers.paths[grid.block]
        if deeper or containers.tables[block] != grid.block or any(cell.table != cells[0].table for cell in cells):
            grid.spoiled = True
    arranging = _arranging(kept, containers)
    return {number: grid.columns for number, grid in found.items() if grid.block not in arranging and grid.is_data}


def _arranging(kept: Iterable[Line], containers: Containers) -> set[int]:
    """The tables that hold code, or other tables."""
    found: set[int] = set()
    filled: set[int] = set()
    for line in kept:
        if line.markup is not None:
            table = containers.tables[line.markup.block]
            filled.add(table)
            if containers.codes[line.markup.block] > table:
                found.add(table)
    for at in range(len(containers.blocks) - 1, -1, -1):
        if containers.blocks[at].tag == "table" and (at in filled or at in found):
            outer = containers.tables[containers.blocks[at].parent]
            found.add(outer)
    return found


class CellPiece(NamedTuple):
    """What a line has in one cell."""

    line: int
    cell: Cell
    runs: tuple[TextRun, ...]


def with_header(pieces: Sequence[CellPiece]) -> Sequence[CellPiece]:
    """Return the pieces of a table; its first row is its header when all of it, and not all of the rest, is strong.

    Cells of a header need no markup for strong text.
    """
    size = sum(piece.cell.row == pieces[0].cell.row for piece in pieces)
    head, rest = pieces[:size], pieces[size:]
    strong = all(all_strong(piece.runs) for piece in head) and not all(all_strong(piece.runs) for piece in rest)
    if not (strong or all(piece.cell.header for piece in head)):
        return pieces
    marked = [piece._replace(cell=piece.cell._replace(header=True)) for piece in head]
    return [*(one._replace(runs=without_strong(one.runs)) if all_strong(one.runs) else one for one in marked), *rest]


def table_rows(cells: Iterable[tuple[Cell, str]], columns: Mapping[int, int]) -> list[str]:
    """Return the lines of a table; ``cells`` come in order, several times for a cell of several lines."""
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
