"""Markdown read back by markdown-it: what a reader would see of it."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from cleaner.records import Cleaned

GFM = MarkdownIt("commonmark", {"maxNesting": 1000}).enable(["table", "strikethrough"])


def tokens(markdown: str) -> list[Token]:
    """The blocks of a Markdown text."""
    return GFM.parse(markdown)


def shown(markdown: str) -> str:
    """The text that a renderer shows; fails where there is markup that the writer never writes."""
    return "\n".join(_texts(markdown))


def words(markdown: str) -> list[str]:
    """The words that a renderer shows. Pipes that stand alone are the bounds of cells in a text layer."""
    return [word for word in shown(markdown).split() if word != "|"]


def kept_words(cleaned: Cleaned) -> list[str]:
    """The words of the kept lines."""
    return [word for word in cleaned.text.split() if word != "|"]


def _texts(markdown: str) -> Iterator[str]:
    for token in tokens(markdown):
        assert token.type not in ("html_block", "code_block", "hr"), (token.type, token.content)
        if token.type == "fence":
            yield token.content
        elif token.type == "inline":
            yield "".join(map(_inline, token.children or ()))


def _inline(token: Token) -> str:
    if token.type == "html_inline":
        assert token.content == "<br>", token.content
        return "\n"
    assert token.type != "image"
    return "\n" if token.type in ("softbreak", "hardbreak") else token.content
