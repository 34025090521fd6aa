"""A crawl as a model: how many pages each site has.

Sizes of sites follow a power law with a cap, as crawlers limit what they take of a site: the site of rank r has
min(cap, scale / r ** exponent) pages. The scale follows from the number of pages. Nothing is drawn at random here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import log

#: Ranks that are added up one by one; the sum over those behind them is an integral, right to seven digits.
EXACT = 10_000


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
        for _ in range(200):  # bisection to the last bit
            middle = (low + high) / 2
            low, high = (middle, high) if self._total(middle, self.cap) < self.pages else (low, middle)
        return high

    def within(self, most: float) -> float:
        """Pages that are left when each site gives at most ``most`` of its own."""
        return self._total(self.scale, min(most, self.cap))

    def beyond(self, most: float) -> float:
        """Share of the pages that exceed ``most`` of their site."""
        return 1 - self.within(most) / self.pages

    def larger(self, than: float) -> float:
        """Sites with more pages than that."""
        return 0.0 if than >= self.cap else min(self.sites, float((self.scale / than) ** (1 / self.exponent)))

    def smallest(self) -> float:
        """Pages of the last site."""
        return min(self.cap, self.scale / float(self.sites**self.exponent))

    def _total(self, scale: float, most: float) -> float:
        """Pages of all sites when none gives more than ``most``."""
        full = int(min(self.sites, (scale / most) ** (1 / self.exponent)))
        return full * most + scale * power_sum(full, self.sites, self.exponent)


def power_sum(after: int, last: float, exponent: float) -> float:
    """The sum of r ** -exponent over the ranks r behind ``after`` up to ``last``."""
    first = after + 1
    split = min(int(last), first + EXACT - 1)
    exact = sum(rank**-exponent for rank in range(first, split + 1))
    # the midpoint rule: each rank stands for the stretch of half a rank to its left and right
    return float(exact) + (_integral(split + 0.5, last + 0.5, exponent) if last > split else 0.0)


def _integral(start: float, end: float, exponent: float) -> float:
    if exponent == 1:
        return log(end / start)
    return float((end ** (1 - exponent) - start ** (1 - exponent)) / (1 - exponent))
