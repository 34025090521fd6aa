"""The model that gives each line its log-odds: trees, and trees for articles, mixed by how much one the page is.

Numpy only; the trees count in whole numbers, so they say the same on every machine.

Gradient-boosted regression trees (Friedman 2001), fitted by LightGBM in ``training/``. A node's cut lies between two
whole numbers, a leaf's value is a whole number of GRAIN parts: sums are exact in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import exp

import numpy as np
from numpy.typing import NDArray

from cleaner.score.model.forest import Forest, Nodes, forest_of
from cleaner.score.spans import Floats, Ints

#: Features and leaves are kept in parts of this size.
GRAIN = 1024

#: Features are clipped at this much.
MOST = 8192.0

#: Lines scored at a time, which bounds the memory.
PIECE = 512

Table = NDArray[np.int32]


def _sums(forest: Forest, table: Table) -> Ints:
    """What ``forest`` sums up to, some lines at a time."""
    parts = [forest.sums(table[at : at + PIECE]) for at in range(0, len(table), PIECE)]
    return np.concatenate([np.zeros((len(forest.first), 0), np.int64), *parts], axis=1)


def whole(features: Floats) -> Table:
    """Features in whole numbers of GRAIN parts; values that are no number are 0."""
    parts = np.array(features, float)
    np.minimum(np.maximum(parts, -MOST, out=parts), MOST, out=parts)  # np.clip asks much more of each small array
    parts *= GRAIN
    np.rint(parts, out=parts)
    parts[np.isnan(parts)] = 0
    return parts.astype(np.int32)


@dataclass(frozen=True)
class Trees(Nodes):
    """Trees that give each line their log-odds."""

    def log_odds(self, table: Table) -> Floats:
        """The log-odds of each row of a table."""
        return np.asarray(_sums(self._forest, table)[0] / GRAIN)

    @cached_property
    def _forest(self) -> Forest:
        return forest_of([self])

    def contributions(self, row: Table) -> Mapping[int, float]:
        """What each feature adds to the log-odds of one row: the changes of value along its paths (Saabas 2014)."""
        found: dict[int, int] = {}
        for root in self.roots.tolist():
            node = root
            while self.left[node] != node:
                child = int(self.left[node] if row[self.feature[node]] <= self.cut[node] else self.right[node])
                feature = int(self.feature[node])
                found[feature] = found.get(feature, 0) + int(self.value[child]) - int(self.value[node])
                node = child
        return {feature: value / GRAIN for feature, value in found.items()}


@dataclass(frozen=True, slots=True)
class Gate:
    """How much of an article a page is: a logistic model of the features that all lines of a page share."""

    features: tuple[int, ...]
    weights: tuple[float, ...]
    bias: float

    def share(self, row: Table) -> float:
        """The probability that the page of a row is an article."""
        values = [int(row[feature]) / GRAIN for feature in self.features]
        odds = self.bias + sum([weight * value for weight, value in zip(self.weights, values, strict=True)])
        return 1 / (1 + exp(-max(-30.0, min(30.0, odds))))


@dataclass(frozen=True)
class Model:
    """Trees learned from all pages; and, with a gate, trees learned from articles, which know teasers of others."""

    general: Trees
    articles: Trees | None = None
    gate: Gate | None = None

    def log_odds(self, table: Table) -> Floats:
        """The log-odds of each row of a page's table."""
        share = self.article(table)
        if not share:
            return self.general.log_odds(table)
        general, articles = _sums(self._both, table) / GRAIN
        return np.asarray((1 - share) * general + share * articles)

    @cached_property
    def _both(self) -> Forest:
        return forest_of([trees for trees in (self.general, self.articles) if trees is not None])

    def article(self, table: Table) -> float:
        """How much of an article the page of a table is; 0 where nobody can tell."""
        if self.gate is None or self.articles is None or not len(table):
            return 0.0
        return self.gate.share(table[0])

    def contributions(self, row: Table) -> Mapping[int, float]:
        """What each feature adds to the log-odds of one row."""
        share = self.article(row[None, :])
        found = {feature: (1 - share) * value for feature, value in self.general.contributions(row).items()}
        if self.articles is not None:
            for feature, value in self.articles.contributions(row).items():
                found[feature] = found.get(feature, 0.0) + share * value
        return found
