"""The one place that knows the order: read, detect, weigh, decide."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache

from cleaner.decide.too_many_lines import RULES as UNJUDGED
from cleaner.decide.too_many_lines import enough, filled, too_many, unjudged
from cleaner.decide.verdicts import RULES as DECIDING
from cleaner.decide.verdicts import decide, expected_f1, heard_by_line, hurried
from cleaner.detectors import Context, Detector, discover
from cleaner.errors import CleanScrapeError
from cleaner.lines.phrases import languages, load
from cleaner.read import read_page
from cleaner.read.witness import kept_by_extractor
from cleaner.records import Cleaned, Kind, Line, Note, Page, Rule, Verdict
from cleaner.score.likeness import RULES as LEARNED
from cleaner.score.weights import load_weights, weigh
from cleaner.settings.record import Settings
from cleaner.sites.profile import LEAST_PAGES, SiteProfile, Template

DEFAULTS = Settings()

#: What is known of the pages of a site, or what finds it for a page.
OfSite = SiteProfile | Template | Callable[[Page], Template | None] | None

RULES = (
    Rule(
        "SY101",
        "detector-failed",
        "was cleaned without a detector that failed",
        goes="(any page on which a detector raises an error)",
        stays="The vote is on Monday.",
    ),
    Rule(
        "SY102",
        "unreadable-part",
        "could not be read in full",
        goes="(a page with bytes that its encoding does not know)",
        stays="The vote is on Monday.",
    ),
    Rule(
        "SY106",
        "metadata-unread",
        "has metadata that could not be read",
        goes="(a page whose tags make the reader of metadata fail)",
        stays="The vote is on Monday.",
    ),
    *DECIDING,
    *UNJUDGED,
    *LEARNED,
)

#: Passes that a text may take to settle; of 230 development texts one in twenty took 4 to 7.
CALM = 8

#: Pages below this confidence are worth a second opinion, where the settings ask for one.
DOUBTFUL = 0.8


def clean(
    data: bytes | str,
    *,
    source: str = "<memory>",
    url: str | None = None,
    kind: Kind | None = None,
    settings: Settings = DEFAULTS,
    site: OfSite = None,
) -> Cleaned:
    """Clean one page.

    ``data`` is the page as it was fetched or flattened; ``kind`` is told by content when None;
    ``url`` names the site, for per-site settings; ``site`` is what is known of the pages of its site, or finds that
    for a page that was read; the page itself, where it is among them, is left out. Cleaning text is repeated until
    nothing more goes, so a second clean changes nothing.
    Raises UnreadableError when the data are no page, TypeError and ValueError for arguments that are none of the above.
    """
    if not isinstance(data, bytes | str):
        raise TypeError(
            f"a page is given as bytes or str, not {type(data).__name__}; bytes(...) turns buffers into bytes"
        )
    if kind not in (None, "html", "text"):
        raise ValueError(f"kind is 'html', 'text' or None (told by content), not {kind!r}")
    with _no_collection():
        page = read_page(data, source=source, url=url, kind=kind)
        template = _template(page, site)
        cleaned = _cleaned(page, settings.for_site(page.site), template)
        return replace(cleaned, others=template.others) if template else cleaned


def _template(page: Page, site: OfSite) -> Template | None:
    """The template of the page's site; None where too few pages are known, which is as if nobody had asked."""
    found = site(page) if callable(site) else site
    template = found.template() if isinstance(found, SiteProfile) else found
    return template if template and template.others >= LEAST_PAGES else None


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector from looking through a page's many records while they are made.

    None of them is garbage yet, and none refers to itself; looking took 13% of the time of a page.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _cleaned(page: Page, settings: Settings, template: Template | None) -> Cleaned:
    if too_many(page):
        return unjudged(page, load_weights(page.kind))
    cleaned = _judge(page, settings, template)
    if page.kind == "text":
        return _settle(cleaned, settings, template)
    if settings.second_opinion and cleaned.confidence < DOUBTFUL:
        return _judge(replace(page, kept_by_extractor=kept_by_extractor(page)), settings, template)
    return cleaned


def clean_pages(
    pages: Iterable[bytes | str | tuple[str, bytes | str]],
    *,
    settings: Settings = DEFAULTS,
    site: OfSite = None,
) -> Iterator[Cleaned | CleanScrapeError]:
    """Clean many pages, given as data or as pairs of name and data, in order.

    A page that cannot be cleaned yields its error, with ``source`` naming it, in its place.
    """
    for number, given in enumerate(pages, 1):
        source = f"<page {number}>"
        result: Cleaned | CleanScrapeError
        try:
            if isinstance(given, tuple):
                source, data = given
            else:
                data = given
            result = clean(data, source=source, settings=settings, site=site)
        except CleanScrapeError as error:
            result = error
        except Exception as error:  # one page must not end the run, whatever it holds
            result = CleanScrapeError(
                f"{source}: cleaning failed with {type(error).__name__}: {error}; please report this page",
                source=source,
                reason="crashed",
            )
        yield result


