"""The table of features that the model sees: one row per filled line of a page. ``features`` says what each means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from cleaner.score.features import article as gate
from cleaner.score.features import blocks as block
from cleaner.score.features import line
from cleaner.score.features import neighbours as near
from cleaner.score.features.facts import Facts
from cleaner.score.features.registry import LOUDEST
from cleaner.score.model.ensemble import Table, whole
from cleaner.score.model.structure import Names, block_scores
from cleaner.score.model.words import Vocabulary, word_scores
from cleaner.score.spans import Floats

Feature = tuple[str, Floats]

#: Values made whole at a time: all those of most pages, and few enough to bound the memory that they take.
CELLS = 1 << 20


@dataclass(frozen=True, slots=True)
class FirstScores:
    """The linear scores that the features build on, per filled line, above 0 for residue.

    ``word`` by its words, of which ``known`` is the share that the vocabulary knows; ``own`` by the names of its
    block, ``structure`` by those of all blocks around it.
    """

    word: Floats
    known: Floats
    own: Floats
    structure: Floats


def first_scores(facts: Facts, vocabulary: Vocabulary, names: Names) -> FirstScores:
    """The word score and the structure score of each line."""
    word, known = word_scores(facts.tokens, vocabulary)
    own, all_around = block_scores(facts.page.blocks, names)
    of = np.array([markup.block if markup else -1 for markup in facts.markups], int)
    at = np.where(of < 0, len(own), of)
    return FirstScores(
        word=np.clip(word, -LOUDEST, LOUDEST),
        known=known,
        own=np.clip(np.append(own, 0.0)[at], -LOUDEST, LOUDEST),
        structure=np.clip(np.append(all_around, 0.0)[at], -LOUDEST, LOUDEST),
    )


def table_of(facts: Facts, first: FirstScores, names: Sequence[str]) -> Table:
    """The features of these names side by side, in whole numbers: one row per filled line."""
    places = defaultdict[str, list[int]](list)
    for place, name in enumerate(names):
        places[name].append(place)
    table = np.empty((len(names), len(facts.at)), np.int32)
    made = ((place, values) for name, values in features(facts, first) for place in places.pop(name, ()))
    while some := list(islice(made, max(1, CELLS // max(1, len(facts.at))))):
        table[[place for place, _ in some]] = whole(np.array([values for _, values in some]))
    if places:
        raise KeyError(f"no such features: {', '.join(places)}")
    return table.T  # lies in memory feature by feature, as the trees ask for it


def features(facts: Facts, first: FirstScores) -> Iterator[Feature]:
    """Yield all features of a page, by name."""
    rules = np.clip(facts.rules, -LOUDEST, LOUDEST)
    joint = np.clip(first.word + first.structure + rules, -LOUDEST, LOUDEST)
    yield "word", first.word
    yield "rules", rules
    yield "joint", joint
    yield from line.line_features(facts)
    yield from near.window_features(facts, joint)
    yield from near.place_features(facts)
    yield from near.page_features(facts, joint)
    if facts.page.kind == "html":
        yield from near.section_features(facts, joint)
        yield from gate.gate_features(facts, joint)
        yield from _markup_features(facts, first, joint)
    else:
        yield "known", first.known
        yield from line.text_features(facts)
        yield from block.paragraph_features(facts, joint)
        yield from block.alike_features(facts, block.shape_signatures(facts), joint)


def _markup_features(facts: Facts, first: FirstScores, joint: Floats) -> Iterator[Feature]:
    blocks = block.Blocks(facts)
    means = facts.means(first.structure)
    yield "own", first.own
    yield "structure", first.structure
    yield "structure_page", first.structure - means.all
    yield "structure_best", first.structure - first.structure.min(initial=LOUDEST)
    yield "structure_7", means.around(7)
    yield from block.ring_features(facts, blocks, joint)
    yield from block.heart_features(facts, blocks, joint)
    yield from block.alike_features(facts, block.block_signatures(facts, blocks), joint)
