"""Evaluation of many shallow trees for many rows at once, by bit operations instead of walking each tree.

A question is a pair of feature and cut: is the value more than the cut? First each different question, which stands in
many trees, is answered once for every row; the answers are kept as bits, eight rows a byte. Then, level by level, the
answers on the path of each row are selected by bit operations, for all trees and eight rows at a time. The answers
along a path, read as a binary number, are the index of the leaf.

Trees are filled up to the depth of the deepest with nodes that have no effect: the cost doubles with each level, which
suits trees of depth 6. QuickScorer (Lucchese et al., SIGIR 2015) also answers questions feature by feature and avoids
branches; its bits stand for the leaves of a tree, while here they stand for rows (bit slicing), which needs no more
than the array operations of numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.score.spans import Ints

Bits = NDArray[np.uint8]


@dataclass(frozen=True)
class TreeNodes:
    """The nodes of all trees of an ensemble, one after the other, as arrays of int32 with one value per node.

    ``feature`` is a column of the feature table and ``cut`` a quantized value: rows with at most ``cut`` go to the
    child ``left``, others to ``right``. ``value`` is the mean of the rows that reach the node, in 1/PARTS_PER_UNIT
    log-odds. A leaf is its own child. ``roots`` has the index of the root of each tree, ``depth`` the most questions
    on a path.
    """

    roots: NDArray[np.int32]
    depth: int
    feature: NDArray[np.int32]
    cut: NDArray[np.int32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Forest:
    """Groups of trees, laid out for ``sums``.

    Different questions are sorted by feature: those from ``starts[n]`` to ``starts[n + 1]`` compare ``features[n]``
    with their ``cuts`` (one row per question). ``levels`` has one array per level with the index of the question of
    each node (rows, from left to right) and tree (columns). ``values`` has one row per tree and one column per leaf.
    ``first`` has the index of the first tree of each group.
    """

    features: tuple[int, ...]
    starts: tuple[int, ...]
    cuts: NDArray[np.int32]
    levels: tuple[Ints, ...]
    values: NDArray[np.int32]
    first: tuple[int, ...]

    def sums(self, table: NDArray[np.int32]) -> Ints:
        """Return one row per group of trees with the sum of its leaf values for each row of a table."""
        path = self._path(self._answers(table.T))
        leaves = self.values.shape[1]
        leaf = np.zeros((len(self.values), len(table)), np.min_scalar_type(leaves - 1))
        for goes_right in path:
            leaf <<= 1
            leaf |= np.unpackbits(goes_right, axis=1, count=len(table))
        values = self.values.ravel().take(leaf + (np.arange(len(self.values)) * leaves)[:, None])
        groups = zip(self.first, [*self.first[1:], len(values)], strict=True)
        return np.array([values[at:end].sum(axis=0, dtype=np.int64) for at, end in groups])

    def _answers(self, features: NDArray[np.int32]) -> Bits:
        """Return one row per question with the answers for all table rows as bits, eight a byte; 1 is "more"."""
        is_more = np.empty((len(self.cuts), features.shape[1]), bool)
        for feature, at, end in zip(self.features, self.starts, self.starts[1:], strict=False):
            np.greater(features[feature], self.cuts[at:end], out=is_more[at:end])
        return np.packbits(is_more, axis=1)

    def _path(self, answers: Bits) -> list[Bits]:
        """Return per level one row per tree with the answers at the node that each table row reaches."""
        path: list[Bits] = []
        for level in self.levels:
            asked = answers.take(level, axis=0)
            for goes_right in path:
                half = len(asked) // 2
                left, right = asked[:half], asked[half:]
                asked = left ^ ((left ^ right) & goes_right)
            path.append(asked[0])
        return path


def forest_of(groups: Sequence[TreeNodes]) -> Forest:
    """Lay out groups of trees for ``sums``.

    Leaves above the lowest level are filled up with copies of themselves, whose question has no effect.
    """
    node = np.concatenate([trees.roots for trees in groups])[None, :]
    group = np.repeat(np.arange(len(groups)), [len(trees.roots) for trees in groups])
    offset = np.cumsum([0, *[len(trees.left) for trees in groups]])
    feature, cut, value = (
        np.concatenate([getattr(trees, name) for trees in groups]) for name in ("feature", "cut", "value")
    )
    left, right = (
        np.concatenate([getattr(trees, side) + before for trees, before in zip(groups, offset, strict=False)])
        for side in ("left", "right")
    )
    node = node + offset[group]
    asked = []
    for _ in range(max(trees.depth for trees in groups)):
        asked.append(feature[node].astype(np.int64) << 32 | cut[node].astype(np.int64) + (1 << 31))
        node = np.stack([left[node], right[node]], 1).reshape(-1, node.shape[1])
    questions, place = np.unique(np.concatenate([np.zeros(0, np.int64), *map(np.ravel, asked)]), return_inverse=True)
    ends = np.cumsum([0, *[level.size for level in asked]])
    features, starts = np.unique(questions >> 32, return_index=True)
    return Forest(
        features=tuple(features.tolist()),
        starts=(*starts.tolist(), len(questions)),
        cuts=((questions & 0xFFFFFFFF) - (1 << 31)).astype(np.int32)[:, None],
        levels=tuple(
            place.reshape(-1)[at:end].reshape(level.shape)
            for level, at, end in zip(asked, ends, ends[1:], strict=False)
        ),
        values=np.ascontiguousarray(value[node].T),
        first=tuple(np.flatnonzero(np.diff(group, prepend=-1)).tolist()),
    )
