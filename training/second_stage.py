"""The second stage: gradient-boosted trees over the features (LightGBM), exported for the product."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from cleaner.score.features.registry import FEATURES
from cleaner.score.model.ensemble import PARTS_PER_UNIT, FeatureTable, Trees
from cleaner.score.spans import Floats

#: LightGBM's settings; one thread by default, and the same trees with any number.
SETTINGS = {
    "objective": "cross_entropy",
    "learning_rate": 0.09,
    "num_leaves": 40,
    "max_depth": 6,
    "min_data_in_leaf": 50,
    "feature_fraction": 0.25,
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "seed": 7,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
ROUNDS = 110

#: Rounds for the trees of articles, which are fewer and more alike.
ARTICLE_ROUNDS = 80

#: Rows on which the exported trees are compared with LightGBM's own predictions.
COMPARED_ROWS = 5000


@dataclass(frozen=True)
class Part:
    """The rows of one page as the trees learn them."""

    fold: int
    table: FeatureTable
    residue: Floats
    weight: Floats
    article: bool = False


class Grower:
    """All rows, sorted into bins once, from which trees are grown on all folds but one."""

    def __init__(self, parts: Sequence[Part], names: Sequence[str], threads: int) -> None:
        self._names = list(names)
        for_trees = [0.0 if FEATURES[name].level == "gate" else 1.0 for name in names]
        self._settings = {**SETTINGS, "num_threads": threads, "feature_contri": for_trees}
        self._fold = np.repeat([part.fold for part in parts], [len(part.table) for part in parts])
        self._article = np.repeat([part.article for part in parts], [len(part.table) for part in parts])
        table = np.empty((len(self._fold), len(names)), np.float32)
        np.concatenate([part.table for part in parts], out=table, casting="unsafe")  # whole numbers below 2 ** 24
        weight = np.concatenate([part.weight for part in parts])
        self._rows = lightgbm.Dataset(
            table,
            np.concatenate([part.residue for part in parts]),
            weight=weight / weight.mean(),
            feature_name=self._names,
            params=self._settings,
        ).construct()
        self._some = table[:: max(1, len(table) // COMPARED_ROWS)].copy()

    def grow(self, fold: int | None, articles: bool = False) -> tuple[Trees, Mapping[str, float]]:
        """Grow trees on all folds but one, or on their articles; return them and the share of gain of each feature."""
        seen = np.ones(len(self._fold), bool) if fold is None else self._fold != fold
        if articles:
            seen &= self._article
        rows = self._rows if seen.all() else self._rows.subset(np.flatnonzero(seen).tolist())
        booster = lightgbm.train(self._settings, rows, ARTICLE_ROUNDS if articles else ROUNDS)
        trees = export_trees(booster.dump_model())
        _agree(trees, self._some, np.asarray(booster.predict(self._some, raw_score=True)))
        gain = booster.feature_importance("gain")
        return trees, dict(zip(self._names, (gain / max(1e-9, gain.sum())).tolist(), strict=True))


def _agree(trees: Trees, rows: NDArray[np.float32], expected: NDArray[Any]) -> None:
    """Raise ValueError when the exported trees predict something else than LightGBM does."""
    apart = float(np.abs(trees.log_odds(rows.astype(np.int32)) - expected).max())
    if apart > len(trees.roots) / 2 / PARTS_PER_UNIT + 1e-6:
        raise ValueError(
            f"the exported trees differ from LightGBM's by {apart:.4f} log-odds: see training/second_stage.py"
        )


class _Nodes:
    """Collects the nodes of the exported trees."""

    def __init__(self) -> None:
        self.feature: list[int] = []
        self.cut: list[int] = []
        self.left: list[int] = []
        self.right: list[int] = []
        self.value: list[int] = []

    def add(self, node: Mapping[str, Any]) -> int:
        number = len(self.value)
        inner = "split_feature" in node
        self.feature.append(node["split_feature"] if inner else 0)
        self.cut.append(math.floor(node["threshold"]) if inner else 0)
        self.value.append(round(node["internal_value" if inner else "leaf_value"] * PARTS_PER_UNIT))
        self.left.append(number)
        self.right.append(number)
        return number


def export_trees(model: Mapping[str, Any]) -> Trees:
    """Return the product's trees from LightGBM's dump of a model.

    A leaf is its own child, and children follow their parents. Raises ValueError for a split of another kind than "<=".
    """
    nodes, roots, deepest = _Nodes(), [], 0
    for tree in model["tree_info"]:
        roots.append(len(nodes.value))
        todo = [(tree["tree_structure"], -1, "left", 0)]
        while todo:
            node, parent, side, depth = todo.pop()
            number = nodes.add(node)
            deepest = max(deepest, depth)
            if parent >= 0:
                getattr(nodes, side)[parent] = number
            if "split_feature" in node:
                if node["decision_type"] != "<=":
                    raise ValueError(f"a cut of the kind {node['decision_type']!r}: the product knows only <=")
                todo += [
                    (node["right_child"], number, "right", depth + 1),
                    (node["left_child"], number, "left", depth + 1),
                ]
    arrays = {name: np.array(getattr(nodes, name), np.int32) for name in ("feature", "cut", "left", "right", "value")}
    return Trees(roots=np.array(roots, np.int32), depth=deepest, **arrays)
