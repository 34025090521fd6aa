"""SY: bot walls, error pages and refusals that came in place of a page."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.detectors import Context, Hit, Rule, detector
from cleaner.records import Page

#: A wall is short: a page of more words has content of its own.
_MAX_WALL_WORDS = 250

#: Share of a page's filled lines, or of its words, that lines with phrases of walls must have.
_MIN_WALL_SHARE = 0.2

_PROSE = "In winter and in spring the boats of both families lay at the old quay."


@detector(
    Rule(
        "SY202",
        "wall-page",
        "the page is a bot wall or an error page, not what was asked for",
        goes="Just a moment...\nVerify you are human by completing the action below.\nharbourpost.example needs to review the security of "
        "your connection before proceeding.",
        stays="Access denied, said the sign at the quay.\n" + f"{_PROSE}\n" * 6,
    ),
    phrases={"walls": ("SY20",)},
)
def walls(page: Page, context: Context) -> Iterator[Hit]:
    """A note when a short page consists largely of lines with phrases of walls and error pages."""
    table = context.table
    words = table.words_above[-1]
    if not 0 < words <= _MAX_WALL_WORDS:
        return
    lines = context.lines("SY20")
    wall_words = sum(page.shapes[number - 1].words for number in lines)
    if len(lines) >= _MIN_WALL_SHARE * len(table.numbers) or wall_words >= _MIN_WALL_SHARE * words:
        yield Hit(0, "SY202", f"(line {min(lines)})")
