"""Finding the template of the site of a page, in a file of profiles, in a mapping, or in memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol

from cleaner.errors import ProfileError
from cleaner.files.json_rows import text_of
from cleaner.records import Page
from cleaner.sites.keys import FOLDER, HOST, SiteOf
from cleaner.sites.lookup import ProfileFile
from cleaner.sites.profile import Template

#: Finds the template of the site of a page that was read, None when there is none.
FindTemplate = Callable[[Page], Template | None]


class TemplateLookup(Protocol):
    """An object that finds templates by site and is not a mapping, such as an open file of profiles."""

    def find(self, site: str) -> Template | None:
        """The template of a site, None when there is none."""


#: An object that has templates by site.
TemplateSource = Mapping[str, Template] | TemplateLookup


@dataclass(frozen=True)
class TemplateFinder:
    """Finds the site of a page and its template in ``source``; it can be pickled where the source can.

    ``site_key`` is what makes two pages belong to one site. ``root`` is the folder below which the first folder is a
    site, for files that are checked where they stand; None where sites are no folders.
    """

    source: TemplateSource
    site_key: str = HOST
    root: Path | None = None

    @classmethod
    def of(cls, source: TemplateSource, site_key: str = HOST) -> TemplateFinder:
        """A finder with the site key of the source, where it has one as files of profiles do, else with ``site_key``.

        Raises TypeError for an object without templates by site.
        """
        if isinstance(source, str) or not (isinstance(source, Mapping) or hasattr(source, "find")):
            kind = type(source).__name__
            raise TypeError(f"a profile is Templates, a mapping or ProfileFile.open(path), not {kind}")
        return cls(source, getattr(getattr(source, "head", None), "site_key", site_key))

    @cached_property
    def key(self) -> SiteOf:
        """An object that finds the site of a page."""
        return SiteOf(self.site_key)

    @property
    def source_digest(self) -> str:
        """The digest of the file of profiles in hexadecimal digits, "" when the source is no file."""
        return str(getattr(self.source, "digest", ""))

    def site_of(self, page: Page, name: str, fields: Mapping[str, Any]) -> str:
        """The site of a page, "" for none; ``name`` is that of its item, ``fields`` are those of its row."""
        return self.key.of(page, name, text_of(fields, self.key.field))

    def for_item(self, name: str, fields: Mapping[str, Any]) -> FindTemplate:
        """Return a function that finds the template for the page of the item ``name`` with these fields of its row."""
        return partial(self._find, name=name, fields=fields)

    def for_file(self, path: Path, number: int | None = None, fields: Mapping[str, Any] | None = None) -> FindTemplate:
        """Return a function that finds the template for the page in a file, or in its record ``number`` with these
        fields.
        """
        return self.for_item(self._name(path, number), fields or {})

    def digest(self, site: str) -> bytes:
        """A digest of the template of a site, b"" when it has none."""
        template = self._template(site)
        if template is None:
            return b""
        rows = (str(template.pages), *(f"{number} {key}" for key, number in template.counts.items()))
        return blake2b("\n".join(rows).encode(), digest_size=16).digest()

    def _find(self, page: Page, name: str, fields: Mapping[str, Any]) -> Template | None:
        return self._template(self.site_of(page, name, fields))

    def _template(self, site: str) -> Template | None:
        if not site:
            return None
        return self.source.get(site) if isinstance(self.source, Mapping) else self.source.find(site)

    def _name(self, path: Path, number: int | None) -> str:
        """The name that a run over the root gives to a page; "" for one that lies elsewhere, which has no folder."""
        whole = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
        if self.root is None or not whole.is_relative_to(self.root):
            return ""
        name = whole.relative_to(self.root).as_posix()
        return name if number is None else f"{name}/{number:08}"


@contextmanager
def open_templates(profile: Path | None) -> Iterator[TemplateFinder | None]:
    """Open a file of profiles to find templates in it; None when there is no file. Raises ProfileError."""
    if profile is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="clean-scrape-") as scratch:
        yield TemplateFinder.of(ProfileFile.open(profile, Path(scratch)))


@contextmanager
def open_templates_in_place(profile: Path | None) -> Iterator[TemplateFinder | None]:
    """Open a file of profiles for files that are checked where they stand; None when there is no file.

    Raises ProfileError, also when sites are folders and the file does not name the folder that they are in.
    """
    with open_templates(profile) as finder:
        if profile is None or finder is None or finder.site_key != FOLDER:
            yield finder
            return
        root = finder.source.head.root if isinstance(finder.source, ProfileFile) else ""
        if not root:
            message = f"{profile} does not say below which folder its sites lie; count it again from one folder"
            raise ProfileError(message, source=str(profile))
        yield replace(finder, root=Path(os.path.abspath(profile.parent / root)))  # noqa: PTH100 - as above
