"""One page as its file shows it: the lines in the order of reading, long kept runs folded, removed ones linked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from markupsafe import escape

from cleaner.lines.display import make_visible
from cleaner.report.page_lines import PageLine

#: Characters of a line that are shown.
LONGEST_LINE = 2_000

#: Of a longer run of kept lines so many are shown at each end, and the others are folded.
ENDS = 3

#: A run is folded when it has so many lines more than its ends: to open a fold for less is no gain.
FOLDED = 4

#: So many removed lines at the top are worth a way past them.
FAR = 8

#: Bytes that the lines of a file may take. With all around them a file stays below 5 MB.
BUDGET = 4_000_000

#: Bytes around a removed line and around a kept one, at the most, beside their text.
_AROUND_GONE, _AROUND_KEPT = 1_400, 90


@dataclass(frozen=True, slots=True)
class Marked:
    """A line that went, or one that stayed in doubt.

    One that went has the numbers of the removed lines before and behind it, and of those of its family; 0 for none.
    """

    line: PageLine
    before: int = 0
    behind: int = 0
    kin_before: int = 0
    kin_behind: int = 0

    @property
    def family(self) -> str:
        """The letters that its code begins with."""
        return letters_of(self.line.code)


@dataclass(frozen=True, slots=True)
class Run:
    """Kept lines in succession: those before a fold, in it, and behind it. A text of "" stands for blank lines."""

    head: tuple[PageLine, ...]
    folded: tuple[PageLine, ...] = ()
    tail: tuple[PageLine, ...] = ()

    @property
    def hidden(self) -> int:
        """How many lines that show something are folded."""
        return sum(not line.blank for line in self.folded)


@dataclass(frozen=True, slots=True)
class Family:
    """A family of codes on a page: how many lines went under it, and the number of the first."""

    letters: str
    about: str
    lines: int
    first: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A page to show. ``left_out`` lines, ``gone_left_out`` of them removed, found no room in the file.

    ``body`` is the number of the first line that stayed where it is FAR from the top, else 0.
    """

    pieces: tuple[Marked | Run, ...]
    families: tuple[Family, ...]
    body: int = 0
    left_out: int = 0
    gone_left_out: int = 0


def letters_of(code: str) -> str:
    """The family of a code; "ZZ" for what is none: the letters name things in the file, and a row may be forged."""
    letters = code[:2]
    return letters if letters.isascii() and len(letters) == 2 and letters.isalpha() and letters.isupper() else "ZZ"


def reading(lines: Iterable[PageLine], about: Mapping[str, str]) -> Reading:
    """A page from its lines, as ``report.reading.told`` gives them; ``about`` says what families are about.

    Removed lines that are blank are not shown, and blank lines in succession as one.
    """
    kept_in, rest = _fitting(line for line in lines if line.keep or not line.blank)
    gone = [line for line in kept_in if not line.keep]
    linked = iter(_linked(gone))
    pieces: list[Marked | Run] = []
    for marked, group in groupby(kept_in, key=lambda line: bool(line.code)):
        if marked:
            pieces += [Marked(line) if line.keep else next(linked) for line in group]
        else:
            run = _run(list(group))
            pieces += [run] if run.head else []
    lost = sum(not line.keep for line in rest)
    return Reading(tuple(pieces), _families(gone, about), _body(pieces), len(rest), lost)


def _body(pieces: list[Marked | Run]) -> int:
    """The number of the first line that stayed, 0 when it is near the top."""
    first = (piece.head[0] if isinstance(piece, Run) else piece.line for piece in pieces)
    at, number = next(((at, line.number) for at, line in enumerate(first) if line.keep), (0, 0))
    return number if at >= FAR else 0


def _fitting(lines: Iterable[PageLine]) -> tuple[list[PageLine], list[PageLine]]:
    """The lines that a file has room for, and the others, blank ones aside."""
    fitting: list[PageLine] = []
    rest: list[PageLine] = []
    room = BUDGET
    for line in lines:
        room -= _weight(line) if room > 0 else 0
        if room > 0:
            fitting.append(line)
        elif not line.blank:
            rest.append(line)
    return fitting, rest


def _weight(line: PageLine) -> int:
    """How many bytes a line takes in the file, at the most."""
    text = _bytes(line.text[:LONGEST_LINE])
    return text + _bytes(line.why) * 2 + _AROUND_GONE if line.code else text + _AROUND_KEPT


def _bytes(text: str) -> int:
    return len(escape(make_visible(text)).encode("utf-8"))


def _linked(gone: list[PageLine]) -> Iterator[Marked]:
    """The removed lines, each with its neighbours."""
    kin: dict[str, list[int]] = {}
    for line in gone:
        kin.setdefault(letters_of(line.code), []).append(line.number)
    at: Counter[str] = Counter()
    for place, line in enumerate(gone):
        family = letters_of(line.code)
        numbers, mine = kin[family], at[family]
        at[family] += 1
        yield Marked(
            line,
            before=gone[place - 1].number if place else 0,
            behind=gone[place + 1].number if place + 1 < len(gone) else 0,
            kin_before=numbers[mine - 1] if mine else 0,
            kin_behind=numbers[mine + 1] if mine + 1 < len(numbers) else 0,
        )


def _run(lines: list[PageLine]) -> Run:
    """Kept lines as they are shown: blank ones in succession as one, none at the ends."""
    some = [line for at, line in enumerate(lines) if not line.blank or (at and not lines[at - 1].blank)]
    while some and some[-1].blank:
        some.pop()
    filled = [at for at, line in enumerate(some) if not line.blank]
    first, last = (filled[ENDS - 1] + 1, filled[-ENDS]) if len(filled) >= 2 * ENDS + FOLDED else (len(some), len(some))
    return Run(tuple(some[:first]), tuple(some[first:last]), tuple(some[last:]))


def _families(gone: list[PageLine], about: Mapping[str, str]) -> tuple[Family, ...]:
    """The families of the removed lines, those with most lines first."""
    first: dict[str, int] = {}
    lines: Counter[str] = Counter()
    for line in gone:
        first.setdefault(letters_of(line.code), line.number)
        lines[letters_of(line.code)] += 1
    ranked = sorted(lines, key=lambda letters: (-lines[letters], letters))
    return tuple(Family(letters, about.get(letters, ""), lines[letters], first[letters]) for letters in ranked)


def facts_of(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is known of a page, as pairs of name and value."""
    others = row.get("others")
    pairs = [
        ("source", row["source"]),
        ("output", row["output"] or ""),
        ("address", row["url"]),
        ("kind", f"{row['kind']}, {row['encoding']}"),
        ("language", row["language"]),
        ("other pages of its site", f"{others:,}" if others else ""),
    ]
    return [(name, value) for name, value in pairs if value]
