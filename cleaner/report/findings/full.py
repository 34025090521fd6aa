"""For people: each finding with its line, what stays around it, and the evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from unicodedata import east_asian_width

from cleaner.lines.display import make_visible
from cleaner.records import Evidence
from cleaner.report.findings.concise import Concise, head
from cleaner.report.findings.record import Finding, Near

#: Voices shown of a finding, the weightiest first; most have one or two.
MOST_VOICES = 4

#: Puts colour on a text: "head", "line" or "faint".
Paint = Callable[[str, str], str]

_MARGIN = 8


def plain(_role: str, text: str) -> str:
    """No colour."""
    return text


class Full(Concise):
    """A finding takes some lines, at most ``width`` columns wide, except for the first, and one that is blank."""

    def __init__(self, width: int, paint: Paint = plain) -> None:
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
        for voice in sorted(finding.evidence, key=lambda voice: -abs(voice.weight))[:MOST_VOICES]:
            yield self.paint("faint", self._voice(voice))

    def _line(self, mark: str, near: Near, role: str) -> str:
        margin = f"{mark}{near.line:>{_MARGIN - 3}} | "
        return margin + self.paint(role, _cut(near.text, self.width - len(margin)))

    def _voice(self, voice: Evidence) -> str:
        margin = f"{'':{_MARGIN}}{voice.weight:+.2f} {voice.code} "
        return margin + _cut(voice.why, self.width - len(margin))


def _cut(text: str, width: int) -> str:
    """The beginning of a text as it may be shown, in at most so many columns of a terminal; some signs take two."""
    left, room = make_visible(text[: max(width, 0) + 1]), width
    for at, sign in enumerate(left):
        room -= 2 if east_asian_width(sign) in "WF" else 1
        if room < 0:
            return _cut_to(left[:at], width - 3) + "..."
    return left


def _cut_to(text: str, width: int) -> str:
    room = width
    for at, sign in enumerate(text):
        room -= 2 if east_asian_width(sign) in "WF" else 1
        if room < 0:
            return text[:at]
    return text
