"""Weights from labelled lines: a logistic regression over codes, then over the surroundings, in turn.

Each code's weight is drawn towards what codes of its kind weigh on average, so that a code with few
sightings is worth what its kind is worth, and one with many what it measured.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from cleaner.decide import PARTS, names_residue, parts
from training.corpus import Sample

#: Families that only ever speak for keeping, by policy: not measured, because gold bodies leave out the
#: titles, bylines and captions that a cleaned page keeps.
PROTECTED = {"TI": -3.0, "BY": -2.5, "CP": -2.5}

#: Pull towards the mean of the kind, in lines of mean weight.
PULL = 5.0

#: What the product promises to remove weighs at least this much. The gold bodies of some sites keep links between
#: paragraphs ("Read more: ...") and a few codes are seen too seldom to be measured; the promise holds all the same.
PROMISED = {"RT201": 6.0, "RT202": 3.0, "RL111": 4.0, "RL112": 4.0, "CM201": 2.0, "CM202": 2.5, "DU401": 3.0}

#: How far a line that is a phrase of residue listens to its surroundings. Not at all in text, where such lines stand
#: amid prose; in HTML its markup tells it apart, and not listening cost half a point of F1 (.846 against .850).
LISTENS = {"text": 0.0, "html": 1.0}

#: Families measured by themselves, when all other weights stand: they are not always asked.
LATER = ("EX",)

ROUNDS = 2


@dataclass
class Model:
    """Weights while they are being fitted."""

    bias: float = 0.0
    codes: dict[str, float] = field(default_factory=dict)
    neighbours: dict[str, float] = field(default_factory=dict)


class Lines:
    """The lines of many samples as flat arrays: ``line`` and ``code`` of each sighting of a code."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self.samples = samples
        listens = LISTENS[samples[0].source.kind]
        self.names = sorted(
            {c for s in samples for codes in s.codes for c in codes if c[:2] not in (*PROTECTED, *LATER)}
        )
        column = {code: n for n, code in enumerate(self.names)}
        listed = [[column[c] for c in codes if c in column] for s in samples for codes in s.codes]
        self.count = len(listed)
        self.line = np.repeat(np.arange(self.count), [len(codes) for codes in listed])
        self.code = np.array([c for codes in listed for c in codes], int)
        groups = {name: n for n, name in enumerate(sorted({c[:4] for c in self.names}))}
        self.group = np.array([groups[c[:4]] for c in self.names], int)
        self.words = np.concatenate([np.array(s.words, float) for s in samples])
        content = np.concatenate([np.array(s.content, float) for s in samples])
        self.dropped = 1 - content / np.maximum(1, self.words)
        weight = np.concatenate([_line_weights(s) for s in samples])
        self.weight = weight / weight.mean()
        named = [any(map(names_residue, codes)) for s in samples for codes in s.codes]
        self.listens = np.where(np.array(named, bool), listens, 1.0)
        self.starts = np.cumsum([0, *(len(s.codes) for s in samples)])

    def heard(self, values: np.ndarray) -> csr_matrix:
        """Lines by codes: 1 where a code is the strongest of its group on the line, as ``decide`` hears."""
        order = np.lexsort((self.code, -np.abs(values[self.code]), self.group[self.code], self.line))
        line, group = self.line[order], self.group[self.code[order]]
        first = np.ones(len(order), bool)
        first[1:] = (line[1:] != line[:-1]) | (group[1:] != group[:-1])
        at = order[first]
        return csr_matrix((np.ones(len(at)), (self.line[at], self.code[at])), shape=(self.count, len(self.names)))

    def base(self, model: Model) -> np.ndarray:
        """The log-odds of each line from its codes alone."""
        values = np.array([model.codes.get(c, 0.0) for c in self.names])
        return np.asarray(self.heard(values) @ values + model.bias)

    def surroundings(self, base: np.ndarray) -> np.ndarray:
        """Lines by PARTS, by the product's own function; less where a line listens less."""
        rows = [
            np.array(parts(base[first:last].tolist(), sample.words)).reshape(-1, len(PARTS))
            for sample, (first, last) in zip(self.samples, pairwise(self.starts), strict=True)
        ]
        return np.asarray(np.concatenate(rows) * self.listens[:, None])


def _line_weights(sample: Sample) -> np.ndarray:
    """How much each line counts: by its words, damped so that long pages do not rule."""
    words = np.array(sample.words, float)
    return np.asarray((words + 2) / np.sqrt(words.sum() + 50))


def fit(samples: Sequence[Sample]) -> Model:
    """Fit codes and surroundings in turn, ``ROUNDS`` times."""
    lines = Lines(samples)
    model = Model(codes=_single(lines))
    offset = np.zeros(lines.count)
    for _ in range(ROUNDS):
        _fit_codes(model, lines, offset)
        base = lines.base(model)
        around = lines.surroundings(base)
        _fit_neighbours(model, lines, base, around)
        offset = around @ np.array([model.neighbours[part] for part in PARTS])
    return model


def published(model: Model, code: str) -> float:
    """The weight of a code as it goes into the data file."""
    measured = PROTECTED.get(code[:2], model.codes.get(code, 0.0))
    return round(max(measured, PROMISED.get(code, measured)), 3)


