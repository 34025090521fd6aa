"""One finding of a check, and its place in its file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple, Protocol

from cleaner.records import Cleaned, Evidence, Kind, Verdict
from cleaner.rules import rules


class Place(NamedTuple):
    """A range of a file: its bytes, half-open, and the same as lines and columns, both from 1.

    Lines end at \\n and \\r\\n, as those of git and of SARIF do; columns count code points, and none for a byte
    order mark. A range that takes a line end with it ends in column 1 of the next line.
    """

    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int

    def with_next(self, other: Place) -> Place:
        """This range joined with ``other``, which begins where this one ends."""
        return Place(self.start, other.end, self.line, self.column, other.end_line, other.end_column)


class Near(NamedTuple):
    """A line close to a finding."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a page comes from: the path as it was named, the row of a data file, and the row's id or URL."""

    path: str
    row: int | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """The places of all lines that would be removed from a page, in order.

    ``exact`` is true when a program that follows the rules of ``Place`` finds the same bytes there.
    """

    places: Sequence[Place]
    exact: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """A line that would be removed.

    ``line`` counts the lines of the page. ``place`` is None where the file does not hold these lines as they are: in
    HTML and in compressed files. ``gone`` holds the ranges that ``fix`` would delete for this finding, with the blank
    lines that belong to it; it is empty where they are not known exactly. ``before`` and ``after``, the kept lines
    around it, and ``evidence`` are filled by ``findings_of`` with ``explained`` only.
    """

    origin: Origin
    line: int
    code: str
    name: str
    why: str
    score: float
    text: str
    kind: Kind
    language: str = ""
    site: str = ""
    place: Place | None = None
    gone: tuple[Place, ...] = ()
    before: Near | None = None
    after: Near | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """A file, or a row of one, that could not be checked, and why."""

    origin: Origin
    reason: str
    message: str


class Renderer(Protocol):
    """A format: each method returns the text to write next, "" for nothing."""

    def begin(self) -> str:
        """Return the text before all findings."""

    def finding(self, finding: Finding) -> str:
        """Return the text of a finding."""

    def problem(self, problem: Problem) -> str:
        """Return the text of a file or row that could not be checked."""

    def end(self) -> str:
        """Return the text after all findings."""

    def remarks(self) -> Sequence[str]:
        """Return remarks for people, to be printed in the end."""


def findings_of(
    cleaned: Cleaned, origin: Origin, placed: Placed | None = None, *, explained: bool = False
) -> Iterator[Finding]:
    """Yield a finding for each line that would be removed from a page, without blank ones.

    With ``explained`` they have their evidence and the kept lines around them.
    """
    page, names = cleaned.page, rules()
    removed = [verdict for verdict in cleaned.dropped if not verdict.line.blank]
    places = _places(cleaned.dropped, placed) if placed else repeat((None, ()))
    around = _around(cleaned.verdicts) if explained else repeat((None, None))
    for verdict, (place, gone), (before, after) in zip(removed, places, around, strict=False):
        yield Finding(
            origin,
            verdict.line.number,
            verdict.code,
            names[verdict.code].name if verdict.code in names else "",
            verdict.why,
            verdict.drop_probability,
            verdict.line.text,
            page.kind,
            cleaned.language,
            page.site,
            place,
            gone,
            before,
            after,
            _weighty(verdict) if explained else (),
        )


def _weighty(verdict: Verdict) -> tuple[Evidence, ...]:
    """The evidence of a verdict, without evidence of weight 0 other than that of its reason."""
    return tuple([one for one in verdict.evidence if one.weight or one.code == verdict.code])


def _places(dropped: Iterable[Verdict], placed: Placed) -> Iterator[tuple[Place, tuple[Place, ...]]]:
    """Yield for each line that is not blank its place, and all ranges that are deleted with it.

    A blank line is deleted with the line that it touches, before it rather than after it; if it touches none, with the
    last line before it.
    """
    lines: list[Place] = []
    shares: list[list[Place]] = []
    loose: list[Place] = []  # blank lines that touch nothing before them
    for verdict, place in zip(dropped, placed.places, strict=True):
        if verdict.line.blank:
            touches = shares and not loose and shares[-1][-1].end == place.start
            (shares[-1] if touches else loose).append(place)
            continue
        lines.append(place)
        if shares and loose and loose[-1].end != place.start:
            shares[-1] += loose
            loose = []
        shares.append([*loose, place])
        loose = []
    if shares:
        shares[-1] += loose
    for line, share in zip(lines, shares, strict=True):
        yield line, _joined(share) if placed.exact else ()


def _joined(places: Iterable[Place]) -> tuple[Place, ...]:
    """Join ranges in order that touch."""
    found: list[Place] = []
    for place in places:
        if found and found[-1].end == place.start:
            found[-1] = found[-1].with_next(place)
        else:
            found.append(place)
    return tuple(found)


def _around(verdicts: Sequence[Verdict]) -> Iterator[tuple[Near | None, Near | None]]:
    """Yield for each line that would be removed, without blank ones, the kept lines before and after it."""
    filled = [verdict for verdict in verdicts if not verdict.line.blank]
    after: list[Near | None] = []
    near: Near | None = None
    for verdict in reversed(filled):
        after.append(near)
        near = Near(verdict.line.number, verdict.line.text) if verdict.keep else near
    near = None
    for verdict in filled:
        next_kept = after.pop()
        if verdict.keep:
            near = Near(verdict.line.number, verdict.line.text)
        else:
            yield near, next_kept