@lru_cache(maxsize=1)
def detectors() -> tuple[Detector, ...]:
    """The detectors of this installation, found once a process."""
    return discover()


@lru_cache(maxsize=1)
def rules() -> dict[str, Rule]:
    """All rules by code: those of the detectors, of reading, deciding and of this module."""
    return {rule.code: rule for rule in (*(rule for one in detectors() for rule in one.rules), *RULES)}


def detect(page: Page, settings: Settings) -> tuple[list[tuple[int, str, str]], tuple[Note, ...]]:
    """What all detectors say about a page: line number, code and reason of each finding, and notes."""
    lexicon = load(_languages(page, settings))
    context = Context(lexicon.scan([shape.folded for shape in page.shapes]))
    why, last = {code: rule.why for code, rule in rules().items()}, len(page.lines)
    found: list[tuple[int, str, str]] = []
    notes: list[Note] = []
    for one in detectors():
        try:
            hits = list(one.run(page, context))
            of_lines = [
                (line, code, f"{why[code]} {detail}" if detail else why[code])
                for line, code, detail in hits
                if 0 < line <= last
            ]
            others = [hit for hit in hits if not 0 < hit[0] <= last] if len(of_lines) < len(hits) else []
            if any(line for line, _, _ in others):
                raise IndexError("a hit names a line that the page does not have")
            of_page = [Note(code, f"{why[code]} {detail}" if detail else why[code]) for _, code, detail in others]
        except Exception as error:  # a detector that fails costs its own evidence only
            notes.append(Note("SY101", f"detector {one.name} failed: {type(error).__name__}: {error}"))
            continue
        notes += of_page
        found += of_lines
    return found, tuple(notes)


def _languages(page: Page, settings: Settings) -> tuple[str, ...]:
    """The page's language and English, whose chrome is everywhere; all when it is unknown."""
    if settings.languages:
        return tuple(sorted({*settings.languages} & {*languages()}))
    if page.language in languages():
        return tuple(sorted({page.language, "en"}))
    return languages()


def _judge(page: Page, settings: Settings, template: Template | None) -> Cleaned:
    found, notes = detect(page, settings)
    from cleaner.score.scorer import learned  # noqa: PLC0415  importing the package needs no numpy

    weights = load_weights(page.kind)
    declared = {code: rule.weight for code, rule in rules().items()}
    voices = heard_by_line(page, weigh(found, weights, declared), settings)
    for voice in learned(page, voices, weights, settings, template):
        voices[voice.line - 1].append(voice)
    return decide(page, voices, notes, weights, settings)


def _on_line(verdict: Verdict, line: Line) -> Verdict:
    """A verdict on what was left of a page, as one on the page's own line."""
    if verdict.line is line:
        return verdict
    return verdict._replace(line=line, evidence=tuple([voice._replace(line=line.number) for voice in verdict.evidence]))


def _settle(first: Cleaned, settings: Settings, template: Template | None) -> Cleaned:
    """Clean the clean text again until nothing goes; lines only ever leave, so this ends.

    A text that loses a few lines with every pass would take as many passes as it has lines; after CALM of them more
    and more go at once. A page whose passes would judge too many lines in all stays as it is.
    """
    page, judged = first.page, filled(first.page)
    known = {line.text: shape for line, shape in zip(page.lines, page.shapes, strict=True)}
    verdicts: list[Verdict] = list(first.verdicts)
    notes = first.notes
    last = first
    passes = 1
    while last.dropped:
        left = [at for at, verdict in enumerate(verdicts) if verdict.keep]
        data = last.text if isinstance(page.data, str) else last.to_bytes()
        again = read_page(data, source=page.source, url=page.url, kind="text", known=known)
        if len(again.lines) != len(left):  # the rest reads as another encoding: what went is all that may go
            break
        judged += filled(again)
        if enough(page, judged):
            return unjudged(page, load_weights(page.kind))
        last = _judge(again, settings, template)
        passes += 1
        if passes > CALM:
            last = replace(last, verdicts=hurried(last.verdicts, 4 ** (passes - CALM), settings))
        for at, verdict in zip(left, last.verdicts, strict=True):
            verdicts[at] = verdict
        notes += tuple(note for note in last.notes if note.code in ("SY103", "SY104") and note not in notes)
    settled = tuple([_on_line(verdict, line) for verdict, line in zip(verdicts, page.lines, strict=True)])
    return Cleaned(page, settled, expected_f1(page, settled, load_weights(page.kind).confidence), notes)
