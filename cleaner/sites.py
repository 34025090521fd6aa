"""What the pages of one site share: on how many of them each line stands.

Counting and cleaning are two passes. The first gathers the lines of each page into a SiteProfile; profiles add up, in
any order, to the same. The second reads the Template that a profile comes to, and leaves each page out of it: a page
says nothing about itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from itertools import chain

from cleaner.phrases import core
from cleaner.records import Page

#: Pages of a site that are counted: those with the smallest fingerprints. A template shows on far fewer.
MOST_PAGES = 256

#: A line counts from this many other pages on: what two pages share is a teaser or a common heading.
LEAST_PAGES = 2

#: Characters of a line that its key keeps; a hash stands for the rest.
LONGEST = 120

#: Different lines of a page that are counted: the first. No development page has more than 4,216 lines.
MOST_LINES = 10_000


def key_of(folded: str) -> str:
    """What lines of several pages are compared by, given the folded line; "" for lines without a letter.

    >>> key_of("» 0 comments")
    '0 comments'
    >>> key_of("$0.0")
    ''
    """
    bare = core(folded)
    if not bare.isascii():
        bare = bare.encode("utf-8", "replace").decode()  # half a sign of UTF-16 has no place in a file
    if not any(map(str.isalpha, bare)):  # prices and scores are content, and fold into the same
        return ""
    if len(bare) <= LONGEST:
        return bare
    return f"{bare[:LONGEST]}\u2026{_hash(bare.encode()):016x}"


def _hash(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big")


@dataclass(frozen=True, slots=True)
class SiteProfile:
    """The lines of a site's pages: by fingerprint of the page its different keys, sorted.

    Adds with ``+``, in any order and however often the same page is counted. A site keeps MOST_PAGES pages, those with
    the smallest fingerprints, so that the pages of a larger site are a sample that does not depend on the order either.
    Pages that differ in figures only have the same fingerprint.
    """

    pages: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, page: Page) -> SiteProfile:
        """The profile of a single page; empty for a page without lines."""
        keys = keys_of(page)
        return cls({fingerprint(keys): keys}) if keys else cls()

    def __add__(self, other: SiteProfile) -> SiteProfile:
        """The profile of both sets of pages."""
        pages = {**self.pages, **other.pages}
        return SiteProfile({print_: pages[print_] for print_ in sorted(pages)[:MOST_PAGES]})

    def template(self) -> Template:
        """What the profile says about further pages of the site."""
        seen = Counter(chain.from_iterable(self.pages.values()))
        counts = {key: number for key, number in sorted(seen.items()) if number >= LEAST_PAGES}
        return Template(tuple(sorted(self.pages)), counts)


@dataclass(frozen=True)
class Template:
    """The fingerprints of the pages counted, sorted, and of each line that several of them have, on how many.

    What a file of profiles holds of a site. It does not add: lines of single pages are not in it.
    """

    prints: tuple[int, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    def without(self, page: Page) -> Elsewhere:
        """What the site's other pages say: the page itself does not count, whether it was counted or not."""
        keys = keys_of(page)
        own = frozenset(keys) if fingerprint(keys) in self._prints else frozenset[str]()
        return Elsewhere(len(self.prints) - bool(own), self.counts, own)

    @cached_property
    def _prints(self) -> frozenset[int]:
        return frozenset(self.prints)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The other pages of a page's site: how many there are, and on how many of them each line stands.

    ``counts`` includes the page itself for the keys in ``own``.
    """

    pages: int
    counts: Mapping[str, int]
    own: frozenset[str] = frozenset()

    def seen(self, folded: str) -> int:
        """On how many other pages a line stands; 0 for fewer than LEAST_PAGES, which is no template yet."""
        key = key_of(folded)
        number = self.counts.get(key, 0) - (key in self.own)
        return number if number >= LEAST_PAGES else 0


def keys_of(page: Page) -> tuple[str, ...]:
    """The different keys of a page's lines, sorted."""
    keys: dict[str, None] = {}
    for shape in page.shapes:
        if key := key_of(shape.folded):
            keys[key] = None
            if len(keys) == MOST_LINES:
                break
    return tuple(sorted(keys))


def fingerprint(keys: Iterable[str]) -> int:
    """What a page is known by when counting: 64 bits over its keys."""
    return _hash("\n".join(keys).encode())
