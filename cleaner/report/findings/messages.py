"""How findings are put into words and names, where formats share that."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from cleaner.lines.display import display_name, make_visible
from cleaner.report.findings.record import Finding, Origin

#: Characters of an id or a URL that a finding shows.
LONGEST_LABEL = 80

#: Characters of a line that a message quotes.
LONGEST_QUOTE = 120


def name_of(origin: Origin) -> str:
    """A file as it was named, a row with its number behind: ``pages.jsonl:12``."""
    name = display_name(origin.path)
    return name if origin.row is None else f"{name}:{origin.row}"


def where(finding: Finding) -> str:
    """Which line of the page it is, for those whom the place in the file does not tell; "" where it does."""
    origin = finding.origin
    if origin.row is not None:
        label = origin.label
        label = label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 3] + "..."
        return f"line {finding.line} of its text{label and f'; {label}'}"
    if finding.place:
        return ""
    return f"line {finding.line} of the {'flattened page' if finding.kind == 'html' else 'unpacked file'}"


def message(finding: Finding) -> str:
    """The finding in one line, safe to show, with the beginning of the text it is about."""
    place = where(finding)
    quote = make_visible(finding.text.strip()[: LONGEST_QUOTE + 1])
    if len(quote) > LONGEST_QUOTE:
        quote = quote[: LONGEST_QUOTE - 3] + "..."
    return make_visible(f"{finding.why}{place and f' ({place})'}") + f": {quote}"


def below(path: str, top: Path) -> str:
    """A path as it is called from ``top``, with forward slashes."""
    whole = os.path.abspath(path)  # noqa: PTH100 - resolve() would follow links, which git does not
    try:
        return Path(os.path.relpath(whole, top)).as_posix()
    except ValueError:  # on another drive there is no way from here to there
        return Path(whole).as_posix()


def json_of(value: Any) -> str:
    """JSON in one line, in which what cannot be printed stands as an escape, so that it is safe to show."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in text)
