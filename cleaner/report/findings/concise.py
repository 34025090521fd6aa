"""The format ``concise``: one line per finding."""

from __future__ import annotations

from collections.abc import Sequence

from cleaner.lines.display import make_visible
from cleaner.report.findings.messages import describe_line, origin_name
from cleaner.report.findings.record import Finding, Problem


class Concise:
    """``path:line: CODE reason [score]``; for rows ``path:row: CODE reason (line 3 of its text; ID) [score]``."""

    def begin(self) -> str:
        """Return ""."""
        return ""

    def finding(self, finding: Finding) -> str:
        """Return the line of a finding."""
        return head(finding) + "\n"

    def problem(self, problem: Problem) -> str:
        """Return "": the command reports problems on standard error."""
        return ""

    def end(self) -> str:
        """Return ""."""
        return ""

    def remarks(self) -> Sequence[str]:
        """Return no remarks."""
        return ()


def head(finding: Finding) -> str:
    """Return a finding in one line, safe to show."""
    row = finding.origin.row is not None
    name = origin_name(finding.origin) if row else f"{origin_name(finding.origin)}:{finding.line}"
    place = f" ({describe_line(finding)})" if row else ""
    return make_visible(f"{name}: {finding.code} {finding.why}{place} [{finding.score:.2f}]")
