"""Folding: one form for texts that differ in case, quotes, whitespace and numbers only."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: Characters of a long text that are processed together, which bounds the memory for its words and matches.
PIECE_CHARS = 1 << 17

_WHITESPACE = re.compile(r"\s")
# One replacement each is several times as fast as translate, and pages are folded whole.
_PLAIN = (
    *(("\u2019", "'"), ("\u2018", "'"), ("\u201c", '"'), ("\u201d", '"'), ("\u200b", "")),
    *((digit, "0") for digit in "123456789"),
)
# Linear: the parts share no character. It begins with a literal, which is found much faster than a class.
_NUMBER = re.compile("0(?:0++|[.,]0++)++")
EDGE_CHARACTERS = (
    " \t.,:;!?\u2026|\u00b7\u2022\u00bb\u00ab\u203a\u2039>*-\u2013\u2014()[]+\u2192\u2190\u25b6\u25bc#&/\"'"
    "\u00bf\u00a1\u201e、。・《》「」『』【】！（），：；？［］｜"
)


def fold(text: str) -> str:
    """Lower-case ``text`` with straight quotes, single spaces, and runs of digits as "0".

    >>> fold("Read 12  Comments\u2019")
    "read 0 comments'"
    """
    return " ".join(fold_words(text))


def fold_words(text: str) -> list[str]:
    """The words of the folded ``text``."""
    text = text.lower()
    for character, plain in _PLAIN:
        text = text.replace(character, plain)
    return _NUMBER.sub("0", text).split()


def pieces(text: str, size: int = PIECE_CHARS) -> Iterator[str]:
    """Yield a text in pieces of ``size`` or more characters, cut behind whitespace: no word is cut."""
    at = 0
    while len(text) - at > size:
        gap = _WHITESPACE.search(text, at + size)
        if not gap:
            break
        yield text[at : gap.end()]
        at = gap.end()
    yield text[at:]


def collapse_whitespace(text: str) -> str:
    """``text`` with single spaces in place of all whitespace, and none at its ends."""
    if len(text) <= PIECE_CHARS:
        return " ".join(text.split())
    return " ".join(filter(None, [" ".join(piece.split()) for piece in pieces(text)]))


def core(folded: str) -> str:
    """The folded line without the punctuation around it."""
    return folded.strip(EDGE_CHARACTERS)
