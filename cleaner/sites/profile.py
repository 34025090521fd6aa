"""The lines that pages of one site share: on how many of the pages each line stands.

Counting and cleaning are two passes. The first makes a SiteProfile of the lines of each page; the sum of profiles does
not depend on their order. The second uses the Template that is computed from the sum.
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

#: Pages of a site that are counted: those with the smallest fingerprints. Far fewer are enough to see a template.
MAX_SITE_PAGES = 256

#: A line counts when it stands on at least this many other pages: lines that only two pages share are teasers or common
#: headings.
MIN_OTHER_PAGES = 2

#: Characters of a line that its key keeps; a hash replaces the rest.
MAX_KEY_CHARS = 120

#: The number of different lines of a page that are counted, from its beginning. No development page has more than 4,216
#: lines.
MAX_PAGE_LINES = 10_000


def line_key(folded: str) -> str:
    """Return the key by which lines of several pages are compared, for a folded line; "" for lines without a letter.

    >>> line_key("» 0 comments")
    '0 comments'
    >>> line_key("$0.0")
    ''
    """
    bare = core(folded)
    if not bare.isascii():
        bare = bare.encode("utf-8", "replace").decode()  # a file cannot hold a lone surrogate
    if not any(map(str.isalpha, bare)):  # prices and scores are content, and their folded texts are equal
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
        """Compute the template from the profile."""
        seen = Counter(chain.from_iterable(self.pages.values()))
        counts = {key: number for key, number in sorted(seen.items()) if number > MIN_OTHER_PAGES}
        return Template(len(self.pages), counts)


@dataclass(frozen=True, slots=True)
class Template:
    """The number of counted pages of a site, and for lines that several of them have, on how many they stand.

    This is what a file of profiles holds of a site. Templates cannot be added, since they lack the lines of few pages.

    A page never counts for itself: one page is subtracted from every number, since the page to clean may be among the
    counted ones. Where it is not, one page less is used than is known. A test whether it was counted would distinguish
    a page from the same page after cleaning, and then cleaning it again would remove more.
    """

    pages: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def others(self) -> int:
        """How many other pages of the site a page is compared with."""
        return max(0, self.pages - 1)

    def seen(self, folded: str) -> int:
        """On how many other pages a folded line stands; 0 for fewer than MIN_OTHER_PAGES."""
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
    """The pages that sites keep, each once, from tuples that begin with site and fingerprint, sorted by both."""
    for _, of_site in groupby(pages, key=itemgetter(0)):
        different = (next(same) for _, same in groupby(of_site, key=itemgetter(1)))
        yield from islice(different, MAX_SITE_PAGES)


def fingerprint_keys(keys: Iterable[str]) -> int:
    """The fingerprint of a page when counting: 64 bits of a hash over its keys."""
    return _hash("\n".join(keys).encode())
