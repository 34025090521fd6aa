"""The lines of a page in reading order, kept and removed, put together from its body and its report row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cleaner.report.layer import layer_encoding

#: What ends a line of a page. Linear: one alternative at a time.
_LINE_END = re.compile("\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class PageLine:
    """One line of a page as its report gives it.

    A kept line has ``code``, ``score`` and ``why`` only when the verdict was unsure.
    """

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


def read_page_lines(row: Mapping[str, Any], body: bytes) -> Iterator[PageLine]:
    """Yield the lines of the page of a report row, in order; ``body`` holds the bytes of its clean body.

    Kept lines take the numbers that removed lines leave free. Raises KeyError and TypeError for a damaged row.
    """
    unsure = {entry["line"]: entry for entry in row["unsure"]}
    removed: Sequence[Mapping[str, Any]] = row["removed"]
    number, at = 1, 0
    for text in _texts(body, layer_encoding(row["kind"], row["encoding"])):
        while at < len(removed) and removed[at]["line"] <= number:
            yield _page_line(removed[at], removed[at]["text"], keep=False)
            number, at = number + 1, at + 1
        entry = unsure.get(number)
        yield _page_line(entry, text, keep=True) if entry else PageLine(number, text, True)
        number += 1
    yield from (_page_line(entry, entry["text"], keep=False) for entry in removed[at:])


def _page_line(entry: Mapping[str, Any], text: str, *, keep: bool) -> PageLine:
    return PageLine(entry["line"], text, keep, entry["code"], entry["score"], entry["why"])


def _texts(body: bytes, encoding: str) -> Iterator[str]:
    """The lines of a body, without line ends and byte order mark."""
    try:
        text = body.decode(encoding, "replace")
    except LookupError:
        text = body.decode("utf-8", "replace")
    text = text.removeprefix("\ufeff")
    start = 0
    for end in _LINE_END.finditer(text):
        yield text[start : end.start()]
        start = end.end()
    if start < len(text):
        yield text[start:]
