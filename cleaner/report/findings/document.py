"""The format ``json``: one JSON document, see ``cleaner/data/schema/findings.json``."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from cleaner.lines.display import display_name
from cleaner.report.findings.messages import printable_json
from cleaner.report.findings.record import Finding, Place, Problem

#: Version of the document; it rises when a field is removed or changes its meaning.
FINDINGS_SCHEMA_VERSION = 1


class Document:
    """An object with ``findings``, each of which takes one line, and ``failures``."""

    def __init__(self) -> None:
        self._between = "\n"
        self._failures: list[dict[str, Any]] = []

    def begin(self) -> str:
        """Return the head of the document."""
        return f'{{"schema":{FINDINGS_SCHEMA_VERSION},"version":{printable_json(version("clean-scrape"))},"findings":['

    def finding(self, finding: Finding) -> str:
        """Return a finding as an object."""
        between, self._between = self._between, ",\n"
        return between + printable_json(_row(finding))

    def problem(self, problem: Problem) -> str:
        """Return "": failures follow all findings."""
        origin = problem.origin
        path = display_name(origin.path)
        self._failures.append({"path": path, "row": origin.row, "reason": problem.reason, "message": problem.message})
        return ""

    def end(self) -> str:
        """Return the failures, and the end of the document."""
        failures = ",".join("\n" + printable_json(failure) for failure in self._failures)
        return f'\n],"failures":[{failures}\n]}}\n'

    def remarks(self) -> Sequence[str]:
        """Return no remarks."""
        return ()


def _row(finding: Finding) -> dict[str, Any]:
    origin = finding.origin
    return {
        "path": display_name(origin.path),
        "row": origin.row,
        "line": finding.line,
        "code": finding.code,
        "name": finding.name,
        "why": finding.why,
        "score": round(finding.score, 4),
        "text": finding.text,
        "kind": finding.kind,
        "language": finding.language,
        "site": finding.site,
        "id": origin.label,
        "place": _place(finding.place) if finding.place else None,
    }


def _place(place: Place) -> dict[str, int]:
    return place._asdict()
