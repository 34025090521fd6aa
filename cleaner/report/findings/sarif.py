"""The format ``sarif``, SARIF 2.1.0: findings for code scanning and for programs that apply fixes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cleaner.report.findings.messages import finding_message, printable_json, relative_path
from cleaner.report.findings.record import Finding, Place, Problem
from cleaner.report.findings.sarif_rules import message_text, rule_of
from cleaner.report.summary import format_count
from cleaner.rules import rules
from cleaner.settings.record import line_hash

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

#: Results of a run that GitHub accepts (it keeps the first 5,000 by severity). Its other limit, 10 MB of gzip, is not
#: reached: each result quotes at most MAX_QUOTE_CHARS characters, and 25,000 lines of random Chinese take 8 MB.
MAX_RESULTS = 25_000

#: Files that could not be checked and are named; further ones are only counted.
MAX_PROBLEMS = 1_000

#: From this score on a finding is a warning, below it a note: where the policy `safe` would delete a line of text.
MIN_WARNING_SCORE = 0.95

_HEAD = {"columnKind": "unicodeCodePoints", "newlineSequences": ["\r\n", "\n"]}


class Sarif:
    """A log with one run: first the results, in the order of the findings, then the rules that they name.

    The same findings give the same bytes: they hold no time, no name of a machine and no folder above ``root``.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.results = 0
        self.left_out = 0
        self._rules: dict[str, int] = {}
        self._path = ""
        self._alike: Counter[str] = Counter()
        self._problems: list[Problem] = []
        self._unnamed = 0

    def begin(self) -> str:
        """Return the head of the log, up to the first result."""
        head = printable_json({"$schema": SCHEMA, "version": "2.1.0"})[:-1]
        return f'{head},"runs":[{printable_json(_HEAD)[:-1]},"results":['

    def finding(self, finding: Finding) -> str:
        """Return a result, "" when there are too many."""
        if self.results == MAX_RESULTS:
            self.left_out += 1
            return ""
        self.results += 1
        return (",\n" if self.results > 1 else "\n") + printable_json(self._result(finding))

    def problem(self, problem: Problem) -> str:
        """Return "": the invocation follows all results."""
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(problem)
        else:
            self._unnamed += 1
        return ""

    def end(self) -> str:
        """Return the tool with the rules of the results, and how the check ended."""
        known = rules()
        driver = {
            "name": "clean-scrape",
            "version": version("clean-scrape"),
            "rules": [rule_of(code, known.get(code)) for code in self._rules],
        }
        invocation: dict[str, Any] = {"executionSuccessful": not self._problems}
        if notifications := self._notifications():
            invocation["toolExecutionNotifications"] = notifications
        tail = {"tool": {"driver": driver}, "invocations": [invocation]}
        return f"\n],{printable_json(tail)[1:-1]}}}]}}\n"

    def remarks(self) -> Sequence[str]:
        """Return that results were left out, if any were."""
        return (self._cap(),) if self.left_out else ()

    def _cap(self) -> str:
        what = "finding is" if self.left_out == 1 else "findings are"
        return (
            f"{self.left_out:,} more {what} not in the SARIF log, which holds {MAX_RESULTS:,}, "
            "as many as GitHub takes; check fewer files at a time"
        )

    def _result(self, finding: Finding) -> dict[str, Any]:
        origin = finding.origin
        artifact = self._artifact(origin.path)
        location: dict[str, Any] = {"artifactLocation": artifact}
        if finding.place:
            location["region"] = _line(finding.place)
        properties = {
            "score": round(finding.score, 4),
            "kind": finding.kind,
            "line": finding.line,
            "row": origin.row,
            "id": origin.label,
            "language": finding.language,
            "site": finding.site,
        }
        result: dict[str, Any] = {
            "ruleId": finding.code,
            "ruleIndex": self._rules.setdefault(finding.code, len(self._rules)),
            "level": "warning" if finding.score >= MIN_WARNING_SCORE else "note",
            "message": {"text": message_text(finding_message(finding))},
            "rank": round(100 * finding.score, 2),
            "locations": [{"physicalLocation": location}],
            "partialFingerprints": {"cleanScrape/v1": self._fingerprint(finding)},
            "properties": {key: value for key, value in properties.items() if value not in ("", None)},
        }
        if finding.gone:
            deleted = [{"deletedRegion": _region(place)} for place in finding.gone]
            change = {"artifactLocation": artifact, "replacements": deleted}
            result["fixes"] = [{"description": {"text": "Delete the line."}, "artifactChanges": [change]}]
        return result

    def _fingerprint(self, finding: Finding) -> str:
        """Identify a finding by its content, as the allow-list does, and by its number among equal ones in the file."""
        if finding.origin.path != self._path:
            self._path = finding.origin.path
            self._alike.clear()
        key = sha256(f"{finding.code} {line_hash(finding.text)}".encode()).hexdigest()[:16]
        self._alike[key] += 1
        return f"{key}:{self._alike[key]}"

    def _artifact(self, path: str) -> dict[str, str]:
        return {
            "uri": quote(relative_path(path, self.root).encode("utf-8", "surrogateescape")),
            "uriBaseId": "%SRCROOT%",
        }

    def _notifications(self) -> list[dict[str, Any]]:
        notifications = [self._notification(problem) for problem in self._problems]
        if self._unnamed:
            notifications.append(
                _note("error", "more-failures", f"{format_count(self._unnamed, 'more input')} could not be checked")
            )
        if self.left_out:
            notifications.append(_note("warning", "more-results", self._cap()))
        return notifications

    def _notification(self, problem: Problem) -> dict[str, Any]:
        origin = problem.origin
        location: dict[str, Any] = {"artifactLocation": self._artifact(origin.path)}
        if origin.row:
            location["region"] = {"startLine": origin.row}
        text = problem.message.replace(origin.path, relative_path(origin.path, self.root))
        return _note("error", problem.reason, text) | {"locations": [{"physicalLocation": location}]}


def _note(level: str, reason: str, text: str) -> dict[str, Any]:
    return {"descriptor": {"id": reason}, "level": level, "message": {"text": message_text(text)}}


def _line(place: Place) -> dict[str, int]:
    """Return the region of a line without its line end, which is what a region without an end means."""
    region = {"startLine": place.line, "startColumn": place.column}
    return region if place.end_line > place.line else region | {"endColumn": place.end_column}


def _region(place: Place) -> dict[str, int]:
    begin = {"startLine": place.line, "startColumn": place.column}
    return begin | {"endLine": place.end_line, "endColumn": place.end_column}
