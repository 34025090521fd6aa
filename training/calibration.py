"""Calibration of log-odds and confidences by a slope and an offset each (Platt scaling, 1999), fitted out of fold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cleaner.score.spans import Floats
from training.corpus import Sample
from training.logistic import Linear, Prior, Rows, logistic, scale_to_mean_one
from training.rows import tree_weight
from training.scored import Bounds, Scored

#: Slope and offset of log-odds.
Scale = tuple[float, float]

#: Expected F1 is clipped to this distance from 0 and 1.
MIN_PROBABILITY = 1e-3


def line_scale(samples: Sequence[Sample], odds: Sequence[Floats]) -> Scale:
    """Fit the calibration of the log-odds of lines; lines have the weight that they have in the fit of the trees."""
    weight = np.concatenate([tree_weight(sample) for sample in samples])
    return _fit_scale(np.concatenate(list(odds)), np.concatenate([s.residue for s in samples]), weight)


#: Pages of lower expected F1 hardly have content.
MIN_EXPECTED_F1 = 0.1


def page_scale(pages: Sequence[Scored], bounds: Bounds, guard: Bounds) -> Scale:
    """Fit the calibration of the expected F1 of pages.

    It is needed since errors on the lines of a page are correlated, while their log-odds are calibrated one by one.
    Pages below MIN_EXPECTED_F1 are left out: their gold body is often empty as well, and a handful of them would
    change the fit for all.
    """
    expected = np.array([page.expected(bounds, guard) for page in pages])
    true = np.array([page.outcome(bounds, guard).f1 for page in pages])
    return _fit_scale(_log_odds(expected), true, (expected >= MIN_EXPECTED_F1).astype(float))


def calibrate(expected: Floats, scale: Scale) -> Floats:
    """Return calibrated expected F1, from 0 to 1."""
    return np.asarray(1 / (1 + np.exp(-(scale[0] * _log_odds(expected) + scale[1]))))


def _log_odds(share: Floats) -> Floats:
    inside = np.clip(share, MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    return np.asarray(np.log(inside / (1 - inside)))


def _fit_scale(values: Floats, target: Floats, weight: Floats) -> Scale:
    of = Linear(1, lambda slope: values * slope[0], lambda rows: np.array([rows @ values]))
    (slope,), offset = logistic(of, Rows(target, scale_to_mean_one(weight, float(len(weight)))), Prior(0.0))
    return round(float(slope), 3), round(offset, 3)
