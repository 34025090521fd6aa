"""Making log-odds and confidences honest (Platt 1999): a slope and an offset each, fitted out of fold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cleaner.score.spans import Floats
from training.corpus import Sample
from training.logistic import Linear, Prior, Rows, evened, logistic
from training.rows import tree_weight
from training.scored import Bounds, Scored

#: Slope and offset of log-odds.
Scale = tuple[float, float]

#: Confidences are kept this far from 0 and 1.
SUREST = 1e-3


def line_scale(samples: Sequence[Sample], odds: Sequence[Floats]) -> Scale:
    """What makes the log-odds of lines honest; lines count as in the fit of the trees."""
    weight = np.concatenate([tree_weight(sample) for sample in samples])
    return _fitted(np.concatenate(list(odds)), np.concatenate([s.residue for s in samples]), weight)


#: Pages below this expected F1 have no content to speak of.
PROMISING = 0.1


def page_scale(pages: Sequence[Scored], bounds: Bounds, guard: Bounds) -> Scale:
    """What makes the expected F1 of pages honest: lines of a page err together, which their odds do not know.

    Pages that promise next to nothing are left out: their gold body is often as empty as they are, and a handful of
    them would bend the line for all.
    """
    expected = np.array([page.expected(bounds, guard) for page in pages])
    true = np.array([page.outcome(bounds, guard).f1 for page in pages])
    return _fitted(_log_odds(expected), true, (expected >= PROMISING).astype(float))


def rescaled(expected: Floats, scale: Scale) -> Floats:
    """Expected F1 made honest."""
    return np.asarray(1 / (1 + np.exp(-(scale[0] * _log_odds(expected) + scale[1]))))


def _log_odds(share: Floats) -> Floats:
    inside = np.clip(share, SUREST, 1 - SUREST)
    return np.asarray(np.log(inside / (1 - inside)))


def _fitted(values: Floats, target: Floats, weight: Floats) -> Scale:
    of = Linear(1, lambda slope: values * slope[0], lambda rows: np.array([rows @ values]))
    (slope,), offset = logistic(of, Rows(target, evened(weight, float(len(weight)))), Prior(0.0))
    return round(float(slope), 3), round(offset, 3)
