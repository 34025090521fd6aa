"""Fitting of the word score and the structure score, each once for every fold left out.

The lines as sparse matrices, which all fits share, are computed once; a fit leaves a fold out by giving it no weight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from cleaner.score.model.structure import DECAY_PER_LEVEL, NameWeights, block_names
from cleaner.score.model.words import (
    LINE_END_ID,
    PAIR_BASE,
    WEIGHT_UNIT,
    Tokens,
    Vocabulary,
    pair_ids,
    token_ids,
    tokenize,
)
from cleaner.score.spans import Bools, Floats, Ints
from training.corpus import FOLDS, Sample, fold_of
from training.logistic import Linear, Prior, Rows, linear, logistic, scale_to_mean_one, sparse_rows

#: Words and pairs must stand on this many domains, else brands and topics are learned; pulls are L2 penalties.
WORD_DOMAINS, WORD_PULL = 20, 20.0

NAME_DOMAINS, NAME_PULL = 4, 60.0

#: Names of smaller weight (log-odds) are left out of the weights file.
MIN_ABS_WEIGHT = 0.04

#: Blocks more levels out than this are not counted: their weight is next to nothing.
MAX_LEVELS = 24


def count_domains_by_fold(seen: Iterable[Iterable[str]]) -> Ints:
    """Return one row per set of domains with the number of its domains in each fold."""
    counts = [np.bincount([fold_of(domain) for domain in sorted(domains)], minlength=FOLDS) for domains in seen]
    return np.array(counts, int).reshape(-1, FOLDS)


def sum_without(counts: Ints, fold: int | None) -> Ints:
    """Return per row the sum over all folds but one."""
    return np.asarray(counts.sum(axis=1) - (counts[:, fold] if fold is not None else 0))


#: A word, or two as one number.
Token = TypeVar("Token", str, int)


class WordTable:
    """The lines of all samples by candidate words and pairs of words."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        texts = [tokenize(sample.folded) for sample in samples]
        domains = [sample.source.domain for sample in samples]
        self.words, self._words = _frequent([frozenset(text.texts) - {"\n"} for text in texts], domains)
        known = {"\n": LINE_END_ID, **{word: n for n, word in enumerate(self.words, LINE_END_ID + 1)}}
        ids = [token_ids(text, known) for text in texts]
        pairs, self._pairs = _frequent([frozenset(np.unique(pair_ids(i)).tolist()) - {0} for i in ids], domains)
        self.pairs = np.array(pairs, np.int64)
        self._fold = np.repeat([s.source.fold for s in samples], [len(s.at) for s in samples])
        self._weight = np.concatenate([sample.weight for sample in samples])
        self._target = np.concatenate([sample.residue for sample in samples])
        self._map = linear(self._matrix(texts, ids))

    def _matrix(self, texts: Sequence[Tokens], ids: Sequence[NDArray[np.int32]]) -> csr_matrix:
        """Return a matrix of lines by words, then pairs; each occurrence is damped as the product damps sums."""
        rows, features, values = [], [], []
        starts = [0, *accumulate(len(text.first) for text in texts)]
        for text, own, start in zip(texts, ids, starts, strict=False):
            at = np.arange(len(own) - 1)
            line = np.searchsorted(text.first - 1, at, side="right") - 1
            damp = (1 / np.sqrt(text.last - text.first + 1.0))[line]
            pairs = pair_ids(own)
            place = np.minimum(np.searchsorted(self.pairs, pairs), len(self.pairs) - 1)
            paired = (self.pairs[place] == pairs) & (pairs > 0)
            word = own[:-1] > LINE_END_ID
            rows += [line[word] + start, line[paired] + start]
            features += [own[:-1][word] - LINE_END_ID - 1, len(self.words) + place[paired]]
            values += [damp[word], damp[paired]]
        shape = (starts[-1], len(self.words) + len(self.pairs))
        return csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(features))), shape=shape)

    def fit(self, fold: int | None) -> Vocabulary:
        """Fit the vocabulary on all folds but one."""
        active = sum_without(np.concatenate([self._words, self._pairs]), fold) >= WORD_DOMAINS
        some = np.where(self._fold == fold, 0.0, self._weight)
        rows = Rows(self._target, scale_to_mean_one(some, float((some > 0).sum())))
        whole, bias = logistic(_only(self._map, active), rows, Prior(WORD_PULL))
        weights = np.rint(whole / WEIGHT_UNIT).astype(np.int64)
        size = len(self.words)
        number = np.concatenate(
            [[0, LINE_END_ID], np.where(active[:size], np.cumsum(active[:size]) + LINE_END_ID, 0)]
        ).astype(np.int64)
        left, right = number[self.pairs // PAIR_BASE], number[self.pairs % PAIR_BASE]
        used = (weights[size:] != 0) & (left > 0) & (right > 0)
        return Vocabulary(
            ids={"\n": LINE_END_ID, **{word: int(n) for word, n in zip(self.words, number[2:], strict=True) if n}},
            single=np.concatenate([[0, 0], weights[:size][active[:size]]]),
            pairs=(left * PAIR_BASE + right)[used],
            paired=weights[size:][used],
            bias=round(bias, 3),
        )


def _only(of: Linear, active: Bools) -> Linear:
    """Return the map with the inactive weights kept at 0."""
    return Linear(of.size, lambda weights: of.ahead(weights * active), lambda rows: of.back(rows) * active)


def _frequent(seen: Sequence[frozenset[Token]], domains: Sequence[str]) -> tuple[list[Token], Ints]:
    """Return the keys that stand on enough domains, sorted, with the number of their domains by fold."""
    where: dict[Token, set[str]] = {}
    for some, domain in zip(seen, domains, strict=True):
        for key in some:
            where.setdefault(key, set()).add(domain)
    kept = sorted(key for key, found in where.items() if len(found) >= WORD_DOMAINS)
    return kept, count_domains_by_fold(where[key] for key in kept)


Key = tuple[str, tuple[str, ...]]


class NameTable:
    """The blocks of all samples, grouped by their names and those of the blocks around them.

    Blocks with the same names inside blocks with the same names are one row, a *chain*.
    """

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._keys: dict[Key, int] = {}
        self._chains: dict[tuple[int, int], int] = {}
        found = [(self._rows(sample), sample) for sample in samples]
        self._fold = np.concatenate([np.full(len(rows[0]), sample.source.fold) for rows, sample in found])
        self._chain, self._weight, self._drop = (np.concatenate([rows[n] for rows, _ in found]) for n in range(3))
        self._chain = self._chain.astype(int)
        self.words, self._domains = self._named(samples)
        feature = {word: n for n, word in enumerate(self.words)}
        listed = [[feature[w] for w in block_names(*key) if w in feature] for key in self._keys]
        self._called = sparse_rows(listed, len(self.words))
        self._key = np.array([key for _, key in self._chains], int)
        self._above = self._distances()

    def _rows(self, sample: Sample) -> tuple[Ints, Floats, Floats]:
        """Return the chains of the blocks that hold lines, the weight of their lines, and that of their residue."""
        chains: list[int] = []
        for block in sample.page.blocks:
            key = self._keys.setdefault((block.tag, block.tokens), len(self._keys))
            outer = chains[block.parent] if block.parent >= 0 else -1
            chains.append(self._chains.setdefault((outer, key), len(self._chains)))
        lines = [sample.page.lines[n].markup for n in sample.at.tolist()]
        of = np.array([markup.block if markup else -1 for markup in lines], int)
        inside = of >= 0
        weight = np.bincount(of[inside], sample.weight[inside], len(chains))
        drop = np.bincount(of[inside], (sample.weight * sample.residue)[inside], len(chains))
        held = np.flatnonzero(weight)
        return np.array(chains, int)[held], weight[held].astype(float), drop[held].astype(float)

    def _named(self, samples: Sequence[Sample]) -> tuple[list[str], Ints]:
        where: dict[str, set[str]] = {}
        for sample in samples:
            for key in {(block.tag, block.tokens) for block in sample.page.blocks}:
                for word in block_names(*key):
                    where.setdefault(word, set()).add(sample.source.domain)
        kept = sorted(word for word, found in where.items() if len(found) >= NAME_DOMAINS)
        return kept, count_domains_by_fold(where[word] for word in kept)

    def _distances(self) -> csr_matrix:
        """Return a matrix of chains by keys of the blocks around them, whose values fall with the distance."""
        outer = np.array([chain for chain, _ in self._chains], int)
        start, at = np.arange(len(outer)), outer
        rows, features, values = [], [], []
        for far in range(1, MAX_LEVELS + 1):
            start, at = start[at >= 0], at[at >= 0]
            rows.append(start)
            features.append(self._key[at])
            values.append(np.full(len(at), DECAY_PER_LEVEL**far))
            at = outer[at]
        shape = (len(outer), len(self._keys))
        return csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(features))), shape=shape)

    def fit(self, fold: int | None) -> NameWeights:
        """Fit the weights of names on all folds but one."""
        some = np.where(self._fold == fold, 0.0, self._weight)
        size = len(self._chains)
        weight, drop = (
            np.bincount(self._chain, some, size),
            np.bincount(self._chain, np.where(some > 0, self._drop, 0.0), size),
        )
        rows = Rows(drop / np.maximum(1e-9, weight), scale_to_mean_one(weight.astype(float), float((some > 0).sum())))
        active = np.tile(sum_without(self._domains, fold) >= NAME_DOMAINS, 2)
        found, bias = logistic(_only(self._map(), active), rows, Prior(NAME_PULL))
        own, around = np.split(np.round(found, 2), 2)
        return NameWeights(self._table(own), self._table(around), round(bias, 3))

    def _map(self) -> Linear:
        """Return the map from the weights of own names, then of names around, to chains."""
        called, turned = self._called, self._called.T.tocsr()
        above, below = self._above, self._above.T.tocsr()
        keys, key, words = len(self._keys), self._key, len(self.words)

        def ahead(weights: Floats) -> Floats:
            return np.asarray((called @ weights[:words])[key] + above @ (called @ weights[words:]))

        def back(rows: Floats) -> Floats:
            return np.concatenate([turned @ np.bincount(key, rows, keys), turned @ (below @ rows)])

        return Linear(2 * words, ahead, back)

    def _table(self, weights: Floats) -> Mapping[str, float]:
        return {
            word: value
            for word, value in zip(self.words, weights.tolist(), strict=True)
            if abs(value) >= MIN_ABS_WEIGHT
        }
