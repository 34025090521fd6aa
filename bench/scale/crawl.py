"""A crawl as a model: how many pages each site has, and what sums over its sites come to.

Sizes of sites follow a power law with a cap, as crawlers limit what they take of a site: the site of rank r has
min(cap, scale / r ** exponent) pages. The scale follows from the number of pages. Nothing is drawn at random here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy
from numpy.typing import NDArray

from cleaner.sites.profile import MAX_SITE_PAGES

#: Ranks that are taken one by one; those behind them in so many steps, each a little wider than the one before.
EXACT, APPROXIMATION_STEPS = 10_000, 10_000

Floats = NDArray[numpy.float64]


@dataclass(frozen=True)
class Crawl:
    """``pages`` in all over ``sites``; no site has more than ``cap`` of them."""

    pages: float = 1e9
    sites: float = 3e7
    exponent: float = 1.0
    cap: float = 1e5

    @cached_property
    def scale(self) -> float:
        """Pages that the first site would have without the cap.

        Raises ValueError when the sites cannot have so many pages under the cap.
        """
        if self.pages > self.cap * self.sites:
            raise ValueError(f"{self.sites:g} sites of at most {self.cap:g} pages never have {self.pages:g} pages")
        low, high = 0.0, self.cap * float(self.sites**self.exponent)
        for _ in range(100):  # bisection, to the last bits
            middle = (low + high) / 2
            low, high = (middle, high) if self._sum(self._sizes(middle)) < self.pages else (low, middle)
        return high

    def total(self, of_site: Callable[[Floats], Floats]) -> float:
        """The sum over all sites of what is true of a site with so many pages."""
        return self._sum(of_site(self._sizes(self.scale)))

    def within(self, most: float = MAX_SITE_PAGES) -> float:
        """Pages that are left when each site gives at most ``most`` of its own."""
        return self.total(lambda pages: numpy.minimum(pages, most))

    def beyond(self, most: float = MAX_SITE_PAGES) -> float:
        """Share of the pages that exceed ``most`` of their site."""
        return 1 - self.within(most) / self.pages

    def larger(self, than: float = MAX_SITE_PAGES) -> float:
        """Sites with more pages than that."""
        return self.total(lambda pages: (pages > than).astype(float))

    def parts(self, partitions: float, most: float = float("inf")) -> float:
        """Pairs of a site and a partition that holds pages of it, where pages go to partitions by chance.

        No site gives more than ``most`` pages.
        """

        def met(pages: Floats) -> Floats:
            missed = numpy.log1p(-1 / partitions) if partitions > 1 else -numpy.inf
            return partitions * -numpy.expm1(numpy.minimum(pages, most) * missed)

        return self.total(met)

    def smallest(self) -> float:
        """Pages of the last site."""
        return float(self._sizes(self.scale)[-1])

    @cached_property
    def _ranks(self) -> tuple[Floats, Floats]:
        """Ranks, and how many each of them stands for."""
        last = round(self.sites)
        first = numpy.arange(1, min(last, EXACT) + 1, dtype=float)
        if last <= EXACT:
            return first, numpy.ones(last)
        edges = numpy.geomspace(EXACT + 0.5, last + 0.5, APPROXIMATION_STEPS + 1)
        middles, widths = (edges[1:] + edges[:-1]) / 2, numpy.diff(edges)
        return numpy.concatenate([first, middles]), numpy.concatenate([numpy.ones(EXACT), widths])

    def _sizes(self, scale: float) -> Floats:
        sizes: Floats = numpy.minimum(self.cap, scale / self._ranks[0] ** self.exponent)
        return sizes

    def _sum(self, values: Floats) -> float:
        return float(values @ self._ranks[1])
