"""Lines for the terminal: everything that was said about the lines of a page."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from cleaner.lines.display import make_visible
from cleaner.records import Cleaned, Note, Verdict
from cleaner.report.summary import format_count

#: Characters of a page's line that a view shows of a line.
LONGEST_SHOWN = 2_000

_MARGIN = " " * 14


def explained(cleaned: Cleaned, line: int | None, width: int) -> Iterator[str]:
    """Yield a readable account of a page, or of one line, at most ``width`` columns wide."""
    page = cleaned.page
    if line is None:
        facts = (f"kind {page.kind}", f"language {page.language or '?'}", f"encoding {page.encoding}")
        yield from _filled("page", "  ".join((*facts, f"confidence {cleaned.confidence:.2f}")), width)
        if page.title:
            yield from _filled("title", page.title, width)
        if cleaned.others:
            yield from _filled("site", f"compared with {format_count(cleaned.others, 'other page')} of its site", width)
        yield from _notes(cleaned.notes, width)
        yield ""
    for verdict in cleaned.verdicts:
        if line is None and verdict.line.blank and not verdict.evidence:
            continue
        if line is None or verdict.line.number == line:
            yield from _account(verdict, width)


def _notes(notes: tuple[Note, ...], width: int) -> Iterator[str]:
    for note in notes:
        yield from _filled("note", f"{note.code} {note.why}", width)


def _account(verdict: Verdict, width: int) -> Iterator[str]:
    mark = "keep" if verdict.keep else "DROP"
    head = f"{verdict.line.number:>5} {mark} {verdict.drop_probability:.2f}"
    yield from _filled(head, verdict.line.text[:LONGEST_SHOWN] or "(blank)", width)
    for one in verdict.evidence:
        mark = " (weighs nothing)" if not one.weight and one.code != verdict.code else ""
        yield from _filled("", f"{one.weight:+.2f} {one.code} {one.why}{mark}", width, hang=13)


def _filled(head: str, text: str, width: int, hang: int = 0) -> Iterator[str]:
    """``text`` wrapped beside a column with ``head``."""
    margin = _MARGIN + "  "
    rows = wrap(make_visible(text), max(20, width - len(margin)), subsequent_indent=" " * hang) or [""]
    yield f"{head:<{len(margin)}}{rows[0]}".rstrip()
    yield from (margin + row for row in rows[1:])
