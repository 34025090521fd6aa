"""One page as its file shows it: the lines in reading order, long runs of kept lines folded, removed lines linked."""

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
MAX_HTML_LINE_CHARS = 2_000

#: Lines that stay visible at each end of a folded run of kept lines.
RUN_END_LINES = 3

#: A run is folded when at least this many lines would be hidden; fewer are not worth opening a fold.
MIN_FOLDED_LINES = 4

#: From this many removed lines at the top on there is a link past them.
MIN_SKIPPED_LINES = 8

#: Bytes that the lines of a file may take. Together with everything else the file stays below 5 MB.
MAX_LINES_BYTES = 4_000_000

#: Bytes of markup around a marked line and around a kept line, at the most.
_MARKED_BYTES, _KEPT_BYTES = 1_400, 90


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """A line that was removed, or an unsure one that stayed.

    A removed line has the numbers of the removed lines before and after it, and of those of its family; 0 for none.
    """

    line: PageLine
    before: int = 0
    after: int = 0
    family_before: int = 0
    family_after: int = 0

    @property
    def family(self) -> str:
        """The two letters with which its code begins."""
        return family_letters(self.line.code)


@dataclass(frozen=True, slots=True)
class KeptRun:
    """Kept lines in succession: those before a fold, in it, and after it. An empty text stands for blank lines."""

    head: tuple[PageLine, ...]
    folded: tuple[PageLine, ...] = ()
    tail: tuple[PageLine, ...] = ()

    @property
    def hidden(self) -> int:
        """The number of folded lines, without blank ones."""
        return sum(not line.blank for line in self.folded)


@dataclass(frozen=True, slots=True)
class PageFamily:
    """A family of codes on a page: how many lines were removed under it, and the number of the first."""

    letters: str
    about: str
    lines: int
    first: int


@dataclass(frozen=True, slots=True)
class PageView:
    """A page to show. ``left_out`` lines, ``gone_left_out`` of them removed, did not fit into the file.

    ``body`` is the number of the first line that stayed if at least MIN_SKIPPED_LINES come before it, else 0.
    """

    pieces: tuple[MarkedLine | KeptRun, ...]
    families: tuple[PageFamily, ...]
    body: int = 0
    left_out: int = 0
    gone_left_out: int = 0


def family_letters(code: str) -> str:
    """Return the family of a code, "ZZ" for anything else: letters become names in HTML, and a row may be forged."""
    letters = code[:2]
    return letters if letters.isascii() and len(letters) == 2 and letters.isalpha() and letters.isupper() else "ZZ"


def page_view(lines: Iterable[PageLine], about: Mapping[str, str]) -> PageView:
    """Arrange the lines of a page to be shown; ``about`` describes each family of codes.

    Removed lines that are blank are not shown, and blank lines in succession as one.
    """
    kept_in, rest = _fitting(line for line in lines if line.keep or not line.blank)
    gone = [line for line in kept_in if not line.keep]
    linked = iter(_linked(gone))
    pieces: list[MarkedLine | KeptRun] = []
    for marked, group in groupby(kept_in, key=lambda line: bool(line.code)):
        if marked:
            pieces += [MarkedLine(line) if line.keep else next(linked) for line in group]
        else:
            run = _run(list(group))
            pieces += [run] if run.head else []
    lost = sum(not line.keep for line in rest)
    return PageView(tuple(pieces), _families(gone, about), _body(pieces), len(rest), lost)


def _body(pieces: list[MarkedLine | KeptRun]) -> int:
    """Return the number of the first line that stayed, 0 when it is near the top."""
    first = (piece.head[0] if isinstance(piece, KeptRun) else piece.line for piece in pieces)
    at, number = next(((at, line.number) for at, line in enumerate(first) if line.keep), (0, 0))
    return number if at >= MIN_SKIPPED_LINES else 0


def _fitting(lines: Iterable[PageLine]) -> tuple[list[PageLine], list[PageLine]]:
    """Return the lines that fit into a file, and the others without blank ones."""
    fitting: list[PageLine] = []
    rest: list[PageLine] = []
    room = MAX_LINES_BYTES
    for line in lines:
        room -= _weight(line) if room > 0 else 0
        if room > 0:
            fitting.append(line)
        elif not line.blank:
            rest.append(line)
    return fitting, rest


def _weight(line: PageLine) -> int:
    """Return how many bytes a line takes in the file, at the most."""
    text = _bytes(line.text[:MAX_HTML_LINE_CHARS])
    return text + _bytes(line.why) * 2 + _MARKED_BYTES if line.code else text + _KEPT_BYTES


def _bytes(text: str) -> int:
    return len(escape(make_visible(text)).encode("utf-8"))


def _linked(gone: list[PageLine]) -> Iterator[MarkedLine]:
    """Yield the removed lines, each with its neighbours."""
    numbers_of: dict[str, list[int]] = {}
    for line in gone:
        numbers_of.setdefault(family_letters(line.code), []).append(line.number)
    at: Counter[str] = Counter()
    for place, line in enumerate(gone):
        family = family_letters(line.code)
        numbers, mine = numbers_of[family], at[family]
        at[family] += 1
        yield MarkedLine(
            line,
            before=gone[place - 1].number if place else 0,
            after=gone[place + 1].number if place + 1 < len(gone) else 0,
            family_before=numbers[mine - 1] if mine else 0,
            family_after=numbers[mine + 1] if mine + 1 < len(numbers) else 0,
        )


def _run(lines: list[PageLine]) -> KeptRun:
    """Fold a run of kept lines; blank lines in succession become one, and there are none at the ends."""
    some = [line for at, line in enumerate(lines) if not line.blank or (at and not lines[at - 1].blank)]
    while some and some[-1].blank:
        some.pop()
    filled = [at for at, line in enumerate(some) if not line.blank]
    first = last = len(some)
    if len(filled) >= 2 * RUN_END_LINES + MIN_FOLDED_LINES:
        first, last = filled[RUN_END_LINES - 1] + 1, filled[-RUN_END_LINES]
    return KeptRun(tuple(some[:first]), tuple(some[first:last]), tuple(some[last:]))


def _families(gone: list[PageLine], about: Mapping[str, str]) -> tuple[PageFamily, ...]:
    """Return the families of the removed lines, those with most lines first."""
    first: dict[str, int] = {}
    lines: Counter[str] = Counter()
    for line in gone:
        first.setdefault(family_letters(line.code), line.number)
        lines[family_letters(line.code)] += 1
    ranked = sorted(lines, key=lambda letters: (-lines[letters], letters))
    return tuple(PageFamily(letters, about.get(letters, ""), lines[letters], first[letters]) for letters in ranked)


def page_facts(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the facts about a page, as pairs of name and value."""
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
