"""What the pages of one site share: on how many of them each line stands.

Counting and cleaning are two passes. The first gathers the lines of each page into a SiteProfile; profiles add up, in
any order, to the same. The second reads the Template that a profile comes to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import Any, TypeVar

from cleaner.lines.fold import core
from cleaner.records import Page

_Page = TypeVar("_Page", bound=tuple[Any, ...])

#: Pages of a site that are counted: those with the smallest fingerprints. A template shows on far fewer.
MAX_SITE_PAGES = 256

#: A line counts from this many other pages on: what two pages share is a teaser or a common heading.
MIN_OTHER_PAGES = 2

#: Characters of a line that its key keeps; a hash stands for the rest.
MAX_KEY_CHARS = 120

#: Different lines of a page that are counted: the first. No development page has more than 4,216 lines.
MAX_PAGE_LINES = 10_000


def line_key(folded: str) -> str:
    """What lines of several pages are compared by, given the folded line; "" for lines without a letter.

    >>> line_key("» 0 comments")
    '0 comments'
    >>> line_key("$0.0")
    ''
    """
    bare = core(folded)
    if not bare.isascii():
        bare = bare.encode("utf-8", "replace").decode()  # a file cannot hold a lone surrogate
    if not any(map(str.isalpha, bare)):  # prices and scores are content, and fold into the same
        return ""
    if len(bare) <= MAX_KEY_CHARS:
        return bare
    return f"{bare[:MAX_KEY_CHARS]}\u2026{_hash(bare.encode()):016x}"


def _hash(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big")


@dataclass(frozen=True, slots=True)
class SiteProfile:
    """The lines of a site's pages: by fingerprint of the page its different keys, sorted.

    Profiles are added with ``+``, in any order and however often the same page is counted. A site keeps MAX_SITE_PAGES
    pages, those with the smallest fingerprints, so the sample of a larger site does not depend on the order either.
    Pages that differ only in numbers have the same fingerprint.
    """

    pages: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, page: Page) -> SiteProfile:
        """The profile of a single page; empty for a page without lines."""
        keys = page_keys(page)
        return cls({fingerprint_keys(keys): keys}) if keys else cls()

    def __add__(self, other: SiteProfile) -> SiteProfile:
        """The profile of both sets of pages."""
        pages = {**self.pages, **other.pages}
        return SiteProfile({fingerprint: pages[fingerprint] for fingerprint in sample(pages)})

    def template(self) -> Template:
        """What the profile says about a page of the site."""
        seen = Counter(chain.from_iterable(self.pages.values()))
        counts = {key: number for key, number in sorted(seen.items()) if number > MIN_OTHER_PAGES}
        return Template(len(self.pages), counts)


@dataclass(frozen=True, slots=True)
class Template:
    """How many pages of a site were counted, and of the lines that several of them have, on how many they stand.

    What a file of profiles holds of a site. It does not add: lines of few pages are not in it.

    A page never counts for itself: one page is left out of every number, as the page in hand may be among those
    counted. Where it is not, the site is one page smaller than it could be. Looking whether it is would tell a page
    from the same page cleaned, and find more in the second than was left by the first.
    """

    pages: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def others(self) -> int:
        """How many other pages of the site a page is compared with."""
        return max(0, self.pages - 1)

    def seen(self, folded: str) -> int:
        """On how many other pages a folded line stands; 0 for fewer than MIN_OTHER_PAGES, which is no template yet."""
        number = self.counts.get(line_key(folded), 0) - 1
        return number if number >= MIN_OTHER_PAGES else 0


def page_keys(page: Page) -> tuple[str, ...]:
    """The different keys of a page's lines, sorted."""
    keys: dict[str, None] = {}
    for shape in page.shapes:
        if key := line_key(shape.folded):
            keys[key] = None
            if len(keys) == MAX_PAGE_LINES:
                break
    return tuple(sorted(keys))


def sample(fingerprints: Iterable[int], size: int | None = None) -> list[int]:
    """The pages that a site keeps, given and returned as different fingerprints: the smallest, sorted.

    There are at most ``size`` of them, MAX_SITE_PAGES when it is None.
    """
    return sorted(fingerprints)[: MAX_SITE_PAGES if size is None else size]


def sample_sorted(pages: Iterable[_Page]) -> Iterator[_Page]:
    """The pages that sites keep, each once, out of tuples of site, fingerprint and more that come sorted by these."""
    for _, of_site in groupby(pages, key=itemgetter(0)):
        different = (next(same) for _, same in groupby(of_site, key=itemgetter(1)))
        yield from islice(different, MAX_SITE_PAGES)


def fingerprint_keys(keys: Iterable[str]) -> int:
    """The fingerprint of a page when counting: 64 bits of a hash over its keys."""
    return _hash("\n".join(keys).encode())
