"""Pages with given verdicts, made by hand, for tests of what comes after the deciding."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from itertools import accumulate, pairwise
from typing import Any

from jsonschema import Draft202012Validator

from cleaner.records import Cleaned, Line, Note, Page, Shape, Verdict

ENDS = ("\r\n", "\n", "\r")


def text_page(
    pieces: Sequence[bytes],
    keep: Sequence[bool],
    *,
    encoding: str = "utf-8",
    bom: bytes = b"",
    source: str = "page.txt",
    notes: tuple[Note, ...] = (),
) -> Cleaned:
    """A text page whose lines are ``pieces``, each with its line end."""
    spans = pairwise(accumulate((len(piece) for piece in pieces), initial=len(bom)))
    lines = tuple(
        _line(number, piece.decode(encoding, "replace"), span)
        for number, (piece, span) in enumerate(zip(pieces, spans, strict=True), 1)
    )
    data = bom + b"".join(pieces)
    shapes = tuple(_shape(line.text) for line in lines)
    page = Page(source, "text", lines, shapes, data=data, encoding=encoding, bom=len(bom))
    return Cleaned(page, _verdicts(lines, keep), 0.9, notes)


def html_page(rows: Sequence[str], keep: Sequence[bool], *, source: str = "page.html") -> Cleaned:
    """An HTML page whose flattened lines are ``rows``, each with its line end."""
    spans = pairwise(accumulate((len(row) for row in rows), initial=0))
    lines = tuple(_line(n, row, span) for n, (row, span) in enumerate(zip(rows, spans, strict=True), 1))
    page = Page(source, "html", lines, tuple(_shape(line.text) for line in lines), data=b"<p>", encoding="cp1252")
    return Cleaned(page, _verdicts(lines, keep), 0.9)


def faults_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """What the schema of report rows says against some rows; of the lines of a page the first 200 are looked at."""
    schema = json.loads((files("cleaner") / "data" / "schema" / "page-row.json").read_text("utf-8"))
    validator = Draft202012Validator(schema)
    wrong = []
    for row in rows:
        short = {name: value[:200] if name in ("removed", "unsure") else value for name, value in row.items()}
        wrong += [f"{row.get('source')}: {error.message[:300]}" for error in validator.iter_errors(short)]
    return wrong


def _line(number: int, text: str, span: tuple[int, int]) -> Line:
    newline = next((end for end in ENDS if text.endswith(end)), "")
    return Line(number, text[: len(text) - len(newline)], *span, newline)


def _shape(text: str) -> Shape:
    return Shape(text.lower(), len(text.split()), 0, False, 0, 0, 0)


def _verdicts(lines: Sequence[Line], keep: Sequence[bool]) -> tuple[Verdict, ...]:
    return tuple(
        Verdict(line, 0.1, True) if kept else Verdict(line, 0.9, False, "PW101", "asks to subscribe to read on")
        for line, kept in zip(lines, keep, strict=True)
    )
