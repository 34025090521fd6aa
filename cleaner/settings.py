"""The options of a run as one frozen record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Policy = Literal["safe", "balanced", "strict"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of cleaning.

    ``policy`` is how readily lines go. ``select`` and ``ignore`` hold codes or prefixes of codes; the
    longest matching prefix wins; a line goes only when the code it would go under is active, and
    a keeping voice (KP, BY, CP, TI) that is ignored is not heard. ``languages`` overrides the
    language found. ``allow`` holds pairs of code and line hash that stay (``hook.line_hash``).
    ``sites`` maps a site to settings that replace these there. ``second_opinion`` asks
    trafilatura about HTML pages of low confidence.
    """

    policy: Policy = "balanced"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    allow: frozenset[tuple[str, str]] = frozenset()
    second_opinion: bool = False
    sites: Mapping[str, Settings] = field(default_factory=dict)

    def active(self, code: str) -> bool:
        """True when the settings let ``code`` speak."""
        chosen = max((len(p) for p in self.select if code.startswith(p)), default=-1 if self.select else 0)
        refused = max((len(p) for p in self.ignore if code.startswith(p)), default=-1)
        return chosen > refused

    def for_site(self, site: str) -> Settings:
        """The settings for one site: its own, when it has any, else these."""
        return self.sites.get(site, self)
