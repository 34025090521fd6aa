"""The thresholds of the policies and the page guard, chosen on pages that the model was not fitted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from training.scored import KEEP_ALL, Bounds, Scored, by_form, figures

#: The share of gold words that ``safe`` may lose: of text on the worst form, of HTML on all pages together. The policy
#: promises 1% for text; cleaning until nothing more goes costs some of it, hence the margin.
MAX_SAFE_LOSS = {"text": 0.007, "html": 0.02}

#: F1 below the best that ``balanced`` accepts for hurting fewer pages.
MAX_BALANCED_F1_LOSS = 0.001

#: The largest share of pages, of any form, that may lose more than 5% of their content under ``balanced``.
MAX_HURT_SHARE = 0.2

#: F1 below that of ``balanced`` that ``strict`` accepts for removing more residue.
MAX_STRICT_F1_LOSS = 0.01

GRID = np.round(np.arange(0.11, 0.991, 0.02), 2)

#: Bounds of a page's threshold tried for ``balanced``; equal bounds are a fixed threshold. Text is cleaned again until
#: nothing goes, which would pull a threshold that moves with the page down to its lower bound.
BOUNDS: Mapping[str, Sequence[Bounds]] = {
    "text": [(at, at) for at in (0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)],
    "html": [
        (low, high)
        for low in (0.3, 0.4, 0.5, 0.6, 0.7)
        for high in (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
        if low <= high
    ],
}

#: Page guards tried: least share of kept words, mean drop probability that allows less. Most of an HTML page may be
#: its frame; of a text hardly.
GUARDS: Mapping[str, Sequence[Bounds]] = {
    "text": ((0.05, 0.85), (0.1, 0.85), (0.2, 0.85), (0.2, 0.9)),
    "html": ((0.02, 0.85), (0.05, 0.85), (0.1, 0.85)),
}

Forms = Mapping[str, Sequence[Scored]]
Rows = Mapping[str, Mapping[str, float]]


def policies(pages: Sequence[Scored], kind: str) -> tuple[dict[str, Bounds], Bounds]:
    """Return the bounds of each policy's threshold, and the page guard."""
    forms = by_form(pages)
    balanced, guard = _balanced(forms, kind)
    # on so few pages as the smaller corpus of HTML has, one page would decide
    safe = _safe(forms if kind == "text" else {kind: pages}, guard, MAX_SAFE_LOSS[kind])
    balanced = min(balanced[0], safe[0]), min(balanced[1], safe[0])  # never gentler than safe
    return {"safe": safe, "balanced": balanced, "strict": _strict(forms, balanced, guard)}, guard


def _rows(forms: Forms, bounds: Bounds, guard: Bounds) -> Rows:
    return {form: figures(some, bounds, guard) for form, some in forms.items()}


def _balanced(forms: Forms, kind: str) -> tuple[Bounds, Bounds]:
    """Return the bounds and the guard that hurt the fewest pages, within MAX_BALANCED_F1_LOSS of the best mean F1.

    Only those count that on no form do worse than leaving the page alone or hurt more than MAX_HURT_SHARE of its pages,
    unless there are none.
    """
    alone = _rows(forms, KEEP_ALL, GUARDS[kind][0])
    tried = {(bounds, guard): _rows(forms, bounds, guard) for bounds in BOUNDS[kind] for guard in GUARDS[kind]}
    fit = [
        pair
        for pair, rows in tried.items()
        if all(
            row["F1"] >= alone[form]["F1"] and row["pages losing >5%"] <= MAX_HURT_SHARE for form, row in rows.items()
        )
    ]
    mean = {pair: _mean(tried[pair], "F1") for pair in fit or tried}
    good = [pair for pair, value in mean.items() if value >= max(mean.values()) - MAX_BALANCED_F1_LOSS]
    return min(good, key=lambda pair: (_mean(tried[pair], "pages losing >5%"), -mean[pair], pair))


def _mean(rows: Rows, figure: str) -> float:
    return round(sum(row[figure] for row in rows.values()) / len(rows), 6)


def _safe(forms: Forms, guard: Bounds, most: float) -> Bounds:
    """Return the lowest threshold that loses at most this share of the content of any form."""
    safe = 0.99
    for at in map(float, GRID[::-1]):
        if max(row["content lost"] for row in _rows(forms, (at, at), guard).values()) > most:
            break
        safe = at
    return safe, safe


def _strict(forms: Forms, balanced: Bounds, guard: Bounds) -> Bounds:
    """Return the lowest bounds that on no form cost more than MAX_STRICT_F1_LOSS of balanced's F1."""
    usual, strict = _rows(forms, balanced, guard), balanced
    for at in map(float, GRID[balanced[1] > GRID][::-1]):
        bounds = min(balanced[0], at), at
        if any(row["F1"] < usual[form]["F1"] - MAX_STRICT_F1_LOSS for form, row in _rows(forms, bounds, guard).items()):
            break
        strict = bounds
    return strict
