"""Reading of the learned scorer from ``data/weights/score.json.gz``, which ``training/`` writes (docs/training.md)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from cleaner.records import Kind
from cleaner.score.model.ensemble import FeatureTable, Gate, Model, Trees
from cleaner.score.model.structure import NameWeights
from cleaner.score.model.words import PAIR_BASE, Vocabulary
from cleaner.score.spans import Floats
from cleaner.score.weights import stored


@dataclass(frozen=True, slots=True)
class Scorer:
    """The learned scorer for one kind of page.

    ``vocabulary`` and ``names`` give the first-stage scores, ``features`` names the columns of the feature table in
    order, and ``slope`` and ``offset`` calibrate the log-odds of the ``model`` (Platt scaling).
    """

    vocabulary: Vocabulary
    names: NameWeights
    features: tuple[str, ...]
    model: Model
    slope: float
    offset: float

    def log_odds(self, table: FeatureTable) -> Floats:
        """Return the calibrated log-odds of each row of a table."""
        return np.asarray(self.model.log_odds(table) * self.slope + self.offset)


@dataclass(frozen=True, slots=True)
class SiteTrees:
    """Trees that predict what the other pages of a site add to the log-odds of a line, for one kind of page.

    ``features`` names the columns of their feature table, in order.
    """

    features: tuple[str, ...]
    trees: Trees


@lru_cache(maxsize=2)
def load_site_trees(kind: Kind) -> SiteTrees:
    """Return the trees for pages of this kind, from ``data/weights/sites.json.gz``."""
    return site_trees_of(json.loads(gzip.decompress(stored("sites.json.gz"))), kind)


def site_trees_of(table: Mapping[str, Any], kind: Kind) -> SiteTrees:
    """Return the trees of a kind from the content of the weights file."""
    return SiteTrees(tuple(table[kind]["features"]), trees_of(table[kind]["trees"]))


@lru_cache(maxsize=1)
def _scores() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(gzip.decompress(stored("score.json.gz")))
    return table


@lru_cache(maxsize=2)
def load_scorer(kind: Kind) -> Scorer:
    """Return the learned scorer for pages of this kind."""
    return scorer_of(_scores(), kind)


def scorer_of(table: Mapping[str, Any], kind: Kind) -> Scorer:
    """Return the scorer of a kind from the content of the weights file."""
    own, names = table[kind], table["names"]
    return Scorer(
        vocabulary=vocabulary_of(table["words"]),
        names=NameWeights(names["own"], names["around"], names["bias"]),
        features=tuple(own["features"]),
        model=model_of(own),
        slope=own["slope"],
        offset=own["offset"],
    )


def model_of(table: Mapping[str, Any]) -> Model:
    """Return the model from its part of the weights file."""
    general = trees_of(table["general"])
    if "gate" not in table:
        return Model(general)
    gate = table["gate"]
    pairs = sorted((table["features"].index(name), weight) for name, weight in gate["weights"].items())
    found = Gate(tuple([at for at, _ in pairs]), tuple([weight for _, weight in pairs]), gate["bias"])
    return Model(general, trees_of(table["articles"]), found)


def trees_of(table: Mapping[str, Any]) -> Trees:
    """Return trees from their part of the weights file."""
    nodes = {name: np.array(table[name], np.int32) for name in ("roots", "feature", "cut", "left", "right", "value")}
    return Trees(depth=table["depth"], **nodes)


def vocabulary_of(table: Mapping[str, Any]) -> Vocabulary:
    """Return the vocabulary from its part of the weights file; words have ids from 2 on, the line end has 1."""
    ids = {"\n": 1, **{word: n for n, word in enumerate(table["words"], 2)}}
    left, right = (np.array(side, np.int64) for side in table["pairs"])
    return Vocabulary(
        ids=ids,
        single=np.array([0, 0, *table["single"]], np.int64),
        pairs=left * PAIR_BASE + right,
        paired=np.array(table["paired"], np.int64),
        bias=table["bias"],
    )
