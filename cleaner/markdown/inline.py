"""Runs of text to inline Markdown: nested properly, and only where it can be read back.

Markdown knows emphasis by the signs around its marks, so not all that HTML holds can be written. Then the emphasis
goes, and the text stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from cleaner.markdown.escape import escaped
from cleaner.markdown.runs import PLAIN, Mark, Run

#: Kinds of delimiters, which are the places of what they stand for in a ``Mark``.
_LINK, _STRONG, _EM, _STRIKE = range(4)

#: Times that the delimiters of a line are looked through; one that goes may take others with it.
_PASSES = 4

# Linear: runs of one sign.
_TICKS = re.compile("`+")

#: What stands beside a delimiter: a blank or the end of the line, punctuation, a symbol (punctuation by some versions
#: of CommonMark only), anything else.
_BLANK, _PUNCTUATION, _SYMBOL, _LETTER = range(4)


class _Delimiter:
    """One end of a link or of emphasis."""

    __slots__ = ("kind", "opens", "partner", "value")

    def __init__(self, kind: int, value: int, partner: _Delimiter | None = None) -> None:
        self.kind, self.value = kind, value
        self.opens = partner is None
        self.partner = self
        if partner is not None:
            self.partner, partner.partner = partner, self


_Token = Run | _Delimiter


def inline(runs: Sequence[Run], address: Callable[[int], str], *, cell: bool = False) -> str:
    """A line as inline Markdown; ``address`` gives the destination of a link by number, "" for none.

    In a ``cell`` of a table pipes are escaped, too.
    """
    if len(runs) == 1 and runs[0].mark == PLAIN:
        text = escaped(runs[0].text)
    else:
        text = "".join(_written(_sound(list(_nested(_linked(runs, address)))), address, cell))
    return text.replace("|", "\\|") if cell else text


def _linked(runs: Sequence[Run], address: Callable[[int], str]) -> list[Run]:
    """The runs without links that lead nowhere."""
    return [
        run if not run.mark.link or address(run.mark.link) else run._replace(mark=run.mark._replace(link=0))
        for run in runs
    ]


def _nested(runs: Sequence[Run]) -> Iterator[_Token]:
    """The runs with delimiters around them, properly nested: what reaches farthest is outside."""
    reach = _reach(runs)
    open_: list[_Delimiter] = []
    for at, run in enumerate(runs):
        stays = 0
        while stays < len(open_) and run.mark[open_[stays].kind] == open_[stays].value:
            stays += 1
        while len(open_) > stays:
            last = open_.pop()
            yield _Delimiter(last.kind, last.value, last)
        have = {one.kind for one in open_}
        new = [kind for kind in range(4) if run.mark[kind] and kind not in have]
        for kind in sorted(new, key=lambda kind: -reach[kind][at]):
            open_.append(_Delimiter(kind, run.mark[kind]))
            yield open_[-1]
        yield run
    while open_:
        last = open_.pop()
        yield _Delimiter(last.kind, last.value, last)


def _reach(runs: Sequence[Run]) -> list[list[int]]:
    """For each kind and run, up to where what holds there goes on."""
    found = []
    for kind in range(4):
        ends = list(range(1, len(runs) + 1))
        for at in range(len(runs) - 2, -1, -1):
            if runs[at].mark[kind] == runs[at + 1].mark[kind]:
                ends[at] = ends[at + 1]
        found.append(ends)
    return found


def _sound(tokens: list[_Token]) -> list[_Token]:
    """The tokens without emphasis that could not be read back."""
    for _ in range(_PASSES):
        gone: set[int] = set()
        for token, before, after in _with_neighbours(tokens):
            if isinstance(token, _Delimiter) and token.kind != _LINK and not _holds(token, before, after):
                gone |= {id(token), id(token.partner)}
        gone |= _unreadable(tokens)
        if not gone:
            return tokens
        tokens = [token for token in tokens if id(token) not in gone]
    return [token for token in tokens if isinstance(token, Run) or token.kind == _LINK]


def _with_neighbours(tokens: Sequence[_Token]) -> Iterator[tuple[_Token, _Token | None, _Token | None]]:
    return zip(tokens, [None, *tokens[:-1]], [*tokens[1:], None], strict=True)


def _holds(token: _Delimiter, before: _Token | None, after: _Token | None) -> bool:
    """Whether a delimiter opens or closes where it stands, and does not run into another of its signs."""
    if any(isinstance(other, _Delimiter) and other.kind == token.kind for other in (before, after)):
        return False
    outer, inner = _around(token, before, after)
    if inner == _LETTER or outer in (_BLANK, _PUNCTUATION):
        return inner != _BLANK
    return inner == outer == _SYMBOL


def _unreadable(tokens: Sequence[_Token]) -> set[int]:
    """The emphasis that can be written neither with "_", as a word goes on beside it, nor with "*"."""
    gone: set[int] = set()
    stars = _starred(tokens)
    for token, before, after in _with_neighbours(tokens):
        if id(token) in stars and any(isinstance(o, _Delimiter) and o.kind == _STRONG for o in (before, after)):
            gone |= {id(token), id(token.partner)}  # type: ignore[union-attr]
    return gone


def _starred(tokens: Sequence[_Token]) -> set[int]:
    """The ends of emphasis that "_" cannot stand for."""
    found: set[int] = set()
    for token, before, after in _with_neighbours(tokens):
        if isinstance(token, _Delimiter) and token.kind == _EM:
            outer, _ = _around(token, before, after)
            if outer not in (_BLANK, _PUNCTUATION):
                found |= {id(token), id(token.partner)}
    return found


def _around(token: _Delimiter, before: _Token | None, after: _Token | None) -> tuple[int, int]:
    """What stands outside and inside of a delimiter."""
    left, right = _class(before, -1), _class(after, 0)
    return (left, right) if token.opens else (right, left)


def _class(token: _Token | None, at: int) -> int:
    if token is None:
        return _BLANK
    if isinstance(token, _Delimiter) or token.mark.code:
        return _PUNCTUATION
    char = token.text[at]
    if char == " ":
        return _BLANK
    if char.isascii():
        return _LETTER if char.isalnum() else _PUNCTUATION
    return {"P": _PUNCTUATION, "S": _SYMBOL, "Z": _BLANK}.get(unicodedata.category(char)[0], _LETTER)


def _written(tokens: Sequence[_Token], address: Callable[[int], str], cell: bool) -> Iterator[str]:
    stars = _starred(tokens)
    for token, _, after in _with_neighbours(_joined(tokens)):
        if isinstance(token, Run):
            if token.mark.code and not (cell and "\\|" in token.text):
                yield _code(token.text)
                continue
            text = escaped(token.text)
            image = text.endswith("!") and isinstance(after, _Delimiter) and after.kind == _LINK and after.opens
            yield f"{text[:-1]}\\!" if image else text
        elif token.kind == _LINK:
            yield "[" if token.opens else f"]({address(token.value)})"
        elif token.kind == _EM:
            yield "*" if id(token) in stars else "_"
        else:
            yield "**" if token.kind == _STRONG else "~~"


def _joined(tokens: Sequence[_Token]) -> list[_Token]:
    """The tokens, with text in one piece between delimiters and code: half a name of a character is no name."""
    found: list[_Token] = []
    pieces: list[str] = []
    for token, _, after in _with_neighbours(tokens):
        if not isinstance(token, Run):
            found.append(token)
            continue
        pieces.append(token.text)
        if not (isinstance(after, Run) and after.mark.code == token.mark.code):
            found.append(Run("".join(pieces), Mark(code=token.mark.code)))
            pieces.clear()
    return found


def _code(text: str) -> str:
    """A code span, with a fence that does not stand in it."""
    fence = "`" * (max(map(len, _TICKS.findall(text)), default=0) + 1)
    pad = " " if "`" in (text[0], text[-1]) or (text[0] == text[-1] == " " and text.strip()) else ""
    return f"{fence}{pad}{text}{pad}{fence}"
