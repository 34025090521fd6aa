"""Figures of weights on pages they were not fitted on, and the thresholds of the policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cleaner.decide import hardly_anything_left, kept
from cleaner.pipeline import DOUBTFUL
from training.corpus import Sample
from training.fit import Model, probabilities

#: What ``safe`` may lose of the gold words, by kind of page, measured on the worst form. The bound of the
#: policy is 1% for text; cleaning until nothing goes costs some of it, hence the margin.
SAFE_LOSS = {"text": 0.007, "html": 0.02}

#: F1 that ``balanced`` gives away for losing less content: when in doubt, keep the text.
DOUBT = 0.003

#: Pages, of any form, that ``balanced`` may cost more than 5% of their content.
MOST_HURT = 0.2

#: F1 that ``strict`` gives away for removing more residue.
STRICT = 0.01

GRID = np.round(np.arange(0.3, 0.991, 0.02), 2)


#: Bounds of a page's threshold tried for ``balanced``; equal bounds are a fixed threshold. Text is cleaned again until
#: nothing goes, which would pull a threshold that moves with the page down to its lower bound.
BOUNDS = {
    "text": [(at, at) for at in (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)],
    "html": [(low, high) for low in (0.5, 0.6, 0.7, 0.75, 0.8) for high in (0.8, 0.9, 0.95)],
}

#: Page guards tried: least share of kept words, mean drop probability that allows less. Most of an HTML page may be
#: its frame; of a text hardly (.2 and .9 cost HTML half a point).
GUARDS = {
    "text": ((0.05, 0.85), (0.1, 0.85), (0.2, 0.85), (0.2, 0.9)),
    "html": ((0.05, 0.85), (0.1, 0.85)),
}

Bounds = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scored:
    """A page with the drop probability of each of its filled lines."""

    sample: Sample
    probability: np.ndarray

    def keep(self, bounds: Bounds, guard: Bounds) -> np.ndarray:
        """Which lines the product would keep, in one pass."""
        values = self.probability.tolist()
        stays = kept(values, self.sample.words, bounds)
        if hardly_anything_left(values, self.sample.words, stays, guard):
            return np.ones(len(values), bool)
        return np.array(stays, bool)


def score(model: Model, samples: Sequence[Sample]) -> list[Scored]:
    """Pages with their drop probabilities under a model."""
    return [Scored(s, p) for s, p in zip(samples, probabilities(model, samples), strict=True)]


def doubtful(pages: Sequence[Scored], bounds: Bounds, guard: Bounds) -> list[Sample]:
    """The pages whose expected F1 is low enough to ask for a second opinion."""
    found = []
    for page in pages:
        words, keep = np.array(page.sample.words), page.keep(bounds, guard)
        content = words * (1 - page.probability)
        if 2 * content[keep].sum() < DOUBTFUL * (words[keep].sum() + content.sum()):
            found.append(page.sample)
    return found


def page_f1(sample: Sample, keep: np.ndarray) -> float:
    """Word F1 of the kept lines, from the aligned words."""
    words = np.array(sample.words)[keep].sum()
    hit = np.array(sample.content)[keep].sum()
    return float(2 * hit / (words + sample.gold_words)) if words + sample.gold_words else 1.0


def figures(pages: Sequence[Scored], bounds: Bounds, guard: Bounds) -> Mapping[str, float]:
    """F1 (mean over pages), share of content words lost and of residue words removed under a policy."""
    f1, lost, gold, gone, residue, hurt = [], 0, 0, 0, 0, 0
    for page in pages:
        keep = page.keep(bounds, guard)
        words, content = np.array(page.sample.words), np.array(page.sample.content)
        f1.append(page_f1(page.sample, keep))
        mine = int(content[~keep].sum())
        lost += mine
        hurt += int(mine > 0.05 * content.sum())
        gold += int(content.sum())
        gone += int((words - content)[~keep].sum())
        residue += int((words - content).sum())
    return {
        "f1": round(float(np.mean(f1)), 4),
        "content_lost": round(lost / max(1, gold), 4),
        "residue_removed": round(gone / max(1, residue), 4),
        "pages_lost_gt5": round(float(hurt) / max(1, len(pages)), 4),
    }


def by_form(pages: Sequence[Scored]) -> dict[str, list[Scored]]:
    """The pages of each flattened form, or corpus of HTML."""
    forms: dict[str, list[Scored]] = {}
    for page in pages:
        forms.setdefault(page.sample.source.form, []).append(page)
    return forms


Forms = Mapping[str, Sequence[Scored]]


def policies(pages: Sequence[Scored], kind: str) -> tuple[dict[str, Bounds], Bounds]:
    """The bounds of each policy's threshold, and the page guard."""
    forms = by_form(pages)
    balanced, guard = _balanced(forms, kind)
    safe = _safe(forms, guard, SAFE_LOSS[kind])
    balanced = min(balanced[0], safe[0]), min(balanced[1], safe[0])  # never gentler than safe
    return {"safe": safe, "balanced": balanced, "strict": _strict(forms, balanced, guard)}, guard


def _balanced(forms: Forms, kind: str) -> tuple[Bounds, Bounds]:
    """The highest bounds, and a guard, within DOUBT of the best mean F1.

    Only those count that on no form do worse than leaving the page alone or hurt more than MOST_HURT of its pages,
    unless there are none.
    """
    alone = {form: figures(some, (2.0, 2.0), GUARDS[kind][0])["f1"] for form, some in forms.items()}
    tried = {
        (bounds, guard): {form: figures(some, bounds, guard) for form, some in forms.items()}
        for bounds in BOUNDS[kind]
        for guard in GUARDS[kind]
    }
    fit = [
        pair
        for pair, rows in tried.items()
        if all(row["f1"] >= alone[form] and row["pages_lost_gt5"] <= MOST_HURT for form, row in rows.items())
    ]
    mean = {pair: _mean_f1(tried[pair]) for pair in fit or tried}
    peak = max(mean.values())
    return max(pair for pair, value in mean.items() if value >= peak - DOUBT)


def _mean_f1(rows: Mapping[str, Mapping[str, float]]) -> float:
    return sum(row["f1"] for row in rows.values()) / len(rows)


def _safe(forms: Forms, guard: Bounds, most: float) -> Bounds:
    """The lowest threshold that loses at most this share of the content of any form."""
    safe = 0.99
    for at in map(float, GRID[::-1]):
        if max(figures(some, (at, at), guard)["content_lost"] for some in forms.values()) > most:
            break
        safe = at
    return safe, safe


def _strict(forms: Forms, balanced: Bounds, guard: Bounds) -> Bounds:
    """The lowest threshold that on no form costs more than STRICT of balanced's F1."""

    def f1(bounds: Bounds) -> dict[str, float]:
        return {form: figures(some, bounds, guard)["f1"] for form, some in forms.items()}

    usual, strict = f1(balanced), balanced
    for at in map(float, GRID[balanced[0] > GRID][::-1]):
        if any(value < usual[form] - STRICT for form, value in f1((at, at)).items()):
            break
        strict = at, at
    return strict
