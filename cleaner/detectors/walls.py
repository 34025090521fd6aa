"""SY: pages that are no pages: bot walls, errors, refusals."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.detectors import Context, Hit, Rule, detector
from cleaner.records import Page

#: A wall says little: beyond this many words a page has something else to say.
_LONGEST = 250

#: Share of a page's filled lines, or of its words, that must speak of the wall.
_SHARE = 0.2

_TALE = "In winter and in spring the boats of both families lay at the old quay."


@detector(
    Rule(
        "SY202",
        "wall-page",
        "the page is a bot wall or an error page, not what was asked for",
        goes="Just a moment...\nVerify you are human by completing the action below.\nharbourpost.example needs to review the security of "
        "your connection before proceeding.",
        stays="Access denied, said the sign at the quay.\n" + f"{_TALE}\n" * 6,
    ),
    phrases={"walls": ("SY20",)},
)
def walls(page: Page, context: Context) -> Iterator[Hit]:
    """A note when phrases of walls and error pages carry most of a short page."""
    table = context.table
    words = table.words_above[-1]
    if not 0 < words <= _LONGEST:
        return
    lines = context.lines("SY20")
    spoken = sum(page.shapes[number - 1].words for number in lines)
    if len(lines) >= _SHARE * len(table.numbers) or spoken >= _SHARE * words:
        said = min(lines)
        yield Hit(0, "SY202", f"(line {said})")
