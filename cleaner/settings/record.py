"""The options of a run as one frozen record. Files of settings are read in ``config``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Literal, get_args

from cleaner.errors import SettingsError

Policy = Literal["safe", "balanced", "strict"]

#: In the allow-list, for every code: a text is judged again without the lines that went, and then others speak.
ANY = "*"


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of cleaning.

    ``policy`` is how readily lines go. ``select`` and ``ignore`` hold codes or prefixes of codes; the
    longest matching prefix wins; a line goes only when the code it would go under is active, and
    a keeping voice (KP, BY, CP, TI) that is ignored is not heard. ``languages`` overrides the
    language found. ``allow`` holds pairs of code and line hash that stay (``line_hash``), ANY
    standing for every code.
    ``sites`` maps a site to settings that replace these there; ``silenced`` maps a site to codes, or prefixes of codes,
    under which no line of it goes, whatever else is said; ``silent`` are those of the site at hand.
    ``second_opinion`` asks trafilatura about HTML pages of low confidence. ``exclude`` holds globs of files to leave
    out. ``explain`` lets the learned voice of each line name the columns it goes by; no verdict changes.
    Raises SettingsError for an unknown policy, and for a string where several are wanted.
    """

    policy: Policy = "balanced"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    allow: frozenset[tuple[str, str]] = frozenset()
    second_opinion: bool = False
    sites: Mapping[str, Settings] = field(default_factory=dict)
    silenced: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    explain: bool = False

    def __post_init__(self) -> None:
        if self.policy not in get_args(Policy):
            raise SettingsError(f"unknown policy {self.policy!r}; there are {', '.join(get_args(Policy))}")
        for name in ("select", "ignore", "languages", "exclude", "silent"):
            if isinstance(value := getattr(self, name), str):  # it would count as its letters
                raise SettingsError(f"{name}: expected a tuple of strings, got {value!r}; write ({value!r},)")

    def may_drop(self, code: str) -> bool:
        """True when the settings let ``code`` speak."""
        if self.silent and code.startswith(self.silent):
            return False
        if not (self.select or self.ignore):
            return True
        chosen = max((len(p) for p in self.select if code.startswith(p)), default=-1 if self.select else 0)
        refused = max((len(p) for p in self.ignore if code.startswith(p)), default=-1)
        return chosen > refused

    def may_keep(self, code: str) -> bool:
        """True unless ``ignore`` silences a keeping voice; ``select`` does not touch those."""
        if not self.ignore:
            return True
        refused = max((len(p) for p in self.ignore if code.startswith(p)), default=-1)
        return refused < 0 or refused < max((len(p) for p in self.select if code.startswith(p)), default=-1)

    def is_allowed(self, code: str, text: str) -> bool:
        """True for a line that the allow-list keeps although ``code`` would take it."""
        if not self.allow:
            return False
        line = line_hash(text)
        return (code, line) in self.allow or (ANY, line) in self.allow

    def for_site(self, site: str) -> Settings:
        """The settings for one site: its own, when it has any, else these."""
        own = self.sites.get(site, self)
        if site in self.silenced:
            own = replace(own, silent=(*own.silent, *self.silenced[site]))
        return replace(own, explain=True) if self.explain and not own.explain else own

    def excludes(self, path: str) -> bool:
        """True when a glob of ``exclude`` covers ``path``, or a folder that holds it.

        ``path`` is relative, with forward slashes. A glob matches whole names, beginning at any folder:
        ``*`` stays inside a name, ``**`` stands for any number of folders.

        >>> Settings(exclude=("raw/*.html", "old")).excludes("pages/raw/a.html")
        True
        """
        names = path.split("/")
        return any(_covers([part for part in glob.split("/") if part], names) for glob in self.exclude)


def line_hash(text: str) -> str:
    """What the allow-list knows a line by: 16 hex digits, the same for any case and spacing.

    >>> line_hash("Read  More ") == line_hash("read more")
    True
    """
    return sha256(" ".join(text.lower().split()).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _covers(parts: list[str], names: list[str]) -> bool:
    """True when the parts of a glob match a run of whole names; takes parts times names steps."""
    reached: set[int] = set()
    for name in names:
        reached.add(0)
        for index, part in enumerate(parts):
            if part == "**" and index in reached:
                reached.add(index + 1)
        stay = {index for index in reached if index < len(parts) and parts[index] == "**"}
        step = {index + 1 for index in reached if index < len(parts) and fnmatchcase(name, parts[index])}
        reached = stay | step
        if len(parts) in reached:
            return True
    return False
