"""Runs of text to inline Markdown: nested properly, and only where it can be read back.

Markdown recognises emphasis by the characters around its delimiters, so not all emphasis of HTML can be written. Such
emphasis is left out, and its text stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from cleaner.markdown.escape import escape_text
from cleaner.markdown.text_runs import PLAIN, InlineStyle, TextRun

#: Kinds of delimiters; each is the index of its field in ``InlineStyle``.
_LINK, _STRONG, _EM, _STRIKE = range(4)

#: Passes over the delimiters of a line; removing one may make others unreadable.
_MAX_PASSES = 4

# Linear: runs of one character.
_TICKS = re.compile("`+")

#: Classes of the characters beside a delimiter: a space or the end of the line, punctuation, a symbol (punctuation by
#: some versions of CommonMark only), anything else.
_SPACE, _PUNCTUATION, _SYMBOL, _LETTER = range(4)


class _Delimiter:
    """One end of a link or of emphasis."""

    __slots__ = ("kind", "opens", "partner", "value")

    def __init__(self, kind: int, value: int, partner: _Delimiter | None = None) -> None:
        self.kind, self.value = kind, value
        self.opens = partner is None
        self.partner = self
        if partner is not None:
            self.partner, partner.partner = partner, self


_Token = TextRun | _Delimiter


def inline(runs: Sequence[TextRun], address: Callable[[int], str], *, cell: bool = False) -> str:
    """Write a line as inline Markdown; ``address`` gives the destination of a link by number, "" for none.

    In a ``cell`` of a table pipes are escaped, too.
    """
    if len(runs) == 1 and runs[0].style == PLAIN:
        text = escape_text(runs[0].text)
    else:
        text = "".join(_write_tokens(_drop_unreadable(list(_nest(_drop_dead_links(runs, address)))), address, cell))
    return text.replace("|", "\\|") if cell else text


def _drop_dead_links(runs: Sequence[TextRun], address: Callable[[int], str]) -> list[TextRun]:
    """Return the runs without links that have no destination."""
    return [
        run if not run.style.link or address(run.style.link) else run._replace(style=run.style._replace(link=0))
        for run in runs
    ]


def _nest(runs: Sequence[TextRun]) -> Iterator[_Token]:
    """Yield the runs with delimiters around them, properly nested: the longest are outside."""
    reach = _reach(runs)
    open_: list[_Delimiter] = []
    for at, run in enumerate(runs):
        stays = 0
        while stays < len(open_) and run.style[open_[stays].kind] == open_[stays].value:
            stays += 1
        while len(open_) > stays:
            last = open_.pop()
            yield _Delimiter(last.kind, last.value, last)
        have = {one.kind for one in open_}
        new = [kind for kind in range(4) if run.style[kind] and kind not in have]
        for kind in sorted(new, key=lambda kind: -reach[kind][at]):
            open_.append(_Delimiter(kind, run.style[kind]))
            yield open_[-1]
        yield run
    while open_:
        last = open_.pop()
        yield _Delimiter(last.kind, last.value, last)


def _reach(runs: Sequence[TextRun]) -> list[list[int]]:
    """Return, for each kind of style and each run, the run before which that style ends."""
    found = []
    for kind in range(4):
        ends = list(range(1, len(runs) + 1))
        for at in range(len(runs) - 2, -1, -1):
            if runs[at].style[kind] == runs[at + 1].style[kind]:
                ends[at] = ends[at + 1]
        found.append(ends)
    return found


def _drop_unreadable(tokens: list[_Token]) -> list[_Token]:
    """Return the tokens without emphasis that could not be read back."""
    for _ in range(_MAX_PASSES):
        gone: set[int] = set()
        for token, before, after in _with_neighbours(tokens):
            if isinstance(token, _Delimiter) and token.kind != _LINK and not _is_readable(token, before, after):
                gone |= {id(token), id(token.partner)}
        gone |= _find_unreadable(tokens)
        if not gone:
            return tokens
        tokens = [token for token in tokens if id(token) not in gone]
    return [token for token in tokens if isinstance(token, TextRun) or token.kind == _LINK]


def _with_neighbours(tokens: Sequence[_Token]) -> Iterator[tuple[_Token, _Token | None, _Token | None]]:
    return zip(tokens, [None, *tokens[:-1]], [*tokens[1:], None], strict=True)


def _is_readable(token: _Delimiter, before: _Token | None, after: _Token | None) -> bool:
    """Tell whether a delimiter would be read as one, and does not touch another of its kind."""
    if any(isinstance(other, _Delimiter) and other.kind == token.kind for other in (before, after)):
        return False
    outer, inner = _around(token, before, after)
    if inner == _LETTER or outer in (_SPACE, _PUNCTUATION):
        return inner != _SPACE
    return inner == outer == _SYMBOL


def _find_unreadable(tokens: Sequence[_Token]) -> set[int]:
    """Return the emphasis that can be written neither with "_", as a letter follows or precedes it, nor with "*"."""
    gone: set[int] = set()
    stars = _find_starred(tokens)
    for token, before, after in _with_neighbours(tokens):
        if id(token) in stars and any(isinstance(o, _Delimiter) and o.kind == _STRONG for o in (before, after)):
            gone |= {id(token), id(token.partner)}  # type: ignore[union-attr]
    return gone


def _find_starred(tokens: Sequence[_Token]) -> set[int]:
    """Return the delimiters of emphasis that cannot be written as "_"."""
    found: set[int] = set()
    for token, before, after in _with_neighbours(tokens):
        if isinstance(token, _Delimiter) and token.kind == _EM:
            outer, _ = _around(token, before, after)
            if outer not in (_SPACE, _PUNCTUATION):
                found |= {id(token), id(token.partner)}
    return found


def _around(token: _Delimiter, before: _Token | None, after: _Token | None) -> tuple[int, int]:
    """Return the classes of the characters outside and inside of a delimiter."""
    left, right = _class(before, -1), _class(after, 0)
    return (left, right) if token.opens else (right, left)


def _class(token: _Token | None, at: int) -> int:
    if token is None:
        return _SPACE
    if isinstance(token, _Delimiter) or token.style.code:
        return _PUNCTUATION
    char = token.text[at]
    if char == " ":
        return _SPACE
    if char.isascii():
        return _LETTER if char.isalnum() else _PUNCTUATION
    return {"P": _PUNCTUATION, "S": _SYMBOL, "Z": _SPACE}.get(unicodedata.category(char)[0], _LETTER)


def _write_tokens(tokens: Sequence[_Token], address: Callable[[int], str], cell: bool) -> Iterator[str]:
    stars = _find_starred(tokens)
    for token, _, after in _with_neighbours(_join_text(tokens)):
        if isinstance(token, TextRun):
            if token.style.code and not (cell and "\\|" in token.text):
                yield _code(token.text)
                continue
            text = escape_text(token.text)
            image = text.endswith("!") and isinstance(after, _Delimiter) and after.kind == _LINK and after.opens
            yield f"{text[:-1]}\\!" if image else text
        elif token.kind == _LINK:
            yield "[" if token.opens else f"]({address(token.value)})"
        elif token.kind == _EM:
            yield "*" if id(token) in stars else "_"
        else:
            yield "**" if token.kind == _STRONG else "~~"


def _join_text(tokens: Sequence[_Token]) -> list[_Token]:
    """Return the tokens with the text between delimiters and code in one piece, as an entity must not be cut."""
    found: list[_Token] = []
    pieces: list[str] = []
    for token, _, after in _with_neighbours(tokens):
        if not isinstance(token, TextRun):
            found.append(token)
            continue
        pieces.append(token.text)
        if not (isinstance(after, TextRun) and after.style.code == token.style.code):
            found.append(TextRun("".join(pieces), InlineStyle(code=token.style.code)))
            pieces.clear()
    return found


def _code(text: str) -> str:
    """Write a code span, with a fence that its text does not contain."""
    fence = "`" * (max(map(len, _TICKS.findall(text)), default=0) + 1)
    pad = " " if "`" in (text[0], text[-1]) or (text[0] == text[-1] == " " and text.strip()) else ""
    return f"{fence}{pad}{text}{pad}{fence}"
