"""Findings for people: the line between its neighbours, and all that was heard."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from textwrap import wrap

from cleaner.records import Rule
from cleaner.report.escape import shown
from cleaner.report.findings import Removal

#: Characters of the line in question that are shown.
LONGEST = 600


class Full:
    """Hands its rows to ``say``, with whether they are a heading."""

    def __init__(self, say: Callable[[str, bool], None], rules: Mapping[str, Rule], width: int) -> None:
        self._say, self._rules, self._width = say, rules, width

    def add(self, removal: Removal) -> None:
        """Write one finding and an empty row."""
        name = self._rules[removal.code].name if removal.code in self._rules else ""
        at = removal.where.row or removal.line
        self._say(f"{shown(removal.path)}:{at}: {removal.code} {name} {removal.score:.2f}", True)
        place = f" ({shown(removal.place)})" if removal.place else ""
        for row in self._rows(removal, place):
            self._say(row.rstrip(), False)
        self._say("", False)

    def _rows(self, removal: Removal, place: str) -> Iterator[str]:
        yield from self._wrapped("  ", f"This line {shown(removal.why)}{place}.")
        if removal.before:
            yield self._cut(*removal.before)
        yield from self._wrapped(f"  > {removal.line:>5}  ", shown(removal.text[:LONGEST]))
        if removal.behind:
            yield self._cut(*removal.behind)
        for weight, code, why in removal.voices:
            yield from self._wrapped(f"  {weight:+.2f}  ", f"{code} {shown(why)}")

    def _cut(self, number: int, text: str) -> str:
        row = f"    {number:>5}  {shown(text[:LONGEST])}"
        return row if len(row) <= self._width else row[: self._width - 1] + "\u2026"

    def _wrapped(self, head: str, text: str) -> Iterator[str]:
        rows = wrap(text, max(20, self._width - len(head))) or [""]
        yield head + rows[0]
        yield from (" " * len(head) + row for row in rows[1:])

    def failed(self, path: str, message: str, reason: str) -> None:
        """Failures are told on standard error."""

    def close(self) -> None:
        """Nothing is left."""
