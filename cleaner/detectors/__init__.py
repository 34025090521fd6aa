"""What a detector is, and how detectors are found.

A detector is a decorated generator in a module of this package, or behind the entry-point group
``clean_scrape.detectors``. It sees the page and its context and yields hits: a line number, a code,
and what it saw there. It judges nothing else, reads no files and knows no other detector::

    @detector(Rule("RT201", "render-time", "says how long the page took", goes=..., stays=...))
    def timings(page: Page, context: Context) -> Iterator[Hit]:
        yield from context.hits("RT")

Nothing is registered on import: discovery walks the package.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from itertools import accumulate
from types import ModuleType
from typing import NamedTuple

from cleaner.errors import SettingsError
from cleaner.phrases import Match
from cleaner.records import Page, Rule, Shape
from cleaner.sites import SiteProfile

__all__ = [
    "Context",
    "Detector",
    "Hit",
    "Rule",
    "detector",
    "discover",
    "in_blocks",
    "is_prose",
    "marked",
]

GROUP = "clean_scrape.detectors"

_CODE = re.compile(r"[A-Z]{2}[0-9]{3}")


#: Families whose phrases tell residue wherever they stand; labels of navigation (NV) may be headings, too.
RESIDUE = ("AD", "CH", "CK", "CM", "NL", "PW", "RL", "RT", "SH")


class Hit(NamedTuple):
    """A detector's finding: ``line`` is a line number, 0 for a note about the whole page.

    A tuple, since pages give thousands of them.
    """

    line: int
    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What detectors may use beside the page: phrase matches by family, and the site's profile."""

    matches: Mapping[str, tuple[Match, ...]] = field(default_factory=dict)
    profile: SiteProfile | None = None

    def hits(self, family: str, groups: Iterable[str] = ()) -> Iterator[Hit]:
        """Yield a hit for each phrase of the family (of the ``groups`` only, when given)."""
        wanted = frozenset(groups)
        for match in self.matches.get(family, ()):
            if not wanted or match.code[:4] in wanted:
                yield Hit(match.line, match.code, f"\u201c{match.phrase}\u201d")

    def named(self) -> frozenset[int]:
        """The numbers of the lines that are a phrase of residue, and so say themselves what they are."""
        return frozenset(m.line for family in RESIDUE for m in self.matches.get(family, ()) if m.code.endswith("1"))

    def lines(self, *groups: str) -> frozenset[int]:
        """The numbers of the lines that are, or hold, a phrase of these groups or codes."""
        return frozenset(
            match.line for group in groups for match in self.matches.get(group[:2], ()) if match.code.startswith(group)
        )


def is_prose(shape: Shape) -> bool:
    """True for a line that reads as running text: a full sentence, or long enough without a stop.

    The bounds follow jusText's two classes of length (Pomikalek 2011), in words instead of characters; a line that
    breaks off needs function words, as a list of labels has none.
    """
    if shape.words >= LONG_LINE or (shape.words >= SENTENCE and shape.ends_sentence):
        return True
    return shape.words >= BROKEN_OFF and shape.function_words * 4 >= shape.words


#: Words from which a line with a full stop, a line of plain words that breaks off, and any line counts as running text.
SENTENCE, BROKEN_OFF, LONG_LINE = 12, 16, 30


def marked(page: Page, tokens: frozenset[str], most: float = 0.5) -> dict[int, str]:
    """Lines inside blocks whose own class, id or role words are among ``tokens``: number to token.

    A block that holds more than ``most`` of the page's words is left out: such a word on the body or
    its wrapper speaks of the page, not of the lines.
    """
    named = [block for block in page.blocks if not tokens.isdisjoint(block.tokens)]
    if not named:
        return {}
    before = [0, *accumulate(shape.words for shape in page.shapes)]
    found: dict[int, str] = {}
    done = 0
    for block in named:
        if block.last <= done or before[block.last] - before[block.first] > most * before[-1]:
            continue
        token = next(token for token in block.tokens if token in tokens)
        found.update((number, token) for number in range(max(block.first, done) + 1, block.last + 1))
        done = block.last
    return found


def in_blocks(page: Page, tokens: frozenset[str], code: str) -> Iterator[Hit]:
    """Yield a hit for each line that ``marked`` finds, with the word that named its block."""
    for number, token in marked(page, tokens).items():
        yield Hit(number, code, f"({token})")


@dataclass(frozen=True, slots=True)
class Detector:
    """A detector's function with its rules."""

    name: str
    rules: tuple[Rule, ...]
    run: Callable[[Page, Context], Iterable[Hit]]
    module: str


def detector(*rules: Rule) -> Callable[[Callable[[Page, Context], Iterable[Hit]]], Detector]:
    """Turn a generator of hits into a Detector with these rules."""

    def make(run: Callable[[Page, Context], Iterable[Hit]]) -> Detector:
        return Detector(run.__name__, rules, run, run.__module__)

    return make


def discover(*, third_party: bool = True) -> tuple[Detector, ...]:
    """All detectors, sorted by module and name.

    Raises SettingsError when two rules share a code, a code is malformed, or a third party's
    detector cannot be loaded.
    """
    found = [d for module in _modules() for d in vars(module).values() if _defined_in(d, module.__name__)]
    if third_party:
        found += _plugins()
    found.sort(key=lambda d: (d.module, d.name))
    _check(found)
    return tuple(found)


def _modules() -> Iterator[ModuleType]:
    for info in pkgutil.iter_modules(__path__):
        yield importlib.import_module(f"{__name__}.{info.name}")


def _defined_in(value: object, module: str) -> bool:
    return isinstance(value, Detector) and value.module == module


def _plugins() -> Iterator[Detector]:
    for point in sorted(entry_points(group=GROUP), key=lambda p: (p.name, p.value)):
        try:
            value = point.load()
        except Exception as error:
            raise SettingsError(
                f"the detector {point.name!r} ({point.value}) cannot be loaded: {error}; uninstall its package or mend it"
            ) from error
        if not isinstance(value, Detector):
            raise SettingsError(f"the entry point {point.name!r} ({point.value}) is not a cleaner.detectors.Detector")
        yield value


def _check(found: Iterable[Detector]) -> None:
    owner: dict[str, str] = {}
    for one in found:
        for rule in one.rules:
            if not _CODE.fullmatch(rule.code):
                raise SettingsError(f"{one.module}: the code {rule.code!r} is not two capitals and three digits")
            if rule.code in owner:
                raise SettingsError(f"the code {rule.code} belongs to {owner[rule.code]} and to {one.module}")
            owner[rule.code] = one.module
