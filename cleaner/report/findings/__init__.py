"""What a check found, line by line, for people and for tools; each format has a module."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple, Protocol

from cleaner.records import Cleaned, Verdict
from cleaner.settings import line_hash


class Region(NamedTuple):
    """A part of a file: lines and columns from 1, columns in code points, the last column behind the part.

    Lines end at \\n, \\r\\n and \\r.
    """

    line: int
    column: int
    last_line: int
    last_column: int


@dataclass(frozen=True, slots=True)
class Where:
    """The page that was checked: a file, or a ``row`` of a data file, then with its id or URL as ``label``.

    ``regions`` holds that of each line of the page with its line end, and is empty where a line of the page is no part
    of the file that could be told exactly, as in HTML and in packed files.
    """

    path: str
    row: int = 0
    label: str = ""
    regions: Sequence[Region] = ()


@dataclass(frozen=True, slots=True)
class Removal:
    """One line that would go. ``line`` counts the lines of the page, which for HTML are those of the flattened page.

    ``region`` is the line in its file, None when it cannot be told; ``gone`` is all that goes with it, blank lines
    included. ``voices`` are weight, code and reason of what was heard; ``before`` and ``behind`` the nearest lines that
    show something, with their numbers.
    """

    where: Where
    line: int
    code: str
    why: str
    score: float
    text: str
    kind: str
    site: str = ""
    language: str = ""
    region: Region | None = None
    gone: tuple[Region, ...] = ()
    voices: tuple[tuple[float, str, str], ...] = field(default=(), compare=False)
    before: tuple[int, str] | None = None
    behind: tuple[int, str] | None = None

    @property
    def path(self) -> str:
        """The file it stands in."""
        return self.where.path

    @property
    def file_line(self) -> int:
        """The line of the file to point at, 0 when there is none: lines of flattened HTML are not in it."""
        if self.where.row:
            return self.where.row
        return 0 if self.kind == "html" else self.line

    @property
    def place(self) -> str:
        """What ``file_line`` leaves open, in words."""
        if self.where.row:
            return f"line {self.line} of its text{self.where.label and f'; {self.where.label}'}"
        return f"line {self.line} of the flattened page" if self.kind == "html" else ""


class Writer(Protocol):
    """Writes findings in one format, as they come."""

    def add(self, removal: Removal) -> None:
        """Write one finding."""

    def failed(self, path: str, message: str, reason: str) -> None:
        """Tell of a file that could not be checked."""

    def close(self) -> None:
        """Write what is left."""


class Prints:
    """Numbers for findings that stay the same while the file around them is edited.

    They know code and content of the line, and how many like it came before in the same file.
    """

    def __init__(self) -> None:
        self._path = ""
        self._seen: dict[tuple[str, str], int] = {}

    def of(self, removal: Removal) -> str:
        """The number of the next finding; those of a file come in order."""
        if removal.path != self._path:
            self._path, self._seen = removal.path, {}
        key = removal.code, line_hash(removal.text)
        number = self._seen[key] = self._seen.get(key, 0) + 1
        return sha256("\0".join((*key, str(number))).encode()).hexdigest()[:32]


def removals(cleaned: Cleaned, where: Where) -> Iterator[Removal]:
    """Yield what would go from a page, blank lines aside."""
    page, verdicts = cleaned.page, cleaned.verdicts
    filled = [at for at, verdict in enumerate(verdicts) if not verdict.line.blank]
    company = _company(verdicts)
    for nth, at in enumerate(filled):
        verdict = verdicts[at]
        if verdict.keep:
            continue
        yield Removal(
            where,
            verdict.line.number,
            verdict.code,
            verdict.why,
            verdict.drop_probability,
            verdict.line.text,
            page.kind,
            page.site,
            page.language,
            _shown(where.regions[at], verdict.line.text) if where.regions else None,
            _joined(where.regions[one] for one in company[at]) if where.regions else (),
            tuple((voice.weight, voice.code, voice.why) for voice in verdict.evidence),
            _near(verdicts[filled[nth - 1]]) if nth else None,
            _near(verdicts[filled[nth + 1]]) if nth + 1 < len(filled) else None,
        )


def _shown(region: Region, text: str) -> Region:
    """The region of a line without its line end, where that is a line of the file."""
    if region.last_line == region.line:
        return region
    return Region(region.line, region.column, region.line, region.column + len(text))


def _joined(regions: Iterable[Region]) -> tuple[Region, ...]:
    """Regions in order, with those that touch made one."""
    found: list[Region] = []
    for region in regions:
        if found and found[-1][2:] == region[:2]:
            found[-1] = Region(*found[-1][:2], *region[2:])
        else:
            found.append(region)
    return tuple(found)


def _near(verdict: Verdict) -> tuple[int, str]:
    return verdict.line.number, verdict.line.text


def _company(verdicts: Sequence[Verdict]) -> dict[int, list[int]]:
    """For each removed line that shows something, the indexes of what goes with it: the line, and blank lines."""
    found: dict[int, list[int]] = {}
    waiting: list[int] = []
    last = -1
    for at, verdict in enumerate(verdicts):
        if verdict.line.blank:
            if not verdict.keep:
                (found[last] if last >= 0 else waiting).append(at)
        elif verdict.keep:
            last = -1
        else:
            found[at], last, waiting = [*waiting, at], at, []
    return found
