"""Phrases that real pages use for their residue: data files per language, found in one pass.

A file ``data/phrases/<language>/<family>.txt`` holds one phrase a line: its group (two letters and
two digits), two spaces, the phrase in lower case. ``#`` opens a comment. Before the phrase

- ``=`` means that the phrase must be the whole line (without punctuation around it),
- ``^`` means that the line must begin with it,
- ``re:`` means that it is a pattern, searched in lines of at most 400 characters.

Numbers are folded: ``0`` matches any number. A match has the code *group + 1* when the phrase is at least half
of its line, else *group + 2*. A phrase matches whole words only, except in scripts that write without spaces.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate, chain
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from cleaner.errors import SettingsError
from cleaner.lines.fold import EDGE_CHARACTERS, PIECE_CHARS, core

#: A phrase that covers at least this share of its line counts as the whole line.
WHOLE_LINE_SHARE = 0.5

#: Longer lines are not searched with patterns, so that the cost of a pattern is bounded by a constant for each line.
MAX_PATTERN_CHARS = 400

_ENTRY = re.compile(r"([A-Z]{2}[0-9]{2})  (.+)")
# Two characters of one word, in scripts that put spaces between words.
_IN_WORD = re.compile(r"[^\W_\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]{2}")


#: Characters of a match that a reason quotes.
MAX_QUOTED_CHARS = 60


@dataclass(frozen=True, slots=True)
class Phrase:
    """One entry of a phrase file; ``whole``, ``opens`` and ``pattern`` are its marks ``=``, ``^`` and ``re:``."""

    group: str
    text: str
    whole: bool = False
    opens: bool = False
    pattern: bool = False


class Match(NamedTuple):
    """A phrase found in a line: ``share`` is the part of the line's characters that it covers, and ``opens`` is true
    when the line begins with it.
    """

    line: int
    code: str
    phrase: str
    share: float
    opens: bool


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """The languages that have phrase files, sorted."""
    root = files("cleaner") / "data" / "phrases"
    return tuple(sorted(entry.name for entry in root.iterdir() if entry.is_dir()))


def parse(text: str, source: str) -> Iterator[Phrase]:
    """Yield the phrases of one file; raises SettingsError that names the row that is wrong."""
    for number, row in enumerate(text.split("\n"), 1):
        if not row.strip() or row.startswith("#"):
            continue
        found = _ENTRY.fullmatch(row)
        if not found:
            raise SettingsError(
                f"{source}:{number}: expected a group such as PW10, two spaces and a phrase, got {row!r}", source=source
            )
        group, entry = found.groups()
        if entry.startswith("re:"):
            yield Phrase(group, entry[3:], pattern=True)
        else:
            mark = entry[0] if entry[0] in "=^" else ""
            yield Phrase(group, entry[len(mark) :], whole=mark == "=", opens=mark == "^")


@lru_cache(maxsize=64)
def load(wanted: tuple[str, ...]) -> Lexicon:
    """The phrases of the ``wanted`` languages, ready to search."""
    return Lexicon(phrase for language in wanted for phrase in _phrases(language))


@lru_cache(maxsize=64)
def _phrases(language: str) -> tuple[Phrase, ...]:
    folder = files("cleaner") / "data" / "phrases" / language
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".txt"))
    return tuple(p for name in names for p in parse((folder / name).read_text("utf-8"), f"{language}/{name}"))


class _Hit(NamedTuple):
    """The fields of a Match beside its line and code."""

    phrase: str
    share: float
    opens: bool


#: A line, a code, and what was found there.
_Found = tuple[str, str, _Hit]


class Lexicon:
    """Phrases of some languages: whole lines in a table, the others in an automaton (Aho and Corasick 1975).

    The few patterns are tried line by line.
    """

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        listed = list(phrases)
        self._whole: dict[str, list[Phrase]] = {}
        self._inner: list[Phrase] = []
        for phrase in listed:
            if phrase.whole and phrase.text == core(phrase.text):
                self._whole.setdefault(phrase.text, []).append(phrase)
            elif not phrase.pattern:
                self._inner.append(phrase)
        self._automaton = AhoCorasick([p.text for p in self._inner])
        self._longest = max([len(p.text) for p in self._inner], default=0)
        self._patterns = [(p, re.compile(p.text)) for p in listed if p.pattern]
        self._searched = [(p, pattern) for p, pattern in self._patterns if not p.text.startswith("^")]
        self._anywhere = {p.text: re.compile(p.text, re.MULTILINE) for p, _ in self._searched}
        # One search at the beginning of a line shows for nearly all lines that no anchored pattern matches.
        self._opening = re.compile("|".join(p.text for p, _ in self._patterns if p.text.startswith("^")) or "(?!)")

    def scan(self, folded: Iterable[str]) -> Mapping[str, tuple[Match, ...]]:
        """All matches in the folded lines, by family (the first two letters of the group)."""
        page = list(folded)
        lines = [line for line in dict.fromkeys(page) if line]  # each different line is searched once
        found: dict[str, dict[str, _Hit]] = {}
        for line, code, hit in chain(
            self._whole_lines(lines), self._literal_matches(lines), self._pattern_matches(lines)
        ):
            rivals = found.setdefault(line, {})
            if code not in rivals or hit.share > rivals[code].share:
                rivals[code] = hit
        families: dict[str, list[Match]] = {}
        for number, line in enumerate(page, 1):
            for code, hit in sorted(found[line].items()) if line in found else ():
                families.setdefault(code[:2], []).append(Match(number, code, *hit))
        return {family: tuple(families[family]) for family in sorted(families)}

    def _whole_lines(self, lines: Iterable[str]) -> Iterator[_Found]:
        for line in lines:
            for phrase in self._whole.get(core(line), ()):
                yield line, phrase.group + "1", _Hit(phrase.text, 1.0, opens=True)

    def _literal_matches(self, lines: Sequence[str]) -> Iterator[_Found]:
        page = "\n".join(lines)
        starts = [0, *accumulate([len(line) + 1 for line in lines])]
        index, span = -1, (0, 0)
        done: set[tuple[int, int]] = set()  # a phrase counts once for each line that it matches
        for which, begin, end in self._hits(page):
            if index < 0 or not starts[index] <= begin < starts[index + 1]:
                index = bisect_right(starts, begin) - 1
                span = _core_span(lines[index])
            if (index, which) in done or not _bordered(page, begin, end):
                continue
            match = _match(self._inner[which], span, begin - starts[index], end - starts[index])
            if match:
                done.add((index, which))
                yield lines[index], *match

    def _hits(self, page: str) -> Iterator[tuple[int, int, int]]:
        """Yield index, begin and end of each phrase found; a long page is searched in pieces that overlap."""
        for at in range(0, len(page), PIECE_CHARS):
            part = page[at : at + PIECE_CHARS + self._longest]
            try:
                hits = self._automaton.find_matches_as_indexes(part, overlapping=True)
            except UnicodeEncodeError:  # the automaton accepts no lone surrogates
                hits = self._automaton.find_matches_as_indexes(
                    part.encode("utf-8", "replace").decode("utf-8"), overlapping=True
                )
            yield from [(which, begin + at, end + at) for which, begin, end in hits if begin < PIECE_CHARS]

    def _pattern_matches(self, lines: Sequence[str]) -> Iterator[_Found]:
        opens = self._opening.match
        lines = [line for line in lines if len(line) <= MAX_PATTERN_CHARS]
        page = "\n".join(lines)
        # One search in the page shows for nearly all pages that a pattern matches nowhere.
        searched = [(p, pattern) for p, pattern in self._searched if self._anywhere[p.text].search(page)]
        for line in lines:
            for phrase, pattern in self._patterns if opens(line) else searched:
                hit = pattern.search(line)
                match = hit and _match(phrase, _core_span(line), *hit.span())
                if hit and match:  # the reason quotes the text that was matched, which is easier to read than a pattern
                    code, found = match
                    quoted = hit[0] if len(hit[0]) <= MAX_QUOTED_CHARS else f"{hit[0][:MAX_QUOTED_CHARS]}…"
                    yield line, code, found._replace(phrase=quoted)


def _core_span(line: str) -> tuple[int, int]:
    """Where the line begins and ends, without the punctuation around it."""
    last = len(line.rstrip(EDGE_CHARACTERS))
    return min(last, len(line) - len(line.lstrip(EDGE_CHARACTERS))), last


def _match(phrase: Phrase, span: tuple[int, int], begin: int, end: int) -> tuple[str, _Hit] | None:
    first, last = span
    opens = begin <= first
    share = min(1.0, (end - begin) / max(1, last - first))
    if (phrase.whole and not (opens and end >= last)) or (phrase.opens and not opens):
        return None
    return phrase.group + ("1" if share >= WHOLE_LINE_SHARE else "2"), _Hit(phrase.text, share, opens)


def _bordered(page: str, begin: int, end: int) -> bool:
    return not ((begin and _IN_WORD.match(page, begin - 1)) or _IN_WORD.match(page, end - 1))
