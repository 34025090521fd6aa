"""The feature table that the model sees: one row per filled line of a page, one column per feature.

``registry`` describes each feature.
"""

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
from cleaner.score.features.registry import MAX_ABS_LOG_ODDS
from cleaner.score.model.ensemble import FeatureTable, quantize
from cleaner.score.model.structure import NameWeights, block_scores
from cleaner.score.model.words import Vocabulary, word_scores
from cleaner.score.spans import Floats, NamedValues

#: Values quantized at a time: all those of most pages, and few enough to bound the memory that they take.
CELLS_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class FirstStageScores:
    """The linear scores that the trees build on: arrays with one value per filled line.

    In log-odds, above 0 for residue: ``word`` from the words of the line, ``own`` from the names of its block,
    ``structure`` from those of its block and all blocks around it. ``known`` is the share of its tokens that the
    vocabulary has, from 0 to 1.
    """

    word: Floats
    known: Floats
    own: Floats
    structure: Floats


def first_stage_scores(facts: Facts, vocabulary: Vocabulary, names: NameWeights) -> FirstStageScores:
    """Return the word score and the structure scores of each line, between -MAX_ABS_LOG_ODDS and MAX_ABS_LOG_ODDS."""
    word, known = word_scores(facts.tokens, vocabulary)
    own, all_around = block_scores(facts.page.blocks, names)
    of = np.array([markup.block if markup else -1 for markup in facts.markups], int)
    at = np.where(of < 0, len(own), of)
    return FirstStageScores(
        word=np.clip(word, -MAX_ABS_LOG_ODDS, MAX_ABS_LOG_ODDS),
        known=known,
        own=np.clip(np.append(own, 0.0)[at], -MAX_ABS_LOG_ODDS, MAX_ABS_LOG_ODDS),
        structure=np.clip(np.append(all_around, 0.0)[at], -MAX_ABS_LOG_ODDS, MAX_ABS_LOG_ODDS),
    )


def feature_table(facts: Facts, first: FirstStageScores, names: Sequence[str]) -> FeatureTable:
    """Return the quantized features of these ``names``: one row per filled line, one column per name, in order.

    Raises KeyError for a name that no feature of this kind of page has.
    """
    places = defaultdict[str, list[int]](list)
    for place, name in enumerate(names):
        places[name].append(place)
    table = np.empty((len(names), len(facts.at)), np.int32)
    made = ((place, values) for name, values in all_features(facts, first) for place in places.pop(name, ()))
    while some := list(islice(made, max(1, CELLS_AT_ONCE // max(1, len(facts.at))))):
        table[[place for place, _ in some]] = quantize(np.array([values for _, values in some]))
    if places:
        raise KeyError(f"no such features: {', '.join(places)}")
    return table.T  # each feature lies together in memory, as the trees read it


def all_features(facts: Facts, first: FirstStageScores) -> Iterator[NamedValues]:
    """Yield all features of a page by name.

    The joint score of a line, on which many features build, is the sum of its word score, its structure score and the
    log-odds of the rules.
    """
    rules = np.clip(facts.rules, -MAX_ABS_LOG_ODDS, MAX_ABS_LOG_ODDS)
    joint = np.clip(first.word + first.structure + rules, -MAX_ABS_LOG_ODDS, MAX_ABS_LOG_ODDS)
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


def _markup_features(facts: Facts, first: FirstStageScores, joint: Floats) -> Iterator[NamedValues]:
    blocks = block.BlockSpans(facts)
    means = facts.means(first.structure)
    yield "own", first.own
    yield "structure", first.structure
    yield "structure_page", first.structure - means.overall
    yield "structure_best", first.structure - first.structure.min(initial=MAX_ABS_LOG_ODDS)
    yield "structure_7", means.mean_around(7)
    yield from block.ring_features(facts, blocks, joint)
    yield from block.heart_features(facts, blocks, joint)
    yield from block.alike_features(facts, block.block_signatures(facts, blocks), joint)
