"""Adding up the profiles of many sites in bounded memory: what does not fit is written to sorted files and merged."""

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

from cleaner.sites.profile import MAX_SITE_PAGES, SiteProfile, sample, sample_sorted

#: Default bytes of counts in memory, besides the interpreter and the largest site.
COUNT_MEMORY_BYTES = 128 * 1024 * 1024

#: Runs (files in order) that are merged at once, which bounds open files; merged runs are runs of the next level.
MAX_MERGED_RUNS = 32

#: A page: its site, its fingerprint and its keys.
_Page = tuple[str, int, list[str] | tuple[str, ...]]
_BY_PAGE = itemgetter(0, 1)

# Bytes of a page and of a site besides their keys: tuples, numbers, entries of tables.
_PAGE_BYTES, _SITE_BYTES, _SLOT_BYTES = 250, 400, 8


class ProfileSum:
    """Adds up the profiles of sites in memory, in any order; ``size`` is about how many bytes they take."""

    def __init__(self) -> None:
        self._sites: dict[str, dict[int, tuple[str, ...]]] = {}
        self.size = 0

    def add(self, site: str, profile: SiteProfile) -> None:
        """Add pages to a site."""
        if not profile.pages:
            return
        pages = self._sites.get(site)
        if pages is None:
            pages = self._sites[site] = {}
            self.size += _SITE_BYTES + getsizeof(site)
        for fingerprint, keys in profile.pages.items():
            if fingerprint not in pages:
                pages[fingerprint] = keys
                self.size += _size(keys)
        if len(pages) > 2 * MAX_SITE_PAGES:
            kept = frozenset(sample(pages))
            for fingerprint in [one for one in pages if one not in kept]:
                self.size -= _size(pages.pop(fingerprint))

    def pages(self) -> Iterator[_Page]:
        """The pages that sites keep, sorted by site and fingerprint."""
        for site, pages in sorted(self._sites.items(), key=itemgetter(0)):
            for fingerprint in sample(pages):
                yield site, fingerprint, pages[fingerprint]

    def sites(self) -> Iterator[tuple[str, SiteProfile]]:
        """The sites, sorted, each with the sum of its pages."""
        return _profiles(self.pages())


class SpillingProfileSum:
    """Adds up the profiles of sites, in any order, in about ``memory`` bytes; the sum is exact.

    ``scratch`` is an empty folder for the runs; the caller deletes it.
    """

    def __init__(self, scratch: Path, memory: int) -> None:
        self._scratch, self._memory = scratch, memory
        self._sum = ProfileSum()
        self._runs_written = 0
        self._levels: list[list[Path]] = []

    def add(self, site: str, profile: SiteProfile) -> None:
        """Add pages to a site. Raises OSError when writing fails."""
        self._sum.add(site, profile)
        if self._sum.size > self._memory:
            self._keep(0, self._write(self._sum.pages()))
            self._sum = ProfileSum()

    def sites(self) -> Iterator[tuple[str, SiteProfile]]:
        """The sites, sorted, each with the sum of its pages; it may be called again, also after adding more."""
        with ExitStack() as files:
            runs = [_read(files.enter_context(path.open("rb"))) for level in self._levels for path in level]
            yield from _profiles(sample_sorted(merge(*runs, self._sum.pages(), key=_BY_PAGE)))

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
                run = self._write(sample_sorted(merge(*runs, key=_BY_PAGE)))
            for path in self._levels[level]:
                path.unlink()
            self._levels[level] = []
            level += 1

    def _write(self, pages: Iterable[_Page]) -> Path:
        path = self._scratch / f"run-{self._runs_written:08}"
        self._runs_written += 1
        with path.open("wb") as file:
            for page in pages:
                file.write(json.dumps(page, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        return path


def _size(keys: tuple[str, ...]) -> int:
    return _PAGE_BYTES + _SLOT_BYTES * len(keys) + sum(map(getsizeof, keys))


def _profiles(pages: Iterable[_Page]) -> Iterator[tuple[str, SiteProfile]]:
    for site, group in groupby(pages, key=itemgetter(0)):
        yield site, SiteProfile({fingerprint: tuple(keys) for _, fingerprint, keys in group})


def _read(file: BinaryIO) -> Iterator[_Page]:
    for row in file:
        yield json.loads(row)
