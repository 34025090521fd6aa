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
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import entry_points
from itertools import accumulate, chain, repeat
from types import ModuleType
from typing import NamedTuple

from cleaner.errors import SettingsError
from cleaner.lines.dates import Stamp, stamps
from cleaner.lines.phrases import Match, core
from cleaner.records import Line, Page, Rule, Shape

__all__ = [
    "Columns",
    "Context",
    "Detector",
    "Found",
    "Hit",
    "Rule",
    "detector",
    "discover",
    "each",
    "in_blocks",
    "is_prose",
    "marked",
]

GROUP = "clean_scrape.detectors"

_CODE = re.compile(r"[A-Z]{2}[0-9]{3}")


class Hit(NamedTuple):
    """A detector's finding: ``line`` is a line number, 0 for a note about the whole page."""

    line: int
    code: str
    detail: str = ""


#: What detectors yield: hits, or the same as plain tuples, as pages give thousands of them.
Found = tuple[int, str, str]


@dataclass(frozen=True)
class Columns:
    """The filled lines of a page in columns, each counted when the first detector asks for it.

    A line is filled when folding leaves something of it. All columns but ``words`` run by filled line.
    """

    page: Page

    @cached_property
    def lines(self) -> list[Line]:
        """The filled lines themselves."""
        return [line for line, shape in zip(self.page.lines, self.page.shapes, strict=True) if shape.folded]

    @cached_property
    def shapes(self) -> list[Shape]:
        """Their shapes."""
        return [shape for shape in self.page.shapes if shape.folded]

    @cached_property
    def numbers(self) -> list[int]:
        """Their numbers, rising."""
        return [line.number for line in self.lines]

    @cached_property
    def texts(self) -> list[str]:
        """Their texts, without blanks around them."""
        return [line.text.strip() for line in self.lines]

    @cached_property
    def cores(self) -> list[str]:
        """Their folded texts, without the signs around them."""
        return [core(shape.folded) for shape in self.shapes]

    @cached_property
    def prose(self) -> list[bool]:
        """Which of them read as running text."""
        return [is_prose(shape) for shape in self.shapes]

    @cached_property
    def prose_words(self) -> list[int]:
        """Words of running text above each filled line, and last of the page."""
        return [0, *accumulate([s.words if prose else 0 for s, prose in zip(self.shapes, self.prose, strict=True)])]

    @cached_property
    def stamps(self) -> dict[int, Stamp]:
        """The stamps of the lines that have one, by index."""
        return stamps(self.texts)

    @cached_property
    def words(self) -> list[int]:
        """Words above each line of the page, filled or not, and last of the page."""
        return [0, *accumulate([shape.words for shape in self.page.shapes])]

    @cached_property
    def _blocks(self) -> dict[str, list[int]]:
        """The indexes of the page's blocks by the words of their names."""
        alike = defaultdict[tuple[str, ...], list[int]](list)  # names of several words return on many blocks
        for at, block in enumerate(self.page.blocks):
            alike[block.tokens].append(at)
        blocks = defaultdict[str, list[int]](list)
        for tokens, places in alike.items():
            for token in tokens:
                blocks[token] += places
        return blocks

    def named(self, tokens: frozenset[str]) -> list[int]:
        """The indexes of the blocks whose own class, id or role words are among ``tokens``, rising."""
        return sorted({at for token in tokens if token in self._blocks for at in self._blocks[token]})

    def marked(self, tokens: frozenset[str], most: float) -> Iterator[tuple[list[int], str]]:
        """Yield the numbers of filled lines inside blocks named with ``tokens``, and the token; see ``marked``."""
        places = self.named(tokens)
        numbers, words = (self.numbers, self.words) if places else ([], [])
        done = 0
        for block in map(self.page.blocks.__getitem__, places):
            if block.last <= done or words[block.last] - words[block.first] > most * words[-1]:
                continue
            first, last = bisect_right(numbers, max(block.first, done)), bisect_right(numbers, block.last)
            yield numbers[first:last], next(t for t in block.tokens if t in tokens)
            done = block.last


