"""The structure score: the log-odds that a line is residue, from the names of the HTML elements around it.

A linear model, a logistic regression learned from labelled lines, over the tag and the words of class, id, role and
itemprop of the block that holds a line, and over those of the blocks around it, which count less the farther out
they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np

from cleaner.records import Block
from cleaner.score.spans import Floats

#: The names of a block count this much of those of the block inside it.
DECAY_PER_LEVEL = 0.85


@dataclass(frozen=True)
class NameWeights:
    """Weights in log-odds by name (see ``block_names``).

    ``own`` are for the block that holds a line, ``around`` for the blocks around that one.
    """

    own: Mapping[str, float]
    around: Mapping[str, float]
    bias: float

    @cached_property
    def scores(self) -> Callable[[str, tuple[str, ...]], tuple[float, float]]:
        """A function from the tag and words of a block to two log-odds: for the block itself, and for the blocks inside
        it.
        """
        return lru_cache(maxsize=8192)(self._scores)  # the pages of a site share most of their names

    def _scores(self, tag: str, tokens: tuple[str, ...]) -> tuple[float, float]:
        words, own, around = block_names(tag, tokens), self.own, self.around
        return sum([own.get(word, 0.0) for word in words]), sum([around.get(word, 0.0) for word in words])


def block_names(tag: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of a block: its tag in angle brackets, its words, and each word joined with the next by "-"."""
    return (f"<{tag}>", *words, *[f"{one}-{other}" for one, other in pairwise(words)])


def block_scores(blocks: Sequence[Block], names: NameWeights) -> tuple[Floats, Floats]:
    """Return two arrays with one value per block, in log-odds: from its own names, and with those of blocks around it.

    Only the second contains the bias. ``blocks`` are in document order, parents before their children.
    """
    scores = names.scores
    own: list[float] = []
    outer: list[float] = []
    above: list[float] = []
    for tag, parent, _, _, tokens in blocks:
        mine, passed_on = scores(tag, tokens)
        around = outer[parent] if parent >= 0 else 0.0
        own.append(mine)
        above.append(around)
        outer.append(DECAY_PER_LEVEL * (around + passed_on))
    alone = np.array(own)
    return alone, alone + np.array(above) + names.bias
