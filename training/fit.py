"""Weights from labelled lines: a logistic regression over codes, then over the surroundings.

Each code's weight is drawn towards what codes of its kind weigh on average, so that a code with few
sightings is worth what its kind is worth, and one with many what it measured.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from cleaner.decide import surroundings
from cleaner.records import Weights
from training.corpus import Sample

#: Families that only ever speak for keeping by policy: not measured, because gold bodies leave out titles,
#: bylines and captions, which a cleaned page keeps.
PROTECTED = {"TI": -3.0, "BY": -2.5, "CP": -2.5}

#: Pull towards the mean of the kind, in units of one line of mean weight
#: (swept 5, 20, 80 on folds by domain; see the model card).
PULL = 20.0

ROUNDS = 3


@dataclass
class Model:
    """Weights while they are being fitted."""

    bias: float = 0.0
    codes: dict[str, float] = field(default_factory=dict)
    neighbours: dict[str, float] = field(default_factory=dict)

    def record(self) -> Weights:
        """These weights as the product's record, without thresholds."""
        return Weights(self.bias, self.codes, self.neighbours, {})


def line_weights(sample: Sample) -> np.ndarray:
    """How much each line counts: by its words, so that long pages do not rule."""
    words = np.array(sample.words, float)
    return (words + 2) / np.sqrt(words.sum() + 50)


def chosen(codes: Sequence[str], weights: Mapping[str, float]) -> list[str]:
    """The strongest code of each group, as ``decide`` hears them."""
    best: dict[str, str] = {}
    for code in codes:
        rival = best.get(code[:4])
        if rival is None or (-abs(weights.get(code, 0.0)), code) < (-abs(weights.get(rival, 0.0)), rival):
            best[code[:4]] = code
    return [code for code in best.values() if code[:2] not in PROTECTED]


def fit(samples: Sequence[Sample]) -> Model:
    """Fit codes and surroundings in turn, ``ROUNDS`` times."""
    model = Model(codes=_single(samples))
    offsets = [np.zeros(len(s.codes)) for s in samples]
    for _ in range(ROUNDS):
        _fit_codes(model, samples, np.concatenate(offsets))
        _fit_neighbours(model, samples)
        offsets = [around(model, base_of(model, s)) for s in samples]
    return model


def base_of(model: Model, sample: Sample) -> np.ndarray:
    """The log-odds of each line from its codes alone."""
    return np.array(
        [model.bias + sum(model.codes.get(c, 0.0) for c in chosen(codes, model.codes)) for codes in sample.codes]
    )


def around(model: Model, base: np.ndarray) -> np.ndarray:
    """What the surroundings add, by the product's own function."""
    return np.array(surroundings(base.tolist(), model.record()))


def _targets(samples: Sequence[Sample]) -> tuple[np.ndarray, np.ndarray]:
    dropped = np.concatenate([1 - np.array(s.content, float) / np.maximum(1, np.array(s.words)) for s in samples])
    weight = np.concatenate([line_weights(s) for s in samples])
    return dropped, weight / weight.mean()


def _single(samples: Sequence[Sample]) -> dict[str, float]:
    """Log-odds of each code on its own against the base rate: where the fit starts."""
    drop: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    dropped, weight = _targets(samples)
    rate = float((dropped * weight).sum() / weight.sum())
    at = 0
    for sample in samples:
        for codes in sample.codes:
            for code in codes:
                drop[code] += float(dropped[at] * weight[at])
                seen[code] += float(weight[at])
            at += 1
    prior = np.log(rate / (1 - rate))
    return {c: float(np.log((drop[c] + rate) / (seen[c] - drop[c] + 1 - rate)) - prior) for c in sorted(seen)}


def _fit_codes(model: Model, samples: Sequence[Sample], offset: np.ndarray) -> None:
    names = sorted(c for c in model.codes if c[:2] not in PROTECTED)
    column = {code: n for n, code in enumerate(names)}
    rows, columns, at = [], [], 0
    for sample in samples:
        for codes in sample.codes:
            mine = [column[c] for c in chosen(codes, model.codes)]
            rows += [at] * len(mine)
            columns += mine
            at += 1
    matrix = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(at, len(names)))
    dropped, weight = _targets(samples)
    start = np.array([model.codes[c] for c in names] + [model.bias])
    kinds = _kinds(names)
    for _ in range(2):
        centre = _centres(start[:-1], kinds, np.asarray(matrix.sum(axis=0)).ravel())
        start = _logistic(matrix, (dropped, weight, offset), start, centre, [_bounds(c) for c in names])
    model.codes.update(zip(names, map(float, start[:-1]), strict=True))
    model.bias = float(start[-1])


def _kinds(names: Sequence[str]) -> list[str]:
    """Codes of words that are the line, words inside it, blocks by name, and the rest one by one."""
    return [f"1{c[-1]}" if c[2] == "1" and c[:2] not in ("NV", "KP") else "3" if c[2:] == "301" else c for c in names]


def _centres(values: np.ndarray, kinds: Sequence[str], support: np.ndarray) -> np.ndarray:
    total: dict[str, float] = defaultdict(float)
    count: dict[str, float] = defaultdict(float)
    for value, kind, n in zip(values, kinds, support, strict=True):
        share = min(n, 500.0)
        total[kind] += value * share
        count[kind] += share
    return np.array([total[k] / count[k] if count[k] and len(k) < 5 else 0.0 for k in kinds])


def _bounds(code: str) -> tuple[float, float]:
    """A phrase of residue never speaks for keeping, a sentence never for dropping."""
    if code.startswith("KP"):
        return (-6.0, 0.0) if code[2] in "12" else (-6.0, 6.0)
    return (0.0, 6.0) if code[2] == "1" else (-6.0, 6.0)


def _logistic(
    matrix: csr_matrix,
    data: tuple[np.ndarray, np.ndarray, np.ndarray],
    start: np.ndarray,
    centre: np.ndarray,
    bounds: list[tuple[float, float]],
) -> np.ndarray:
    dropped, weight, offset = data

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        logit = matrix @ w[:-1] + w[-1] + offset
        p = 1 / (1 + np.exp(-np.clip(logit, -30, 30)))
        value = weight @ (np.logaddexp(0, logit) - dropped * logit) + PULL / 2 * ((w[:-1] - centre) ** 2).sum()
        slope = weight * (p - dropped)
        return float(value), np.append(matrix.T @ slope + PULL * (w[:-1] - centre), slope.sum())

    clipped = np.clip(start, [b[0] for b in bounds] + [-10], [b[1] for b in bounds] + [10])
    found = minimize(loss, clipped, jac=True, method="L-BFGS-B", bounds=[*bounds, (-10, 10)], options={"maxiter": 200})
    return np.asarray(found.x)


_PARTS = ("low", "high", "wide")


def _fit_neighbours(model: Model, samples: Sequence[Sample]) -> None:
    bases = [base_of(model, s) for s in samples]
    columns = []
    for part in _PARTS:
        unit = Weights(0.0, {}, {part: 1.0}, {})
        columns.append(np.concatenate([surroundings(b.tolist(), unit) for b in bases]))
    matrix = csr_matrix(np.stack(columns, axis=1))
    dropped, weight = _targets(samples)
    shift = np.concatenate(bases)
    bounds = [(0.0, 2.0)] * len(_PARTS)
    found = _logistic(matrix, (dropped, weight, shift), np.zeros(len(_PARTS) + 1), np.zeros(len(_PARTS)), bounds)
    model.neighbours = dict(zip(_PARTS, map(float, found[:-1]), strict=True))
    model.bias += float(found[-1])
