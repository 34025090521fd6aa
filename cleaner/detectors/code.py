"""KP: things that look like furniture and are content: code, tables, verse, quoted speech."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cleaner.detectors import Context, Hit, Rule, detector
from cleaner.records import Page

# Linear: single characters or literals, no repetition of groups.
_CODE = re.compile(
    r"[{};]$|^(?:def|class|import|from|return|var|let|const|function|public|private|if|for|while) .*[:;{(]|^[$>#] \w|</?\w+>|=>|::|\w\(\)"
)
_SPEECH = re.compile(r'^(?:["\u201c\u201e\u00ab\u300c-]|\u2014) ?\w')
_STEP = re.compile(r"^(?:\d{1,2}[.)]|[-\u2022*]|[a-z]\)) \S")
# Neither code nor a pair is without one of these, and most lines are without any.
_SIGNS = re.compile(r"[{};:($>#|\t]")
_PAIR = re.compile(r"^[^:|\t]{2,40}(?::|\t| \| )\s*\S")


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
)
def code(page: Page, context: Context) -> Iterator[Hit]:
    """Code, speech, list items, names with values."""
    del context
    for line in page.lines:
        text = line.text[:200].strip()
        if not text:
            continue
        if _SPEECH.match(text):
            yield Hit(line.number, "KP232")
        elif _STEP.match(text):
            yield Hit(line.number, "KP233")
        elif not _SIGNS.search(text):
            continue
        elif _CODE.search(text):
            yield Hit(line.number, "KP231")
        elif _PAIR.match(text):
            yield Hit(line.number, "KP234")
