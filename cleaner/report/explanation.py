"""The output of ``explain``: the lines of a page with their verdicts and all evidence, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from cleaner.lines.display import make_visible
from cleaner.records import Cleaned, Note, Verdict
from cleaner.report.summary import format_count

#: Characters of a line that are shown.
MAX_SHOWN_CHARS = 2_000

_MARGIN = " " * 14


def explain_lines(cleaned: Cleaned, line: int | None, width: int) -> Iterator[str]:
    """Yield the explanation of a page, or of the line with the number ``line``, at most ``width`` columns wide."""
    page = cleaned.page
    if line is None:
        facts = (f"kind {page.kind}", f"language {page.language or '?'}", f"encoding {page.encoding}")
        yield from _wrapped("page", "  ".join((*facts, f"confidence {cleaned.confidence:.2f}")), width)
        if page.title:
            yield from _wrapped("title", page.title, width)
        if cleaned.others:
            yield from _wrapped(
                "site", f"compared with {format_count(cleaned.others, 'other page')} of its site", width
            )
        yield from _notes(cleaned.notes, width)
        yield ""
    for verdict in cleaned.verdicts:
        if line is None and verdict.line.blank and not verdict.evidence:
            continue
        if line is None or verdict.line.number == line:
            yield from _explain_verdict(verdict, width)


def _notes(notes: tuple[Note, ...], width: int) -> Iterator[str]:
    for note in notes:
        yield from _wrapped("note", f"{note.code} {note.why}", width)


def _explain_verdict(verdict: Verdict, width: int) -> Iterator[str]:
    mark = "keep" if verdict.keep else "DROP"
    head = f"{verdict.line.number:>5} {mark} {verdict.drop_probability:.2f}"
    yield from _wrapped(head, verdict.line.text[:MAX_SHOWN_CHARS] or "(blank)", width)
    for evidence in verdict.evidence:
        mark = " (weighs nothing)" if not evidence.weight and evidence.code != verdict.code else ""
        yield from _wrapped("", f"{evidence.weight:+.2f} {evidence.code} {evidence.why}{mark}", width, hang=13)


def _wrapped(head: str, text: str, width: int, hang: int = 0) -> Iterator[str]:
    """Yield ``text``, wrapped, beside a column with ``head``."""
    margin = _MARGIN + "  "
    rows = wrap(make_visible(text), max(20, width - len(margin)), subsequent_indent=" " * hang) or [""]
    yield f"{head:<{len(margin)}}{rows[0]}".rstrip()
    yield from (margin + row for row in rows[1:])
