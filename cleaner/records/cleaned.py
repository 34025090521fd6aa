"""A page as it was cleaned: the evidence on its lines, the weights, and one verdict for each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cleaner.diff import unified
from cleaner.records.page import Line, Note, Page

#: Version of the report rows; it rises when a field changes its meaning or goes.
SCHEMA_VERSION = 1


class Evidence(NamedTuple):
    """Evidence about one line: ``weight`` in log-odds, above 0 for dropping it, below 0 for keeping it."""

    line: int
    code: str
    weight: float
    why: str


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of the rules for one kind of page, in log-odds, and the numbers for deciding.

    ``bias`` is the log-odds of a line without evidence, ``codes`` the measured weight of each code among the rules, and
    ``extra`` what some codes add to the model's log-odds besides. ``kinds`` holds both numbers for each kind of
    evidence, for codes that were not measured (see ``cleaner.score.weights.evidence_kind``). ``resembles`` gives for a
    code of a detector the code of the model under which such lines go.

    ``drop_at`` has for each policy the lower and upper bound of the threshold, a probability. ``guard`` has the least
    share of a page's words that must stay, and the mean drop probability from which less may stay. ``confidence`` has
    the slope and the offset that calibrate the log-odds of a page's expected F1.
    """

    bias: float
    codes: Mapping[str, float]
    extra: Mapping[str, float]
    drop_at: Mapping[str, tuple[float, float]]
    guard: tuple[float, float]
    confidence: tuple[float, float]
    kinds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    resembles: Mapping[str, str] = field(default_factory=dict)


class Verdict(NamedTuple):
    """What was decided about one line. ``code`` and ``why`` name the strongest reason."""

    line: Line
    drop_probability: float
    keep: bool
    code: str = ""
    why: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A page with one verdict for each line, and what is computed from the verdicts.

    ``others`` is the number of other pages of its site that its lines were compared with.
    """

    page: Page
    verdicts: Sequence[Verdict]
    confidence: float
    notes: tuple[Note, ...] = ()
    others: int = 0

    @property
    def text(self) -> str:
        """The clean body: the kept lines, in order, each with its own line end."""
        return "".join([v.line.text + v.line.newline for v in self.verdicts if v.keep])

    @property
    def dropped(self) -> tuple[Verdict, ...]:
        """The verdicts of the lines that went, in order."""
        return tuple([v for v in self.verdicts if not v.keep])

    @property
    def title(self) -> str:
        """The page's title, "" when it has none."""
        return self.page.title

    @property
    def language(self) -> str:
        """Two-letter language code, "" when unknown."""
        return self.page.language

    def to_bytes(self) -> bytes:
        """The clean body as it is written: for text the kept byte ranges of the source.

        Encoding, byte order mark and newlines of a text source stay as they were; the body of an
        HTML page is UTF-8.
        """
        data = self.page.data
        if self.page.kind == "html" or isinstance(data, str):
            return self.text.encode("utf-8", "surrogatepass")
        pieces = []
        start, end = 0, self.page.bom
        for verdict in self.verdicts:  # in pieces as long as possible: a page may have millions of lines
            if verdict.keep:
                if verdict.line.start != end:
                    pieces.append(data[start:end])
                    start = verdict.line.start
                end = verdict.line.end
        return b"".join([*pieces, data[start:end]])

    def diff(self) -> str:
        """A unified diff from the text layer to the clean body, computed from the verdicts."""
        if not self.dropped:
            return ""
        old = [v.line.text + v.line.newline for v in self.verdicts]
        return "".join(unified(old, [v.keep for v in self.verdicts], self.page.source))

    def to_dict(self) -> dict[str, Any]:
        """The page's report row as plain values: see ``docs/report.md`` and its JSON Schema."""
        dropped, shapes = self.dropped, self.page.shapes
        gone = [v.line.number - 1 for v in dropped if not v.line.blank]
        removed = sum([shapes[at].words for at in gone])
        filled = sum(not line.blank for line in self.page.lines)
        doubtful = [v for v in self.verdicts if v.drop_probability >= UNSURE_AT and v.evidence]
        return {
            "schema": SCHEMA_VERSION,
            "source": self.page.source,
            "kind": self.page.kind,
            "language": self.language,
            "title": self.title,
            "url": self.page.url,
            "site": self.page.site,
            "encoding": self.page.encoding,
            "confidence": round(self.confidence, 4),
            "notes": [{"code": n.code, "why": n.why} for n in self.notes],
            "lines": {"kept": filled - len(gone), "removed": len(gone)},
            "words": {"kept": sum(shape.words for shape in shapes) - removed, "removed": removed},
            "removed": [_line_row(v) for v in dropped],
            "unsure": [_line_row(v) for v in doubtful if v.keep and not v.line.blank],
        }


#: A kept line from this probability on is listed as unsure in the report.
UNSURE_AT = 0.5


def _line_row(verdict: Verdict) -> dict[str, Any]:
    line = verdict.line
    return {
        "line": line.number,
        "code": verdict.code,
        "score": round(verdict.drop_probability, 4),
        "why": verdict.why,
        "text": line.text,
        "newline": line.newline,
    }
