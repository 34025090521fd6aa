"""The options of cleaning as frozen records: those of a run, and those that hold for one page of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal, get_args

from cleaner.errors import SettingsError

Policy = Literal["safe", "balanced", "strict"]

#: In the allow-list it stands for every code: when a text is cleaned again, a line may get another code.
ANY_CODE = "*"


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of cleaning.

    ``policy`` sets from which probability lines go. ``select`` and ``ignore`` hold codes or prefixes of codes; the
    longest matching prefix wins. A line goes only under a code that is selected and not ignored, and
    evidence for keeping (families KP, BY, CP, TI) that is ignored does not count. ``languages`` replaces
    the detected language. ``allow`` holds pairs of code and line hash that stay (``line_hash``); the code ANY_CODE
    stands for every code. ``second_opinion`` runs trafilatura on HTML pages of low confidence, as additional evidence.
    ``sites`` maps a site to settings that replace these there. ``silenced`` maps a site to codes, or prefixes
    of codes, under which no line of that site goes, whatever else the settings select.
    Raises SettingsError for an unknown policy, and for a string where several are expected.
    """

    policy: Policy = "balanced"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    allow: frozenset[tuple[str, str]] = frozenset()
    second_opinion: bool = False
    sites: Mapping[str, Settings] = field(default_factory=dict)
    silenced: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.policy not in get_args(Policy):
            raise SettingsError(f"unknown policy {self.policy!r}; there are {', '.join(get_args(Policy))}")
        for name in ("select", "ignore", "languages"):
            if isinstance(value := getattr(self, name), str):  # each of its letters would count as an item
                raise SettingsError(f"{name}: expected a tuple of strings, got {value!r}; write ({value!r},)")

    def for_site(self, site: str) -> PageSettings:
        """Return the options for the pages of one site: its own settings, when it has any, else these."""
        own = self.sites.get(site, self)
        return PageSettings(
            policy=own.policy,
            select=own.select,
            ignore=own.ignore,
            languages=own.languages,
            allow=own.allow,
            second_opinion=own.second_opinion,
            silenced=self.silenced.get(site, ()),
        )


@dataclass(frozen=True, slots=True)
class PageSettings:
    """The options that hold for one page, as ``Settings.for_site`` gives them; ``silenced`` are codes of its site."""

    policy: Policy
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    languages: tuple[str, ...]
    allow: frozenset[tuple[str, str]]
    second_opinion: bool
    silenced: tuple[str, ...]

    def may_drop(self, code: str) -> bool:
        """Tell whether lines may go under ``code``."""
        if self.silenced and code.startswith(self.silenced):
            return False
        if not (self.select or self.ignore):
            return True
        chosen = max((len(p) for p in self.select if code.startswith(p)), default=-1 if self.select else 0)
        refused = max((len(p) for p in self.ignore if code.startswith(p)), default=-1)
        return chosen > refused

    def may_keep(self, code: str) -> bool:
        """Tell whether evidence for keeping of ``code`` counts: unless it is ignored; ``select`` does not limit it."""
        if not self.ignore:
            return True
        refused = max((len(p) for p in self.ignore if code.startswith(p)), default=-1)
        return refused < 0 or refused < max((len(p) for p in self.select if code.startswith(p)), default=-1)

    def is_allowed(self, code: str, text: str) -> bool:
        """Tell whether the allow-list keeps a line that would go under ``code``."""
        if not self.allow:
            return False
        line = line_hash(text)
        return (code, line) in self.allow or (ANY_CODE, line) in self.allow


#: The settings where none are given.
DEFAULTS = Settings()


def line_hash(text: str) -> str:
    """Return the hash by which the allow-list names a line: 16 hex digits, the same for any case and spacing.

    >>> line_hash("Read  More ") == line_hash("read more")
    True
    """
    return sha256(" ".join(text.lower().split()).encode("utf-8", "surrogatepass")).hexdigest()[:16]
