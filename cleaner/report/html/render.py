"""Renders records to HTML, with templates that escape all values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, TemplateError
from markupsafe import Markup, escape

from cleaner.lines.display import make_visible
from cleaner.report.html.lines import kept_line, marked_line
from cleaner.report.html.overview import Overview
from cleaner.report.html.page import page_facts, page_view
from cleaner.report.html.selection import Brief
from cleaner.report.page_lines import read_page_lines
from cleaner.report.summary import LOW_CONFIDENCE, MAX_LISTED_CODES

#: The folder with the files of pages, beside the overview.
PAGES_FOLDER = "pages"

#: Bytes that the list of all pages may take, so that the overview stays below 5 MB; bytes of the markup of a row.
MAX_LIST_BYTES, ROW_MARKUP_BYTES = 2_000_000, 500

#: The pages before and after a page.
Neighbours = tuple[Brief | None, Brief | None]


def page_name(number: int) -> str:
    """Return the name of the file of the page in row ``number`` of the report."""
    return f"{number:07}.html"


@lru_cache(1)
def _templates() -> Environment:
    """Return the templates. All values pass ``make_visible``, so that nothing in them is invisible, and are escaped."""
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
    found.globals |= {"page_name": page_name, "pages": PAGES_FOLDER, "look_below": LOW_CONFIDENCE}
    found.globals |= {"marked_line": marked_line, "kept_line": kept_line}
    return found


def page_html(page: tuple[Mapping[str, Any], bytes], neighbours: Neighbours, names: Mapping[str, Any]) -> bytes:
    """Return the file of one page, given its row and its body.

    ``neighbours`` holds the pages before and after it, None for none; ``names`` are as for ``index_html``.
    Raises LookupError, ValueError, TypeError and the like for a row that is damaged.
    """
    row, body = page
    words = row["words"]
    given = {
        "row": row,
        "facts": page_facts(row),
        "view": page_view(read_page_lines(row, body), names["families"]),
        "total": words["kept"] + words["removed"],
        "neighbours": neighbours,
        "rules": names["rules"],
    }
    try:
        return _templates().get_template("page.html.jinja").render(given).encode()
    except TemplateError as error:  # the row lacks something
        raise ValueError(f"its report row is damaged ({error})") from error


def failed_html(brief: Brief, neighbours: Neighbours, problem: str) -> bytes:
    """Return the file for a page that cannot be shown, with the reason."""
    given = {"brief": brief, "neighbours": neighbours, "problem": problem}
    return _templates().get_template("failed.html.jinja").render(given).encode()


def index_html(
    overview: Overview, shown_pages: Sequence[Brief], about: Mapping[str, str], names: Mapping[str, Any]
) -> bytes:
    """Return the overview. ``about`` names what made the report, ``names`` hold ``families`` and ``rules`` by code."""
    summary = overview.summary
    ranked = summary.ranked_codes()
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
    """Return the first of the pages, as many as fit into the overview; links from page to page lead to the others."""
    room = MAX_LIST_BYTES
    for at, brief in enumerate(pages):
        texts = (brief.source, brief.title, brief.message)
        room -= ROW_MARKUP_BYTES + sum(len(escape(make_visible(text)).encode()) for text in texts)
        if room < 0:
            return pages[:at]
    return pages


def _charts(overview: Overview, families: Mapping[str, str]) -> list[tuple[str, str, tuple[Any, ...]]]:
    """Return the bar charts: the prefix of their ids, their titles, and their bars."""
    found = [
        ("families", "Removed words by family of codes", overview.families.bars(hints=families)),
        ("sites", "Removed words by site", overview.sites.bars("no site known")),
        ("languages", "Removed words by language", overview.languages.bars("not known")),
    ]
    return [(name, title, bars) for name, title, bars in found if any(bar.removed for bar in bars)]
