"""The format ``github``: commands with which a job on GitHub Actions shows findings beside the lines of a change."""

from __future__ import annotations

from pathlib import Path

from cleaner.lines.display import display_name, make_visible
from cleaner.report.findings.concise import Concise
from cleaner.report.findings.messages import finding_message, relative_path
from cleaner.report.findings.record import Finding, Origin, Problem


class GitHub(Concise):
    """``::warning file=F,line=L,endLine=L,title=CODE name::message``, with paths from the root of the repository.

    A command takes one line, and nothing in a page can end it: control characters are shown as code points, and the
    characters with a meaning in a command are escaped.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def finding(self, finding: Finding) -> str:
        """Return a warning."""
        line = finding.place.line if finding.place else None
        title = f"{finding.code} {finding.name}".rstrip()
        return self._command("warning", finding.origin, line, (title, finding_message(finding)))

    def problem(self, problem: Problem) -> str:
        """Return an error."""
        title = f"cannot be checked ({problem.reason})"
        return self._command("error", problem.origin, problem.origin.row, (title, problem.message))

    def _command(self, level: str, origin: Origin, line: int | None, texts: tuple[str, str]) -> str:
        title, text = texts
        file = display_name(relative_path(origin.path, self.root))
        place = f"line={line},endLine={line}," if line else ""
        return f"::{level} file={_property(file)},{place}title={_property(title)}::{_data(text)}\n"


def _data(text: str) -> str:
    return make_visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
