"""Figures of weights on pages they were not fitted on, and the thresholds of the policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cleaner.pipeline import DOUBTFUL
from training.corpus import Sample
from training.fit import Model, probabilities

#: What ``safe`` may lose of the gold words, by kind of page, measured on the worst form. The bound of the
#: policy is 1% for text; cleaning until nothing goes costs some of it, hence the margin.
SAFE_LOSS = {"text": 0.007, "html": 0.02}

#: F1 that ``balanced`` gives away for losing less content: when in doubt, keep the text.
DOUBT = 0.003

GRID = np.round(np.arange(0.2, 0.991, 0.01), 2)


@dataclass(frozen=True, slots=True)
class Scored:
    """A page with the drop probability of each of its filled lines."""

    sample: Sample
    probability: np.ndarray


def score(model: Model, samples: Sequence[Sample]) -> list[Scored]:
    """Pages with their drop probabilities under a model."""
    return [Scored(s, p) for s, p in zip(samples, probabilities(model, samples), strict=True)]


def doubtful(pages: Sequence[Scored], at: float) -> list[Sample]:
    """The pages whose expected F1 at a threshold is low enough to ask for a second opinion."""
    found = []
    for page in pages:
        words, keep = np.array(page.sample.words), page.probability < at
        content = words * (1 - page.probability)
        if 2 * content[keep].sum() < DOUBTFUL * (words[keep].sum() + content.sum()):
            found.append(page.sample)
    return found


def page_f1(scored: Scored, keep: np.ndarray) -> float:
    """Word F1 of the kept lines, from the aligned words."""
    words = np.array(scored.sample.words)[keep].sum()
    hit = np.array(scored.sample.content)[keep].sum()
    return float(2 * hit / (words + scored.sample.gold_words)) if words + scored.sample.gold_words else 1.0


def figures(pages: Sequence[Scored], at: float) -> Mapping[str, float]:
    """F1 (mean over pages), share of content words lost and of residue words removed at a threshold."""
    f1, lost, gold, gone, residue, hurt = [], 0, 0, 0, 0, 0
    for page in pages:
        keep = page.probability < at
        words, content = np.array(page.sample.words), np.array(page.sample.content)
        f1.append(page_f1(page, keep))
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
    """The pages of each flattened form, or all as "html"."""
    forms: dict[str, list[Scored]] = {}
    for page in pages:
        forms.setdefault(page.sample.form, []).append(page)
    return forms


def thresholds(pages: Sequence[Scored], kind: str) -> dict[str, float]:
    """The probability from which a line goes, by policy.

    ``safe``: the lowest threshold that loses at most SAFE_LOSS on every form. ``balanced``: the
    highest threshold within DOUBT of the best mean F1, among those that on no form do worse than leaving the page
    alone. ``strict``: the lowest that costs at most one
    point of that F1.
    """
    forms = by_form(pages)
    table = {float(at): {form: figures(some, float(at)) for form, some in forms.items()} for at in GRID}
    mean = {at: float(np.mean([row["f1"] for row in rows.values()])) for at, rows in table.items()}
    alone = {form: figures(some, 2.0)["f1"] for form, some in forms.items()}
    harmless = [at for at, rows in table.items() if all(rows[form]["f1"] >= alone[form] for form in forms)]
    peak = max(mean[at] for at in harmless or mean)
    best = max(at for at in harmless or mean if mean[at] >= peak - DOUBT)
    safe = [at for at, rows in table.items() if max(r["content_lost"] for r in rows.values()) <= SAFE_LOSS[kind]]
    strict = min(at for at in mean if mean[at] >= mean[best] - 0.01)
    return {"safe": min(safe, default=float(GRID[-1])), "balanced": best, "strict": strict}
