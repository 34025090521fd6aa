"""The site of a page by a site key: its host, its registrable domain, its folder, or a field of its row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from importlib import import_module

from cleaner.errors import ProfileError
from cleaner.lines.display import display_name
from cleaner.records import Page

#: The site keys with a fixed meaning; any other is the name of a field.
HOST, DOMAIN, FOLDER = "host", "domain", "folder"

#: Characters of a site's name that are kept; a hash replaces the rest. Names of hosts have at most 253.
MAX_SITE_CHARS = 255


@dataclass(frozen=True, slots=True)
class SiteOf:
    """Finds the sites of pages by a key: ``host``, ``domain``, ``folder`` or the name of a field."""

    key: str = HOST

    @property
    def field(self) -> str | None:
        """The field of rows that names the site, None for the other keys."""
        return None if self.key in (HOST, DOMAIN, FOLDER) else self.key

    def of(self, page: Page, name: str = "", field: str = "") -> str:
        """The site of a page, "" when it has none.

        ``name`` is the page's path below the input, with "/" between the parts; a file of many pages is a folder of
        them. ``field`` is the value of ``self.field`` in the page's row, "" for none. Raises ProfileError when the
        key is ``domain`` and its package is missing.
        """
        if self.key == HOST:
            return bound_site_name(page.site)
        if self.key == DOMAIN:
            return bound_site_name(_domain(page.site))
        if self.key == FOLDER:
            folder, below, _ = name.partition("/")
            return bound_site_name(display_name(folder) if below else "")
        return bound_site_name(field.strip())


def bound_site_name(site: str) -> str:
    """The name of a site as files can hold it: no lone surrogates, and at most MAX_SITE_CHARS characters and a hash."""
    if not site.isascii():
        site = site.encode("utf-8", "replace").decode()
    if len(site) <= MAX_SITE_CHARS:
        return site
    return f"{site[:MAX_SITE_CHARS]}\u2026{blake2b(site.encode(), digest_size=8).hexdigest()}"


@lru_cache(maxsize=1024)
def _domain(host: str) -> str:
    """The registrable domain of a host; the host itself where there is none: IP addresses, ``localhost``.

    Suffixes under which a service hosts sites of its users (``github.io``) are treated as ``co.uk`` is.
    """
    if not host:
        return ""
    try:
        tld = import_module("tld")
    except ImportError as error:
        raise ProfileError(
            "the site key domain needs the package tld: pip install tld", reason="missing-extra"
        ) from error
    found = tld.get_fld(f"http://{host}", fail_silently=True, search_private=True)
    return host if not found or found.startswith(".") else str(found)
