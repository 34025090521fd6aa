"""The clean body of a page as Markdown (CommonMark with the tables and the strikethrough of GFM)."""

from __future__ import annotations

from collections.abc import Mapping

from cleaner.markdown.block_writer import BlockWriter
from cleaner.markdown.containers import Containers
from cleaner.markdown.front_matter import front_matter as yaml
from cleaner.markdown.inline_markup import read_inline_markup
from cleaner.markdown.leaf_blocks import LeafBlocks
from cleaner.markdown.links import Links
from cleaner.markdown.tables import find_data_tables
from cleaner.markdown.text_runs import NO_MARKUP
from cleaner.records import Cleaned

__all__ = ["markdown"]


def markdown(cleaned: Cleaned, *, front_matter: Mapping[str, str | None] | None = None) -> str:
    """Write the kept lines of an HTML page as Markdown; the clean body of a text page is returned as it is.

    With ``front_matter`` a block of YAML comes first: title, url, site and language of the page, and the fields given,
    such as those of ``cleaner.read.metadata``. A renderer shows the words of the kept lines, in order.
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
    markup = read_inline_markup(page) or NO_MARKUP
    gone = {verdict.line.number for verdict in cleaned.dropped}
    kept = [line for line in page.lines if line.number not in gone and not line.blank]
    containers = Containers(page.blocks, markup.numbers)
    tables = find_data_tables(kept, markup.parts, containers)
    blocks = LeafBlocks(markup, containers, tables, Links(markup, page.url))
    return BlockWriter(containers).write(blocks.of_lines((line, line.number not in gone) for line in page.lines))
