"""KP: lines that look like residue and are content: code, speech, list items, names with values."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cleaner.detectors import Context, Found, Rule, detector
from cleaner.records import Page

#: Characters at the beginning of a line that are searched.
_SEARCHED_CHARS = 200

# Linear: single characters or literals, no repetition of groups.
_CODE_OPENING = re.compile(
    r"(?:def|class|import|from|return|var|let|const|function|public|private|if|for|while) .*[:;{(]|[$>#] \w"
)
_CODE_INSIDE = re.compile(r"</?\w+>|\w\(\)")
_SPEECH = re.compile(r'^(?:["\u201c\u201e\u00ab\u300c-]|\u2014) ?\w')
_STEP = re.compile(r"^(?:\d{1,2}[.)]|[-\u2022*]|[a-z]\)) \S")
# Code, and a name with its value, always have one of these characters; most lines have none and need no more search.
_CODE_CHARACTERS = re.compile(r"[{};:($>#|\t]")
_NAME_AND_VALUE = re.compile(r"^[^:|\t]{2,40}(?::|\t| \| )\s*\S")


@detector(
    Rule("KP231", "code-line", "looks like source code", goes="> for boat in boats:", stays="For boats of all sizes"),
    Rule(
        "KP232",
        "speech",
        "opens with a quotation mark or a dash, as speech does",
        goes="> \u201cWe sail at noon,\u201d she said",
        stays="We sail at noon",
    ),
    Rule(
        "KP233", "list-step", "is a numbered or bulleted item", goes="> 1. Tie the rope", stays="1931 was a good year"
    ),
    Rule("KP234", "name-and-value", "is a name with its value", goes="> Length: 12 metres", stays="Length of the boat"),
    keeps=True,
)
def code(page: Page, context: Context) -> Iterator[Found]:
    """Source code, speech, list items, and names with values."""
    table = context.table
    for number, whole in zip(table.numbers, table.texts, strict=True):
        text = whole if len(whole) <= _SEARCHED_CHARS else whole[:_SEARCHED_CHARS].rstrip()
        lettered = text[0].isalpha()
        if not lettered and _SPEECH.match(text):
            yield number, "KP232", ""
        elif (not lettered or text[1:2] == ")") and _STEP.match(text):
            yield number, "KP233", ""
        elif not _CODE_CHARACTERS.search(text):
            continue
        elif _is_code(text):
            yield number, "KP231", ""
        elif _NAME_AND_VALUE.match(text):
            yield number, "KP234", ""


def _is_code(text: str) -> bool:
    if text[-1] in "{};" or "=>" in text or "::" in text or _CODE_OPENING.match(text):
        return True
    return ("<" in text or "()" in text) and _CODE_INSIDE.search(text) is not None
