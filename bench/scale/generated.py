"""Generated pages of a crawl: their sites, and the keys of their lines as counting sees them.

The same everywhere. Sites have the sizes of a Crawl, pages come in any order. What a page has is set after pages of
real sites (bench of ``bytes``): two thirds of a site's template, and lines of its own, which are longer.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache
from marshal import dumps, loads

import numpy

from bench.scale.crawl import Crawl
from cleaner.sites.profile import SiteProfile

#: Lines of a site's template, how many of them are on each page and how many on a page of some section, and lines that
#: a page has alone.
TEMPLATE, CORE, SECTION, OWN = 200, 90, 40, 25

#: Keys of a page, next to all of them different.
KEYS = CORE + SECTION + OWN

#: Characters of text that lines are cut from: so many that two lines alike are rare.
TEXT = 1 << 25

#: Lengths of lines, which come in turn: those of templates, 44 on average, and those of single pages, 108.
_SHORT, _LONG = (6, 11, 14, 18, 25, 33, 41, 68, 100, 124), (21, 33, 44, 57, 81, 120, 137, 137, 137, 137, 137, 137, 126)

#: Steps that are prime to what they go around, so that neighbours lie far apart.
_LINE, _PAGE, _SITE = 7_368_787, 15_485_863, 32_452_843


class Pages:
    """Pages of a crawl, in an order of their own: their sites are drawn once, their lines when asked for."""

    def __init__(self, crawl: Crawl, seed: int = 5) -> None:
        self._text = text(seed)
        order = numpy.random.default_rng(seed)
        self._sites = order.permutation(numpy.repeat(numpy.arange(round(crawl.sites), dtype=numpy.int32), sizes(crawl)))

    def __len__(self) -> int:
        return len(self._sites)

    def __iter__(self) -> Iterator[tuple[str, SiteProfile]]:
        """Yield site and profile of each page, as they come from a worker: no two share the texts of their keys."""
        for page, site in enumerate(self._sites.tolist()):
            keys = tuple(sorted(self.lines(page, site)))
            yield name(site), SiteProfile({_print(page): loads(dumps(keys))})  # noqa: S302 (our own)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield site and text of each page."""
        for page, site in enumerate(self._sites.tolist()):
            yield name(site), "\n".join(self.lines(page, site))

    def lines(self, page: int, site: int) -> set[str]:
        """The keys of a page."""
        template = self._template(site)
        first = CORE + page * SECTION % (TEMPLATE - CORE - SECTION)
        return {*template[:CORE], *template[first : first + SECTION], *self._cut(page * _PAGE, OWN, _LONG)}

    @lru_cache(maxsize=2_000)  # noqa: B019 (one object a process)
    def _template(self, site: int) -> tuple[str, ...]:
        return self._cut(site * _SITE, TEMPLATE, _SHORT)

    def _cut(self, start: int, count: int, lengths: tuple[int, ...]) -> tuple[str, ...]:
        pieces = []
        for number in range(count):
            at = (start + number * _LINE) % (TEXT - 200)
            pieces.append(self._text[at : at + lengths[number % len(lengths)]])
        return tuple(pieces)


def sizes(crawl: Crawl) -> numpy.typing.NDArray[numpy.int64]:
    """Pages of each site, by rank, at least one."""
    ranks = numpy.arange(1, round(crawl.sites) + 1, dtype=float)
    pages = numpy.minimum(crawl.cap, crawl.scale / ranks**crawl.exponent)
    return numpy.maximum(1, numpy.rint(pages)).astype(numpy.int64)


def text(seed: int, length: int = TEXT) -> str:
    """Words that nobody has written, some of them often."""
    draw = random.Random(seed)  # noqa: S311 (no secret)
    words = ["".join(draw.choices("etaoinshrdlcumwfgypbvk", k=draw.randint(2, 11))) for _ in range(20_000)]
    often = [1 / rank for rank in range(1, len(words) + 1)]
    pieces, made = [], 0
    while made < length:
        piece = " ".join(draw.choices(words, often, k=10_000))
        pieces.append(piece)
        made += len(piece) + 1
    return " ".join(pieces)[:length]


def name(site: int) -> str:
    """The name of a site."""
    return f"www{site * 7919 % 1_000_003}-{site}.example"


def _print(page: int) -> int:
    """A fingerprint for a page, spread over 64 bits."""
    return (page + 1) * 0x9E3779B97F4A7C15 % (1 << 64)
