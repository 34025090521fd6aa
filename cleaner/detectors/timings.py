"""RT: residue of rendering: loading lines, timings, shortcodes, requests to switch scripts on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cleaner.detectors import Context, Hit, Rule, detector
from cleaner.records import Page

# Linear: anchored at both ends, every quantifier bounded.
_TIMING = re.compile(
    r"(?:page |site )?(?:rendered|generated|loaded|executed|processed)?(?: in)?:? ?0 ?(?:s|sec|secs|seconds?|ms|milliseconds?)"
    r"(?:[ ,.;(|]{1,3}0 (?:queries|sql queries|db queries))?\)?\.?"
)
_SHORTCODE = re.compile(r"\[/?[a-z][a-z0-9]{1,20}[_-][a-z0-9_-]{1,40}(?: [^\[\]]{0,300})?\]")


@detector(
    Rule(
        "RT101",
        "loading-line",
        "waits for a script that never ran",
        goes="The vote is on Monday.\n> Loading, please wait...",
        stays="She was loading the van when the phone rang.",
        promise=1.5,
    ),
    Rule(
        "RT102",
        "mentions-loading",
        "mentions loading or scripts in a longer line",
        goes="> Please enable JavaScript in your browser so that all the parts of this site can work as they were meant to work.",
        stays="The scripts of both films were written in one summer.",
    ),
    Rule(
        "RT201",
        "render-time",
        "says how long the page took to make",
        goes="The vote is on Monday.\n> 0.203 seconds",
        stays="The scene was rendered in 3 seconds of film.",
        promise=6.0,
    ),
    Rule(
        "RT202",
        "shortcode",
        "is an unexpanded shortcode of the publishing system",
        goes="The vote is on Monday.\n> [vc_row full_width='stretch']",
        stays="The mayor [of Little Harbour] declined to comment.",
        promise=3.0,
    ),
    phrases={"render": ("RT10",)},
)
def timings(page: Page, context: Context) -> Iterator[Hit]:
    """Render timings, loading lines and shortcodes."""
    yield from context.hits("RT")
    table = context.table
    for number, shape in zip(table.numbers, table.shapes, strict=True):
        if shape.digits and len(shape.folded) <= 80 and _TIMING.fullmatch(shape.folded):
            yield Hit(number, "RT201")
        elif shape.folded[0] == "[" and _SHORTCODE.match(shape.folded):
            yield Hit(number, "RT202")
