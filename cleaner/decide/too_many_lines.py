"""Pages with more lines than can be judged in the time and memory of a page: they stay whole, with a note."""

from __future__ import annotations

from math import exp

from cleaner.decide.verdicts import calibrate_f1
from cleaner.lines.table import LineTable
from cleaner.records import Cleaned, Line, Note, Page, Rule, Verdict, Weights

#: Filled lines that a page may have to be judged. The slowest pages of 125,000, 250,000 and 500,000 lines that all go
#: took 5, 9 and 20 s and 0.5, 1.0 and 1.8 GB; a page of a few MB may take 10 s, and its process 2 GB.
MAX_JUDGED_LINES = 250_000

#: Lines that a page may have to be judged, blank lines included.
MAX_JUDGED_LINES_WITH_BLANK = 500_000

#: All passes over a text together may judge MAX_JUDGED_LINES, and one line more for each of so many bytes of the text.
BYTES_PER_EXTRA_LINE = 100

RULES = (
    Rule(
        "SY105",
        "too-many-lines",
        "has more lines than can be judged in the time of a page: it stays whole",
        goes="(a page of hundreds of thousands of lines)",
        stays="The vote is on Monday.",
    ),
)


def has_too_many_lines(table: LineTable) -> bool:
    """Tell whether a page has more lines than are judged."""
    lines = len(table.page.lines)
    if lines <= MAX_JUDGED_LINES:
        return False
    return lines > MAX_JUDGED_LINES_WITH_BLANK or len(table.at) > MAX_JUDGED_LINES


def exceeds_work_limit(page: Page, judged: int) -> bool:
    """Tell whether ``judged``, the lines judged in all passes over a text, is more than the limit for this text."""
    return judged > MAX_JUDGED_LINES + len(page.data) // BYTES_PER_EXTRA_LINE


def keep_whole_page(page: Page, weights: Weights) -> Cleaned:
    """Keep all lines of a page: each filled line has the drop probability of a line without evidence."""
    unknown = 1 / (1 + exp(-weights.bias))
    confidence = calibrate_f1(2 * (1 - unknown) / (2 - unknown), weights.confidence)
    note = Note("SY105", f"the page {RULES[0].why}")
    probabilities = (unknown if shape.folded else 0.0 for shape in page.shapes)
    return Cleaned(page, tuple(map(_kept, page.lines, probabilities)), confidence, (*page.notes, note))


def _kept(line: Line, probability: float) -> Verdict:
    return Verdict(line, probability, True)
