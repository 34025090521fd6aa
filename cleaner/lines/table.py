"""The filled lines of a page as a table, and the one definition of running text.

Detectors, the features of the model and the decision all work on this table, so that a line is filled, or reads as
running text, for all of them or for none.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from cleaner.lines.dates import Timestamp, find_timestamps
from cleaner.lines.fold import core
from cleaner.records import Line, Page, Shape

#: Words from which a line that ends a sentence, and any line, counts as running text.
MIN_SENTENCE_WORDS, MIN_LONG_LINE_WORDS = 12, 30


def is_prose(shape: Shape) -> bool:
    """Tell whether a line reads as running text: a full sentence, or a long line.

    The bounds follow jusText's two classes of length (Pomikalek 2011), in words instead of characters. A third class,
    lines of 16 words and more that break off but hold function words, was tried for all users of this function: it
    changed ten times as many verdicts and gained nothing.
    """
    return shape.words >= MIN_LONG_LINE_WORDS or (shape.ends_sentence and shape.words >= MIN_SENTENCE_WORDS)


@dataclass(frozen=True)
class LineTable:
    """The filled lines of a page, one row each; every column is computed on first use.

    A line is filled when it shows something, that is when folding leaves any of its text. All columns have one value
    per filled line, in the order of the page; ``words_above`` has one per line of the page.
    """

    page: Page

    @cached_property
    def at(self) -> list[int]:
        """The indexes of the filled lines in ``page.lines``, rising."""
        return [at for at, shape in enumerate(self.page.shapes) if shape.folded]

    @cached_property
    def lines(self) -> list[Line]:
        """The filled lines as records."""
        return [line for line, shape in zip(self.page.lines, self.page.shapes, strict=True) if shape.folded]

    @cached_property
    def shapes(self) -> list[Shape]:
        """The shapes of the filled lines."""
        return [shape for shape in self.page.shapes if shape.folded]

    @cached_property
    def numbers(self) -> list[int]:
        """The numbers of the filled lines, from 1, rising."""
        return [line.number for line in self.lines]

    @cached_property
    def texts(self) -> list[str]:
        """The texts of the filled lines, without whitespace around them."""
        return [line.text.strip() for line in self.lines]

    @cached_property
    def cores(self) -> list[str]:
        """The folded texts of the filled lines, without punctuation around them."""
        return [core(shape.folded) for shape in self.shapes]

    @cached_property
    def prose(self) -> list[bool]:
        """True for the filled lines that read as running text."""
        return [is_prose(shape) for shape in self.shapes]

    @cached_property
    def prose_words_above(self) -> list[int]:
        """Words of running text above each filled line, and one more value: those of the whole page."""
        return [0, *accumulate([s.words if prose else 0 for s, prose in zip(self.shapes, self.prose, strict=True)])]

    @cached_property
    def timestamps(self) -> dict[int, Timestamp]:
        """The dates and times on the lines that have some, by row of the table."""
        return find_timestamps(self.texts)

    @cached_property
    def words_above(self) -> list[int]:
        """Words above each line of the page, filled or not, and one more value: those of the whole page."""
        return [0, *accumulate([shape.words for shape in self.page.shapes])]

    @cached_property
    def _blocks(self) -> dict[str, list[int]]:
        """The indexes of the page's blocks by the words of their names."""
        alike = defaultdict[tuple[str, ...], list[int]](list)  # many blocks of a page have the same words
        for at, block in enumerate(self.page.blocks):
            alike[block.tokens].append(at)
        blocks = defaultdict[str, list[int]](list)
        for tokens, places in alike.items():
            for token in tokens:
                blocks[token] += places
        return blocks

    def blocks_named(self, tokens: frozenset[str]) -> list[int]:
        """The indexes of the blocks whose own class, id or role words are among ``tokens``, rising."""
        return sorted({at for token in tokens if token in self._blocks for at in self._blocks[token]})

    def lines_in_blocks(self, tokens: frozenset[str], max_share: float) -> Iterator[tuple[list[int], str]]:
        """Yield the numbers of filled lines inside blocks named with one of ``tokens``, and the token.

        A block that holds more than ``max_share`` of the page's words is left out: such a name on the body or its
        wrapper is about the page, not about the lines. No line comes twice.
        """
        places = self.blocks_named(tokens)
        numbers, words = (self.numbers, self.words_above) if places else ([], [])
        done = 0
        for block in map(self.page.blocks.__getitem__, places):
            if block.last <= done or words[block.last] - words[block.first] > max_share * words[-1]:
                continue
            first, last = bisect_right(numbers, max(block.first, done)), bisect_right(numbers, block.last)
            yield numbers[first:last], next(t for t in block.tokens if t in tokens)
            done = block.last
