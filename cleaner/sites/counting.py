"""Counting the pages of many sites in bounded memory: what does not fit is spilled as sorted runs, and merged."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from sys import getsizeof
from typing import BinaryIO

from cleaner.sites.profile import MAX_SITE_PAGES, SiteProfile

#: Bytes that counting holds by default, beside what the interpreter and the largest site take.
COUNT_MEMORY_BYTES = 128 * 1024 * 1024

#: Runs that are merged at a time, which bounds open files; merged runs make up the next level.
MAX_MERGED_RUNS = 32

#: A page: its site, its fingerprint and its keys.
_Page = tuple[str, int, list[str] | tuple[str, ...]]
_BY_PAGE = itemgetter(0, 1)

# Bytes of a page and of a site besides their keys: tuples, numbers, entries of tables.
_PAGE, _SITE, _SLOT = 250, 400, 8


class Counting:
    """Adds up the profiles of sites, in any order, in about ``memory`` bytes; the sum is exact.

    ``scratch`` is a folder that nobody else uses; who gives it removes it.
    """

    def __init__(self, scratch: Path, memory: int) -> None:
        self._scratch, self._memory = scratch, memory
        self._sites: dict[str, dict[int, tuple[str, ...]]] = {}
        self._held = self._made = 0
        self._levels: list[list[Path]] = []

    def add(self, site: str, profile: SiteProfile) -> None:
        """Add pages to a site. Raises OSError when the disk refuses."""
        pages = self._sites.get(site)
        if pages is None:
            pages = self._sites[site] = {}
            self._held += _SITE + getsizeof(site)
        for print_, keys in profile.pages.items():
            if print_ not in pages:
                pages[print_] = keys
                self._held += _size(keys)
        if len(pages) > 2 * MAX_SITE_PAGES:
            self._cut(pages)
        if self._held > self._memory:
            self._spill()

    def _cut(self, pages: dict[int, tuple[str, ...]]) -> None:
        """Leave the pages that count."""
        for print_ in sorted(pages)[MAX_SITE_PAGES:]:
            self._held -= _size(pages.pop(print_))

    def sites(self) -> Iterator[tuple[str, SiteProfile]]:
        """The sites, sorted, each with the sum of its pages; may be asked again, and after adding more."""
        with ExitStack() as files:
            runs = [_read(files.enter_context(path.open("rb"))) for level in self._levels for path in level]
            pages = _first_pages(merge(*runs, _pages(self._sites), key=_BY_PAGE))
            for site, group in groupby(pages, key=itemgetter(0)):
                yield site, SiteProfile({print_: tuple(keys) for _, print_, keys in group})

    def _spill(self) -> None:
        self._keep(0, self._written(_first_pages(_pages(self._sites))))
        self._sites, self._held = {}, 0

    def _keep(self, level: int, run: Path) -> None:
        """Put a run into its level; when that is full, its runs become one of the next."""
        while True:
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(run)
            if len(self._levels[level]) < MAX_MERGED_RUNS:
                return
            with ExitStack() as files:
                runs = [_read(files.enter_context(path.open("rb"))) for path in self._levels[level]]
                run = self._written(_first_pages(merge(*runs, key=_BY_PAGE)))
            for path in self._levels[level]:
                path.unlink()
            self._levels[level] = []
            level += 1

    def _written(self, pages: Iterable[_Page]) -> Path:
        path = self._scratch / f"run-{self._made:08}"
        self._made += 1
        with path.open("wb") as file:
            for page in pages:
                file.write(json.dumps(page, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        return path


def _size(keys: tuple[str, ...]) -> int:
    return _PAGE + _SLOT * len(keys) + sum(map(getsizeof, keys))


def _pages(sites: dict[str, dict[int, tuple[str, ...]]]) -> Iterator[_Page]:
    """All pages, sorted by site and fingerprint."""
    for site in sorted(sites):
        pages = sites[site]
        for print_ in sorted(pages):
            yield site, print_, pages[print_]


def _read(file: BinaryIO) -> Iterator[_Page]:
    for row in file:
        yield json.loads(row)


def _first_pages(pages: Iterable[_Page]) -> Iterator[_Page]:
    """Of sorted pages those that count: each once, and of a site the first MAX_SITE_PAGES."""
    for _, of_site in groupby(pages, key=itemgetter(0)):
        last, number = -1, 0
        for page in of_site:
            if page[1] != last and number < MAX_SITE_PAGES:
                last, number = page[1], number + 1
                yield page
