"""The model that gives each line its log-odds: trees, and trees for articles, mixed by how much one the page is.

Numpy only; the trees count in whole numbers, so they say the same on every machine.

Gradient-boosted regression trees (Friedman 2001), fitted by LightGBM in ``training/``. A node's cut lies between two
whole numbers, a leaf's value is a whole number of GRAIN parts: sums are exact in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

from cleaner.score.spans import Floats

#: Columns and leaves are kept in parts of this size.
GRAIN = 1024

#: Columns are clipped at this much.
MOST = 8192.0

#: Lines scored at a time, which bounds the memory.
PIECE = 2048

Table = NDArray[np.int32]


def whole(columns: Floats) -> Table:
    """Columns in whole numbers of GRAIN parts; values that are no number are 0."""
    return np.rint(np.clip(np.nan_to_num(columns), -MOST, MOST) * GRAIN).astype(np.int32)


@dataclass(frozen=True, slots=True)
class Trees:
    """Nodes of all trees, one after the other.

    ``roots`` and ``depth`` of the trees; per node its ``column``, ``cut`` (a value of at most ``cut`` goes left),
    ``left`` and ``right`` child and ``value`` (what the lines that reach it average, in GRAIN parts). A leaf is its
    own child.
    """

    roots: NDArray[np.int32]
    depth: int
    column: NDArray[np.int32]
    cut: NDArray[np.int32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.int32]

    def log_odds(self, table: Table) -> Floats:
        """The log-odds of each row of a table."""
        parts = [self._piece(table[at : at + PIECE]) for at in range(0, len(table), PIECE)]
        return np.asarray(np.concatenate([np.zeros(0), *parts]) / GRAIN)

    def _piece(self, table: Table) -> Floats:
        flat = np.ascontiguousarray(table).ravel()
        rows = (np.arange(len(table), dtype=np.int32) * table.shape[1])[:, None]
        node = np.repeat(self.roots[None, :], len(table), axis=0)
        for _ in range(self.depth):
            goes_left = flat[rows + self.column[node]] <= self.cut[node]
            node = np.where(goes_left, self.left[node], self.right[node])
        return np.asarray(self.value[node].sum(axis=1, dtype=np.int64), float)

    def contributions(self, row: Table) -> Mapping[int, float]:
        """What each column adds to the log-odds of one row: the changes of value along its paths (Saabas 2014)."""
        found: dict[int, int] = {}
        for root in self.roots.tolist():
            node = root
            while self.left[node] != node:
                child = int(self.left[node] if row[self.column[node]] <= self.cut[node] else self.right[node])
                column = int(self.column[node])
                found[column] = found.get(column, 0) + int(self.value[child]) - int(self.value[node])
                node = child
        return {column: value / GRAIN for column, value in found.items()}


@dataclass(frozen=True, slots=True)
class Gate:
    """How much of an article a page is: a logistic model of the columns that all lines of a page share."""

    columns: tuple[int, ...]
    weights: tuple[float, ...]
    bias: float

    def share(self, row: Table) -> float:
        """The probability that the page of a row is an article."""
        values = [int(row[column]) / GRAIN for column in self.columns]
        odds = self.bias + sum([weight * value for weight, value in zip(self.weights, values, strict=True)])
        return 1 / (1 + exp(-max(-30.0, min(30.0, odds))))


@dataclass(frozen=True, slots=True)
class Model:
    """Trees learned from all pages; and, with a gate, trees learned from articles, which know teasers of others."""

    general: Trees
    articles: Trees | None = None
    gate: Gate | None = None

    def log_odds(self, table: Table) -> Floats:
        """The log-odds of each row of a page's table."""
        odds = self.general.log_odds(table)
        share = self.article(table)
        if not share or self.articles is None:
            return odds
        return np.asarray((1 - share) * odds + share * self.articles.log_odds(table))

    def article(self, table: Table) -> float:
        """How much of an article the page of a table is; 0 where nobody can tell."""
        return self.gate.share(table[0]) if self.gate is not None and len(table) else 0.0

    def contributions(self, row: Table) -> Mapping[int, float]:
        """What each column adds to the log-odds of one row."""
        share = self.article(row[None, :])
        found = {column: (1 - share) * value for column, value in self.general.contributions(row).items()}
        if self.articles is not None:
            for column, value in self.articles.contributions(row).items():
                found[column] = found.get(column, 0.0) + share * value
        return found
