"""Commands by which a job on GitHub Actions puts findings beside the lines of a change."""

from __future__ import annotations

from pathlib import Path

from cleaner.lines.display import display_name, make_visible
from cleaner.report.findings.concise import Concise
from cleaner.report.findings.messages import below, message
from cleaner.report.findings.record import Finding, Origin, Problem


class GitHub(Concise):
    """``::warning file=F,line=L,endLine=L,title=CODE name::message``, with paths from the top of the repository.

    A command takes one line, and what a page holds cannot end it: controls are shown as code points, and the signs
    that mean something in a command are escaped.
    """

    def __init__(self, top: Path) -> None:
        self.top = top

    def finding(self, finding: Finding) -> str:
        """A warning."""
        line = finding.place.line if finding.place else None
        title = f"{finding.code} {finding.name}".rstrip()
        return self._command("warning", finding.origin, line, (title, message(finding)))

    def problem(self, problem: Problem) -> str:
        """An error."""
        title = f"cannot be checked ({problem.reason})"
        return self._command("error", problem.origin, problem.origin.row, (title, problem.message))

    def _command(self, level: str, origin: Origin, line: int | None, said: tuple[str, str]) -> str:
        title, text = said
        file = display_name(below(origin.path, self.top))
        place = f"line={line},endLine={line}," if line else ""
        return f"::{level} file={_property(file)},{place}title={_property(title)}::{_data(text)}\n"


def _data(text: str) -> str:
    return make_visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
