"""What the columns are made of: the facts of a page's filled lines as arrays, gathered in one walk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cleaner.records import Line, Markup, Page, Shape
from cleaner.score.spans import Bools, Floats, Ints, Means
from cleaner.score.words import Tokens, tokens_of

#: Words from which a line with a full stop, and any line, counts as running text (see ``detectors.is_prose``).
SENTENCE, LONG_LINE = 12, 30

#: A line weighs its words in means, up to this many.
HEAVIEST = 60

#: The names of a shape's counts, in order.
COUNTS = ("words", "function", "ends", "capitals", "digits", "separators")


@dataclass(frozen=True)
class Facts:
    """The filled lines of a page; every array has one value per filled line.

    ``at`` are their indexes into ``page.lines``; ``rules`` is what the evidence adds up to, in log-odds, and
    ``codes`` lists the codes found.
    """

    page: Page
    at: Ints
    codes: Sequence[Sequence[str]]
    rules: Floats

    @cached_property
    def lines(self) -> list[Line]:
        """The filled lines."""
        return [self.page.lines[n] for n in self.at.tolist()]

    @cached_property
    def markups(self) -> list[Markup | None]:
        """What the markup says about them."""
        return [line.markup for line in self.lines]

    @cached_property
    def shapes(self) -> list[Shape]:
        """Their shapes."""
        return [self.page.shapes[n] for n in self.at.tolist()]

    @cached_property
    def counts(self) -> Mapping[str, Floats]:
        """The counts of their shapes by name, with ``chars`` of the folded text."""
        rows = list(zip(*self.shapes, strict=True)) or [()] * 7
        counts = {name: np.array(row, float) for name, row in zip(COUNTS, rows[1:], strict=True)}
        return counts | {"chars": np.array([len(text) for text in rows[0]], float)}

    @cached_property
    def tokens(self) -> Tokens:
        """Their words."""
        return tokens_of([shape.folded for shape in self.shapes])

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
        some = self.counts
        full = (self.words >= SENTENCE) & (some["ends"] > 0)
        plain = (self.words >= LONG_LINE) | full
        return np.where(plain, self.words, 0.0)

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
    def local(self) -> Ints:
        """A number for each token, the same for the same word; line ends are 0."""
        numbers = {name: n for n, name in enumerate(dict.fromkeys(["\n", *self.tokens.names]))}
        return np.fromiter(map(numbers.__getitem__, self.tokens.names), np.int64, len(self.tokens.names))

    @cached_property
    def copies(self) -> Floats:
        """How often each line stands on the page, digits aside."""
        seen = Counter([shape.folded for shape in self.shapes])
        return np.array([seen[shape.folded] for shape in self.shapes], float)

    @cached_property
    def found(self) -> Mapping[str, list[int]]:
        """The lines of each code found."""
        lines: dict[str, list[int]] = {}
        for line, codes in enumerate(self.codes):
            for code in codes:
                lines.setdefault(code, []).append(line)
        return lines

    def family(self, family: str) -> Bools:
        """Which lines have evidence of a family."""
        return self.says(*[code for code in self.found if code.startswith(family)])

    def says(self, *codes: str) -> Bools:
        """Which lines have evidence of one of the codes."""
        flags = np.zeros(len(self.at), bool)
        for code in codes:
            flags[self.found.get(code, [])] = True
        return flags

    def means(self, values: Floats) -> Means:
        """Means of values over spans of lines, weighted by words."""
        return Means(values, self.weight)
