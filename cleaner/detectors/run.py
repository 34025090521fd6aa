"""Running all detectors on one page: their findings, and notes about detectors that failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain

from cleaner.detectors import Context, Detector, Found
from cleaner.detectors.discovery import discover
from cleaner.lines.phrases import languages, load
from cleaner.lines.table import LineTable
from cleaner.records import Note, Page, Rule

RULES = (
    Rule(
        "SY101",
        "detector-failed",
        "was cleaned without a detector that failed",
        goes="(any page on which a detector raises an error)",
        stays="The vote is on Monday.",
    ),
)


#: A line number, a code found on that line, and the reason that a report gives for it. A plain tuple: HTML pages have
#: thousands of findings, and records would take 2% of the time of a page.
DetectorFinding = tuple[int, str, str]


@lru_cache(maxsize=1)
def detectors() -> tuple[Detector, ...]:
    """The detectors of this installation, searched once in each process."""
    return discover()


def detector_rules() -> Iterator[Rule]:
    """Yield the rules of all detectors."""
    return chain.from_iterable(one.rules for one in detectors())


def detect(table: LineTable, wanted: Sequence[str] = ()) -> tuple[list[DetectorFinding], tuple[Note, ...]]:
    """Run all detectors on a page: the findings on its lines, and notes about the page as a whole.

    Phrases are looked up in the ``wanted`` languages, or in those that fit the page when none is given. A detector that
    raises an error costs its own findings only, and the note SY101 names it.
    """
    lexicon = load(_phrase_languages(table.page, wanted))
    context = Context(table, lexicon.scan([shape.folded for shape in table.page.shapes]))
    findings: list[DetectorFinding] = []
    notes: list[Note] = []
    for one in detectors():
        try:
            of_lines, of_page = _run(one, table.page, context)
        except Exception as error:  # a detector that fails costs its own findings only
            notes.append(Note("SY101", f"detector {one.name} failed: {type(error).__name__}: {error}"))
            continue
        findings += of_lines
        notes += of_page
    return findings, tuple(notes)


def _run(one: Detector, page: Page, context: Context) -> tuple[list[DetectorFinding], list[Note]]:
    """The findings and the notes of one detector; raises IndexError for a hit on a line that does not exist."""
    last, why = len(page.lines), {rule.code: rule.why for rule in one.rules}
    hits: list[Found] = list(one.run(page, context))
    of_lines = [
        (line, code, f"{why[code]} {detail}" if detail else why[code])
        for line, code, detail in hits
        if 0 < line <= last
    ]
    others = [hit for hit in hits if not 0 < hit[0] <= last] if len(of_lines) < len(hits) else []
    if any(line for line, _, _ in others):
        raise IndexError("a hit names a line that the page does not have")
    return of_lines, [Note(code, f"{why[code]} {detail}" if detail else why[code]) for _, code, detail in others]


def _phrase_languages(page: Page, wanted: Sequence[str]) -> tuple[str, ...]:
    """The page's language and English, since pages of all languages have English labels; all when it is unknown."""
    if wanted:
        return tuple(sorted({*wanted} & {*languages()}))
    if page.language in languages():
        return tuple(sorted({page.language, "en"}))
    return languages()
