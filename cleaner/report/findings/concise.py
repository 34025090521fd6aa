"""A line per finding."""

from __future__ import annotations

from collections.abc import Sequence

from cleaner.lines.display import make_visible
from cleaner.report.findings.messages import name_of, where
from cleaner.report.findings.record import Finding, Problem


class Concise:
    """``path:line: CODE reason [score]``; for rows ``path:row: CODE reason (line 3 of its text; ID) [score]``."""

    def begin(self) -> str:
        """Nothing."""
        return ""

    def finding(self, finding: Finding) -> str:
        """The line of a finding."""
        return head(finding) + "\n"

    def problem(self, problem: Problem) -> str:
        """Nothing: it is said to people anyway."""
        return ""

    def end(self) -> str:
        """Nothing."""
        return ""

    def remarks(self) -> Sequence[str]:
        """Nothing."""
        return ()


def head(finding: Finding) -> str:
    """What there is to say about a finding in one line."""
    row = finding.origin.row is not None
    name = name_of(finding.origin) if row else f"{name_of(finding.origin)}:{finding.line}"
    place = f" ({where(finding)})" if row else ""
    return make_visible(f"{name}: {finding.code} {finding.why}{place} [{finding.score:.2f}]")
