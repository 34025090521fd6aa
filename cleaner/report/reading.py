"""The lines of a page in the order of reading, put together from its body and its row: kept ones and removed ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cleaner.report.layer import layer_encoding

#: The ends of lines of a page; one alternative at a time: linear.
_END = re.compile("\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a page as its report tells it; kept ones have a ``code`` and a ``score`` when they are unsure."""

    number: int
    text: str
    keep: bool
    code: str = ""
    score: float = 0.0
    why: str = ""

    @property
    def blank(self) -> bool:
        """True when the line shows nothing."""
        return not self.text.strip()


def told(row: Mapping[str, Any], body: bytes) -> Iterator[Told]:
    """Yield the lines of the page of a row, whose clean body is ``body``, in order.

    Kept lines stand where removed ones leave room. Raises KeyError and TypeError for a row that is damaged.
    """
    unsure = {entry["line"]: entry for entry in row["unsure"]}
    removed: Sequence[Mapping[str, Any]] = row["removed"]
    number, at = 1, 0
    for text in _texts(body, layer_encoding(row["kind"], row["encoding"])):
        while at < len(removed) and removed[at]["line"] <= number:
            yield _gone(removed[at])
            number, at = number + 1, at + 1
        doubt = unsure.get(number)
        yield (
            Told(number, text, True, doubt["code"], doubt["score"], doubt["why"]) if doubt else Told(number, text, True)
        )
        number += 1
    yield from map(_gone, removed[at:])


def _gone(entry: Mapping[str, Any]) -> Told:
    return Told(entry["line"], entry["text"], False, entry["code"], entry["score"], entry["why"])


def _texts(body: bytes, encoding: str) -> Iterator[str]:
    """The lines of a body, without their ends and the byte order mark."""
    try:
        text = body.decode(encoding, "replace")
    except LookupError:
        text = body.decode("utf-8", "replace")
    text = text.removeprefix("\ufeff")
    start = 0
    for end in _END.finditer(text):
        yield text[start : end.start()]
        start = end.end()
    if start < len(text):
        yield text[start:]
