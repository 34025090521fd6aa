"""Markdown shows the words of the kept lines: on generated pages, and on real ones."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleaner import clean
from cleaner.markdown import markdown
from cleaner.records import Cleaned
from tests.rendered import kept_words, tokens, words
from tests.runs import SOAK, development_pages, unpacked

#: Every so many of the development pages.
STEP = 12 if SOAK else 40

SIGNS = [
    "*",
    "**",
    "_",
    "__",
    "`",
    "``",
    "~",
    "~~",
    "[",
    "](x)",
    "]",
    "!",
    "\\",
    "|",
    "&",
    "amp;",
    "&lt;",
    "#",
    "-",
    "+",
]
STARTS = [
    "# ",
    "#",
    "- ",
    "+ ",
    "1. ",
    "12) ",
    "> ",
    "---",
    "===",
    ":-- | --",
    "| a | b |",
    "```",
    "~~~",
    "[x]: y",
    "--",
]
TEXT = st.one_of(
    st.sampled_from([*SIGNS, *STARTS, " ", " ", "barge", "lock", "7", "é", "€", "港", "(", ")", ".", "snake_case"]),
    st.text(st.characters(codec="utf-8", exclude_characters="<&\r\n"), max_size=6),
)
TAGS = st.sampled_from(
    [
        *("b", "i", "em", "strong", "code", "s", "del", "a href='/x?a=1&amp;lt;b'", "a href='(y'", "span", "b", "i"),
        *("p", "div", "li", "ul", "ol", "ol start=7", "blockquote", "pre", "h2", "h3", "br", "dt", "dd", "section"),
        *("table", "tr", "td", "th", "tr", "td", "td colspan=2", "td rowspan=2", "caption"),
    ]
)
PIECES = st.lists(
    st.one_of(TEXT, TEXT, TAGS.map(lambda tag: (tag, True)), TAGS.map(lambda tag: (tag, False))), max_size=60
)
quick = settings(max_examples=400 if SOAK else 120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def html_of(pieces: list[str | tuple[str, bool]]) -> str:
    """Markup that opens and closes as it likes."""
    found = ["<!DOCTYPE html><html><body>"]
    for piece in pieces:
        if isinstance(piece, str):
            found.append(piece.replace("&", "&amp;").replace("<", "&lt;"))
        else:
            tag, opens = piece
            found.append(f"<{tag}>" if opens else f"</{tag.split()[0]}>")
    return "".join(found)


def whole(html: str) -> Cleaned:
    """A page that keeps all its lines."""
    cleaned = clean(html, kind="html")
    return Cleaned(cleaned.page, tuple(v._replace(keep=True) for v in cleaned.verdicts), 1.0)


def wrong(cleaned: Cleaned) -> list[tuple[str, str]]:
    """The first words that differ, and what they should be."""
    pairs = zip([*words(markdown(cleaned)), ""], [*kept_words(cleaned), ""], strict=False)
    return [pair for pair in pairs if pair[0] != pair[1]][:3]


@quick
@given(PIECES)
def test_any_page_shows_its_words(pieces: list[str | tuple[str, bool]]) -> None:
    assert wrong(whole(html_of(pieces))) == []


@quick
@given(
    st.lists(st.one_of(TEXT, TAGS.filter(lambda tag: len(tag) < 7).map(lambda tag: (tag, True))), max_size=14),
    st.data(),
)
def test_any_choice_of_lines_shows_its_words(pieces: list[str | tuple[str, bool]], data: st.DataObject) -> None:
    page = whole(html_of([*pieces, ("p", True), "end"]))
    keep = [data.draw(st.booleans()) for _ in page.verdicts]
    chosen = tuple(v._replace(keep=one) for v, one in zip(page.verdicts, keep, strict=True))
    assert wrong(Cleaned(page.page, chosen, 1.0)) == []


@quick
@given(
    st.lists(
        st.one_of(
            TEXT, st.sampled_from(["b", "i", "s", "code"]).flatmap(lambda t: st.sampled_from([(t, True), (t, False)]))
        ),
        max_size=20,
    )
)
def test_any_inline_markup_shows_its_characters(pieces: list[str | tuple[str, bool]]) -> None:
    page = whole(html_of([("p", True), *pieces]))
    assert wrong(page) == []


def test_real_pages_show_their_words() -> None:
    faults, code, exact = [], 0, 0
    for path in development_pages()[::STEP]:
        cleaned = clean(unpacked(path), source=path.name)
        if difference := wrong(cleaned):
            faults.append((path.name, difference))
        pieces = code_of(cleaned)
        code += len(pieces)
        fences = [token.content for token in tokens(markdown(cleaned)) if token.type == "fence"]
        exact += sum(piece in fences for piece in pieces)
    assert faults == []
    assert code > 10
    assert exact == code


def code_of(cleaned: Cleaned) -> list[str]:
    """The text of each piece of code that was kept as a whole, as it stands in the text layer."""
    page = cleaned.page
    found = []
    for block in page.blocks:
        if block.tag == "pre":
            verdicts = [
                cleaned.verdicts[at] for at in range(block.first, block.last) if page.lines[at].markup is not None
            ]
            if verdicts and all(verdict.keep for verdict in verdicts):
                found.append("".join(f"{verdict.line.text}\n" for verdict in verdicts))
    return found


@pytest.mark.parametrize("text", SIGNS + STARTS)
def test_signs_stay_text(text: str) -> None:
    for html in (f"<p>{text}</p>", f"<p>{text} barge</p>", f"<p>barge {text}</p>", f"<p>barge<br>{text}<br>lock</p>"):
        assert wrong(whole(html_of([("p", True), html[3:-4].replace("<br>", "")]))) == []
        assert wrong(whole(f"<html><body>{html.replace('&', '&amp;')}")) == []
    table = f"<table><tr><th>{text}<th>b<tr><td>a<td>x{text}y<tr><td><code>{text}</code><td>b</table>"
    assert wrong(whole(f"<html><body>{table.replace('&', '&amp;')}")) == []
