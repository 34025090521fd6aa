"""What an HTML page says about itself: meta tags, JSON-LD types, its title and address."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from cleaner.lines.fold import core, fold

#: The meta tags kept as page facts, by property or name.
WANTED = frozenset({"og:type", "og:site_name", "og:title", "og:url", "description", "article:published_time"})

#: Bounds on what a page may say about itself.
LONGEST_FACT, LONGEST_JSON, MOST_NODES = 2_000, 1_000_000, 20_000

# Linear: a separator between blanks, one literal at a time.
_SUFFIX = re.compile(r"\s[|\u2013\u2014\u00b7\u00bb\u2022:-]\s|\s::\s")

# Linear: begins with a literal, blanks are bounded.
_PAID = re.compile(r'"isAccessibleForFree"\s{0,8}:\s{0,8}"?false', re.IGNORECASE)


def meta(facts: dict[str, str], attrs: Mapping[str, str]) -> None:
    """Note a ``<meta>`` in ``facts``; the first of each kind counts."""
    name = (attrs.get("property") or attrs.get("name") or "")[:40].strip().lower()
    if name in WANTED and name not in facts:
        value = shorten(attrs.get("content") or "")
        if value:
            facts[name] = value


def link(facts: dict[str, str], attrs: Mapping[str, str]) -> None:
    """Note a ``<link rel="canonical">`` in ``facts``."""
    if "canonical" in (attrs.get("rel") or "")[:100].lower().split() and "canonical" not in facts:
        facts["canonical"] = shorten(attrs.get("href") or "")


def shorten(text: str) -> str:
    """``text`` on one line, cut to the length of a fact."""
    return " ".join(text[:LONGEST_FACT].split())


def json_ld_types(script: str) -> set[str]:
    """The ``@type`` names anywhere in a JSON-LD script; empty when it is no JSON."""
    if len(script) > LONGEST_JSON:
        return set()
    try:
        nodes = [json.loads(script.strip().rstrip(";"))]
    except (ValueError, RecursionError):
        return set()
    found: set[str] = set()
    for node in _every(nodes):
        types = node.get("@type")
        found.update(t[:60] for t in (types if isinstance(types, list) else [types]) if isinstance(t, str) and t)
    return found


def asks_money(script: str) -> bool:
    """True when a JSON-LD script says that the page is not free to read."""
    return bool(_PAID.search(script[:LONGEST_JSON]))


def _every(nodes: list[object]) -> Iterable[dict[str, object]]:
    for _ in range(MOST_NODES):
        if not nodes:
            return
        node = nodes.pop()
        if isinstance(node, dict):
            yield node
            nodes.extend(node.values())
        elif isinstance(node, list):
            nodes.extend(node)


def title_of(title: str, headings: Sequence[tuple[int, str]], facts: Mapping[str, str]) -> str:
    """The page's title: ``og:title``, else the heading it repeats, else ``<title>``, without the site's name.

    ``headings`` are levels with texts; one below the first level must be all of the title but the site's name.
    """
    site = facts.get("og:site_name", "")
    named = facts.get("og:title", "") or shorten(title)
    folded = core(fold(title))
    first = core(fold(_SUFFIX.split(named, maxsplit=1)[0]))
    for level, heading in headings:
        bare = core(fold(heading))
        if bare and (bare == first or (level == 1 and bare in folded and "og:title" not in facts)):
            return shorten(heading)
    return without_site(named, site)


def without_site(title: str, site: str) -> str:
    """``title`` without a last part that is the site's name.

    >>> without_site("The lock is open | Harbour Post", "Harbour Post")
    'The lock is open'
    """
    cuts = list(_SUFFIX.finditer(title))
    if not cuts or not site or core(fold(title[cuts[-1].end() :])) != core(fold(site)):
        return title
    return title[: cuts[-1].start()].strip() or title


def address_of(url: str | None, facts: Mapping[str, str]) -> str:
    """The page's address: the one handed over, else the canonical one, "" when neither is absolute."""
    for candidate in (url, facts.get("canonical"), facts.get("og:url")):
        if candidate and (candidate is url or candidate.startswith(("http://", "https://"))):
            return candidate
    return ""


def site_of(url: str) -> str:
    """The host of an address without "www.", "" when it has none.

    >>> site_of("https://www.example.org:8080/a")
    'example.org'
    """
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
