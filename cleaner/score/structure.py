"""The structure score: how the elements around a line speak, learned from labelled lines.

Linear over the tag and the class, id, role and itemprop words of the block that holds a line, and over those of the
blocks around it, which count less the farther out they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from cleaner.records import Block
from cleaner.score.spans import Floats

#: What a block further out counts, to the one inside it.
DECAY = 0.85


@dataclass(frozen=True, slots=True)
class Names:
    """The weights in log-odds, by word (tags in angle brackets): of the block itself, and of those around it."""

    own: Mapping[str, float]
    around: Mapping[str, float]
    bias: float


def words_of(block: Block) -> tuple[str, ...]:
    """What a block is called: its tag, its words, and each word with the one after it."""
    words = block.tokens
    return (f"<{block.tag}>", *words, *[f"{one}-{other}" for one, other in pairwise(words)])


def block_scores(blocks: Sequence[Block], names: Names) -> tuple[Floats, Floats]:
    """Per block its own score, and its score with the blocks around it; above 0 for residue."""
    own: list[float] = []
    outer: list[float] = []
    whole: list[float] = []
    known: dict[tuple[str, tuple[str, ...]], tuple[float, float]] = {}
    for block in blocks:
        key = (block.tag, block.tokens)
        if key not in known:
            words = words_of(block)
            known[key] = (
                sum([names.own.get(word, 0.0) for word in words]),
                sum([names.around.get(word, 0.0) for word in words]),
            )
        mine, passed_on = known[key]
        above = outer[block.parent] if block.parent >= 0 else 0.0
        own.append(mine)
        whole.append(mine + above + names.bias)
        outer.append(DECAY * (above + passed_on))
    return np.array(own), np.array(whole)
