"""Texts about findings that several formats share."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from cleaner.lines.display import display_name, make_visible
from cleaner.report.findings.record import Finding, Origin

#: Characters of an id or a URL that a finding shows.
MAX_LABEL_CHARS = 80

#: Characters of a line that a message quotes.
MAX_QUOTE_CHARS = 120


def origin_name(origin: Origin) -> str:
    """Return a file as it was named; for a row followed by its number: ``pages.jsonl:12``."""
    name = display_name(origin.path)
    return name if origin.row is None else f"{name}:{origin.row}"


def describe_line(finding: Finding) -> str:
    """Return which line of the page it is; "" where the place in the file shows it already."""
    origin = finding.origin
    if origin.row is not None:
        label = origin.label
        label = label if len(label) <= MAX_LABEL_CHARS else label[: MAX_LABEL_CHARS - 3] + "..."
        return f"line {finding.line} of its text{label and f'; {label}'}"
    if finding.place:
        return ""
    return f"line {finding.line} of the {'flattened page' if finding.kind == 'html' else 'unpacked file'}"


def finding_message(finding: Finding) -> str:
    """Return the finding in one line, safe to show, with the beginning of the line of the page."""
    place = describe_line(finding)
    quote = make_visible(finding.text.strip()[: MAX_QUOTE_CHARS + 1])
    if len(quote) > MAX_QUOTE_CHARS:
        quote = quote[: MAX_QUOTE_CHARS - 3] + "..."
    return make_visible(f"{finding.why}{place and f' ({place})'}") + f": {quote}"


def relative_path(path: str, root: Path) -> str:
    """Return the path relative to ``root``, with forward slashes."""
    whole = os.path.abspath(path)  # noqa: PTH100 - resolve() would follow links, which git does not
    try:
        return Path(os.path.relpath(whole, root)).as_posix()
    except ValueError:  # paths on different drives have no relative path
        return Path(whole).as_posix()


def printable_json(value: Any) -> str:
    """Return JSON in one line, with escapes for all characters that cannot be printed, so that it is safe to show."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)
