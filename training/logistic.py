"""Logistic regression on soft targets with an L2 penalty ("pull"), by L-BFGS (Liu and Nocedal 1989)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from cleaner.score.spans import Floats

MAX_STEPS = 60


@dataclass(frozen=True)
class Rows:
    """The rows to fit: per row the share of residue, its weight, and log-odds that are added to those of the fit."""

    target: Floats
    weight: Floats
    offset: Floats | float = 0.0


@dataclass(frozen=True)
class Linear:
    """A linear map: ``ahead`` from ``size`` weights to rows, ``back`` from rows to weights (its transpose)."""

    size: int
    ahead: Callable[[Floats], Floats]
    back: Callable[[Floats], Floats]


@dataclass(frozen=True)
class Prior:
    """What holds for the weights: an L2 penalty ``pull`` towards ``centre``, and ``bounds``, the last for the bias."""

    pull: float
    centre: Floats | float = 0.0
    bounds: Sequence[tuple[float, float]] | None = None


def linear(matrix: csr_matrix) -> Linear:
    """Return the map of a sparse matrix of rows by weights."""
    turned = matrix.T.tocsr()
    return Linear(matrix.shape[1], lambda weights: matrix @ weights, lambda rows: turned @ rows)


def logistic(of: Linear, rows: Rows, prior: Prior) -> tuple[Floats, float]:
    """Fit a model and return its weights and its bias, in log-odds; rows of weight 0 have no effect."""

    def loss(values: Floats) -> tuple[float, Floats]:
        odds = of.ahead(values[:-1]) + values[-1] + rows.offset
        apart = values[:-1] - prior.centre
        value = rows.weight @ (np.logaddexp(0, odds) - rows.target * odds) + prior.pull / 2 * (apart @ apart)
        slope = rows.weight * (1 / (1 + np.exp(-np.clip(odds, -30, 30))) - rows.target)
        return float(value), np.append(of.back(slope) + prior.pull * apart, slope.sum())

    start = np.zeros(of.size + 1)
    if prior.bounds is not None:
        start = np.clip(start, [low for low, _ in prior.bounds], [high for _, high in prior.bounds])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=prior.bounds, options={"maxiter": MAX_STEPS})
    return np.asarray(found.x[:-1]), float(found.x[-1])


def scale_to_mean_one(weight: Floats, rows: float) -> Floats:
    """Return weights scaled to a mean of 1 over that many rows, so that a pull counts in rows."""
    return np.asarray(weight * (rows / max(1e-9, float(weight.sum()))))


def sparse_rows(listed: Sequence[Sequence[int]], features: int) -> csr_matrix:
    """Return rows of feature numbers as a matrix of counts."""
    starts = np.cumsum([0, *map(len, listed)])
    at = np.array([feature for row in listed for feature in row], int)
    return csr_matrix((np.ones(len(at)), at, starts), shape=(len(listed), features))
