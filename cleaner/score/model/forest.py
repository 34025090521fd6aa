"""Many small trees asked at once, with bits: every line answers every question, then the answers choose the leaves.

The same question stands in many trees and is asked once. Answers of eight lines share a byte, so that choosing among
them is cheap. Trees are filled up to the depth of the deepest, which suits trees of some 6 questions in a row: the
cost doubles with each more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.score.spans import Ints

Bits = NDArray[np.uint8]


@dataclass(frozen=True)
class Nodes:
    """Nodes of all trees, one after the other.

    ``roots`` and ``depth`` of the trees; per node its ``feature``, ``cut`` (a value of at most ``cut`` goes left),
    ``left`` and ``right`` child and ``value`` (what the lines that reach it average, in GRAIN parts). A leaf is its
    own child.
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
    """Trees in groups, laid out for ``sums``.

    Questions are sorted by feature: those from ``starts[n]`` to ``starts[n + 1]`` ask ``features[n]`` whether it is
    more than their ``cuts``. ``levels`` holds per level the question of each node and tree, children at ``node`` and
    ``node + half``; ``values`` the leaves' values by tree and leaf, ``first`` where each group of trees begins.
    """

    features: tuple[int, ...]
    starts: tuple[int, ...]
    cuts: NDArray[np.int32]
    levels: tuple[Ints, ...]
    values: NDArray[np.int32]
    first: tuple[int, ...]

    def sums(self, table: NDArray[np.int32]) -> Ints:
        """Per group of trees the sum of the leaves' values for each row of a table."""
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
        """The answer of each line to each question, eight lines a byte."""
        says_more = np.empty((len(self.cuts), features.shape[1]), bool)
        for feature, at, end in zip(self.features, self.starts, self.starts[1:], strict=False):
            np.greater(features[feature], self.cuts[at:end], out=says_more[at:end])
        return np.packbits(says_more, axis=1)

    def _path(self, answers: Bits) -> list[Bits]:
        """Per level the answers that count in each tree, chosen by those of the levels above."""
        path: list[Bits] = []
        for level in self.levels:
            asked = answers.take(level, axis=0)
            for goes_right in path:
                half = len(asked) // 2
                left, right = asked[:half], asked[half:]
                asked = left ^ ((left ^ right) & goes_right)
            path.append(asked[0])
        return path


def forest_of(groups: Sequence[Nodes]) -> Forest:
    """Lay out trees for asking; a node without a question answers as it likes, since its children are alike."""
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
