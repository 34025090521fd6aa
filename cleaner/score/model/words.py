"""The word score: the log-odds that a line is residue, from its words.

A linear model, a logistic regression learned from labelled lines, over words, pairs of neighbouring words, and first
and last words (pairs with the line end). The sum of a line is divided by the square root of its number of tokens, so
that long lines do not get extreme scores. Weights are whole numbers and their sums exact.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count, repeat

import numpy as np
from numpy.typing import NDArray

from cleaner.lines.fold import pieces
from cleaner.score.spans import Bools, Floats, Ints

#: The id of the line end, which also precedes the first word; 0 is the id of unknown words.
LINE_END_ID = 1

#: A pair is stored as one number: the first id times this, plus the second.
PAIR_BASE = 1 << 20

#: Size of the filter for pairs: a prime, so that the remainder depends on both words of a pair.
FILTER_SLOTS = 65521

# Linear: one possessive class, or one character.
TOKEN_PATTERN = re.compile(r"\w++|[\u00a9\u00bb\u203a|\u2022\u2192\u2026?!$\u20ac\u00a3:@]|\n")

#: Lines tokenized at a time, and tokens scored at a time, which bounds the memory.
LINES_AT_ONCE, TOKENS_AT_ONCE = 1 << 12, 1 << 18

#: Weights are stored as whole numbers of this many log-odds.
WEIGHT_UNIT = 1 / 64


@dataclass(frozen=True)
class Vocabulary:
    """The known words of the word score, and their weights.

    ``ids`` has the id of each word, from 2 on; ``single`` the weight by id (those of ids 0 and 1 are 0); ``pairs`` the
    known pairs, sorted, and ``paired`` their weights, in the same order. Weights are int64 in WEIGHT_UNIT log-odds.
    ``bias`` is the score of a line without known words, in log-odds.
    """

    ids: Mapping[str, int]
    single: NDArray[np.int64]
    pairs: NDArray[np.int64]
    paired: NDArray[np.int64]
    bias: float

    @cached_property
    def pair_filter(self) -> Bools:
        """Per remainder by FILTER_SLOTS whether a known pair has it: most pairs of a page need no search."""
        slots = np.zeros(FILTER_SLOTS, bool)
        slots[self.pairs % FILTER_SLOTS] = True
        return slots


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a page's filled lines, with a line end before the first line and after each line.

    ``words`` are the different tokens in the order of their first appearance, the line end first. ``word`` has one
    value per token: its index in ``words``. ``first`` and ``last`` have one value per line: its span of tokens, half
    open, without line ends.
    """

    first: Ints
    last: Ints
    word: NDArray[np.int32]
    words: Sequence[str]

    @property
    def texts(self) -> list[str]:
        """The tokens as text, in order."""
        return [self.words[number] for number in self.word.tolist()]

    def line_batches(self) -> Iterator[tuple[int, int]]:
        """Yield spans that cover all lines in order, each of about TOKENS_AT_ONCE tokens or of one line."""
        at, size = 0, len(self.first)
        while at < size:
            upto = max(at + 1, int(np.searchsorted(self.last, self.first[at] + TOKENS_AT_ONCE)))
            yield at, upto
            at = upto


def tokenize(folded: Sequence[str]) -> Tokens:
    """Return the tokens of folded lines: words, and the punctuation that TOKEN_PATTERN names."""
    numbers = defaultdict[str, int](count().__next__)
    parts = [np.array([numbers["\n"]], np.int32)]
    for at in range(0, len(folded), LINES_AT_ONCE):
        for piece in pieces("\n".join([*folded[at : at + LINES_AT_ONCE], ""])):
            names = TOKEN_PATTERN.findall(piece)
            parts.append(np.fromiter(map(numbers.__getitem__, names), np.int32, len(names)))
    word = np.concatenate(parts)
    ends = np.flatnonzero(word == 0)
    return Tokens(ends[:-1] + 1, ends[1:], word, list(numbers))


def pair_ids(ids: NDArray[np.int32]) -> Ints:
    """Return one value per token but the last: the number of its pair with the next; 0 where one of them is unknown."""
    left, right = ids[:-1].astype(np.int64), ids[1:]
    return np.where((left > 0) & (right > 0), left * PAIR_BASE + right, 0)


def token_ids(tokens: Tokens, known: Mapping[str, int]) -> NDArray[np.int32]:
    """Return the id of each token; 0 for unknown words."""
    ids = np.fromiter(map(known.get, tokens.words, repeat(0)), np.int32, len(tokens.words))
    return ids[tokens.word]


def damp_by_length(sums: Floats, tokens: Tokens) -> Floats:
    """Return the sum of each line divided by the square root of its number of tokens, with one line end."""
    return np.asarray(sums / np.sqrt(tokens.last - tokens.first + 1.0))


def word_scores(tokens: Tokens, vocabulary: Vocabulary) -> tuple[Floats, Floats]:
    """Return two values per line: its word score in log-odds, and the share of its tokens that are known."""
    ids = token_ids(tokens, vocabulary.ids)
    sums, share = np.zeros(len(tokens.first)), np.zeros(len(tokens.first))
    for at, upto in tokens.line_batches():
        begin = tokens.first[at] - 1  # with the line end before the first word
        first, last = tokens.first[at:upto] - begin, tokens.last[at:upto] - begin
        part = ids[begin : last[-1] + begin + 1]
        single, paired = (
            _exact_running_sums(vocabulary.single[part]),
            _exact_running_sums(_pair_weights(part, vocabulary)),
        )
        known = _exact_running_sums((part > 0).astype(np.int64))
        sums[at:upto] = single[last] - single[first] + paired[last] - paired[first - 1]
        share[at:upto] = (known[last] - known[first]) / np.maximum(1, last - first)
    return damp_by_length(sums * WEIGHT_UNIT, tokens) + vocabulary.bias, share


def _exact_running_sums(values: Ints) -> Ints:
    """Return the sum of the values before each token, and in the end that of all, as whole numbers."""
    sums = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=sums[1:])
    return sums


def _pair_weights(ids: NDArray[np.int32], vocabulary: Vocabulary) -> Ints:
    """Return per token but the last the weight of its pair with the next one."""
    pairs = pair_ids(ids)
    likely = np.flatnonzero(vocabulary.pair_filter[pairs % FILTER_SLOTS])
    place = np.searchsorted(vocabulary.pairs, pairs[likely])
    weights = np.zeros(len(pairs), np.int64)
    weights[likely] = np.where(
        vocabulary.pairs.take(place, mode="clip") == pairs[likely], vocabulary.paired.take(place, mode="clip"), 0
    )
    return weights
