"""Pages with more lines than can be judged in the time and memory of a page: they stay whole, with a note."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp
from typing import overload

from cleaner.decide.verdicts import calibrated
from cleaner.lines.many import MANY
from cleaner.lines.table import LineTable
from cleaner.records import Cleaned, Line, Note, Page, Verdict, Weights
from cleaner.rule import Rule

#: Filled lines of a page that is judged. Of 125,000, 250,000 and 500,000 that all go, the worst took 5, 9 and 20 s
#: and 0.5, 1.0 and 1.8 GB; a page of a few MB may take 10 s, and its process 2 GB.
MOST_LINES = 250_000

#: Bytes of a text that allow it to be judged for one line more than MOST_LINES, in all passes together.
BYTES_A_LINE = 100

RULES = (
    Rule(
        "SY105",
        "too-many-lines",
        "has more lines than can be judged in the time of a page: it stays whole",
        goes="(a page of hundreds of thousands of lines)",
        stays="The vote is on Monday.",
    ),
)


def too_many(table: LineTable) -> bool:
    """Tell whether a page has more lines than are judged."""
    lines = len(table.page.lines)
    if lines <= MOST_LINES:
        return False
    return lines > MANY or len(table.at) > MOST_LINES


def out_of_work(page: Page, judged: int) -> bool:
    """Tell whether so many lines were ``judged`` in all passes over a text that it may take no more work."""
    return judged > MOST_LINES + len(page.data) // BYTES_A_LINE


def unjudged(page: Page, weights: Weights) -> Cleaned:
    """The page as it is: each line as likely to be residue as one of which nothing is known."""
    unknown = 1 / (1 + exp(-weights.bias))
    confidence = calibrated(2 * (1 - unknown) / (2 - unknown), weights.confidence)
    note = Note("SY105", f"the page {RULES[0].why}")
    return Cleaned(page, Kept(page.lines, unknown), confidence, (*page.notes, note), whole=True)


class Kept(Sequence[Verdict]):
    """Verdicts that keep all lines, made when they are asked for."""

    def __init__(self, lines: Sequence[Line], probability: float) -> None:
        self._lines, self._probability = lines, probability

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Verdict]:
        return map(self._verdict, self._lines)

    @overload
    def __getitem__(self, at: int) -> Verdict: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Verdict, ...]: ...
    def __getitem__(self, at: int | slice) -> Verdict | tuple[Verdict, ...]:
        if isinstance(at, slice):
            return tuple(map(self._verdict, self._lines[at]))
        return self._verdict(self._lines[at])

    def _verdict(self, line: Line) -> Verdict:
        return Verdict(line, 0.0 if line.blank else self._probability, True)
