"""NV and KP by markup: links, sections, blocks, hidden text. It yields nothing on text pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import accumulate

from cleaner.detectors import Context, Found, Rule, detector
from cleaner.records import Markup, Page

_MENU_BLOCKS = frozenset(
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
_BODY_BLOCKS = frozenset(["article", "content", "entry", "post", "body", "story", "main", "text", "prose", "markdown"])

_QUOTE_TAGS = frozenset(["blockquote", "code", "pre"])

_SENTENCE = "<p>The vote is on Monday, said the mayor of the town.</p>"

#: Share of a line's or block's characters inside links: all, most, some.
_ALL_LINKS, _MOST_LINKS, _SOME_LINKS = 0.95, 0.6, 0.2


#: Makes a rule of evidence for keeping a line.
_keeping_rule = partial(Rule, keeps=True)


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
    Rule(
        "NV325",
        "in-form",
        "stands in a form",
        goes="<form><p>Boats</p></form>",
        stays=_SENTENCE,
        resembles="LM105",
    ),
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
    _keeping_rule("KP321", "in-main", "stands in the main element", goes=f"<main>{_SENTENCE}</main>", stays=_SENTENCE),
    _keeping_rule(
        "KP322", "in-article", "stands in an article element", goes=f"<article>{_SENTENCE}</article>", stays=_SENTENCE
    ),
    _keeping_rule("KP331", "paragraph", "is a paragraph", goes=_SENTENCE, stays="<div>Boats</div>"),
    _keeping_rule("KP332", "heading", "is a heading", goes="<h2>Boats</h2>", stays=_SENTENCE),
    _keeping_rule("KP333", "list-item", "is a list item", goes="<ul><li>Boats</li></ul>", stays=_SENTENCE),
    _keeping_rule(
        "KP334", "table-row", "is a table's row", goes="<table><tr><td>Boats</td></tr></table>", stays=_SENTENCE
    ),
    _keeping_rule(
        "KP335", "quote-or-code", "is a quotation or code", goes="<blockquote>Boats</blockquote>", stays=_SENTENCE
    ),
    _keeping_rule(
        "KP341",
        "body-block",
        "stands in a block named after the article's body",
        goes=f"<div class='entry-content'>{_SENTENCE}</div>",
        stays=_SENTENCE,
    ),
    _keeping_rule(
        "KP351",
        "prose-block",
        "stands in the block that holds most of the running text",
        goes=f"<div>{_SENTENCE}<p>Boats</p></div>",
        stays="<p>Boats</p>",
    ),
    resembles="LM101",
)
def markup(page: Page, context: Context) -> Iterator[Found]:
    """Links, sections, hidden lines, controls, and blocks by their names."""
    if page.kind != "html":
        return
    yield from context.in_blocks(_MENU_BLOCKS, "NV331")
    lines = [
        (line.number, line.markup, line.markup.link_chars / len(line.text))
        for line in context.table.lines
        if line.markup is not None
    ]
    yield from _frame_hits(lines, page)
    # where a link stands is no evidence for keeping it: articles hold lists of other articles
    yield from _content_hits([(number, facts) for number, facts, share in lines if share < _MOST_LINKS], page)


_SECTION_CODES = {
    "nav": "NV321",
    "footer": "NV322",
    "header": "NV323",
    "aside": "NV324",
    "form": "NV325",
    "dialog": "NV326",
    "noscript": "NV327",
}
_BODY_SECTION_CODES = {"main": "KP321", "article": "KP322"}


def _frame_hits(lines: Iterable[tuple[int, Markup, float]], page: Page) -> Iterator[Found]:
    """Yield evidence for dropping lines. ``lines`` has the number, markup and share of link characters of each."""
    around = _LinkShares(page)
    parents = [*(block.parent for block in page.blocks), -1]  # index -1: no block, and no block around it
    for number, facts, share in lines:
        if facts.section in _SECTION_CODES:
            yield number, _SECTION_CODES[facts.section], ""
        if facts.hidden:
            yield number, "NV341", ""
        elif facts.control:
            yield number, "NV342", ""
        if share > _SOME_LINKS:
            yield number, "NV311" if share >= _ALL_LINKS else "NV312" if share >= _MOST_LINKS else "NV313", ""
        in_list = around[parents[facts.block]]
        if in_list >= _MOST_LINKS:
            yield number, "NV351" if in_list >= _ALL_LINKS else "NV352", ""


def _content_hits(lines: Iterable[tuple[int, Markup]], page: Page) -> Iterator[Found]:
    """Yield evidence for keeping lines."""
    bodies = _prose_block(page)
    for number, facts in lines:
        if facts.section in _BODY_SECTION_CODES:
            yield number, _BODY_SECTION_CODES[facts.section], ""
        if not _BODY_BLOCKS.isdisjoint(facts.tokens):
            yield number, "KP341", ""
        tag = _tag_code(facts)
        if tag:
            yield number, tag, ""
        if number in bodies:
            yield number, "KP351", ""


def _tag_code(facts: Markup) -> str:
    if facts.heading:
        return "KP332"
    tags = facts.path[-2:]
    if not _QUOTE_TAGS.isdisjoint(tags):
        return "KP335"
    if "p" in tags:
        return "KP331"
    if facts.table_depth:
        return "KP334"
    return "KP333" if facts.list_depth else ""


class _LinkShares(dict[int, float]):
    """The share of link characters of each block, by its index, counted on first use; 0 for lines without a block."""

    def __init__(self, page: Page) -> None:
        super().__init__({-1: 0.0})
        self._blocks = page.blocks
        self._links = [0, *accumulate([line.markup.link_chars if line.markup else 0 for line in page.lines])]
        self._chars = [0, *accumulate([len(line.text) for line in page.lines])]

    def __missing__(self, at: int) -> float:
        first, last = self._blocks[at].first, self._blocks[at].last
        share = self[at] = (self._links[last] - self._links[first]) / max(1, self._chars[last] - self._chars[first])
        return share


#: Share of the page's sentences that the block of the running text must hold.
_MIN_PROSE_SHARE = 0.5


def _prose_block(page: Page) -> range:
    """Numbers of the lines in the smallest block that holds half of the page's sentences."""
    before = [0, *accumulate([s.words if s.words > 7 and s.ends_sentence else 0 for s in page.shapes])]
    least = max(1, _MIN_PROSE_SHARE * before[-1])
    spans = [(block.first, block.last) for block in page.blocks if before[block.last] - before[block.first] >= least]
    first, last = min(spans, key=lambda span: span[1] - span[0], default=(0, 0))
    return range(first + 1, last + 1)
