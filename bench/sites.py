"""Quality with and without evidence from the other pages of a site, on HTML and on flattened text.

A page never counts for itself: the product leaves it out of its site's numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import cleaner
from bench import ours
from bench.pages import Corpus, Item, items, visible_text
from bench.peers import decoded, missing, trafilatura
from bench.quality import Answer, group_tables, overall_table
from bench.score import match, segments
from bench.tables import Table
from bench.work import Pool
from cleaner.errors import CleanScrapeError
from cleaner.read import read_page
from cleaner.records import Kind
from cleaner.sites.profile import MIN_OTHER_PAGES, SiteProfile, Template

WITH_SITE = f"{ours.NAME}, with its site"

_NOTE = "The trees for sites saw these pages (out of fold: section folds), those for single pages did not."
_OTHERS = "Shops, documentation, lists and other pages of one domain; no tree for sites saw them, those for pages did."

#: Corpus, what its pages are given as, and what a reader must know.
SERIES: tuple[tuple[Corpus, Kind, str], ...] = (
    ("sites", "html", _NOTE),
    ("sites", "text", _NOTE),
    ("wcxb", "html", _OTHERS),
)


def tables(data: Path, part: int, pool: Pool) -> Iterator[Table]:
    """All tables, on one site in ``part``, as they get ready."""
    for corpus, kind, note in SERIES:
        todo = by_site(data, corpus)[::part]
        work = partial(answers, data=data, kind=kind)
        sized = list(zip(todo, pool.map(work, todo), strict=True))
        title = f"{'HTML' if kind == 'html' else 'Flattened text'}, {corpus}"
        found = [(len(pages), answer) for pages, made in sized for answer in made]
        yield overall_table(f"{title}, all sites of 3 pages and more", note, [one for _, one in found])
        yield from group_tables(title, "pages of the site", [replace(one, group=_size(pages)) for pages, one in found])
        if corpus == "sites":
            many = [one for pages, one in found if pages >= 5]
            yield overall_table(f"{title}, sites of 5 pages and more", note, many)
            yield from group_tables(f"{title}, 5 pages and more", "language", many)
        else:
            yield from group_tables(title, "type", [one for _, one in found])


def by_site(data: Path, corpus: Corpus) -> list[list[Item]]:
    """The pages of each site that has more than MIN_OTHER_PAGES, by host."""
    sites = defaultdict[str, list[Item]](list)
    for item in sorted(items(data, corpus), key=lambda item: item.name):
        sites[_host(item)].append(item)
    return [pages for site, pages in sorted(sites.items()) if site and len(pages) > MIN_OTHER_PAGES]


def _host(item: Item) -> str:
    return item.site or (urlsplit(item.url or "").hostname or "").removeprefix("www.")


def answers(pages: Sequence[Item], data: Path, kind: Kind) -> list[Answer]:
    """Return the results of the product on all pages of a site, without and with the others, and of a peer on HTML."""
    given = [_given(item.html(data), kind) for item in pages]
    template = sum(map(_profile, given), SiteProfile()).template()
    made = []
    for item, page in zip(pages, given, strict=True):
        gold = item.gold(data)
        there = page if isinstance(page, str) else visible_text(decoded(page).encode("utf-8", "replace"))
        tools: dict[str, Callable[[], str]] = {
            ours.NAME: partial(_ours, page, kind, None),
            WITH_SITE: partial(_ours, page, kind, template),
        }
        if isinstance(page, bytes) and "trafilatura" not in missing():
            tools["trafilatura"] = partial(trafilatura, page, item.language)
        if isinstance(page, str):
            tools["left alone"] = partial(str, page)
        for tool, make in tools.items():
            text = _tried(make)
            score = match(text or "", gold, there)
            made.append(Answer(tool, item.group, score, segments("", (), ()), text is None))
    return made


def _given(page: bytes, kind: Kind) -> bytes | str:
    return page if kind == "html" else visible_text(decoded(page).encode("utf-8", "replace"))


def _profile(page: bytes | str) -> SiteProfile:
    try:
        return SiteProfile.of(read_page(page))
    except CleanScrapeError:
        return SiteProfile()


def _ours(page: bytes | str, kind: Kind, template: Template | None) -> str:
    return cleaner.clean(page, kind=kind, site=template).text


def _tried(make: Callable[[], str]) -> str | None:
    try:
        return make()
    except Exception:  # a benchmark counts failures, it does not stop
        return None


def _size(pages: int) -> str:
    return "3 to 4" if pages < 5 else "5 to 9" if pages < 10 else "10 and more"
