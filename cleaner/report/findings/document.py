"""Findings as one JSON document, a finding a line; its schema is ``data/schema/findings.json``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from cleaner.records import Rule
from cleaner.report.findings import Prints, Region, Removal

#: Version of the document; it rises when a field changes its meaning or goes.
VERSION = 1


class Document:
    """Hands the rows of the document to ``say``."""

    def __init__(self, say: Callable[[str], None], rules: Mapping[str, Rule]) -> None:
        self._say, self._rules, self._prints = say, rules, Prints()
        self._failures: list[dict[str, str]] = []
        self._begun = False

    def add(self, removal: Removal) -> None:
        """Write one finding."""
        self._begin(json.dumps(self._plain(removal), ensure_ascii=True))

    def _begin(self, row: str) -> None:
        if not self._begun:
            self._say(f'{{"schema": {VERSION}, "findings": [')
        else:
            row = f",{row}" if row else ""
        self._begun = True
        if row:
            self._say(row)

    def _plain(self, removal: Removal) -> dict[str, Any]:
        found = {
            "path": removal.path,
            "line": removal.line,
            "code": removal.code,
            "name": self._rules[removal.code].name if removal.code in self._rules else "",
            "why": removal.why,
            "score": round(removal.score, 4),
            "text": removal.text,
            "kind": removal.kind,
            "site": removal.site,
            "language": removal.language,
            "fingerprint": self._prints.of(removal),
        }
        if removal.where.row:
            found |= {"row": removal.where.row, "id": removal.where.label}
        if removal.region:
            found["region"] = _plain_region(removal.region)
        if removal.gone:
            found["fix"] = [_plain_region(region) for region in removal.gone]
        return found

    def failed(self, path: str, message: str, reason: str) -> None:
        """Keep a failure for the end."""
        self._failures.append({"path": path, "reason": reason, "message": message})

    def close(self) -> None:
        """Write the failures, and end the document."""
        self._begin("")
        self._say(f'], "failures": {json.dumps(self._failures)}}}')


def _plain_region(region: Region) -> dict[str, int]:
    names = ("start_line", "start_column", "end_line", "end_column")
    return dict(zip(names, region, strict=True))
