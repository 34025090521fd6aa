"""The frozen records that flow through the program, from the page read to the page cleaned.

Line numbers are 1-based everywhere and count the lines of the page's text layer: the lines of the
file for text, the lines of the flattened page for HTML. Number 0 stands for the page as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from cleaner.diff import unified

Kind = Literal["html", "text"]

#: Version of the report rows; it rises when a field changes its meaning or goes.
SCHEMA_VERSION = 1


class Block(NamedTuple):
    """One block element of an HTML page.

    ``first`` and ``last`` span its lines as a half-open range of indexes into ``Page.lines``; ``parent`` is an index
    into ``Page.blocks``, -1 at the top. ``tokens`` are its own lower-case words from class, id and role, split at case,
    hyphens and underscores.
    """

    tag: str
    parent: int
    first: int
    last: int
    tokens: tuple[str, ...]


class Markup(NamedTuple):
    """What the markup states about one line of an HTML page: facts only.

    ``block`` indexes ``Page.blocks``. ``path`` holds the tags of the nearest block ancestors, outermost first;
    ``tokens`` the class, id and role words of those ancestors. ``section`` is the nearest of nav, header, footer,
    aside, main, article, form, dialog or noscript, "" if none. ``link_chars`` counts characters inside links,
    ``heading`` is 1 to 6 or 0. ``control`` is true for the text of buttons, labels and options.
    """

    block: int
    path: tuple[str, ...] = ()
    tokens: frozenset[str] = frozenset()
    section: str = ""
    link_chars: int = 0
    heading: int = 0
    list_depth: int = 0
    table_depth: int = 0
    hidden: bool = False
    control: bool = False


class Line(NamedTuple):
    """One line of the text layer.

    ``text`` is without its line end, which is ``newline``: "\\n", "\\r\\n", "\\r" or "" at the end of the data. For
    text ``start`` and ``end`` bound the line with its newline, in bytes of the source (in characters when the source
    was a ``str``); for HTML in characters of the text layer.
    """

    number: int
    text: str
    start: int
    end: int
    newline: str = "\n"
    markup: Markup | None = None

    @property
    def blank(self) -> bool:
        """True when the line shows nothing: whitespace, and zero-width spaces, which folding takes away."""
        bare = self.text.strip()
        return not bare or ("\u200b" in bare and not bare.replace("\u200b", "").strip())


class Shape(NamedTuple):
    """Language-neutral facts about the text of one line, counted once for all detectors.

    ``folded`` is lower-case, with straight quotes, single spaces and every run of digits as "0". ``words`` counts
    words; two CJK characters count as one. ``function_words`` counts words such as "the" or "und". ``ends_sentence``:
    the last character is a full stop, question mark or the like. ``capitals`` counts words that begin with a capital,
    ``separators`` characters such as | and bullets.
    """

    folded: str
    words: int
    function_words: int
    ends_sentence: bool
    capitals: int
    digits: int
    separators: int


@dataclass(frozen=True, slots=True)
class Note:
    """Something the user must know about a page as a whole, with its code and reason."""

    code: str
    why: str


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What an HTML page states about itself; texts are "" where it states nothing.

    ``types`` are the names of ``@type`` in its JSON-LD; ``free`` is false when it states there that it is not free to
    read. ``og_type``, ``og_title``, ``og_url`` and ``site_name`` are its Open Graph tags (ogp.me), ``published``
    is ``article:published_time``, and ``canonical`` the address that it gives as its own.
    """

    types: frozenset[str] = frozenset()
    free: bool = True
    og_type: str = ""
    og_title: str = ""
    og_url: str = ""
    site_name: str = ""
    description: str = ""
    published: str = ""
    canonical: str = ""

    def has_type(self, *parts: str) -> bool:
        """Tell whether the name of a type contains one of ``parts``, which are in lower case."""
        return any(part in name.lower() for name in self.types for part in parts)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as lines, with the facts that reading it gave. Detectors see nothing else of it.

    ``data`` is the source as read (bytes after decompression, or the ``str`` that was handed in), ``encoding`` what
    decoded it. ``facts`` are what an HTML page states about itself. ``kept_by_extractor`` holds the numbers of the
    lines that trafilatura kept, where it was asked.
    """

    source: str
    kind: Kind
    lines: Sequence[Line]
    shapes: Sequence[Shape]
    data: bytes | str = b""
    encoding: str = "utf-8"
    bom: int = 0
    language: str = ""
    title: str = ""
    url: str = ""
    site: str = ""
    blocks: tuple[Block, ...] = ()
    facts: PageFacts = PageFacts()
    notes: tuple[Note, ...] = ()
    kept_by_extractor: frozenset[int] | None = None


class Evidence(NamedTuple):
    """Evidence about one line: ``weight`` in log-odds, above 0 for dropping it, below 0 for keeping it."""

    line: int
    code: str
    weight: float
    why: str


@dataclass(frozen=True, slots=True)
class Weights:
    """Measured log-odds for one kind of page.

    ``bias`` is the log-odds of a line of which nothing is known; ``codes`` what each code adds by the rules alone;
    ``extra`` what some codes add to the model's log-odds. ``drop_at`` holds by policy the bounds between which a page's
    threshold, a probability, is chosen. ``guard`` bounds the page guard: the least share of words to keep, and the mean
    drop probability from which less may be kept. ``confidence`` is slope and offset of the log-odds of a page's
    expected F1. ``kinds`` holds, for codes that were not measured, what their kind adds to both (see
    ``cleaner.score.weights.evidence_kind``).
    """

    bias: float
    codes: Mapping[str, float]
    extra: Mapping[str, float]
    drop_at: Mapping[str, tuple[float, float]]
    guard: tuple[float, float]
    confidence: tuple[float, float]
    kinds: Mapping[str, tuple[float, float]] = field(default_factory=dict)


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
    """A page with one verdict per line, and everything that can be read off them.

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
        """A unified diff from the text layer to the clean body, written from the verdicts."""
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
