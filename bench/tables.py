"""Tables of figures, as text and as plain values."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Table:
    """Figures by row and column. ``note`` is what a reader must know to read them.

    ``exceeded`` names the figures that are above their bound by more than is allowed, in whole sentences.
    """

    title: str
    rows: Mapping[str, Mapping[str, object]]
    note: str = ""
    exceeded: Sequence[str] = ()


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
    """Print tables as they come, then write the figures of all to ``path``, when there is one.

    When figures exceed their bounds, name them on standard error and end with exit code 1.
    """
    shown: list[Table] = []
    for table in tables:
        shown.append(table)
        print(render(table), end="\n\n", flush=True)
    if path:
        path.write_text(json.dumps(plain(shown), indent=1, ensure_ascii=False) + "\n", "utf-8")
    if exceeded := [line for table in shown for line in table.exceeded]:
        sys.exit("\n".join(["above the bound:", *exceeded]))


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