@dataclass(frozen=True, slots=True)
class Context:
    """What detectors may use beside the page: phrase matches by family, columns of the page."""

    matches: Mapping[str, tuple[Match, ...]] = field(default_factory=dict)
    _columns: list[Columns] = field(default_factory=list, init=False, repr=False, compare=False)

    def columns(self, page: Page) -> Columns:
        """The columns of the page, the same for all detectors."""
        if not self._columns or self._columns[0].page is not page:
            self._columns[:] = [Columns(page)]
        return self._columns[0]

    def hits(self, family: str, groups: Iterable[str] = ()) -> Iterator[Hit]:
        """Yield a hit for each phrase of the family (of the ``groups`` only, when given)."""
        wanted = frozenset(groups)
        for match in self.matches.get(family, ()):
            if not wanted or match.code[:4] in wanted:
                yield Hit(match.line, match.code, f"\u201c{match.phrase}\u201d")

    def lines(self, *groups: str) -> frozenset[int]:
        """The numbers of the lines that are, or hold, a phrase of these groups or codes."""
        return frozenset(
            match.line for group in groups for match in self.matches.get(group[:2], ()) if match.code.startswith(group)
        )

    def marked(self, page: Page, tokens: frozenset[str], most: float = 0.5) -> dict[int, str]:
        """``marked``, cheaper: the names of the page's blocks are looked through once for all detectors."""
        found: dict[int, str] = {}
        for numbers, token in self.columns(page).marked(tokens, most):
            found.update(dict.fromkeys(numbers, token))
        return found

    def in_blocks(self, page: Page, tokens: frozenset[str], code: str) -> Iterator[Found]:
        """Yield a hit for each filled line that ``marked`` finds, with the word that named its block."""
        named = self.columns(page).marked(tokens, 0.5)
        return chain.from_iterable(each(numbers, code, f"({token})") for numbers, token in named)


def each(numbers: Iterable[int], code: str, detail: str = "") -> Iterator[Found]:
    """The same hit for each of the lines with these numbers."""
    return zip(numbers, repeat(code), repeat(detail), strict=False)


def is_prose(shape: Shape) -> bool:
    """True for a line that reads as running text: a full sentence, or long enough without a stop.

    The bounds follow jusText's two classes of length (Pomikalek 2011), in words instead of characters; a line that
    breaks off needs function words, as a list of labels has none.
    """
    words = shape.words
    if words < SENTENCE:
        return False
    return words >= LONG_LINE or shape.ends_sentence or (words >= BROKEN_OFF and shape.function_words * 4 >= words)


#: Words from which a line with a full stop, a line of plain words that breaks off, and any line counts as running text.
SENTENCE, BROKEN_OFF, LONG_LINE = 12, 16, 30


def marked(page: Page, tokens: frozenset[str], most: float = 0.5) -> dict[int, str]:
    """Filled lines inside blocks whose own class, id or role words are among ``tokens``: number to token.

    A block that holds more than ``most`` of the page's words is left out: such a word on the body or
    its wrapper speaks of the page, not of the lines.
    """
    return Context().marked(page, tokens, most)


def in_blocks(page: Page, tokens: frozenset[str], code: str) -> Iterator[Found]:
    """Yield a hit for each filled line that ``marked`` finds, with the word that named its block."""
    return Context().in_blocks(page, tokens, code)


@dataclass(frozen=True, slots=True)
class Detector:
    """A detector's function with its rules."""

    name: str
    rules: tuple[Rule, ...]
    run: Callable[[Page, Context], Iterable[Found]]
    module: str


def detector(*rules: Rule) -> Callable[[Callable[[Page, Context], Iterable[Found]]], Detector]:
    """Turn a generator of hits into a Detector with these rules."""

    def make(run: Callable[[Page, Context], Iterable[Found]]) -> Detector:
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
