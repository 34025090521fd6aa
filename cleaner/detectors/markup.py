"""NV and KP by markup: links, sections, blocks, hidden text. Silent on text pages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from cleaner.detectors import Context, Hit, Rule, detector, in_blocks
from cleaner.records import Line, Page

_MENU = frozenset(
    [
        "nav",
        "navbar",
        "navigation",
        "menu",
        "submenu",
        "megamenu",
        "breadcrumb",
        "breadcrumbs",
        "sidebar",
        "widget",
        "widgets",
        "pagination",
        "pager",
        "header",
        "masthead",
        "tags",
        "tag",
        "toc",
        "tabs",
        "dropdown",
        "offcanvas",
        "drawer",
        "modal",
        "popup",
        "search",
        "filter",
        "filters",
        "facets",
    ]
)
_BODY = frozenset(["article", "content", "entry", "post", "body", "story", "main", "text", "prose", "markdown"])

_SENTENCE = "<p>The vote is on Monday, said the mayor of the town.</p>"

#: Share of a line's or block's characters inside links: all, most, some.
_ALL, _MOST, _SOME = 0.95, 0.6, 0.2


@detector(
    Rule(
        "NV311", "link-line", "is a link as a whole", goes="<ul><li><a href='/b'>Boats</a></li></ul>", stays=_SENTENCE
    ),
    Rule(
        "NV312",
        "mostly-link",
        "is mostly a link",
        goes="<p>See <a href='/b'>the boats of the harbour</a></p>",
        stays=_SENTENCE,
    ),
    Rule(
        "NV313",
        "part-link",
        "is a link in part",
        goes="<p>We saw that <a href='/b'>the boats</a> lay there</p>",
        stays=_SENTENCE,
    ),
    Rule("NV321", "in-nav", "stands in a nav element", goes="<nav><p>Boats</p></nav>", stays=_SENTENCE),
    Rule("NV322", "in-footer", "stands in a footer element", goes="<footer><p>Boats</p></footer>", stays=_SENTENCE),
    Rule("NV323", "in-header", "stands in a header element", goes="<header><p>Boats</p></header>", stays=_SENTENCE),
    Rule("NV324", "in-aside", "stands in an aside element", goes="<aside><p>Boats</p></aside>", stays=_SENTENCE),
    Rule("NV325", "in-form", "stands in a form", goes="<form><p>Boats</p></form>", stays=_SENTENCE),
    Rule("NV326", "in-dialog", "stands in a dialog", goes="<dialog><p>Boats</p></dialog>", stays=_SENTENCE),
    Rule(
        "NV327",
        "in-noscript",
        "stands in a noscript element",
        goes="<noscript><p>Boats</p></noscript>",
        stays=_SENTENCE,
    ),
    Rule(
        "NV331",
        "menu-block",
        "stands in a block named after navigation",
        goes=f"<main>{_SENTENCE}</main><div class='main-menu'><p>Boats</p></div>",
        stays=f"<main class='menu-of-the-day'>{_SENTENCE}</main>",
    ),
    Rule("NV341", "hidden-line", "is hidden", goes="<p hidden>Boats</p>", stays=_SENTENCE),
    Rule(
        "NV342",
        "control-text",
        "is the text of a button, a label or an option",
        goes="<button>Boats</button>",
        stays=_SENTENCE,
    ),
    Rule(
        "NV351",
        "block-of-links",
        "stands in a block that is nearly all links",
        goes="<ul><li><a href='/b'>Boats</a></li><li><a href='/c'>Bread</a></li></ul>",
        stays=_SENTENCE,
    ),
    Rule(
        "NV352",
        "block-of-many-links",
        "stands in a block that is mostly links",
        goes="<ul><li><a href='/b'>The boats of the harbour</a> by A</li><li><a href='/c'>Bread</a></li></ul>",
        stays=_SENTENCE,
    ),
    Rule("KP321", "in-main", "stands in the main element", goes=f"<main>{_SENTENCE}</main>", stays=_SENTENCE),
    Rule(
        "KP322", "in-article", "stands in an article element", goes=f"<article>{_SENTENCE}</article>", stays=_SENTENCE
    ),
    Rule("KP331", "paragraph", "is a paragraph", goes=_SENTENCE, stays="<div>Boats</div>"),
    Rule("KP332", "heading", "is a heading", goes="<h2>Boats</h2>", stays=_SENTENCE),
    Rule("KP333", "list-item", "is a list item", goes="<ul><li>Boats</li></ul>", stays=_SENTENCE),
    Rule("KP334", "table-row", "is a table's row", goes="<table><tr><td>Boats</td></tr></table>", stays=_SENTENCE),
    Rule("KP335", "quote-or-code", "is a quotation or code", goes="<blockquote>Boats</blockquote>", stays=_SENTENCE),
    Rule(
        "KP341",
        "body-block",
        "stands in a block named after the article's body",
        goes=f"<div class='entry-content'>{_SENTENCE}</div>",
        stays=_SENTENCE,
    ),
    Rule(
        "KP351",
        "prose-block",
        "stands in the block that holds most of the running text",
        goes=f"<div>{_SENTENCE}<p>Boats</p></div>",
        stays="<p>Boats</p>",
    ),
)
def markup(page: Page, context: Context) -> Iterator[Hit]:
    """What the markup says: links, sections, names of blocks."""
    del context
    if page.kind != "html":
        return
    yield from in_blocks(page, _MENU, "NV331")
    shares = _link_shares(page)
    bodies = _prose_blocks(page)
    for line in page.lines:
        if line.markup and not line.blank:
            for code in _codes(line, shares[line.markup.block] if line.markup.block >= 0 else 0.0):
                yield Hit(line.number, code)
            if line.number in bodies and line.markup.link_chars < _MOST * len(line.text):
                yield Hit(line.number, "KP351")


_SECTIONS = {
    "nav": "NV321",
    "footer": "NV322",
    "header": "NV323",
    "aside": "NV324",
    "form": "NV325",
    "dialog": "NV326",
    "noscript": "NV327",
    "main": "KP321",
    "article": "KP322",
}


def _codes(line: Line, block_share: float) -> Iterator[str]:
    facts = line.markup
    assert facts is not None  # noqa: S101 - the caller looked
    share = facts.link_chars / max(1, len(line.text))
    if share > _SOME:
        yield "NV311" if share >= _ALL else "NV312" if share >= _MOST else "NV313"
    linked = share >= _MOST
    section = _SECTIONS.get(facts.section, "")
    if section and not (linked and section.startswith("KP")):
        yield section
    if facts.hidden:
        yield "NV341"
    elif facts.control:
        yield "NV342"
    if block_share >= _MOST:
        yield "NV351" if block_share >= _ALL else "NV352"
    if linked:  # where it stands says nothing for a link: articles hold lists of other articles
        return
    if not _BODY.isdisjoint(facts.tokens):
        yield "KP341"
    tag = _tag_code(line)
    if tag:
        yield tag


def _tag_code(line: Line) -> str:
    facts = line.markup
    if facts is None:
        return ""
    tags = facts.path[-2:]
    if facts.heading:
        return "KP332"
    if "pre" in tags or "blockquote" in tags or "code" in tags:
        return "KP335"
    if "p" in tags:
        return "KP331"
    if facts.table_depth:
        return "KP334"
    return "KP333" if facts.list_depth else ""


def _link_shares(page: Page) -> list[float]:
    """Share of link characters in the parent of each block (a list, a row of links), by block."""
    if not page.blocks:
        return []
    links = [0, *accumulate(line.markup.link_chars if line.markup else 0 for line in page.lines)]
    chars = [0, *accumulate(len(line.text) for line in page.lines)]
    own = [(links[b.last] - links[b.first]) / max(1, chars[b.last] - chars[b.first]) for b in page.blocks]
    return [own[b.parent] if b.parent >= 0 else 0.0 for b in page.blocks]


#: Share of the page's sentences that the block of the running text must hold.
_PROSE_SHARE = 0.5


def _prose_blocks(page: Page) -> range:
    """Numbers of the lines in the smallest block that holds half of the page's sentences."""
    weight = (s.words if s.ends_sentence and s.words > 7 else 0 for s in page.shapes)
    before = [0, *accumulate(weight)]
    best = range(0)
    for block in page.blocks:
        held = before[block.last] - before[block.first]
        if held and held >= _PROSE_SHARE * before[-1] and (not best or block.last - block.first < len(best)):
            best = range(block.first + 1, block.last + 1)
    return best
