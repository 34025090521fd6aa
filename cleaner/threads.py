"""Threads: headers of comments or posts by their shape, and the bodies under them.

A header names a writer and a date ("don | 4/29/2017 11:19 PM"), or a writer who "says". What stands
under it, up to the next header, is its body. Facts only: whether a thread is the page's content or
its residue is for detectors to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cleaner.records import Line, Page
from cleaner.stamps import Stamp, any_of, shape_words, stamp

#: A writer's name has at most this many words and signs; beyond it is a sentence or a headline.
NAME_WORDS, NAME_CHARS = 6, 48

#: Two headers farther apart than this many filled lines are not neighbours in one thread.
FARTHEST = 40

#: Words that may follow the date of a header: "Reply", "Permalink", "#12".
_TAIL_WORDS = 4

_COUNT = re.compile(r"\(?\d{1,5}\)?")
_ORDINAL = re.compile(r"#?(\d{1,5})")
#: Words that software of blogs and forums puts before the name.
_BY = re.compile(r"^(?:posted|post|comment) by:? ", re.IGNORECASE)
_NO_NAME = re.compile(r"[.:;!?\u3002\uff1f\uff01]$|[,;:=\u20ac$%]|https?:|\d{5}")


@dataclass(frozen=True, slots=True)
class Header:
    """A header on the lines ``first`` to ``last`` (numbers, both included).

    ``sure`` is true when it can hardly be anything else: one line with a name and a time of day or an
    age, or a name that "says" with a date. A name with a mere date may be a byline in a list of
    articles, and a date under a short line (``split``) the date of the article of that title. ``ordinal``
    is the number of the post, when its header ends in one.
    """

    first: int
    last: int
    sure: bool
    split: bool = False
    ordinal: int = 0


@dataclass(frozen=True, slots=True)
class Post:
    """A header and the numbers of the filled lines of its body."""

    header: Header
    body: tuple[int, ...]


def headers(page: Page) -> Iterator[Header]:
    """Yield the headers of the page in order."""
    filled = [line for line in page.lines if not line.blank]
    used = 0
    for at, line in enumerate(filled):
        if line.number <= used:
            continue
        found = _header(filled, at)
        if found and found.first > used:
            used = found.last
            yield found


def is_meta(found: Stamp | None) -> bool:
    """True for the line under a title in a list: "| yesterday at 10:20 | (1)"."""
    return bool(
        found and not found.before and (found.led or found.age) and (not found.after or _COUNT.fullmatch(found.after))
    )


def posts(page: Page, found: Sequence[Header], stops: frozenset[int]) -> Iterator[Post]:
    """Yield each header of ``found`` with its body, which ends at the next header or at a stop.

    The last body of a run has no next header: it is as long as the longest of its run.
    """
    filled = [line.number for line in page.lines if not line.blank]
    place = {number: at for at, number in enumerate(filled)}
    longest = 0
    for at, one in enumerate(found):
        begin = place[one.last] + 1
        nearby = at + 1 < len(found) and place[found[at + 1].first] - begin <= FARTHEST
        limit = place[found[at + 1].first] if nearby else min(len(filled), begin + max(1, longest))
        end = next((k for k in range(begin, limit) if filled[k] in stops), limit)
        longest = max(longest, end - begin) if nearby else 0
        yield Post(one, tuple(filled[begin:end]))


def _header(filled: Sequence[Line], at: int) -> Header | None:
    line = filled[at]
    if len(line.text) > 2 * NAME_CHARS + 40:
        return None
    return _spoken(filled, at) or _dated(filled, at)


def _spoken(filled: Sequence[Line], at: int) -> Header | None:
    """A header such as "Jane Doe says:", with its date on the same line or the next."""
    line = filled[at]
    if not _says(line.text):
        return None
    below = stamp(filled[at + 1].text) if at + 1 < len(filled) else None
    under = below is not None and not below.before and not below.led and _short(below.after)
    dated = under or stamp(line.text) is not None
    if dated or line.text.rstrip().endswith((":", "\uff1a")):
        return Header(line.number, filled[at + 1].number if under else line.number, sure=dated)
    return None


def _dated(filled: Sequence[Line], at: int) -> Header | None:
    """A header of a name and a date, on one line or on two."""
    line = filled[at]
    found = stamp(line.text)
    if not found or not _short(found.after) or (is_meta(found) and found.led):
        return None
    if found.before:
        if not is_name(found.before):
            return None
        ordinal = _ORDINAL.fullmatch(found.after)
        number = int(ordinal[1]) if ordinal else 0
        return Header(line.number, line.number, sure=found.clock or found.age, ordinal=number)
    above = filled[at - 1] if at else None
    if above and is_name(above.text) and not stamp(above.text):
        return Header(above.number, line.number, sure=False, split=True)
    return None


def _short(tail: str) -> bool:
    return len(tail.split()) <= _TAIL_WORDS


def is_name(text: str) -> bool:
    """True when the text may name a writer: few words, no sentence, no label."""
    bare = _BY.sub("", text.strip())
    if not 2 <= len(bare) <= NAME_CHARS or len(bare.split()) > NAME_WORDS:
        return False
    if bare.split()[0].lower() in _no_openings():
        return False
    return any(sign.isalpha() for sign in bare) and not _NO_NAME.search(bare)


@lru_cache(maxsize=1)
def _no_openings() -> frozenset[str]:
    """First words of labels and lead-ins, which no name has."""
    return frozenset(shape_words("label") + shape_words("by"))


def _says(text: str) -> bool:
    found = _says_pattern().search(text.strip())
    return bool(found and is_name(text.strip()[: found.start()]))


@lru_cache(maxsize=1)
def _says_pattern() -> re.Pattern[str]:
    """A verb of saying near the end of a line. Linear: callers hand in short lines only."""
    return re.compile(rf"[ ,](?<=\w[ ,])[ ,]?{any_of('says')}(?: ?:|(?= ?$)|(?= on\b| at\b))", re.IGNORECASE)
