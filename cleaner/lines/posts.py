"""Posts: headers of comments or posts by their shape, and the bodies under them.

A header has a writer and a date ("don | 4/29/2017 11:19 PM"), or a writer and a verb ("Jane Doe says:"). The lines
under it, up to the next header, are its body. Detectors decide whether a thread is the content of the page or residue.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cleaner.lines.dates import Timestamp, any_of, shape_words
from cleaner.records import Line

#: A writer's name has at most this many words and characters; what is longer is a sentence or a headline.
MAX_NAME_WORDS, MAX_NAME_CHARS = 6, 48

#: Two headers farther apart than this many filled lines are not neighbours in one thread.
MAX_POST_LINES = 40

#: Words that may follow the date of a header: "Reply", "Permalink", "#12".
_MAX_TAIL_WORDS = 4

_COLONS = (":", "\uff1a")
_COUNT = re.compile(r"\(?\d{1,5}\)?")
_ORDINAL = re.compile(r"#?(\d{1,5})")
#: Words that blogs and forums put before the name.
_BY = re.compile(r"^(?:posted|post|comment) by:? ", re.IGNORECASE)
_NO_NAME = re.compile(r"[.:;!?\u3002\uff1f\uff01]$|[,;:=\u20ac$%]|https?:|\d{5}")


@dataclass(frozen=True, slots=True)
class Header:
    """A header on the lines ``first`` to ``last`` (numbers, both included).

    ``certain`` is true when it can hardly be anything else: one line with a name and a time of day or an age, or a name
    with a verb such as "says" and a date. A name with only a date may be a byline in a list of articles, and a date
    under a short line (``split``) may be the date of the article with that title. ``ordinal``
    is the number of the post, when its header ends in one.
    """

    first: int
    last: int
    certain: bool
    split: bool = False
    ordinal: int = 0


@dataclass(frozen=True, slots=True)
class Post:
    """A header and the numbers of the filled lines of its body."""

    header: Header
    body: tuple[int, ...]


def find_headers(lines: Sequence[Line], dated: Mapping[int, Timestamp]) -> Iterator[Header]:
    """Yield the headers of a page in order, from its filled lines and their timestamps by index."""
    used = 0
    for at in _places(lines, dated):
        if lines[at].number <= used:
            continue
        found = _header(lines, at, dated)
        if found and found.first > used:
            used = found.last
            yield found


def _places(lines: Sequence[Line], dated: Mapping[int, Timestamp]) -> list[int]:
    """Indexes of the lines that can be headers: with a date on them or below, or a colon at their end."""
    colons = [at for at, line in enumerate(lines) if ":" in line.text or "\uff1a" in line.text]
    led = {at for at in colons if lines[at].text.rstrip().endswith(_COLONS)}
    return sorted(led | dated.keys() | {at - 1 for at in dated if at})


def is_meta(found: Timestamp | None) -> bool:
    """True for the line under a title in a list: "| yesterday at 10:20 | (1)"."""
    return bool(
        found and not found.before and (found.led or found.age) and (not found.after or _COUNT.fullmatch(found.after))
    )


def find_posts(filled: Sequence[int], found: Sequence[Header], stops: frozenset[int]) -> Iterator[Post]:
    """Yield each header of ``found`` with its body, which ends at the next header or at a stop.

    ``filled`` holds the numbers of the filled lines. The last body of a run has no next header, so it
    is taken to be as long as the longest body of its run.
    """
    longest = 0
    for at, one in enumerate(found):
        begin = bisect_right(filled, one.last)
        below = bisect_left(filled, found[at + 1].first) if at + 1 < len(found) else len(filled) + MAX_POST_LINES + 1
        nearby = below - begin <= MAX_POST_LINES
        limit = below if nearby else min(len(filled), begin + max(1, longest))
        end = next((k for k in range(begin, limit) if filled[k] in stops), limit)
        longest = max(longest, end - begin) if nearby else 0
        yield Post(one, tuple(filled[begin:end]))


def _header(lines: Sequence[Line], at: int, dated: Mapping[int, Timestamp]) -> Header | None:
    if len(lines[at].text) > 2 * MAX_NAME_CHARS + 40:
        return None
    return _with_verb(lines, at, dated) or _with_date(lines, at, dated)


def _with_verb(lines: Sequence[Line], at: int, dated: Mapping[int, Timestamp]) -> Header | None:
    """A header such as "Jane Doe says:", with its date on the same line or the next."""
    line = lines[at]
    below = dated.get(at + 1)
    under = below is not None and not below.before and not below.led and _is_short(below.after)
    certain = under or at in dated
    if (certain or line.text.rstrip().endswith(_COLONS)) and _ends_in_verb(line.text):
        return Header(line.number, lines[at + 1].number if under else line.number, certain=certain)
    return None


def _with_date(lines: Sequence[Line], at: int, dated: Mapping[int, Timestamp]) -> Header | None:
    """A header of a name and a date, on one line or on two."""
    line = lines[at]
    found = dated.get(at)
    if not found or not _is_short(found.after) or (is_meta(found) and found.led):
        return None
    if found.before:
        if not is_name(found.before):
            return None
        ordinal = _ORDINAL.fullmatch(found.after)
        number = int(ordinal[1]) if ordinal else 0
        return Header(line.number, line.number, certain=found.clock or found.age, ordinal=number)
    if at and at - 1 not in dated and is_name(lines[at - 1].text):
        return Header(lines[at - 1].number, line.number, certain=False, split=True)
    return None


def _is_short(tail: str) -> bool:
    return len(tail.split()) <= _MAX_TAIL_WORDS


def is_name(text: str) -> bool:
    """True when the text can be the name of a writer: few words, no sentence, no label."""
    bare = _BY.sub("", text.strip())
    if not 2 <= len(bare) <= MAX_NAME_CHARS or len(bare.split()) > MAX_NAME_WORDS:
        return False
    if bare.split()[0].lower() in _no_openings():
        return False
    return any(character.isalpha() for character in bare) and not _NO_NAME.search(bare)


@lru_cache(maxsize=1)
def _no_openings() -> frozenset[str]:
    """First words of labels and lead-ins, which no name has."""
    return frozenset(shape_words("label") + shape_words("by"))


def _ends_in_verb(text: str) -> bool:
    found = _verb_pattern().search(text.strip())
    return bool(found and is_name(text.strip()[: found.start()]))


@lru_cache(maxsize=1)
def _verb_pattern() -> re.Pattern[str]:
    """A verb such as "says" near the end of a line. Linear: callers hand in short lines only."""
    return re.compile(rf"[ ,](?<=\w[ ,])[ ,]?{any_of('says')}(?: ?:|(?= ?$)|(?= on\b| at\b))", re.IGNORECASE)
