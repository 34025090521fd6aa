"""Codes as rules of SARIF, and texts in the form of its messages."""

from __future__ import annotations

import re
from typing import Any

from cleaner.lines.display import make_visible
from cleaner.records import Rule

# Linear: runs of one character.
_TICKS = re.compile(r"`+")


def rule_of(code: str, rule: Rule | None) -> dict[str, Any]:
    """Return the descriptor of a code; it holds the id alone when there is no rule."""
    if rule is None:
        return {"id": code}
    goes, stays = (_shown_rows(example) for example in (rule.goes, rule.stays))
    text = f"This line {rule.why}."
    return {
        "id": code,
        "name": rule.name,
        "shortDescription": {"text": message_text(rule.name.replace("-", " "))},
        "fullDescription": {"text": message_text(text)},
        "help": {
            "text": message_text(f"{text}\n\nGoes:\n{goes}\n\nStays:\n{stays}\n\nAll codes: clean-scrape rules"),
            "markdown": _braced(
                f"{text}\n\nGoes:\n\n{_fenced(goes)}\n\nStays:\n\n{_fenced(stays)}\n\nAll codes: `clean-scrape rules`"
            ),
        },
        "defaultConfiguration": {"level": "warning"},
    }


def message_text(text: str) -> str:
    """Escape a text so that nothing in it is a placeholder or a link, whatever page it comes from.

    >>> message_text("{0} [here](1)")
    '{{0}} [here] (1)'
    """
    return _braced(text).replace("](", "] (")


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _shown_rows(example: str) -> str:
    return "\n".join(map(make_visible, example.split("\n")))


def _fenced(text: str) -> str:
    """A block of code in Markdown, whatever ticks the text holds."""
    fence = "`" * max(3, 1 + max(map(len, _TICKS.findall(text)), default=0))
    return f"{fence}text\n{text}\n{fence}"
