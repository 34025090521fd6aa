"""The facts about the filled lines of a page as arrays, from which the features are computed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count

import numpy as np

from cleaner.lines.table import LineTable
from cleaner.records import Line, Markup, Page, Shape
from cleaner.score.model.words import Tokens, tokenize
from cleaner.score.spans import Bools, Floats, Ints, Means

#: In means, a line has the weight of its number of words, up to this many.
MAX_WEIGHT_WORDS = 60

#: Characters at the beginning of a line whose words are read; no development page has a line of more than 32,969.
MAX_TOKENIZED_CHARS = 50_000

#: Names for the counts of a ``Shape``, in the order of its fields.
SHAPE_COUNTS = ("words", "function", "ends", "capitals", "digits", "separators")


@dataclass(frozen=True, slots=True)
class CodeTable:
    """The codes found on ``size`` filled lines.

    ``names`` are the different codes. ``line`` and ``code`` have one value per hit: the index of its line, and the
    index of its code in ``names``.
    """

    size: int
    names: Sequence[str]
    line: Ints
    code: Ints

    def sums(self, weights: Mapping[str, float]) -> Floats:
        """Return per line the sum of the weights of its codes, in log-odds; a code without a weight counts 0."""
        known = np.array([weights.get(name, 0.0) for name in self.names], float)
        return np.bincount(self.line, known[self.code], self.size).astype(float)

    def lines(self) -> Mapping[str, Ints]:
        """Return the indexes of the lines of each code."""
        order = np.argsort(self.code, kind="stable")
        ends = np.cumsum(np.bincount(self.code, minlength=len(self.names))).tolist()
        line = self.line[order]
        return {name: line[at:end] for name, at, end in zip(self.names, [0, *ends], ends, strict=False)}


def index_codes(lines: Sequence[Sequence[str]]) -> CodeTable:
    """Return the table of the codes found on each filled line."""
    every = [code for codes in lines for code in codes]
    numbers = defaultdict[str, int](count().__next__)
    code = np.fromiter(map(numbers.__getitem__, every), np.int64, len(every))
    sizes = np.fromiter(map(len, lines), np.int64, len(lines))
    return CodeTable(len(lines), list(numbers), np.repeat(np.arange(len(lines)), sizes), code)


@dataclass(frozen=True)
class Facts:
    """Arrays over the ``table`` of a page's filled lines, with one value per filled line unless stated otherwise.

    ``codes`` are the codes that detectors found on the lines; ``rules`` is the sum of their weights and the bias, in
    log-odds.
    """

    table: LineTable
    codes: CodeTable
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
        """Their markup; None for text."""
        return [line.markup for line in self.lines]

    @property
    def shapes(self) -> list[Shape]:
        """The shapes of the filled lines."""
        return self.table.shapes

    @cached_property
    def counts(self) -> Mapping[str, Floats]:
        """The counts of their shapes by the names in SHAPE_COUNTS, and ``chars``, the characters of the folded text."""
        rows = list(zip(*self.shapes, strict=True)) or [()] * 7
        chars = tuple(map(len, rows[0]))
        return dict(zip((*SHAPE_COUNTS, "chars"), np.array([*rows[1:], chars], float), strict=True))

    @cached_property
    def tokens(self) -> Tokens:
        """Their tokens; of a line of more than MAX_TOKENIZED_CHARS characters those at its beginning."""
        return tokenize([shape.folded[:MAX_TOKENIZED_CHARS] for shape in self.shapes])

    @cached_property
    def words(self) -> Floats:
        """The number of words of each line."""
        return self.counts["words"]

    @cached_property
    def weight(self) -> Floats:
        """The weight of each line in means."""
        return np.minimum(self.words, MAX_WEIGHT_WORDS) + 1

    @cached_property
    def prose_words(self) -> Floats:
        """The number of words of each line that is running text, 0 for other lines."""
        return np.where(np.array(self.table.prose, bool), self.words, 0.0)

    @cached_property
    def link_share(self) -> Floats:
        """The share of each line's characters that lie inside links, from 0 to 1; 0 for text."""
        linked = [markup.link_chars if markup else 0 for markup in self.markups]
        return np.minimum(1.0, np.array(linked, float) / np.maximum(1, self.counts["chars"]))

    @cached_property
    def heading(self) -> Floats:
        """The heading level of each line, from 1 to 6; 0 for lines that are no heading."""
        return np.array([markup.heading if markup else 0 for markup in self.markups], float)

    @cached_property
    def copies(self) -> Floats:
        """How often the folded text of each line stands on the page."""
        texts = [shape.folded for shape in self.shapes]
        return np.fromiter(map(Counter(texts).__getitem__, texts), float, len(texts))

    @cached_property
    def lines_by_code(self) -> Mapping[str, Ints]:
        """The indexes of the lines of each code found."""
        return self.codes.lines()

    def has_family(self, family: str) -> Bools:
        """Return per line whether it has evidence of a family, such as "NV"."""
        return self.has_code(*[code for code in self.codes.names if code.startswith(family)])

    def has_code(self, *codes: str) -> Bools:
        """Return per line whether it has evidence of one of the codes."""
        flags = np.zeros(len(self.at), bool)
        for code in codes:
            if code in self.lines_by_code:
                flags[self.lines_by_code[code]] = True
        return flags

    def means(self, values: Floats) -> Means:
        """Prepare means of ``values`` over spans of lines, weighted by ``weight``."""
        return Means(values, self.weight)
