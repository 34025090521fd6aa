"""Dates, ages and times of day in short lines, in any of the languages of ``data/shape-words.txt``.

Comment headers, bylines and lists of teasers have them. The functions only find them; what they mean, detectors decide.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate

from cleaner.errors import SettingsError

#: Longer lines are prose: a date in them is no evidence about the line.
MAX_DATED_CHARS = 160

#: A name and an age in words alone are shorter than this.
_MAX_SPELT_CHARS = 80

#: Lines whose result is cached: several detectors ask about the same ones.
_CACHED_LINES = 4096

_SEPARATORS = " \t\u00a0|\u00b7\u2022\u22c5\u2219\u25cf,;/@()[]-\u2013\u2014.:~\u00bb\u203a<>"
_WORD = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
#: "Ago" in Chinese and Japanese, which put no spaces around it.
_CJK_AGO = "\u524d"
# All parts behind one digit, so that the search skips to digits.
_FIGURES = re.compile(r"\d(?:(?:[./:h-]|\. )\d|(?:(?<=1)9|(?<=2)0)\d\d| ?[ap]\.?m\b)")


@dataclass(frozen=True, slots=True)
class Timestamp:
    """The dates, ages and times that stand together in a line, and the text around them.

    ``before`` and ``after`` are the texts around them, without separators and words such as "at". ``date`` is a
    calendar date with its day, ``age`` a date seen from now ("3 days ago", "yesterday"), ``clock`` a time. ``led`` is
    true when a separator such as | opens the line.
    """

    before: str
    after: str
    date: bool = False
    age: bool = False
    clock: bool = False
    led: bool = False

    @property
    def alone(self) -> bool:
        """True when the line holds nothing else."""
        return not (self.before or self.after)


@lru_cache(maxsize=16)
def shape_words(kind: str) -> tuple[str, ...]:
    """The words of one kind in the data file, longest first."""
    source = "shape-words.txt"
    found = []
    for number, row in enumerate((files("cleaner") / "data" / source).read_text("utf-8").split("\n"), 1):
        if not row.strip() or row.startswith("#"):
            continue
        name, gap, word = row.partition("  ")
        if not (name and gap and word.strip()):
            raise SettingsError(
                f"{source}:{number}: expected a kind, two spaces and a word, got {row!r}", source=source
            )
        if name == kind:
            found.append(word.strip())
    return tuple(sorted(set(found), key=lambda w: (-len(w), w)))


@lru_cache(maxsize=_CACHED_LINES)
def find_timestamp(text: str) -> Timestamp | None:
    """The timestamp of a line; None when it has none, or more than MAX_DATED_CHARS characters.

    >>> find_timestamp("Jane Doe - May 3, 2020 at 4:15 pm")
    Timestamp(before='Jane Doe', after='', date=True, age=False, clock=True, led=False)
    """
    bare = text.strip()
    if not 3 <= len(bare) <= MAX_DATED_CHARS:
        return None
    lower = _lower(bare)
    if not _may_hold(lower):
        return None
    found = list(_pattern().finditer(lower))
    first = next((i for i, m in enumerate(found) if m.lastgroup in ("date", "age", "day")), None)
    if first is None:
        return None
    if first and _only_links(bare[found[first - 1].end() : found[first].start()]):
        first -= 1
    last = first
    while last + 1 < len(found) and _only_links(bare[found[last].end() : found[last + 1].start()]):
        last += 1
    kinds = {m.lastgroup for m in found[first : last + 1]}
    if kinds == {"day"}:  # "today" alone is a word like any other
        return None
    before, after = bare[: found[first].start()], bare[found[last].end() :]
    led = bare[0] in "|\u00b7\u2022\u2013\u2014-"
    return Timestamp(_trim(before), _trim(after), "date" in kinds, bool(kinds & {"age", "day"}), "clock" in kinds, led)


def _lower(text: str) -> str:
    """The text in lower case, of the same length: searching it takes half the time of searching regardless of case."""
    return text.replace("\u0130", "I").lower()


def find_timestamps(texts: Sequence[str]) -> dict[int, Timestamp]:
    """The timestamps of the texts of a page that have one, by index; one search in all texts rules most of them out."""
    short = [at for at, text in enumerate(texts) if len(text) <= MAX_DATED_CHARS]
    page = _lower("\n".join([texts[at] for at in short]))
    starts = [0, *accumulate([len(texts[at]) + 1 for at in short])]
    places = {bisect_right(starts, place) - 1 for place in _date_places(page)}
    return {short[at]: found for at in sorted(places) if (found := find_timestamp(texts[short[at]]))}


def _date_places(page: str) -> Iterator[int]:
    """Yield the places in the lower-case page that have separated figures (as in 3.5.2020), or a word of ages."""
    yield from (found.start() for found in _FIGURES.finditer(page))
    for word, pattern in _ages().items():
        if word in page:
            yield from (found.start() for found in pattern.finditer(page))


@lru_cache(maxsize=1)
def _ages() -> dict[str, re.Pattern[str]]:
    """The words of ages, each with its pattern, which begins with the word as that is found fastest."""
    words = [(word, re.escape(word)) for word in shape_words("before") + shape_words("after")]
    patterns = {word: re.compile(rf"{escaped}(?!\w)(?<![^\W\d]{escaped})") for word, escaped in words}
    return patterns | {_CJK_AGO: re.compile(_CJK_AGO)}


def _may_hold(lower: str) -> bool:
    """True for lines with a year, with separated figures as in dates, or with a word of ages.

    All other lines, which are most, need no search with the long pattern. So a date without a year and a time ("May 3")
    is not found.
    """
    digit = _DIGIT.search(lower)
    if digit and _FIGURES.search(lower, digit.start()):
        return True
    return bool((digit or len(lower) <= _MAX_SPELT_CHARS) and _spelt().search(lower))


@lru_cache(maxsize=1)
def _spelt() -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d]){any_of('before', 'after')}(?!\w)|{_CJK_AGO}")


def _only_links(between: str) -> bool:
    links = shape_words("link")
    return all(word.lower() in links for word in _WORD.findall(between)) and not _DIGIT.search(between)


def _trim(text: str) -> str:
    """The text without separators and link words at its ends."""
    text = text.strip(_SEPARATORS)
    links = shape_words("link")
    while text:
        head, tail = text.split()[0], text.split()[-1]
        if tail.strip(_SEPARATORS).lower() in links:
            text = text[: -len(tail)].strip(_SEPARATORS)
        elif head.strip(_SEPARATORS).lower() in links:
            text = text[len(head) :].strip(_SEPARATORS)
        else:
            break
    return text


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    """One pattern for all kinds, in lower case. Linear: every part is bounded, and lines hold at most
    MAX_DATED_CHARS characters.
    """
    month, unit, one = any_of("month"), any_of("unit"), any_of("one")
    year, day = r"(?:19|20)\d\d", r"\d{1,2}"
    iso_time = r"(?:t\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:z|[+-]\d\d:?\d\d)?)?"
    dates = (
        rf"(?<![\d./-]){year}[./-]{day}[./-]{day}(?![\d/-]){iso_time}",
        rf"(?<![\d./-]){day}[./-] ?{day}[./-] ?(?:{year}|\d\d)(?![\d/-])",
        rf"(?<!\d){day}(?:st|nd|rd|th|er|\.|\u00ba|-)?[ -]?(?:de |of )?{month}\.?"
        rf"(?:,?[ -](?:de |del )?{year}|,? \d\d(?![\d:]))?(?!\w)",
        rf"(?<!\w){month}\.? {day}(?:st|nd|rd|th)?(?!\d)(?:,?\s?{year})?(?!\w)",
        rf"{year} ?[\u5e74\ub144] ?{day} ?[\u6708\uc6d4] ?{day} ?[\u65e5\uc77c]?",
    )
    count = rf"(?:\d{{1,3}}\+? ?|(?<!\w){one} )"
    ages = (
        rf"(?<!\w){any_of('before')} {count}{unit}(?!\w)",
        rf"(?<!\w){count}{unit}(?: {count}{unit})? ?{any_of('after')}(?!\w)",
    )
    days = (rf"(?<!\w){any_of('day')}(?!\w)",)
    clocks = (r"(?<![\d:])\d{1,2}[:h]\d\d(?::\d\d)?(?!\d)(?: ?[ap]\.?m\b\.?)?", r"(?<!\d)\d{1,2} ?[ap]m\b")
    parts = (("date", dates), ("age", ages), ("day", days), ("clock", clocks))
    # all of them begin with a digit or a word, so the search stops early at most places
    every = "|".join(f"(?P<{name}>{'|'.join(some)})" for name, some in parts)
    return re.compile(rf"(?:(?=\d)|(?<!\w)(?=[^\W\d_]))(?:{every})")


def any_of(*kinds: str) -> str:
    """A pattern for the words of some kinds, grouped by first letter, so that a search stops early at most places."""
    rests: dict[str, list[str]] = {}
    for word in (word for kind in kinds for word in shape_words(kind)):
        rests.setdefault(word[0], []).append(re.escape(word[1:]))
    words = [f"{re.escape(first)}(?:{'|'.join(some)})" for first, some in sorted(rests.items())]
    return f"(?:{'|'.join(words)})"
