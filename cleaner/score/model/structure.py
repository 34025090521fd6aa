"""The structure score: how the elements around a line speak, learned from labelled lines.

Linear over the tag and the class, id, role and itemprop words of the block that holds a line, and over those of the
blocks around it, which count less the farther out they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np

from cleaner.records import Block
from cleaner.score.spans import Floats

#: What a block further out counts, to the one inside it.
DECAY = 0.85


@dataclass(frozen=True)
class Names:
    """The weights in log-odds, by word (tags in angle brackets): of the block itself, and of those around it."""

    own: Mapping[str, float]
    around: Mapping[str, float]
    bias: float

    @cached_property
    def scores(self) -> Callable[[str, tuple[str, ...]], tuple[float, float]]:
        """What tag and words of a block add to its own score, and to that of the blocks inside."""
        return lru_cache(maxsize=8192)(self._scores)  # the pages of a site share most of their names

    def _scores(self, tag: str, tokens: tuple[str, ...]) -> tuple[float, float]:
        words, own, around = _words_of(tag, tokens), self.own, self.around
        return sum([own.get(word, 0.0) for word in words]), sum([around.get(word, 0.0) for word in words])


def words_of(block: Block) -> tuple[str, ...]:
    """What a block is called: its tag, its words, and each word with the one after it."""
    return _words_of(block.tag, block.tokens)


def _words_of(tag: str, words: tuple[str, ...]) -> tuple[str, ...]:
    return (f"<{tag}>", *words, *[f"{one}-{other}" for one, other in pairwise(words)])


def block_scores(blocks: Sequence[Block], names: Names) -> tuple[Floats, Floats]:
    """Per block its own score, and its score with the blocks around it; above 0 for residue."""
    scores = names.scores
    own: list[float] = []
    outer: list[float] = []
    above: list[float] = []
    for tag, parent, _, _, tokens in blocks:
        mine, passed_on = scores(tag, tokens)
        around = outer[parent] if parent >= 0 else 0.0
        own.append(mine)
        above.append(around)
        outer.append(DECAY * (around + passed_on))
    alone = np.array(own)
    return alone, alone + np.array(above) + names.bias
