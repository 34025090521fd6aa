"""What the features are made of: the facts of a page's filled lines as arrays, gathered in one walk."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count

import numpy as np

from cleaner.lines.table import LineTable
from cleaner.records import Line, Markup, Page, Shape
from cleaner.score.model.words import Tokens, tokens_of
from cleaner.score.spans import Bools, Floats, Ints, Means

#: A line weighs its words in means, up to this many.
HEAVIEST = 60

#: Characters of a line whose words are looked at; no development page has a line of more than 32,969.
LONGEST = 50_000

#: The names of a shape's counts, in order.
COUNTS = ("words", "function", "ends", "capitals", "digits", "separators")


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes found on ``size`` lines: ``names`` of the different ones; for each hit its ``line`` and its ``code``.

    ``code`` indexes ``names``.
    """

    size: int
    names: Sequence[str]
    line: Ints
    code: Ints

    def sums(self, weights: Mapping[str, float]) -> Floats:
        """Per line what its codes add up to; those without a weight count nothing."""
        known = np.array([weights.get(name, 0.0) for name in self.names], float)
        return np.bincount(self.line, known[self.code], self.size).astype(float)

    def lines(self) -> Mapping[str, Ints]:
        """The lines of each code."""
        order = np.argsort(self.code, kind="stable")
        ends = np.cumsum(np.bincount(self.code, minlength=len(self.names))).tolist()
        line = self.line[order]
        return {name: line[at:end] for name, at, end in zip(self.names, [0, *ends], ends, strict=False)}


def codes_of(lines: Sequence[Sequence[str]]) -> Codes:
    """The codes found on each line."""
    every = [code for codes in lines for code in codes]
    numbers = defaultdict[str, int](count().__next__)
    code = np.fromiter(map(numbers.__getitem__, every), np.int64, len(every))
    sizes = np.fromiter(map(len, lines), np.int64, len(lines))
    return Codes(len(lines), list(numbers), np.repeat(np.arange(len(lines)), sizes), code)


@dataclass(frozen=True)
class Facts:
    """What the features of a page are made of: every array has one value per filled line.

    ``codes`` are the codes found on the lines of the ``table``; ``rules`` is what the evidence adds up to, in log-odds.
    """

    table: LineTable
    codes: Codes
    rules: Floats

    @property
    def page(self) -> Page:
        """The page."""
        return self.table.page

    @cached_property
    def at(self) -> Ints:
        """The indexes of the filled lines into ``page.lines``."""
        return np.array(self.table.at, int)

    @property
    def lines(self) -> list[Line]:
        """The filled lines."""
        return self.table.lines

    @cached_property
    def markups(self) -> list[Markup | None]:
        """What the markup says about them."""
        return [line.markup for line in self.lines]

    @property
    def shapes(self) -> list[Shape]:
        """Their shapes."""
        return self.table.shapes

    @cached_property
    def counts(self) -> Mapping[str, Floats]:
        """The counts of their shapes by name, with ``chars`` of the folded text."""
        rows = list(zip(*self.shapes, strict=True)) or [()] * 7
        chars = tuple(map(len, rows[0]))
        return dict(zip((*COUNTS, "chars"), np.array([*rows[1:], chars], float), strict=True))

    @cached_property
    def tokens(self) -> Tokens:
        """Their words; of a line that is longer than LONGEST those at its beginning."""
        return tokens_of([shape.folded[:LONGEST] for shape in self.shapes])

    @cached_property
    def words(self) -> Floats:
        """Their numbers of words."""
        return self.counts["words"]

    @cached_property
    def weight(self) -> Floats:
        """What each line weighs in means."""
        return np.minimum(self.words, HEAVIEST) + 1

    @cached_property
    def prose(self) -> Floats:
        """Their words, where they are running text; 0 where not."""
        return np.where(np.array(self.table.prose, bool), self.words, 0.0)

    @cached_property
    def link_share(self) -> Floats:
        """The share of their characters that lie inside links; 0 for text."""
        linked = [markup.link_chars if markup else 0 for markup in self.markups]
        return np.minimum(1.0, np.array(linked, float) / np.maximum(1, self.counts["chars"]))

    @cached_property
    def heading(self) -> Floats:
        """The level of the heading they are, 0 for none."""
        return np.array([markup.heading if markup else 0 for markup in self.markups], float)

    @cached_property
    def copies(self) -> Floats:
        """How often each line stands on the page, digits aside."""
        texts = [shape.folded for shape in self.shapes]
        return np.fromiter(map(Counter(texts).__getitem__, texts), float, len(texts))

    @cached_property
    def found(self) -> Mapping[str, Ints]:
        """The lines of each code found."""
        return self.codes.lines()

    def family(self, family: str) -> Bools:
        """Which lines have evidence of a family."""
        return self.says(*[code for code in self.codes.names if code.startswith(family)])

    def says(self, *codes: str) -> Bools:
        """Which lines have evidence of one of the codes."""
        flags = np.zeros(len(self.at), bool)
        for code in codes:
            if code in self.found:
                flags[self.found[code]] = True
        return flags

    def means(self, values: Floats) -> Means:
        """Means of values over spans of lines, weighted by words."""
        return Means(values, self.weight)
