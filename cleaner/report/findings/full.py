"""The format ``full``: each finding with its line, the kept lines around it, and the evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from unicodedata import east_asian_width

from cleaner.lines.display import make_visible
from cleaner.records import Evidence
from cleaner.report.findings.concise import Concise, head
from cleaner.report.findings.record import Finding, Near

#: Items of evidence that a finding shows, those of the highest weight first; most lines have one or two.
MAX_EVIDENCE = 4

#: Colours a text for its role, which is "head", "line" or "faint".
Paint = Callable[[str, str], str]

_MARGIN = 8


def no_paint(_role: str, text: str) -> str:
    """Return the text without colour."""
    return text


class Full(Concise):
    """Renders a finding as several lines and a blank one; all but the first are at most ``width`` columns wide."""

    def __init__(self, width: int, paint: Paint = no_paint) -> None:
        self.width = width
        self.paint = paint

    def finding(self, finding: Finding) -> str:
        """The lines of a finding."""
        return "\n".join((self.paint("head", head(finding)), *self._body(finding), "", ""))

    def _body(self, finding: Finding) -> Iterator[str]:
        if finding.before:
            yield self._line(" ", finding.before, "faint")
        yield self._line(">", Near(finding.line, finding.text), "line")
        if finding.after:
            yield self._line(" ", finding.after, "faint")
        for evidence in sorted(finding.evidence, key=lambda one: -abs(one.weight))[:MAX_EVIDENCE]:
            yield self.paint("faint", self._evidence(evidence))

    def _line(self, mark: str, near: Near, role: str) -> str:
        margin = f"{mark}{near.line:>{_MARGIN - 3}} | "
        return margin + self.paint(role, _cut(near.text, self.width - len(margin)))

    def _evidence(self, evidence: Evidence) -> str:
        margin = f"{'':{_MARGIN}}{evidence.weight:+.2f} {evidence.code} "
        return margin + _cut(evidence.why, self.width - len(margin))


def _cut(text: str, width: int) -> str:
    """The beginning of a text, safe to show, in at most ``width`` columns of a terminal; some characters take two."""
    left, room = make_visible(text[: max(width, 0) + 1]), width
    for at, character in enumerate(left):
        room -= 2 if east_asian_width(character) in "WF" else 1
        if room < 0:
            return _cut_to(left[:at], width - 3) + "..."
    return left


def _cut_to(text: str, width: int) -> str:
    room = width
    for at, character in enumerate(text):
        room -= 2 if east_asian_width(character) in "WF" else 1
        if room < 0:
            return text[:at]
    return text
