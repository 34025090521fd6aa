"""Cleaning one page: the only module that sets the order of the steps read, detect, weigh, score, decide."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from cleaner.decide.settle import settle
from cleaner.decide.too_many_lines import has_too_many_lines, keep_whole_page
from cleaner.decide.verdicts import decide
from cleaner.detectors.run import detect, detector_rules
from cleaner.errors import CleanScrapeError
from cleaner.lines.table import LineTable
from cleaner.read import read_page
from cleaner.read.second_opinion import kept_by_extractor
from cleaner.records import Cleaned, Kind, Page, Weights
from cleaner.score.weights import complete, evidence_by_line, load_weights, weigh
from cleaner.settings.record import DEFAULTS, PageSettings, Settings
from cleaner.sites.profile import MIN_OTHER_PAGES, SiteProfile, Template

#: What is known of the pages of a site, or a function that finds it for a page.
OfSite = SiteProfile | Template | Callable[[Page], Template | None] | None

#: Pages below this confidence are worth a second opinion, where the settings ask for one.
SECOND_OPINION_CONFIDENCE = 0.8


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page to clean, with what is known about it: ``clean_pages`` takes it, ``clean`` takes the same as arguments.

    ``data`` is the page as it was fetched or flattened. ``source`` names it in errors and reports, "" for a number;
    ``url`` names its site; ``kind`` is detected from the content when it is None.
    """

    data: bytes | str
    source: str = ""
    url: str | None = None
    kind: Kind | None = None


def clean(
    data: bytes | str,
    *,
    source: str = "<memory>",
    url: str | None = None,
    kind: Kind | None = None,
    settings: Settings = DEFAULTS,
    site: OfSite = None,
    explain: bool = False,
) -> Cleaned:
    """Clean one page and return it with a verdict for every line.

    ``data`` is the page as it was fetched or flattened. ``source`` names it in errors and reports; ``url`` names its
    site, for settings by site. ``kind`` is detected from the content when it is None. ``site`` is what is known of the
    other pages of its site, or a function that takes the page as read and finds it; where the page itself is among
    them, it is left out. With ``explain`` the evidence of the model names the features that count most; no verdict
    changes. Text is cleaned again until nothing more goes, so a second clean changes nothing.
    Raises UnreadableError when the data are no page, SettingsError when an installed detector cannot be used, and
    TypeError or ValueError for arguments of another type or value.
    """
    if not isinstance(data, bytes | str):
        raise TypeError(
            f"a page is given as bytes or str, not {type(data).__name__}; bytes(...) turns buffers into bytes"
        )
    if kind not in (None, "html", "text"):
        raise ValueError(f"kind is 'html', 'text' or None (detected from the content), not {kind!r}")
    with _without_garbage_collection():
        page = read_page(data, source=source, url=url, kind=kind)
        template = _template(page, site)
        cleaned = _cleaned(page, settings.for_site(page.site), template, explain)
        return replace(cleaned, others=template.others) if template else cleaned


def clean_pages(
    pages: Iterable[RawPage | bytes | str | tuple[str, bytes | str]],
    *,
    settings: Settings = DEFAULTS,
    site: OfSite = None,
) -> Iterator[Cleaned | CleanScrapeError]:
    """Clean many pages and yield the results in order; each page is a RawPage, its data, or a pair of name and data.

    ``settings`` and ``site`` hold for all pages, as in ``clean``. A page that cannot be cleaned yields its error in its
    place, with ``source`` naming the page; a page without a name is called by its number.
    """
    for number, given in enumerate(pages, 1):
        source = f"<page {number}>"
        result: Cleaned | CleanScrapeError
        try:
            page = _raw_page(given)
            source = page.source or source
            result = clean(page.data, source=source, url=page.url, kind=page.kind, settings=settings, site=site)
        except CleanScrapeError as error:
            result = error
        except Exception as error:  # one page must not end the run, whatever it holds
            result = CleanScrapeError(
                f"{source}: cleaning failed with {type(error).__name__}: {error}; please report this page",
                source=source,
                reason="crashed",
            )
        yield result


def _raw_page(given: RawPage | bytes | str | tuple[str, bytes | str]) -> RawPage:
    if isinstance(given, RawPage):
        return given
    if isinstance(given, tuple):
        source, data = given
        return RawPage(data, source)
    return RawPage(given)


def _template(page: Page, site: OfSite) -> Template | None:
    """The template of the page's site; None where there is none, or where it was made of too few pages."""
    found = site(page) if callable(site) else site
    template = found.template() if isinstance(found, SiteProfile) else found
    return template if template and template.others >= MIN_OTHER_PAGES else None


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Switch the garbage collector off while the many records of a page are made.

    None of them is garbage yet, and none refers to itself; the collector took 13% of the time of a page.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _cleaned(page: Page, settings: PageSettings, template: Template | None, explain: bool) -> Cleaned:
    """The page with its verdicts: once for HTML, until nothing more goes for text."""
    weights = complete(load_weights(page.kind), detector_rules())
    table = LineTable(page)
    if has_too_many_lines(table):
        return keep_whole_page(page, weights)

    def judge(some: LineTable) -> Cleaned:
        return _judge(some, weights, settings, template, explain)

    cleaned = judge(table)
    if page.kind == "text":
        return settle(cleaned, _reader(page), judge, settings, weights)
    if settings.second_opinion and cleaned.confidence < SECOND_OPINION_CONFIDENCE:
        asked = replace(page, kept_by_extractor=kept_by_extractor(page))
        return judge(LineTable(asked))
    return cleaned


def _judge(
    table: LineTable, weights: Weights, settings: PageSettings, template: Template | None, explain: bool
) -> Cleaned:
    """One pass over a page that was read: detect, weigh, score, decide."""
    from cleaner.score.scorer import learned_evidence  # noqa: PLC0415  importing the package needs no numpy

    findings, notes = detect(table, settings.languages)
    evidence = evidence_by_line(table.page, weigh(findings, weights), settings)
    for one in learned_evidence(table, evidence, weights, settings, template, explain=explain):
        evidence[one.line - 1].append(one)
    return decide(table, evidence, notes, weights, settings)


def _reader(page: Page) -> Callable[[Cleaned], Page]:
    """A function that reads the clean text of a page again, and reuses the shapes of its lines."""
    known = {line.text: shape for line, shape in zip(page.lines, page.shapes, strict=True)}

    def read_again(cleaned: Cleaned) -> Page:
        data = cleaned.text if isinstance(page.data, str) else cleaned.to_bytes()
        return read_page(data, source=page.source, url=page.url, kind="text", known=known)

    return read_again
