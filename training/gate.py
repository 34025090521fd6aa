"""Fitting of the gate: a logistic regression over features of the page that predicts whether it is an article."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cleaner.score.features.registry import gate_feature_names
from cleaner.score.model.ensemble import PARTS_PER_UNIT, FeatureTable, Gate
from cleaner.score.spans import Bools, Floats
from training.corpus import Sample
from training.logistic import Linear, Prior, Rows, logistic
from training.rows import is_article

#: L2 penalty on the weights of scaled features, in pages.
GATE_PULL = 3.0


class GateTable:
    """The pages by the features that the gate sees; a fit scales each to mean 0 and standard deviation 1."""

    def __init__(self, samples: Sequence[Sample], tables: Sequence[FeatureTable], names: Sequence[str]) -> None:
        self._features = sorted(names.index(name) for name in gate_feature_names(samples[0].source.kind))
        filled = [(sample, table[0]) for sample, table in zip(samples, tables, strict=True) if len(table)]
        self._fold = np.array([sample.source.fold for sample, _ in filled])
        self._article = np.array([is_article(sample) for sample, _ in filled], float)
        self._rows = np.array([row[self._features] for _, row in filled]) / PARTS_PER_UNIT

    def fit(self, fold: int | None) -> Gate:
        """Fit the gate on all folds but one."""
        seen: Bools = np.ones(len(self._fold), bool) if fold is None else self._fold != fold
        some: Floats = self._rows[seen]
        mean, spread = some.mean(axis=0), np.maximum(1e-6, some.std(axis=0))
        even = (some - mean) / spread
        of = Linear(len(self._features), lambda weights: even @ weights, lambda rows: even.T @ rows)
        found, bias = logistic(of, Rows(self._article[seen], np.ones(len(some))), Prior(GATE_PULL))
        weights = np.round(found / spread, 5)
        offset = bias - float((weights * mean).sum())
        return Gate(tuple(self._features), tuple(weights.tolist()), round(offset, 5))
