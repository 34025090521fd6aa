"""What a detector is: a generator of hits, with the rules that its codes stand for.

A detector is a decorated generator in a module of this package, or behind the entry-point group
``clean_scrape.detectors``. It sees the page and its context and yields hits: a line number, a code, and what it saw
there. It decides nothing, reads no files and knows no other detector::

    @detector(Rule("RT201", "render-time", "says how long the page took", goes=..., stays=...))
    def timings(page: Page, context: Context) -> Iterator[Hit]:
        yield from context.hits("RT")

Nothing is registered on import: ``discovery`` walks the package. ``docs/detectors.md`` shows how to add one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, repeat
from typing import NamedTuple

from cleaner.lines.phrases import Match
from cleaner.lines.table import LineTable
from cleaner.records import Page, Rule

__all__ = ["Context", "Detector", "Found", "Hit", "Rule", "detector", "each"]


class Hit(NamedTuple):
    """A detector's finding: ``line`` is a line number, 0 for a note about the whole page."""

    line: int
    code: str
    detail: str = ""


#: What detectors yield: hits, or the same as plain tuples, as pages give thousands of them.
Found = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Context:
    """What detectors may use beside the page: the table of its filled lines, and phrase matches by family."""

    table: LineTable
    matches: Mapping[str, tuple[Match, ...]] = field(default_factory=dict)

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

    def named(self, tokens: frozenset[str], max_share: float = 0.5) -> dict[int, str]:
        """The filled lines inside blocks named with one of ``tokens``, by number, each with the token that named it.

        ``tokens`` are words of class, id and role attributes. Blocks that hold more than ``max_share`` of the page's
        words are left out: see ``LineTable.lines_in_blocks``.
        """
        found: dict[int, str] = {}
        for numbers, token in self.table.lines_in_blocks(tokens, max_share):
            found.update(dict.fromkeys(numbers, token))
        return found

    def in_blocks(self, tokens: frozenset[str], code: str) -> Iterator[Found]:
        """Yield a hit with ``code`` for each line that ``named`` finds, with the word that named its block."""
        named = self.table.lines_in_blocks(tokens, 0.5)
        return chain.from_iterable(each(numbers, code, f"({token})") for numbers, token in named)


def each(numbers: Iterable[int], code: str, detail: str = "") -> Iterator[Found]:
    """The same hit for each of the lines with these numbers."""
    return zip(numbers, repeat(code), repeat(detail), strict=False)


@dataclass(frozen=True, slots=True)
class Detector:
    """A detector's function with its rules.

    ``phrases`` names the phrase files that belong to it, without language and ending, each with the groups of phrases
    that may stand there.
    """

    name: str
    rules: tuple[Rule, ...]
    run: Callable[[Page, Context], Iterable[Found]]
    module: str
    phrases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def detector(
    *rules: Rule,
    phrases: Mapping[str, tuple[str, ...]] | None = None,
    resembles: str = "",
    keeps: bool = False,
    promise: float = 0.0,
) -> Callable[[Callable[[Page, Context], Iterable[Found]]], Detector]:
    """Turn a generator of hits into a Detector with these rules.

    ``phrases`` are those of the Detector. ``resembles``, ``keeps`` and ``promise`` hold for each of the rules that does
    not say otherwise; a rule that keeps lines resembles no residue.
    """
    own = tuple(
        replace(
            rule,
            keeps=rule.keeps or keeps,
            resembles=rule.resembles or ("" if rule.keeps or keeps else resembles),
            promise=rule.promise or promise,
        )
        for rule in rules
    )

    def make(run: Callable[[Page, Context], Iterable[Found]]) -> Detector:
        return Detector(run.__name__, own, run, run.__module__, phrases or {})

    return make
