"""Each element as Markdown, with what looks like it and is none."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cleaner import clean
from cleaner.markdown import inline_markup as marking
from cleaner.markdown import markdown
from cleaner.markdown.front_matter import front_matter
from cleaner.markdown.inline_markup import read_inline_markup
from cleaner.markdown.links import destination
from cleaner.records import Cleaned
from tests.rendered import shown, tokens
from tests.test_markdown_words import whole


def md(body: str, url: str | None = None) -> str:
    """The Markdown of a page that keeps all its lines."""
    cleaned = clean(f"<!DOCTYPE html><html><body>{body}", kind="html", url=url)
    return markdown(Cleaned(cleaned.page, tuple(v._replace(keep=True) for v in cleaned.verdicts), 1.0))


def kept(body: str, *words: str) -> str:
    """The Markdown of a page without the lines that begin with one of these words."""
    page = whole(f"<!DOCTYPE html><html><body>{body}")
    chosen = tuple(v._replace(keep=not v.line.text.startswith(words)) for v in page.verdicts)
    return markdown(Cleaned(page.page, chosen, 1.0))


BLOCKS = {
    "headings": ("<h1>One</h1><h6>Six <b>b</b></h6>", "# One\n\n###### Six **b**\n"),
    "a heading that is strong as a whole": ("<h2><b>Lock</b></h2>", "## Lock\n"),
    "a heading of two lines": ("<h2>Lock<br>and gate</h2>", "## Lock and gate\n"),
    "a heading that ends with a sign": ("<h2>In C #</h2>", "## In C \\#\n"),
    "paragraphs": ("<p>One</p><p>Two</p>", "One\n\nTwo\n"),
    "lines": ("<p>One<br>Two<br><br>Three", "One\\\nTwo\n\nThree\n"),
    "a list": ("<ul><li>a<li>b</ul>", "- a\n- b\n"),
    "a list with paragraphs": ("<ul><li><p>a</p><p>b</p><li>c</ul>", "- a\n\n  b\n\n- c\n"),
    "a nested list": ("<ul><li>a<ul><li>b<li>c</ul><li>d</ul>", "- a\n  - b\n  - c\n- d\n"),
    "an item that is a list": ("<ul><li><ul><li>a<li>b</ul></ul>", "- - a\n  - b\n"),
    "numbers": ("<ol><li>a<li>b</ol>", "1. a\n2. b\n"),
    "numbers from a start": ("<ol start=9><li>a<p>p<li>b</ol>", "9. a\n\n   p\n\n10. b\n"),
    "numbers of items": ("<ol><li>a<li value=7>b<li>c</ol>", "1. a\n7. b\n8. c\n"),
    "numbers out of range": ("<ol start=-1><li>a</ol>", "- a\n"),
    "numbers in items": ("<ul><li>a<ol start=3><li>b</ol></ul>", "- a\n\n  3. b\n"),
    "bullets in numbers": ("<ol><li>a<ul><li>b</ul></ol>", "1. a\n   - b\n"),
    "two lists": ("<ul><li>a</ul><ul><li>b</ul><ul><li>c</ul>", "- a\n\n* b\n\n- c\n"),
    "two lists with numbers": ("<ol><li>a</ol><ol><li>b</ol>", "1. a\n\n1) b\n"),
    "an item without a list": ("<div><li>a</div>", "- a\n"),
    "a quote": ("<blockquote><p>a<p>b</blockquote><p>c", "> a\n>\n> b\n\nc\n"),
    "two quotes": ("<blockquote>a</blockquote><blockquote>b</blockquote>", "> a\n\n> b\n"),
    "a quote in a quote": ("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b\n"),
    "a list in a quote": ("<blockquote>a<ul><li>b<li>c</ul></blockquote>", "> a\n>\n> - b\n> - c\n"),
    "a quote in an item": ("<ul><li>a<blockquote>b<br>c</blockquote></ul>", "- a\n\n  > b\\\n  > c\n"),
    "terms": ("<dl><dt>a<dd>b<dt>c<dd>d</dl>", "a\n\nb\n\nc\n\nd\n"),
    "code": ("<pre>if a:\n\n\n\tb  c</pre>", "```\nif a:\n\n\n\tb  c\n```\n"),
    "code in an item": ("<ul><li>a<pre>b\n\n  c</pre></ul>", "- a\n\n  ```\n  b\n\n    c\n  ```\n"),
    "code in a quote": ("<blockquote><pre>a\n\n b</pre></blockquote>", "> ```\n> a\n>\n>  b\n> ```\n"),
    "code with a fence": ("<pre>````\na</pre>", "`````\n````\na\n`````\n"),
    "code of lines": ("<pre><div>a</div><div>  b</div></pre>", "```\na\n  b\n```\n"),
    "code with markup": ("<pre><b>a</b> <a href=/x>*b*</a> &lt;</pre>", "```\na *b* <\n```\n"),
    "a language": ("<pre><code class='hl language-C++'>a", "```c++\na\n```\n"),
    "a language on pre": ("<pre class='lang-js'>a", "```js\na\n```\n"),
    "a language round it": ("<div class='highlight highlight-source-rust'><pre>a", "```rust\na\n```\n"),
    "a language round it only": (
        "<div class='highlight-python'><pre>a</pre></div><pre>b",
        "```python\na\n```\n\n```\nb\n```\n",
    ),
    "no language": ("<div class='highlight-default'><pre class='language-none'>a", "```\na\n```\n"),
    "a language that would end the line": ("<pre data-lang='a `b'>a", "```\na\n```\n"),
}


@pytest.mark.parametrize("case", BLOCKS)
def test_blocks(case):
    html, expected = BLOCKS[case]
    assert md(html) == expected


INLINE = {
    "emphasis": ("an <em>old</em> <i>lock</i>", "an _old_ _lock_"),
    "strong": ("an <strong>old</strong> <b>lock</b>", "an **old** **lock**"),
    "both": ("<b><i>old</i></b> lock", "**_old_** lock"),
    "both in one": ("<b>a <i>b</i> c</b>", "**a _b_ c**"),
    "struck": ("<del>a</del> <s>b</s>", "~~a~~ ~~b~~"),
    "blanks inside": ("an<b> old </b>lock", "an **old** lock"),
    "in a word": ("un<em>lock</em>able", "un*lock*able"),
    "in a word, strong": ("un<b>lock</b>able", "un**lock**able"),
    "beside signs": ("(<em>a</em>), “<b>b</b>”", "(_a_), “**b**”"),
    "of signs in a word": ("a<b>(b)</b>c", "a(b)c"),
    "of nothing": ("a<b></b> <i> </i>b", "a b"),
    "side by side": ("<b>a</b><b>b</b>", "**ab**"),
    "overlapping": ("<i>a <b>b</i> c</b>", "_a **b**_ c"),
    "in Japanese": ("水門<b>「港」</b>は", "水門「港」は"),
    "code": ("call <code>a_b()</code> now", "call `a_b()` now"),
    "code with ticks": ("<code>a`b</code> <code>``</code>", "``a`b`` ``` `` ```"),
    "code in strong": ("<b><code>a</code></b> b", "**`a`** b"),
    "keys": ("<kbd>Ctrl</kbd> <kbd>C</kbd>", "`Ctrl` `C`"),
    "code in a link": ("<a href=/x><code>a</code></a>", "[`a`](/x)"),
    "a link": ("a <a href='/x'>lock</a>.", "a [lock](/x)."),
    "a link of markup": ("<a href=/x>a <b>b</b></a> c", "[a **b**](/x) c"),
    "a link in strong": ("<b>a <a href=/x>b</a></b>", "**a [b](/x)**"),
    "a link of brackets": ("<a href=/x>[1]</a>", "[\\[1\\]](/x)"),
    "no picture": ("lock!<a href=/x>b</a>", "lock\\![b](/x)"),
    "a link into the page": ("<a href='#top'>a</a>", "a"),
    "a link that runs": ("<a href='javascript:a()'>a</a> <a href='data:x'>b</a>", "a b"),
    "a link with a name of a sign": ("<a href='/?a=1&amp;amp;b'>a</a>", "[a](/?a=1\\&amp;b)"),
    "text that looks like emphasis": ("2*3*4 _a_ __b__ a_b", "2\\*3\\*4 \\_a\\_ \\_\\_b\\_\\_ a_b"),
    "text that looks like a link": ("[a](b) ![c]", "\\[a\\](b) !\\[c\\]"),
    "text that looks like HTML": ("&lt;b&gt; &amp;amp; AT&amp;T a &lt; b", "\\<b> \\&amp; AT&T a \\< b"),
    "text that looks like code": ("`a`", "\\`a\\`"),
    "text that looks struck": ("~~a~~", "\\~\\~a\\~\\~"),
    "backslashes": ("C:\\dir \\* a\\", "C:\\dir \\\\\\* a\\\\"),
    "a sharp": ("# a", "\\# a"),
    "a tag": ("#lock", "#lock"),
    "a number": ("1986. A year", "1986\\. A year"),
    "a price": ("1.50 a day", "1.50 a day"),
    "a dash": ("- a", "\\- a"),
    "a minus": ("-1 degree", "-1 degree"),
    "a rule": ("---", "\\---"),
    "a quote": ("> a", "\\> a"),
    "a fence": ("```", "\\`\\`\\`"),
    "a pipe": ("a | b", "a | b"),
}


@pytest.mark.parametrize("case", INLINE)
def test_inline(case):
    html, expected = INLINE[case]
    assert md(f"<p>{html}</p>") == f"{expected}\n"


def test_a_second_line_begins_no_block_either():
    html = "<p>a | b<br>:-- | --<br>===<br>1. c<br># d"
    assert md(html) == "a | b\\\n\\:-- | --\\\n\\===\\\n1\\. c\\\n\\# d\n"
    assert {token.type for token in tokens(md(html))} == {"paragraph_open", "inline", "paragraph_close"}


TABLES = {
    "with a head": ("<tr><th>a<th>b<tr><td>1<td>2", "| a | b |\n| --- | --- |\n| 1 | 2 |\n"),
    "without a head": ("<tr><td>a<td>b<tr><td>1<td>2", "| | |\n| --- | --- |\n| a | b |\n| 1 | 2 |\n"),
    "with thead": ("<thead><tr><td>a<td>b<tbody><tr><td>1<td>2", "| a | b |\n| --- | --- |\n| 1 | 2 |\n"),
    "with a strong row": ("<tr><td><b>a</b><td><b>b</b><tr><td>1<td>2", "| a | b |\n| --- | --- |\n| 1 | 2 |\n"),
    "all strong": ("<tr><td><b>a</b><td><b>b</b>" * 2, "| | |\n| --- | --- |\n" + "| **a** | **b** |\n" * 2),
    "with heads of rows": ("<tr><th>a<td>b<tr><th>c<td>d", "| | |\n| --- | --- |\n| a | b |\n| c | d |\n"),
    "with empty cells": ("<tr><th>a<th>b<th>c<tr><td><td>2<td>", "| a | b | c |\n| --- | --- | --- |\n| | 2 |\n"),
    "with an empty column": ("<tr><th>a<th><th>c<tr><td>1<td><td>3", "| a | c |\n| --- | --- |\n| 1 | 3 |\n"),
    "with wide cells": (
        "<tr><th colspan=2>a<th>b<tr><td>1<td>2<td>3",
        "| a | | b |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n",
    ),
    "with high cells": (
        "<tr><th>a<th>b<tr><td rowspan=2>1<td>2<tr><td>3",
        "| a | b |\n| --- | --- |\n| 1 | 2 |\n| | 3 |\n",
    ),
    "with pipes": (
        "<tr><th>a|b<th><code>c|d</code><tr><td>\\|<td><code>\\|</code>",
        "| a\\|b | `c\\|d` |\n| --- | --- |\n| \\\\\\| | \\\\\\| |\n",
    ),
    "with lines": (
        "<tr><th>a<th>b<tr><td>1<br>2<td><p>3</p><p>4</p>",
        "| a | b |\n| --- | --- |\n| 1<br>2 | 3<br>4 |\n",
    ),
    "with links": (
        "<tr><th>a<th>b<tr><td><a href=/x|y>1</a><td><b>2</b>",
        "| a | b |\n| --- | --- |\n| [1](/x%7Cy) | **2** |\n",
    ),
    "with a caption": (
        "<caption>c</caption><tr><th>a<th>b<tr><td>1<td>2",
        "c\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n",
    ),
    "of one column": ("<tr><td>a<tr><td>b", "a\\\nb\n"),
    "of one row": ("<tr><td>a<td>b", "a | b\n"),
    "that arranges headings": ("<tr><td><h2>a</h2><p>b<td>c<tr><td>d<td>e", "## a\n\nb\n\nc\n\nd | e\n"),
    "that arranges code": ("<tr><td>1<td><pre>a\n b</pre><tr><td>2<td>c", "1\n\n```\na\n b\n```\n\n2 | c\n"),
    "that arranges tables": (
        "<tr><td>a<td><table><tr><th>b<th>c<tr><td>1<td>2</table><tr><td>d<td>e",
        "a\n\n| b | c |\n| --- | --- |\n| 1 | 2 |\n\nd | e\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLES)
def test_tables(case):
    rows, expected = TABLES[case]
    assert md(f"<table>{rows}</table>") == expected


def test_a_table_in_an_item_and_in_a_quote():
    table = "<table><tr><th>a<th>b<tr><td>1<td>2</table>"
    assert md(f"<ul><li>x{table}</ul>") == "- x\n\n  | a | b |\n  | --- | --- |\n  | 1 | 2 |\n"
    assert md(f"<blockquote>{table}</blockquote>") == "> | a | b |\n> | --- | --- |\n> | 1 | 2 |\n"


def test_what_went_leaves_the_rest_right():
    table = "<table><tr><th>Port<th>b<tr><td>Quay<td>2<tr><td>Lock<td>4</table>"
    assert kept(table, "Quay") == "| Port | b |\n| --- | --- |\n| Lock | 4 |\n"
    assert kept(table, "Port") == "| | |\n| --- | --- |\n| Quay | 2 |\n| Lock | 4 |\n"
    assert kept("<ol><li>a<li>Share<li>c</ol>", "Share") == "1. a\n3. c\n"
    assert kept("<p>a<br>Share<br>c", "Share") == "a\n\nc\n"
    assert kept("<ul><li>Share<ul><li>b</ul></ul>", "Share") == "- - b\n"
    assert kept("<pre>a\nShare\n  b</pre>", "Share") == "```\na\n  b\n```\n"
    assert kept("<a href=/x><div>Share</div><div>b</div><div>c</div></a>", "Share") == "[b](/x)\n\nc\n"


@pytest.mark.parametrize(
    ("href", "base", "expected"),
    [
        ("x", "https://e.org/a/b", "https://e.org/a/x"),
        ("//o.org/x", "https://e.org/", "https://o.org/x"),
        ("mailto:a@e.org", "https://e.org/", "mailto:a@e.org"),
        (" /a\tb\n", "", "/ab"),
        ('/a b`<c>"|\\', "", "/a%20b%60%3Cc%3E%22%7C%5C"),
        ("/a_(b)", "", "</a_(b)>"),
        ("/ä", "", "/ä"),
        ("JavaScript:x", "https://e.org/", ""),
        ("java\nscript:x", "", ""),
        ("\x01javascript:x", "", ""),
        ("vbscript:x", "", ""),
        ("http://[x", "", ""),
        ("", "https://e.org/", ""),
        ("#a", "https://e.org/", ""),
    ],
)
def test_destinations(href, base, expected):
    assert destination(href, base) == expected


def test_links_go_by_the_address_of_the_page_and_by_its_base():
    assert md("<p><a href=b>a</a>", "https://e.org/a/") == "[a](https://e.org/a/b)\n"
    assert md("<base href=/c/><p><a href=b>a</a>", "https://e.org/a/") == "[a](https://e.org/c/b)\n"
    assert md("<base href=https://o.org/><p><a href=b>a</a>") == "[a](https://o.org/b)\n"
    assert md(f"<base href=https://o.org/{'x' * 400}/><p><a href=b>a</a>") == "[a](b)\n"
    assert md(f"<p><a href=/{'x' * 2001}>a</a>") == "a\n"


def test_lines_of_a_page_that_reads_otherwise_the_second_time_are_text(monkeypatch):
    monkeypatch.setattr(marking.InlineMarkupReader, "markup", lambda self, texts: None)
    assert md("<ul><li>a <b>*b*</b></ul><table><tr><td>1<td>2<tr><td>3<td>4") == "- a \\*b\\*\n\n1 | 2\\\n3 | 4\n"


def test_the_second_reading_gives_the_same_lines_in_any_encoding():
    html = "<html><body><p>Der Schlüssel <b>hängt</b> am Hafen.</p>"
    for data in (html, html.encode(), b"\xef\xbb\xbf" + html.encode(), html.encode("utf-16"), html.encode("cp1252")):
        page = clean(data).page
        marks = read_inline_markup(page)
        assert marks is not None
        assert [run.text for run in marks.parts[0][0].runs] == ["Der Schlüssel ", "hängt", " am Hafen."]


def test_a_page_without_text():
    assert md("") == ""


def test_a_text_page_passes_as_it_is():
    text = "# Not *Markdown*\r\nThe gate was shut on Monday.\n"
    assert markdown(clean(text, kind="text")) == text


def test_front_matter_says_what_is_known():
    cleaned = clean("<html lang=en><title>The gate: open</title><body><p>It was open.", url="https://e.org/a")
    given = {"author": 'Ann "Sluice" Lee', "date": None}
    assert markdown(cleaned, front_matter=given) == (
        '---\ntitle: "The gate: open"\nurl: "https://e.org/a"\nsite: "e.org"\nlanguage: "en"\n'
        'author: "Ann \\"Sluice\\" Lee"\n---\n\nIt was open.\n'
    )


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_front_matter_is_read_back_by_a_reader_of_yaml(text):
    assert yaml.safe_load(front_matter({"title": text, "url": None}).split("\n")[1]) == {"title": text}
    assert next(yaml.safe_load_all(front_matter({"title": text}))) == {"title": text}


def test_no_markup_of_the_page_comes_through():
    html = "<p>&lt;script&gt;x&lt;/script&gt; &lt;!-- a --&gt; &lt;https://e.org&gt;<p>&lt;div&gt;"
    assert shown(md(html)).split("\n") == ["<script>x</script> <!-- a --> <https://e.org>", "<div>"]
