"""The model that predicts the log-odds that each line is residue, from its row of the feature table.

Two ensembles of gradient-boosted regression trees (Friedman, "Greedy function approximation: a gradient boosting
machine", 2001), fitted by LightGBM in ``training/``: one learned from all pages, one from articles alone. Their
predictions are averaged with weights from a gate, the probability that the page is an article.

Inference needs numpy only. Features and leaves are whole numbers of 1/PARTS_PER_UNIT, so that sums are exact in any
order and predictions are the same on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import exp

import numpy as np
from numpy.typing import NDArray

from cleaner.score.model.forest import Forest, TreeNodes, forest_of
from cleaner.score.spans import Floats, Ints

#: Features and leaves are stored as whole numbers of this many parts per unit; leaves are log-odds (natural logarithm).
PARTS_PER_UNIT = 1024

#: Features are clipped to this absolute value before they are quantized.
MAX_ABS_FEATURE = 8192.0

#: Rows scored at a time, which bounds the memory.
ROWS_AT_ONCE = 512

#: One row per filled line and one column per feature, quantized.
FeatureTable = NDArray[np.int32]


def _sums(forest: Forest, table: FeatureTable) -> Ints:
    """Return one row per group of trees with the sum of leaf values of each line, in parts of log-odds."""
    parts = [forest.sums(table[at : at + ROWS_AT_ONCE]) for at in range(0, len(table), ROWS_AT_ONCE)]
    return np.concatenate([np.zeros((len(forest.first), 0), np.int64), *parts], axis=1)


def quantize(features: Floats) -> FeatureTable:
    """Return features as whole numbers of 1/PARTS_PER_UNIT, rounded to the nearest; values that are no number are 0."""
    parts = np.array(features, float)
    # np.minimum and np.maximum cost much less than np.clip on small arrays.
    np.minimum(np.maximum(parts, -MAX_ABS_FEATURE, out=parts), MAX_ABS_FEATURE, out=parts)
    parts *= PARTS_PER_UNIT
    np.rint(parts, out=parts)
    parts[np.isnan(parts)] = 0
    return parts.astype(np.int32)


@dataclass(frozen=True)
class Trees(TreeNodes):
    """An ensemble of trees whose leaf values add up to the log-odds of a row."""

    def log_odds(self, table: FeatureTable) -> Floats:
        """Return the log-odds of each row of a table."""
        return np.asarray(_sums(self._forest, table)[0] / PARTS_PER_UNIT)

    @cached_property
    def _forest(self) -> Forest:
        return forest_of([self])

    def contributions(self, row: FeatureTable) -> Mapping[int, float]:
        """Return what each feature adds to the log-odds of one row, by the index of the feature.

        Each step of a path adds the change from the mean of the node to that of its child to the feature of the node's
        question (Saabas, "Interpreting random forests", 2014).
        """
        found: dict[int, int] = {}
        for root in self.roots.tolist():
            node = root
            while self.left[node] != node:
                child = int(self.left[node] if row[self.feature[node]] <= self.cut[node] else self.right[node])
                feature = int(self.feature[node])
                found[feature] = found.get(feature, 0) + int(self.value[child]) - int(self.value[node])
                node = child
        return {feature: value / PARTS_PER_UNIT for feature, value in found.items()}


@dataclass(frozen=True, slots=True)
class Gate:
    """A logistic regression that predicts whether a page is an article.

    ``features`` are column indexes of the feature table whose value all lines of a page share, ``weights`` their
    weights in log-odds per unit.
    """

    features: tuple[int, ...]
    weights: tuple[float, ...]
    bias: float

    def probability(self, row: FeatureTable) -> float:
        """Return the probability that the page of a row is an article."""
        values = [int(row[feature]) / PARTS_PER_UNIT for feature in self.features]
        odds = self.bias + sum([weight * value for weight, value in zip(self.weights, values, strict=True)])
        return 1 / (1 + exp(-max(-30.0, min(30.0, odds))))


@dataclass(frozen=True)
class Model:
    """Trees learned from all pages; and, with a gate, trees learned from articles alone.

    The latter drop the teasers of other articles; the former keep them, as teasers are the content of a listing.
    """

    general: Trees
    articles: Trees | None = None
    gate: Gate | None = None

    def log_odds(self, table: FeatureTable) -> Floats:
        """Return the log-odds of each row of the table of one page."""
        share = self.article_share(table)
        if not share:
            return self.general.log_odds(table)
        general, articles = _sums(self._both, table) / PARTS_PER_UNIT
        return np.asarray((1 - share) * general + share * articles)

    @cached_property
    def _both(self) -> Forest:
        return forest_of([trees for trees in (self.general, self.articles) if trees is not None])

    def article_share(self, table: FeatureTable) -> float:
        """Return the probability that the page of a table is an article; 0 without a gate and for an empty table."""
        if self.gate is None or self.articles is None or not len(table):
            return 0.0
        return self.gate.probability(table[0])

    def contributions(self, row: FeatureTable) -> Mapping[int, float]:
        """Return what each feature adds to the log-odds of one row, by the index of the feature."""
        share = self.article_share(row[None, :])
        found = {feature: (1 - share) * value for feature, value in self.general.contributions(row).items()}
        if self.articles is not None:
            for feature, value in self.articles.contributions(row).items():
                found[feature] = found.get(feature, 0.0) + share * value
        return found
