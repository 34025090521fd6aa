"""From records to HTML, by templates that escape whatever they are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, TemplateError
from markupsafe import Markup, escape

from cleaner.lines.display import make_visible
from cleaner.report.html.lines import kept_line, marked_line
from cleaner.report.html.overview import Overview
from cleaner.report.html.page import facts_of, reading
from cleaner.report.html.selection import Brief
from cleaner.report.page_lines import read_page_lines
from cleaner.report.summary import LOW_CONFIDENCE, MAX_LISTED_CODES

#: Where the files of pages lie, from the overview on.
PAGES = "pages"

#: Bytes that the list of all pages shown may take in the overview, which stays below 5 MB so, and those around a row.
ROOM, AROUND_ROW = 2_000_000, 500

#: The pages before and behind a page.
Around = tuple[Brief | None, Brief | None]


def page_name(number: int) -> str:
    """The file of a page, which is the ``number``-th row of the report."""
    return f"{number:07}.html"


@lru_cache(1)
def _templates() -> Environment:
    """The templates. All values pass ``make_visible``, so that nothing in them can hide, and are escaped."""
    found = Environment(
        loader=PackageLoader("cleaner", "data/report"),
        autoescape=True,
        finalize=lambda value: (
            make_visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
        ),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.filters["number"] = lambda value: f"{value:,}"
    found.filters["percent"] = lambda value: f"{100 * value:.0f}%"
    found.globals |= {"page_name": page_name, "pages": PAGES, "look_below": LOW_CONFIDENCE}
    found.globals |= {"marked_line": marked_line, "kept_line": kept_line}
    return found


def page_html(page: tuple[Mapping[str, Any], bytes], around: Around, names: Mapping[str, Any]) -> bytes:
    """The file of one page, given its row and its body.

    ``around`` holds the pages before and behind it in the report, None for none; ``names`` are as for ``index_html``.
    Raises LookupError, ValueError, TypeError and the like for a row that is damaged.
    """
    row, body = page
    words = row["words"]
    given = {
        "row": row,
        "facts": facts_of(row),
        "read": reading(read_page_lines(row, body), names["families"]),
        "total": words["kept"] + words["removed"],
        "around": around,
        "rules": names["rules"],
    }
    try:
        return _templates().get_template("page.html.jinja").render(given).encode()
    except TemplateError as error:  # the row lacks something
        raise ValueError(f"its report row is damaged ({error})") from error


def failed_html(brief: Brief, around: Around, problem: str) -> bytes:
    """The file of a page that cannot be shown, and why."""
    given = {"brief": brief, "around": around, "problem": problem}
    return _templates().get_template("failed.html.jinja").render(given).encode()


def index_html(
    overview: Overview, shown_pages: Sequence[Brief], about: Mapping[str, str], names: Mapping[str, Any]
) -> bytes:
    """The overview. ``about`` says what made the report, ``names`` hold ``families`` and ``rules`` by code."""
    summary = overview.summary
    ranked = sorted(summary.code_lines, key=lambda code: (-summary.code_words[code], code))
    numbers = {brief.number for brief in shown_pages}
    listed = _with_room(shown_pages)
    given = {
        "summary": summary,
        "overview": overview,
        "charts": _charts(overview, names["families"]),
        "codes": ranked[:MAX_LISTED_CODES],
        "more_codes": len(ranked[MAX_LISTED_CODES:]),
        "rules": names["rules"],
        "rankings": overview.selection.rankings(),
        "shown_pages": listed,
        "unlisted": len(shown_pages) - len(listed),
        "linked": numbers,
        "about": about,
    }
    return _templates().get_template("index.html.jinja").render(given).encode()


def _with_room(pages: Sequence[Brief]) -> Sequence[Brief]:
    """The first of the pages, as many as the overview has room for; the others are reached from page to page."""
    room = ROOM
    for at, brief in enumerate(pages):
        texts = (brief.source, brief.title, brief.said)
        room -= AROUND_ROW + sum(len(escape(make_visible(text)).encode()) for text in texts)
        if room < 0:
            return pages[:at]
    return pages


def _charts(overview: Overview, families: Mapping[str, str]) -> list[tuple[str, str, tuple[Any, ...]]]:
    """The charts of bars: the beginning of their ids, their names, and their bars."""
    found = [
        ("families", "Removed words by family of codes", overview.families.bars(hints=families)),
        ("sites", "Removed words by site", overview.sites.bars("no site known")),
        ("languages", "Removed words by language", overview.languages.bars("not known")),
    ]
    return [(name, title, bars) for name, title, bars in found if any(bar.removed for bar in bars)]
