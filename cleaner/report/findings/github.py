"""Findings as commands of GitHub's workflows, which become notes beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cleaner.records import Rule
from cleaner.report.escape import shown
from cleaner.report.findings import Removal

#: Characters of the line that a note shows.
LONGEST = 200


class GitHub:
    """Hands one command a finding to ``say``."""

    def __init__(self, say: Callable[[str], None], rules: Mapping[str, Rule]) -> None:
        self._say, self._rules = say, rules

    def add(self, removal: Removal) -> None:
        """Write a warning."""
        name = self._rules[removal.code].name if removal.code in self._rules else ""
        line = removal.file_line
        title = f"{removal.code} {name}".strip()
        properties = {"file": removal.path, **({"line": line, "endLine": line} if line else {}), "title": title}
        place = f"{removal.place}: " if removal.place else ""
        message = f"{place}this line {removal.why} [{removal.score:.2f}]: {removal.text[:LONGEST]}"
        self._command("warning", properties, message)

    def failed(self, path: str, message: str, reason: str) -> None:
        """Write an error."""
        self._command("error", {"file": path, "title": "could not be checked"}, f"{message} [{reason}]")

    def close(self) -> None:
        """Nothing is left."""

    def _command(self, name: str, properties: Mapping[str, object], message: str) -> None:
        said = ",".join(f"{key}={_property(shown(str(value)))}" for key, value in properties.items())
        self._say(f"::{name} {said}::{_data(shown(message))}")


def _data(text: str) -> str:
    """Text that cannot end the command it stands in. ``shown`` leaves no line end in it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
