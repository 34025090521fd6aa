"""Generated pages of a given size: the same bytes everywhere, with what real pages have."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.records import Kind

_PROSE = (
    "the town council has voted on a new bridge over river and in spring workers will begin to build it after long "
    "delay that cost many people time mayor said every street near market should stay open for shops while trains stop"
)
_WORDS = _PROSE.split()
_NAV = ("Home", "News", "Sport", "Weather", "Shop", "Contact", "Log in", "Subscribe")


def page(kind: Kind, size: int) -> bytes:
    """A page of about ``size`` bytes: a menu, sections of prose with teasers and comments between, a footer."""
    pieces: list[str] = [_head(kind)]
    length = len(pieces[0])
    for section in _sections(kind):
        if length >= size:
            break
        pieces.append(section)
        length += len(section)
    return "".join([*pieces, _foot(kind)]).encode()


def _head(kind: Kind) -> str:
    if kind == "text":
        return "\n".join(_NAV) + "\n\n"
    links = "".join(f'<li><a href="/{n}">{name}</a></li>' for n, name in enumerate(_NAV))
    title = "<title>A bridge for the town</title>"
    return f"<!doctype html><html lang=en><head>{title}</head><body><nav><ul>{links}</ul></nav><main>\n"


def _foot(kind: Kind) -> str:
    line = "Copyright The Town Paper. All rights reserved."
    return f"{line}\n" if kind == "text" else f"</main><footer><p>{line}</p></footer></body></html>\n"


def _sections(kind: Kind) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        title, teaser = _words(number, 6).capitalize(), _words(number + 3, 8).capitalize()
        prose = [_words(number * 7 + n, 40 + n * 9 % 35).capitalize() + "." for n in range(5)]
        comment = f"Reader {number}", "3 hours ago", _words(number + 5, 15).capitalize() + ".", "Reply"
        if kind == "text":
            yield "\n".join([title, "", *prose, "", f"Read more: {teaser}", "", *comment, "", ""])
            continue
        paragraphs = "\n".join(f"<p>{line[:30]}<b>{line[30:40]}</b>{line[40:]}</p>" for line in prose)
        more = f'<div class="box related"><a class="card-link" href="/story/{number}">Read more: {teaser}</a></div>'
        words = "".join(f"<span>{line}</span>" if n < 2 else f"<p>{line}</p>" for n, line in enumerate(comment))
        # Most of a real page is neither text nor its markup.
        state = "".join(f'{{"id":{number + n},"slug":"{_words(n, 4)}","shown":true}},' for n in range(60))
        yield (
            f'<section class="story story--{number}" data-at="{number}"><h2>{title}</h2>\n'
            f"<script>load([{state}])</script>\n"
            f'{paragraphs}\n{more}\n<div class="comment">{words}</div></section>\n'
        )


def _words(start: int, count: int) -> str:
    # Steps that differ from line to line, so that few lines are alike.
    return " ".join(_WORDS[(start * start + n * (start % 11 + 1) + n * n // 3) % len(_WORDS)] for n in range(count))
