"""Facts that an HTML page states about itself: meta tags, JSON-LD types, its title and address."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from cleaner.lines.fold import core, fold
from cleaner.records import PageFacts

#: The fields of PageFacts that meta tags fill, by their property or name.
META_FIELDS = {
    "og:type": "og_type",
    "og:site_name": "site_name",
    "og:title": "og_title",
    "og:url": "og_url",
    "description": "description",
    "article:published_time": "published",
}

#: Limits: characters of a fact, characters of a JSON-LD script, and nodes of a JSON-LD script.
MAX_FACT_CHARS, MAX_JSON_CHARS, MAX_JSON_NODES = 2_000, 1_000_000, 20_000

# Linear: a separator between spaces, one literal at a time.
_SUFFIX = re.compile(r"\s[|\u2013\u2014\u00b7\u00bb\u2022:-]\s|\s::\s")

# Linear: begins with a literal, spaces are bounded.
_NOT_FREE = re.compile(r'"isAccessibleForFree"\s{0,8}:\s{0,8}"?false', re.IGNORECASE)


def note_meta(facts: dict[str, str], attrs: Mapping[str, str]) -> None:
    """Put the value of a ``<meta>`` into ``facts``, by field of PageFacts; the first of each kind counts."""
    name = META_FIELDS.get((attrs.get("property") or attrs.get("name") or "")[:40].strip().lower())
    if name and name not in facts:
        value = shorten(attrs.get("content") or "")
        if value:
            facts[name] = value


def note_link(facts: dict[str, str], attrs: Mapping[str, str]) -> None:
    """Put the address of a ``<link rel="canonical">`` into ``facts``."""
    if "canonical" in (attrs.get("rel") or "")[:100].lower().split() and "canonical" not in facts:
        facts["canonical"] = shorten(attrs.get("href") or "")


def shorten(text: str) -> str:
    """Return ``text`` on one line, cut to the length of a fact."""
    return " ".join(text[:MAX_FACT_CHARS].split())


def json_ld_types(script: str) -> set[str]:
    """Return the ``@type`` names anywhere in a JSON-LD script; none when it is no JSON."""
    if len(script) > MAX_JSON_CHARS:
        return set()
    try:
        nodes = [json.loads(script.strip().rstrip(";"))]
    except (ValueError, RecursionError):
        return set()
    found: set[str] = set()
    for node in _every(nodes):
        types = node.get("@type")
        for one in types if isinstance(types, list) else [types]:
            if isinstance(one, str):
                found.update(one[:60].replace(",", " ").split())
    return found


def states_not_free(script: str) -> bool:
    """Tell whether a JSON-LD script states that the page is not free to read."""
    return bool(_NOT_FREE.search(script[:MAX_JSON_CHARS]))


def _every(nodes: list[object]) -> Iterable[dict[str, object]]:
    for _ in range(MAX_JSON_NODES):
        if not nodes:
            return
        node = nodes.pop()
        if isinstance(node, dict):
            yield node
            nodes.extend(node.values())
        elif isinstance(node, list):
            nodes.extend(node)


def title_of(title: str, headings: Sequence[tuple[int, str]], facts: PageFacts) -> str:
    """Return the page's title: ``og:title``, else the heading that ``<title>`` repeats, else ``<title>``,
    without the site's name.

    ``headings`` are pairs of level and text; a heading below the first level counts only when it is the whole title
    without the site's name.
    """
    named = facts.og_title or shorten(title)
    folded = core(fold(title))
    first = core(fold(_SUFFIX.split(named, maxsplit=1)[0]))
    for level, heading in headings:
        bare = core(fold(heading))
        if bare and (bare == first or (level == 1 and bare in folded and not facts.og_title)):
            return shorten(heading)
    return without_site(named, facts.site_name)


def without_site(title: str, site: str) -> str:
    """Return ``title`` without a last part that is the site's name.

    >>> without_site("The lock is open | Harbour Post", "Harbour Post")
    'The lock is open'
    """
    cuts = list(_SUFFIX.finditer(title))
    if not cuts or not site or core(fold(title[cuts[-1].end() :])) != core(fold(site)):
        return title
    return title[: cuts[-1].start()].strip() or title


def address_of(url: str | None, facts: PageFacts) -> str:
    """Return the page's address: ``url``, else the canonical one, "" when neither is absolute."""
    for candidate in (url, facts.canonical, facts.og_url):
        if candidate and (candidate is url or candidate.startswith(("http://", "https://"))):
            return candidate
    return ""


def site_of_url(url: str) -> str:
    """Return the host of an address without "www.", "" when it has none.

    >>> site_of_url("https://www.example.org:8080/a")
    'example.org'
    """
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
