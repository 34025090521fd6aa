"""What the pages of one site share: on how many of them each line stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from cleaner.phrases import core, fold
from cleaner.records import Page

#: A line is a site's template from this many pages on and this share of its pages
#: (research: on 71 sites this marks 68% of boilerplate and 2% of article characters).
LEAST_PAGES, LEAST_SHARE = 3, 0.2


@dataclass(frozen=True, slots=True)
class SiteProfile:
    """Pages counted, and per folded line on how many of them it stands; adds with ``+``."""

    pages: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: SiteProfile) -> SiteProfile:
        """The profile of both sets of pages, the same in any order."""
        return SiteProfile(self.pages + other.pages, Counter(self.counts) + Counter(other.counts))

    def repeats(self, folded: str) -> bool:
        """True when the folded line belongs to the site's template."""
        return self.counts.get(core(folded), 0) >= max(LEAST_PAGES, LEAST_SHARE * self.pages)


def profile_of(page: Page) -> SiteProfile:
    """The profile of a single page."""
    return SiteProfile(1, dict.fromkeys((core(fold(line.text)) for line in page.lines if not line.blank), 1))
