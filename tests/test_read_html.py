"""HTML: the text layer reads well, loses nothing, and knows what the markup said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.timed.reading import BOMBS
from cleaner.read import read_page
from cleaner.read.facts import json_ld_types
from cleaner.read.html import read_html
from cleaner.records import PageFacts


def read(body, head=""):
    return read_page(f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>")


def layer(body):
    return "\n".join(line.text for line in read(body).lines)


def line_of(page, text):
    (found,) = [line for line in page.lines if line.text == text]
    return found


def markup(body, text="x"):
    return line_of(read(body), text).markup


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>a</p><p>b", "a\n\nb"),
        ("<div><div>a</div></div>\n\n<div> b </div>", "a\n\nb"),
        ("<h1>a</h1><p>b<br>c<br>\n<br>d</p>", "a\n\nb\nc\n\nd"),
        ("a<p>b</p>c", "a\n\nb\n\nc"),
        ("<p>a <b>b</b>\n\t<i>c</i>d\xa0e</p>", "a b cd e"),
        ("<p>x<ul><li>a<li>b</ul>y", "x\n\na\nb\n\ny"),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", "a\nb\nc"),
        ("<ul><li><p>a</p></li><li><div><p>b</p></div></li></ul>", "a\nb"),
        ("<ul><li><p>a</p><p>b</p></li><li>c</li></ul>", "a\n\nb\n\nc"),
        ("<dl><dt>a<dd>b<dt>c<dd>d</dl>", "a\nb\nc\nd"),
        ("<table><tr><th>a<th>b<tr><td>1<td><tr><td> 2 <td><b>3</b></table>", "a | b\n1\n2 | 3"),
        ("<table><tr><td><p>a</p><td><p>b</p><tr><td>c</table>d", "a\nb\nc\n\nd"),
        ("<table><tr><td>a<td><div>b</div><td>c</table>", "a\nb\nc"),
        ("<table><tr><td>a<td>b<div>c</div><td>d</table>", "a | b\n\nc\n\nd"),
        ("<form><label>a</label><input value=n><button>b</button><select><option>c<option>d</select>", "a\nb\nc\nd"),
        ("<pre>\n  a\n\n    b\r\nc\n</pre>", "  a\n\n    b\nc"),
        ("<pre>a<br>b</pre><textarea>\n c\n</textarea>", "a\nb\n\n c"),
        ("a<script>b</script><style>c</style><template><p>d</p></template><iframe>e</iframe>f", "af"),
        ("<noscript>a</noscript><svg><title>b</title><text>c</text></svg><img alt=d>", "a\n\nc"),
        ("<xmp><b>a</b></xmp><plaintext><p>b", "<b>a</b>\n\n<p>b</body></html>"),
        ("a&amp;b &lt;i&gt; &eacute;&#x41; &notit; &#0;", "a&b <i> éA ¬it; \ufffd"),
        ("a\0b \x1b[31mc&#27;&#8;d\x85e&#xD800;", "ab [31mcd e\ufffd"),
        ("", ""),
    ],
)  # fmt: skip
def test_text_layer(body, expected):
    assert layer(body) == expected


def test_the_whole_page_counts_up():
    page = read("<p>a</p><ul><li>b<li>c</ul>")
    text = "".join(line.text + line.newline for line in page.lines)
    assert [text[line.start : line.end] for line in page.lines] == ["a\n", "\n", "b\n", "c\n"]
    assert [line.number for line in page.lines] == [1, 2, 3, 4]
    assert [line.markup is None for line in page.lines] == [False, True, False, False]
    assert len(page.shapes) == 4


def test_nothing_after_early_ends_is_lost():
    page = read_page("<html/><p>a</p></body></html>b<html><body class=x><p>c</p></body></html><p>d")
    assert [line.text for line in page.lines if not line.blank] == ["a", "b", "c", "d"]


def test_entities_are_never_expanded():
    top = '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
    text = "\n".join(line.text for line in read_page(top + "<p>&b;&x;</p>").lines)
    assert "aaaaaaaaaa" not in text
    assert "root:" not in text


@pytest.mark.parametrize(
    ("body", "name", "value"),
    [
        ("<nav><ul><li>x", "path", ("nav", "ul", "li")),
        ("<nav><ul><li>x", "section", "nav"),
        ("<article><footer><p>x", "section", "footer"),
        ("<aside><noscript>x</noscript>", "section", "noscript"),
        ("<p>x", "section", ""),
        ("<h2><span>x</span></h2>", "heading", 2),
        ("<ul><li><ol><li>x", "list_depth", 2),
        ("<table><tr><td><table><tr><td>x", "table_depth", 2),
        ("<div hidden><p>x", "hidden", True),
        ("<div style='color:red; DISPLAY : none'><p>x", "hidden", True),
        ("<div style='visibility:hidden'>x", "hidden", True),
        ("<p><span aria-hidden=true>x</span>", "hidden", True),
        ("<table><tr><td hidden>x</table>", "hidden", True),
        ("<div hidden>a</div><p>x", "hidden", False),
        ("<button>x", "control", True),
        ("<select><option>x</select>", "control", True),
        ("<textarea>x</textarea>", "control", True),
        ("<p>x", "control", False),
        ("<div class='relatedPosts big-box_2' id=X9Side role=note itemprop=about><p>x", "tokens",
         frozenset(["related", "posts", "big", "box", "side", "note", "about"])),
        ("<p><a class=more-link href=/>x</a>", "tokens", frozenset(["more", "link"])),
        ("<p><span class=by>x</span> ", "tokens", frozenset(["by"])),
        ("<p class=p1><b class=b>x<br>y</b>", "tokens", frozenset()),
        ("<div class=card><a class=box><div><p>x", "path", ("div", "a", "div", "p")),
        ("<table><tr><td class=side-bar>x</table>", "tokens", frozenset(["side", "bar"])),
    ],
)  # fmt: skip
def test_markup(body, name, value):
    assert getattr(markup(body), name) == value


def test_names_of_a_part_of_a_line_are_not_the_lines():
    assert markup("<p>a <b class=by>c</b>", "a c").tokens == frozenset()
    assert markup("<p><b class=by>c</b> a", "c a").tokens == frozenset()
    assert not markup("<p>a <span hidden>c</span>", "a c").hidden


@pytest.mark.parametrize(
    ("body", "text", "chars"),
    [
        ("<p>see <a href=/>this page</a> now", "see this page now", 9),
        ("<p><a href=/> a </a> | <a class=b href=/>b</a>", "a | b", 2),
        ("<a href=/><p>x</p>yy</a>z", "yyz", 2),
        ("<a href=/><div>abc</div></a>", "abc", 3),
        ("<p>abc", "abc", 0),
    ],
)
def test_link_characters(body, text, chars):
    assert markup(body, text).link_chars == chars


def test_blocks_nest_and_span_their_lines():
    page = read("<div class=a><p>1</p><div></div><ul><li>2<li><b class=c>3</b></ul></div><p>4")
    found = [(b.tag, b.parent, [page.lines[i].text for i in range(b.first, b.last)], b.tokens) for b in page.blocks]
    assert found == [
        ("div", -1, ["1", "", "2", "3"], ()),
        ("p", 0, ["1"], ()),
        ("ul", 0, ["2", "3"], ()),
        ("li", 2, ["2"], ()),
        ("li", 2, ["3"], ()),
        ("b", 4, ["3"], ()),
        ("p", -1, ["4"], ()),
    ]
    assert [line.markup.block for line in page.lines if line.markup] == [1, 3, 5, 6]


def test_facts_title_and_address():
    head = """<title>The lock is open - Harbour Post</title><meta property="og:site_name" content="Harbour Post">
    <meta name=Description content=" All about
    the lock. "><meta property="og:type" content=article><meta property="og:type" content=other>
    <meta property="article:published_time" content="2024-01-02">
    <link rel="alternate canonical" href="https://www.example.org/lock">
    <script type="application/ld+json">{"@graph":[{"@type":["NewsArticle","Article"]},{"a":{"@type":"Person"}}]}
    </script>
    <script type="application/ld+json">{broken</script>"""
    page = read("<h1>Other</h1><p>x", head)
    assert page.title == "The lock is open"
    assert (page.url, page.site) == ("https://www.example.org/lock", "example.org")
    assert page.facts == PageFacts(
        types=frozenset({"Article", "NewsArticle", "Person"}),
        og_type="article",
        site_name="Harbour Post",
        description="All about the lock.",
        published="2024-01-02",
        canonical="https://www.example.org/lock",
    )
    assert read_page("<html><p>x", url="http://other.example/").site == "other.example"


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>a</title><meta property=og:title content=b>", "", "b"),
        ("<title>The Lock | Post | News</title>", "<h1>Post!</h1><h1>the lock</h1>", "Post!"),
        ("<title>The Lock | Post</title>", "<h1>the <b>lock</b></h1>", "the lock"),
        ("<title>The Lock | Post</title>", "<h1>x</h1>", "The Lock | Post"),
        ("<title>The Lock - Post</title>", "<h1>Guide</h1><h3>the lock</h3>", "the lock"),
        ("<title>The Lock - Post</title>", "<h1>Guide</h1><h3>lock</h3>", "The Lock - Post"),
        ("<meta property=og:title content='The Lock - Post'>", "<h1>The</h1><h2>the lock</h2>", "the lock"),
        ("", "<h1>x</h1><svg><title>icon</title></svg>", "icon"),
        ("", "<p>x", ""),
    ],
)
def test_title(head, body, title):
    assert read(body, head).title == title


@pytest.mark.parametrize(
    "script", ["", "{", "[" * 100_000, '{"a":' * 50_000, "9" * 5_000, '"x"', "null", '{"@type":7}', '{"@type":[[]]}']
)
def test_json_ld_of_any_kind_is_taken(script):
    assert json_ld_types(script) == set()


def test_declared_language_counts():
    assert read_page("<html lang=de-AT><p>Ok").language == "de"
    assert (
        read_page("<html lang=en><p>Совет проголосует за новый план, и никто не знает, что будет с портом").language
        == "ru"
    )


NAMES = "p div li ul td tr table br a b span pre script title textarea option h1 template body html svg select iframe"
TAGS = NAMES.split()
PIECES = st.one_of(
    st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS]),
    st.sampled_from([f"<{tag} class='aB c' hidden>" for tag in TAGS] + [f"<{tag}/>" for tag in TAGS]),
    st.sampled_from(
        ["word ", " ", "\n", "é港", "&amp;", "&#0;", "\0", "\r", "<!--", "-->", "<![CDATA[", "<", "&", "]]>"]
    ),
    st.text(max_size=4),
)


@given(st.lists(PIECES, max_size=40).map("".join), st.integers(1, 9))
def test_the_size_of_the_pieces_fed_does_not_matter(body, piece):
    whole = read_html(body, source="")
    assert read_html(body, source="", piece=piece) == whole


@given(st.lists(PIECES, max_size=40).map("".join))
def test_lines_and_blocks_are_sound(body):
    page = read_page(body, kind="html")
    before = 0
    for line in page.lines:
        assert (line.start, line.end) == (before, before + len(line.text) + 1)
        before = line.end
        assert "\n" not in line.text
        assert "\r" not in line.text
        line.text.encode("utf-8")
        if line.markup and line.markup.block >= 0:
            block = page.blocks[line.markup.block]
            assert block.first < line.number <= block.last
            assert line.markup.link_chars <= len(line.text)
    for number, block in enumerate(page.blocks):
        assert block.parent < number
        assert 0 <= block.first < block.last <= len(page.lines)
        if block.parent >= 0:
            above = page.blocks[block.parent]
            assert above.first <= block.first
            assert block.last <= above.last
    if page.lines:
        assert not page.lines[0].blank
        assert not page.lines[-1].blank


@given(st.text())
def test_any_text_is_a_page(text):
    assert read_page(text, kind="html").kind == "html"


@pytest.mark.parametrize("name", BOMBS)
def test_markup_made_to_be_slow_is_a_page(name):
    page = read_page(BOMBS[name](1_000), kind="html")
    assert all(-1 <= line.markup.block < len(page.blocks) for line in page.lines if line.markup)


def test_a_page_that_says_it_is_not_free_is_noted() -> None:
    script = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": %s}</script>'
    for value, fact in (("false", False), ('"False"', False), ("true", True)):
        page = read_page(f"<html><head>{script % value}</head><body><p>The vote is on Monday.</p></body></html>")
        assert page.facts.free is fact