def expected(model: Model, code: str) -> float:
    """The weight of a code that no page showed: the mean of its kind, 0 when it is of no kind."""
    alike = [weight for name, weight in model.codes.items() if _kind(name) and _kind(name) == _kind(code)]
    return max(sum(alike) / len(alike) if alike else 0.0, PROMISED.get(code, 0.0))


def fit_second_opinion(model: Model, samples: Sequence[Sample]) -> dict[str, float]:
    """Weights of the other extractor's voice on ``samples``, beside everything the model says."""
    names = sorted({c for s in samples for codes in s.codes for c in codes if c[:2] in LATER})
    if not names:
        return {}
    lines = Lines(samples)
    base = lines.base(model)
    offset = base + lines.surroundings(base) @ np.array([model.neighbours[part] for part in PARTS])
    matrix = np.array([[name in codes for name in names] for s in samples for codes in s.codes], float)
    bounds = [(0.0, 6.0) if name == "EX101" else (-6.0, 0.0) for name in names] + [(0.0, 0.0)]
    zero = np.zeros(len(names))
    found = _logistic(matrix, lines, (offset, zero), np.append(zero, 0.0), bounds)
    return dict(zip(names, map(float, found[:-1]), strict=True))


def probabilities(model: Model, samples: Sequence[Sample]) -> list[np.ndarray]:
    """Per sample the drop probability of each of its lines."""
    lines = Lines(samples)
    base = lines.base(model)
    total = base + lines.surroundings(base) @ np.array([model.neighbours[part] for part in PARTS])
    found = 1 / (1 + np.exp(-np.clip(total, -30, 30)))
    return [found[first:last] for first, last in pairwise(lines.starts)]


def _single(lines: Lines) -> dict[str, float]:
    """Log-odds of each code on its own against the base rate: where the fit starts."""
    size = len(lines.names)
    weight = lines.weight[lines.line]
    seen = np.bincount(lines.code, weight, size)
    drop = np.bincount(lines.code, weight * lines.dropped[lines.line], size)
    rate = float((lines.dropped * lines.weight).sum() / lines.weight.sum())
    odds = np.log((drop + rate) / (seen - drop + 1 - rate)) - np.log(rate / (1 - rate))
    return dict(zip(lines.names, map(float, odds), strict=True))


def _fit_codes(model: Model, lines: Lines, offset: np.ndarray) -> None:
    names = lines.names
    start = np.array([*(model.codes[c] for c in names), model.bias])
    bounds = [*map(_bounds, names), (-10.0, 10.0)]
    matrix = lines.heard(start[:-1])
    support = np.asarray(matrix.sum(axis=0)).ravel()
    for _ in range(2):
        start = _logistic(matrix, lines, (offset, _centres(start[:-1], names, support)), start, bounds)
    model.codes = dict(zip(names, map(float, start[:-1]), strict=True))
    model.bias = float(start[-1])


def _kind(code: str) -> str:
    """Phrases that are the line, phrases inside it, blocks by name; "" for all other codes."""
    if code[2] == "1" and code[:2] not in ("NV", "KP"):
        return code[-1]
    return "block" if code[2:] == "301" else ""


def _centres(values: np.ndarray, names: Sequence[str], support: np.ndarray) -> np.ndarray:
    """What each weight is drawn towards: the mean of its kind, 0 where the code is its own kind."""
    total: dict[str, float] = defaultdict(float)
    count: dict[str, float] = defaultdict(float)
    for value, name, n in zip(values, names, support, strict=True):
        total[_kind(name)] += value * min(n, 500.0)
        count[_kind(name)] += min(n, 500.0)
    return np.array([total[_kind(c)] / count[_kind(c)] if _kind(c) and count[_kind(c)] else 0.0 for c in names])


def _bounds(code: str) -> tuple[float, float]:
    """A voice for keeping never speaks for dropping, and a phrase of residue never for keeping."""
    if code.startswith("KP"):
        return (-6.0, 0.0)
    return (0.0, 6.0) if code[2] == "1" else (-6.0, 6.0)


def _logistic(
    matrix: csr_matrix | np.ndarray,
    lines: Lines,
    fixed: tuple[np.ndarray, np.ndarray],
    start: np.ndarray,
    bounds: list[tuple[float, float]],
) -> np.ndarray:
    offset, centre = fixed

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        logit = matrix @ w[:-1] + w[-1] + offset
        p = 1 / (1 + np.exp(-np.clip(logit, -30, 30)))
        apart = w[:-1] - centre
        value = lines.weight @ (np.logaddexp(0, logit) - lines.dropped * logit) + PULL / 2 * (apart**2).sum()
        slope = lines.weight * (p - lines.dropped)
        return float(value), np.append(matrix.T @ slope + PULL * apart, slope.sum())

    clipped = np.clip(start, [b[0] for b in bounds], [b[1] for b in bounds])
    found = minimize(loss, clipped, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 80})
    return np.asarray(found.x)


def _fit_neighbours(model: Model, lines: Lines, base: np.ndarray, around: np.ndarray) -> None:
    # the bias stays: it is part of what the neighbours say, so moving it here would move them too
    bounds = [(0.0, 2.0)] * (len(PARTS) - 1) + [(-2.0, 2.0), (0.0, 0.0)]
    zero = np.zeros(len(PARTS))
    found = _logistic(around, lines, (base, zero), np.zeros(len(PARTS) + 1), bounds)
    model.neighbours = dict(zip(PARTS, map(float, found[:-1]), strict=True))
