"""Detectors: generators of hits, with the rules of their codes.

A detector is a decorated generator in a module of this package, or behind the entry-point group
``clean_scrape.detectors``. It takes the page and its context and yields hits: a line number, a code, and the text that
made it fire. It decides nothing, reads no files and uses no other detector::

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
    """A code on a line, as a detector yields it: ``line`` is its number, 0 for a note about the page; ``detail`` is quoted
    in the reason.
    """

    line: int
    code: str
    detail: str = ""


#: What detectors yield: hits, or plain tuples with the same fields, which are faster to make by the thousand.
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
        """The numbers of the filled lines inside blocks named with one of ``tokens``, each with that token.

        ``tokens`` are words of class, id and role attributes. Blocks that hold more than ``max_share`` of the page's
        words are left out: see ``LineTable.lines_in_blocks``.
        """
        found: dict[int, str] = {}
        for numbers, token in self.table.lines_in_blocks(tokens, max_share):
            found.update(dict.fromkeys(numbers, token))
        return found

    def in_blocks(self, tokens: frozenset[str], code: str) -> Iterator[Found]:
        """Yield a hit with ``code`` for each line that ``named`` finds, with the token in brackets as its detail."""
        named = self.table.lines_in_blocks(tokens, 0.5)
        return chain.from_iterable(each(numbers, code, f"({token})") for numbers, token in named)


def each(numbers: Iterable[int], code: str, detail: str = "") -> Iterator[Found]:
    """A hit with this code and detail for each of the lines with these numbers."""
    return zip(numbers, repeat(code), repeat(detail), strict=False)


@dataclass(frozen=True, slots=True)
class Detector:
    """A detector's function with its rules.

    ``phrases`` names its phrase files, without language and ending, and for each file the groups of phrases that it may
    hold. ``module`` is the module that defines it.
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

    ``phrases`` are those of the Detector. ``resembles``, ``keeps`` and ``promise`` are the defaults of its rules (see
    ``Rule``); a rule that keeps lines resembles no residue.
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
