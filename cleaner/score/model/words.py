"""The word score: how the words of a line speak, learned from labelled lines.

Linear over words, pairs of words, and first and last words (pairs with the line end); each line's sum is divided by
the root of its words, so that long lines do not shout. Weights are whole numbers and their sums exact.
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

#: The id of the end of a line, which stands before the first word, too; 0 is a word that is not known.
END = 1

#: Pairs are kept as one number: the first id times this, plus the second.
PAIR = 1 << 20

#: A prime, so that both words of a pair count in the remainder.
SLOTS = 65521

# Linear: one class, possessive, or one sign.
TOKEN = re.compile(r"\w++|[\u00a9\u00bb\u203a|\u2022\u2192\u2026?!$\u20ac\u00a3:@]|\n")

#: Lines cut into tokens at a time, and tokens looked at at a time: they bound the memory that these take.
LINES_AT_ONCE, AT_ONCE = 1 << 12, 1 << 18

#: Weights are stored in these parts of log-odds.
SCALE = 1 / 64


@dataclass(frozen=True)
class Vocabulary:
    """The weights: ``ids`` by word, ``single`` by id, ``pairs`` sorted with ``paired`` beside them, in parts of SCALE.

    ``bias`` in log-odds is what a line says of which no word is known.
    """

    ids: Mapping[str, int]
    single: NDArray[np.int64]
    pairs: NDArray[np.int64]
    paired: NDArray[np.int64]
    bias: float

    @cached_property
    def seen(self) -> Bools:
        """Which remainders of SLOTS the pairs have: a look there spares most pairs of a page the search."""
        slots = np.zeros(SLOTS, bool)
        slots[self.pairs % SLOTS] = True
        return slots


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a page: ``first`` and ``last`` bound those of each line, line ends stand between them.

    ``word`` numbers the different ones, ``words``, in the order in which they come; the line end is 0.
    """

    first: Ints
    last: Ints
    word: NDArray[np.int32]
    words: Sequence[str]

    @property
    def names(self) -> list[str]:
        """The tokens themselves, in order."""
        return [self.words[number] for number in self.word.tolist()]

    def pieces(self) -> Iterator[tuple[int, int]]:
        """Yield spans of lines that hold about AT_ONCE tokens each, or one line, and all lines in the end."""
        at, size = 0, len(self.first)
        while at < size:
            upto = max(at + 1, int(np.searchsorted(self.last, self.first[at] + AT_ONCE)))
            yield at, upto
            at = upto


def tokens_of(folded: Sequence[str]) -> Tokens:
    """The tokens of folded lines."""
    numbers = defaultdict[str, int](count().__next__)
    parts = [np.array([numbers["\n"]], np.int32)]
    for at in range(0, len(folded), LINES_AT_ONCE):
        for piece in pieces("\n".join([*folded[at : at + LINES_AT_ONCE], ""])):
            names = TOKEN.findall(piece)
            parts.append(np.fromiter(map(numbers.__getitem__, names), np.int32, len(names)))
    word = np.concatenate(parts)
    ends = np.flatnonzero(word == 0)
    return Tokens(ends[:-1] + 1, ends[1:], word, list(numbers))


def pairs_of(ids: NDArray[np.int32]) -> Ints:
    """Each token with the next one as one number; 0 where one of them is not known."""
    left, right = ids[:-1].astype(np.int64), ids[1:]
    return np.where((left > 0) & (right > 0), left * PAIR + right, 0)


def ids_of(tokens: Tokens, known: Mapping[str, int]) -> NDArray[np.int32]:
    """The id of each token."""
    ids = np.fromiter(map(known.get, tokens.words, repeat(0)), np.int32, len(tokens.words))
    return ids[tokens.word]


def damped(sums: Floats, tokens: Tokens) -> Floats:
    """Sums over lines, divided by the root of their length."""
    return np.asarray(sums / np.sqrt(tokens.last - tokens.first + 1.0))


def word_scores(tokens: Tokens, vocabulary: Vocabulary) -> tuple[Floats, Floats]:
    """Per line its word score, above 0 for residue, and the share of its tokens that are known."""
    ids = ids_of(tokens, vocabulary.ids)
    sums, share = np.zeros(len(tokens.first)), np.zeros(len(tokens.first))
    for at, upto in tokens.pieces():
        begin = tokens.first[at] - 1  # with the line end before the first word
        first, last = tokens.first[at:upto] - begin, tokens.last[at:upto] - begin
        part = ids[begin : last[-1] + begin + 1]
        single, paired = _upto(vocabulary.single[part]), _upto(_paired(part, vocabulary))
        known = _upto((part > 0).astype(np.int64))
        sums[at:upto] = single[last] - single[first] + paired[last] - paired[first - 1]
        share[at:upto] = (known[last] - known[first]) / np.maximum(1, last - first)
    return damped(sums * SCALE, tokens) + vocabulary.bias, share


def _upto(values: Ints) -> Ints:
    """The sum of the values before each token, and of all, in whole numbers."""
    sums = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=sums[1:])
    return sums


def _paired(ids: NDArray[np.int32], vocabulary: Vocabulary) -> Ints:
    """What each token adds with the next one."""
    pairs = pairs_of(ids)
    likely = np.flatnonzero(vocabulary.seen[pairs % SLOTS])
    place = np.searchsorted(vocabulary.pairs, pairs[likely])
    weights = np.zeros(len(pairs), np.int64)
    weights[likely] = np.where(
        vocabulary.pairs.take(place, mode="clip") == pairs[likely], vocabulary.paired.take(place, mode="clip"), 0
    )
    return weights
