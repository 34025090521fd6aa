"""Tables of figures, as text and as plain values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Table:
    """Figures by row and column. ``note`` says what a reader must know to read them."""

    title: str
    rows: Mapping[str, Mapping[str, object]]
    note: str = ""


def render(table: Table) -> str:
    """A table as text, its columns in the order of their first appearance."""
    columns = list(dict.fromkeys(figure for row in table.rows.values() for figure in row))
    cells = [["", *columns]]
    cells += [[name, *(_cell(row.get(figure)) for figure in columns)] for name, row in table.rows.items()]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]).rstrip()
        for row in cells
    ]
    head = [table.title, "=" * len(table.title), *([table.note] if table.note else [])]
    return "\n".join([*head, *(lines if table.rows else [])])


def show(tables: Iterable[Table], path: Path | None) -> None:
    """Print tables as they come; in the end write the figures of all to ``path``, when there is one."""
    done: list[Table] = []
    for table in tables:
        done.append(table)
        print(render(table), end="\n\n", flush=True)
    if path:
        path.write_text(json.dumps(plain(done), indent=1, ensure_ascii=False) + "\n", "utf-8")


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if not isinstance(value, float):
        return str(value)
    if abs(value) <= 1:
        return f"{value:.4f}"
    return f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"


def plain(tables: list[Table]) -> dict[str, Mapping[str, Mapping[str, object]]]:
    """Tables by title, rows by name, figures by name: the form of the model card's figures."""
    return {table.title: table.rows for table in tables}
