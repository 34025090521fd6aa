"""The clean body of a page as Markdown (CommonMark with the tables and the strikethrough of GFM)."""

from __future__ import annotations

from collections.abc import Mapping

from cleaner.markdown.front import front_matter as yaml
from cleaner.markdown.layout import Layout
from cleaner.markdown.leaves import Leaves
from cleaner.markdown.links import Links
from cleaner.markdown.marks import read_marks
from cleaner.markdown.places import Places
from cleaner.markdown.runs import NO_MARKS
from cleaner.markdown.tables import grids
from cleaner.records import Cleaned

__all__ = ["markdown"]


def markdown(cleaned: Cleaned, *, front_matter: Mapping[str, str | None] | None = None) -> str:
    """The kept lines of an HTML page as Markdown; the clean body of a text page as it is.

    With ``front_matter`` a block of YAML comes first: title, url, site and language of the page, and the fields given,
    such as those of ``cleaner.read.metadata``. Shown by a renderer, the Markdown has the words of the kept lines, in
    order.
    """
    body = cleaned.text if cleaned.page.kind == "text" else _body(cleaned)
    if front_matter is None:
        return body
    page = cleaned.page
    known = {"title": page.title, "url": page.url, "site": page.site, "language": page.language}
    head = yaml({**known, **front_matter})
    return f"{head}\n{body}" if body else head


def _body(cleaned: Cleaned) -> str:
    page = cleaned.page
    marks = read_marks(page) or NO_MARKS
    gone = {verdict.line.number for verdict in cleaned.dropped}
    kept = [line for line in page.lines if line.number not in gone and not line.blank]
    places = Places(page.blocks, marks.numbers)
    tables = grids(kept, marks.parts, places)
    leaves = Leaves(marks, places, tables, Links(marks, page.url))
    return Layout(places).write(leaves.leaves((line, line.number not in gone) for line in page.lines))
