"""Findings as SARIF 2.1.0, the format of OASIS that code hosts and editors read.

A fix deletes exactly the bytes that ``fix`` would. Nothing in the log depends on the clock or the machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from cleaner.records import Rule
from cleaner.report.escape import shown
from cleaner.report.findings import Prints, Region, Removal

#: GitHub refuses a run with more results.
MOST = 25_000

#: Results from this probability on are warnings, the others notes.
WARNING_AT = 0.9

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"


class Sarif:
    """Gathers results, and hands the log to ``say`` at the end; ``left_out`` counts what found no room."""

    def __init__(self, say: Callable[[str], None], rules: Mapping[str, Rule], version: str) -> None:
        self._say, self._rules, self._version = say, rules, version
        self._prints = Prints()
        self._results: list[dict[str, Any]] = []
        self._notices: list[dict[str, Any]] = []
        self._failed = False
        self.left_out = 0

    def add(self, removal: Removal) -> None:
        """Note one finding."""
        print_ = self._prints.of(removal)
        if len(self._results) < MOST:
            self._results.append(_result(removal, print_))
        else:
            self.left_out += 1

    def failed(self, path: str, message: str, reason: str) -> None:
        """Note a file that could not be checked."""
        self._failed = True
        where = [{"physicalLocation": {"artifactLocation": _artifact(path)}}]
        text = shown(f"could not be checked: {message} [{reason}]")
        self._notices.append({"level": "error", "message": {"text": text}, "locations": where})

    def close(self) -> None:
        """Write the log."""
        codes = sorted({result["ruleId"] for result in self._results})
        places = {code: at for at, code in enumerate(codes)}
        results = [result | {"ruleIndex": places[result["ruleId"]]} for result in self._results]
        if self.left_out:
            text = f"{self.left_out:,} more findings are left out: a log holds {MOST:,}"
            self._notices.append({"level": "warning", "message": {"text": text}})
        run: dict[str, Any] = {
            "tool": {"driver": self._driver(codes)},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {_ROOT: {"description": {"text": "the top of the repository"}}},
            "invocations": [{"executionSuccessful": not self._failed, "toolExecutionNotifications": self._notices}],
            "results": results,
        }
        log: dict[str, Any] = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
        self._say(json.dumps(log, indent=1))

    def _driver(self, codes: list[str]) -> dict[str, Any]:
        known = [(code, self._rules.get(code)) for code in codes]
        rules = [_rule(code, rule) for code, rule in known]
        return {"name": "clean-scrape", "version": self._version, "semanticVersion": self._version, "rules": rules}


def _rule(code: str, rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        return {"id": code}
    says = f"This line {rule.why}."
    help_ = f"{says}\n\nGoes:\n{rule.goes}\n\nStays:\n{rule.stays}"
    return {
        "id": code,
        "name": rule.name,
        "shortDescription": {"text": says},
        "help": {"text": shown_rows(help_)},
        "defaultConfiguration": {"level": "warning"},
    }


def shown_rows(text: str) -> str:
    """Text of several rows in which nothing can hide."""
    return "\n".join(map(shown, text.split("\n")))


def _result(removal: Removal, print_: str) -> dict[str, Any]:
    place = f" ({removal.place})" if removal.place else ""
    physical: dict[str, Any] = {"artifactLocation": _artifact(removal.path)}
    if removal.region:
        physical["region"] = _region(removal.region)
    elif removal.file_line:
        physical["region"] = {"startLine": removal.file_line}
    result: dict[str, Any] = {
        "ruleId": removal.code,
        "level": "warning" if removal.score >= WARNING_AT else "note",
        "message": {"text": shown(f"This line {removal.why}{place}.")},
        "locations": [{"physicalLocation": physical}],
        "partialFingerprints": {"removedLine/v1": print_},
        "rank": round(100 * removal.score, 2),
        "properties": {"score": round(removal.score, 4), "line": removal.line, "kind": removal.kind},
    }
    if removal.gone:
        parts = [{"deletedRegion": _region(region)} for region in removal.gone]
        change = {"artifactLocation": _artifact(removal.path), "replacements": parts}
        result["fixes"] = [{"description": {"text": "Delete the line"}, "artifactChanges": [change]}]
    return result


def _artifact(path: str) -> dict[str, str]:
    """A file by its address, relative to the top of the repository where it lies there."""
    uri = quote(path.encode("utf-8", "surrogateescape"))
    return {"uri": uri} if path.startswith("/") else {"uri": uri, "uriBaseId": _ROOT}


def _region(region: Region) -> dict[str, int]:
    names = ("startLine", "startColumn", "endLine", "endColumn")
    return dict(zip(names, region, strict=True))
