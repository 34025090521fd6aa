"""What the pages of a run, or of a check, are compared with: the templates of their sites in a file of profiles."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

from cleaner.files.json_rows import text_of
from cleaner.records import Page
from cleaner.sites.keys import SiteOf
from cleaner.sites.lookup import ProfileFile
from cleaner.sites.profile import Template

#: Finds what is known of the site of a page that was read.
Finder = Callable[[Page], Template | None]


@dataclass(frozen=True)
class Sites:
    """Finds the site of a page in a file of profiles; goes to worker processes as it is."""

    profiles: ProfileFile

    @cached_property
    def _key(self) -> SiteOf:
        return SiteOf(self.profiles.head.site_key)

    def of(self, page: Page, name: str, fields: Mapping[str, Any]) -> str:
        """The site of a page, "" for none; ``name`` is that of its item, ``fields`` are those of its row."""
        return self._key.of(page, name, text_of(fields, self._key.field))

    def finder(self, name: str, fields: Mapping[str, Any]) -> Finder:
        """What finds the template of the page that is called so."""
        return partial(self._find, name=name, fields=fields)

    def _find(self, page: Page, name: str, fields: Mapping[str, Any]) -> Template | None:
        site = self.of(page, name, fields)
        return self.profiles.find(site) if site else None

    def digest(self, site: str) -> bytes:
        """What tells whether a site's template is the same as before; b"" when it has none."""
        template = self.profiles.find(site) if site else None
        if template is None:
            return b""
        rows = (str(template.pages), *(f"{number} {key}" for key, number in template.counts.items()))
        return blake2b("\n".join(rows).encode(), digest_size=16).digest()


@contextmanager
def opened_sites(profile: Path | None) -> Iterator[Sites | None]:
    """What a file of profiles says, None when there is no file.

    Raises ProfileError.
    """
    if profile is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="clean-scrape-") as scratch:
        yield Sites(ProfileFile.open(profile, Path(scratch)))
