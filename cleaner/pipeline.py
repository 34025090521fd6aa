"""The one place that knows the order: read, detect, weigh, decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from cleaner.decide import decide
from cleaner.detectors import Context, Detector, Rule, discover
from cleaner.errors import CleanScrapeError
from cleaner.phrases import languages, load
from cleaner.read import read_page
from cleaner.records import Cleaned, Evidence, Kind, Note, Page
from cleaner.score.weights import load_weights, weigh
from cleaner.settings import Settings
from cleaner.sites import SiteProfile

DEFAULTS = Settings()


def clean(
    data: bytes | str,
    *,
    source: str = "<memory>",
    url: str | None = None,
    kind: Kind | None = None,
    settings: Settings = DEFAULTS,
    site: SiteProfile | None = None,
) -> Cleaned:
    """Clean one page."""
    page = read_page(data, source=source, url=url, kind=kind)
    evidence, notes = collect(page, site)
    return decide(page, evidence, notes, load_weights(page.kind), settings)


@lru_cache(maxsize=1)
def detectors() -> tuple[Detector, ...]:
    """The detectors of this installation, found once a process."""
    return discover()


@lru_cache(maxsize=1)
def rules() -> dict[str, Rule]:
    """All rules by code."""
    return {rule.code: rule for one in detectors() for rule in one.rules}


def collect(page: Page, site: SiteProfile | None) -> tuple[tuple[Evidence, ...], tuple[Note, ...]]:
    """What all detectors say about a page: evidence on its lines, and notes."""
    wanted = (page.language, "en") if page.language in languages() else languages()
    lexicon = load(tuple(sorted(set(wanted))))
    context = Context(lexicon.scan(shape.folded for shape in page.shapes), site)
    known = rules()
    found: list[tuple[int, str, str]] = []
    notes: list[Note] = []
    for one in detectors():
        try:
            hits = [(h.line, h.code, f"{known[h.code].why} {h.detail}".strip()) for h in one.run(page, context)]
        except Exception as error:  # a detector that fails costs its own evidence only
            notes.append(Note("SY101", f"detector {one.name} failed: {type(error).__name__}: {error}"))
            continue
        found += [h for h in hits if h[0]]
        notes += [Note(code, why) for line, code, why in hits if not line]
    weights = load_weights(page.kind)
    return tuple(weigh(found, weights, {r.code: r.weight for r in known.values()})), tuple(notes)


def clean_pages(pages: Iterable[bytes | str], *, settings: Settings = DEFAULTS) -> Iterator[Cleaned | CleanScrapeError]:
    """STUB."""
    for data in pages:
        try:
            yield clean(data, settings=settings)
        except CleanScrapeError as error:
            yield error
