"""Scored pages, and the result of a policy on them: word F1, content lost, residue removed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from cleaner.decide.verdicts import MIN_SCRAP_PAGE_WORDS, SCRAP_WORDS, TIE_PROBABILITY
from cleaner.score.spans import Bools, Floats
from training.corpus import Sample

Bounds = tuple[float, float]

#: Bounds of a threshold at which every line stays.
KEEP_ALL: Bounds = (2.0, 2.0)

#: A page that lost more than this share of its content is counted as hurt.
HURT_SHARE = 0.05


class Outcome(NamedTuple):
    """The result on one page: word scores against the gold body, words of content lost and of residue removed.

    ``hurt`` tells whether it lost more than HURT_SHARE of its content.
    """

    f1: float
    precision: float
    recall: float
    lost: float
    removed: float
    hurt: bool


class Scored:
    """A page with the drop probability of each of its filled lines.

    Content is counted as the benchmark counts it: on HTML as a multiset of words, for a page may hold its body twice
    and lose one of them; in text by line.
    """

    def __init__(self, sample: Sample, odds: Floats) -> None:
        self.sample = sample
        self.probability = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        self._words = np.array(sample.counted, float)
        self._copies = sample.source.kind == "html"
        shown = np.minimum(np.bincount(sample.ids, minlength=len(sample.gold)), sample.gold).sum()
        self.content = float(shown if self._copies else sample.content.sum())
        self.residue = float(sample.words.sum() - sample.content.sum())
        self._best = _best_threshold(self.probability, self._words)
        self._known: dict[float, tuple[Outcome, float]] = {}
        self._sure = float((self._words * self.probability).sum()) / max(1.0, float(self._words.sum()))

    def keep(self, bounds: Bounds, guard: Bounds) -> Bools:
        """Return per filled line whether the product would keep it, in one pass."""
        stays = self._below(self._threshold(bounds))
        if self._guarded(self._left(stays), guard):
            return np.ones(len(stays), bool)
        return stays & (not self._scraps(stays))

    def outcome(self, bounds: Bounds, guard: Bounds) -> Outcome:
        """Return the result of the product on the page."""
        found, left = self._at(self._threshold(bounds))
        return self._alone() if self._guarded(left, guard) else found

    def _alone(self) -> Outcome:
        return self.outcome_of(np.ones(len(self.probability), bool))

    def expected(self, bounds: Bounds, guard: Bounds) -> float:
        """Return the word F1 that follows from the probabilities, before calibration."""
        stays, content = self.keep(bounds, guard), self._words * (1 - self.probability)
        size = float(self._words[stays].sum() + content.sum())
        return 2 * float(content[stays].sum()) / size if size else 0.0

    def _threshold(self, bounds: Bounds) -> float:
        return max(bounds[0], min(bounds[1], self._best))

    def _below(self, threshold: float) -> Bools:
        return np.asarray(self.probability < threshold)

    def _left(self, stays: Bools) -> float:
        return float(self._words[stays].sum()) / max(1.0, float(self._words.sum()))

    def _guarded(self, left: float, guard: Bounds) -> bool:
        return left < guard[0] and self._sure < guard[1]

    def _scraps(self, stays: Bools) -> bool:
        """As ``cleaner.decide.verdicts.has_only_scraps``."""
        content = float((self._words * (1 - self.probability))[stays].sum())
        return bool(stays.any()) and content < SCRAP_WORDS and float(self._words.sum()) >= MIN_SCRAP_PAGE_WORDS

    def _at(self, threshold: float) -> tuple[Outcome, float]:
        """Return the result at a threshold, and the share of words that stay."""
        if threshold not in self._known:
            stays = self._below(threshold)
            shown = stays & (not self._scraps(stays)) if threshold < KEEP_ALL[0] else stays
            self._known[threshold] = self.outcome_of(shown), self._left(stays)
        return self._known[threshold]

    def outcome_of(self, stays: Bools) -> Outcome:
        """Return the result of keeping some lines."""
        some = self.sample
        mine = some.ids[np.repeat(stays, some.words.astype(int))]
        hit = int(np.minimum(np.bincount(mine, minlength=len(some.gold)), some.gold).sum())
        size, gold = len(mine), int(some.gold.sum())
        lost = self.content - hit if self._copies else float(some.content[~stays].sum())
        return Outcome(
            2 * hit / (size + gold) if size + gold else 1.0,
            hit / size if size else float(not gold),
            hit / gold if gold else float(not size),
            lost,
            float((some.words - some.content)[~stays].sum()),
            lost > HURT_SHARE * self.content,
        )


def _best_threshold(probability: Floats, words: Floats) -> float:
    """Return the threshold with the best expected word F1: ``decide.kept`` for whole features, sums in its order."""
    order = np.argsort(probability, kind="stable")
    everything = np.cumsum(words * (1 - probability))[-1]
    content = np.cumsum((words * (1 - probability))[order])
    promised = content / np.maximum(1e-300, np.cumsum(words[order]) + everything)
    best = int(np.argmax(promised))
    return float(probability[order[best]]) + TIE_PROBABILITY if promised[best] > 0 else 0.0


def figures(pages: Sequence[Scored], bounds: Bounds, guard: Bounds) -> dict[str, float]:
    """Return means over pages of F1, precision and recall, shares of words lost and removed, and of pages hurt."""
    made = [page.outcome(bounds, guard) for page in pages]
    return {
        "pages": len(pages),
        "F1": _mean([one.f1 for one in made]),
        "precision": _mean([one.precision for one in made]),
        "recall": _mean([one.recall for one in made]),
        "content lost": round(sum(one.lost for one in made) / max(1.0, sum(page.content for page in pages)), 4),
        "residue removed": round(sum(one.removed for one in made) / max(1.0, sum(page.residue for page in pages)), 4),
        "pages losing >5%": _mean([float(one.hurt) for one in made]),
    }


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 4) if values else 0.0


def grouped(pages: Sequence[Scored], name: Callable[[Scored], str]) -> Mapping[str, list[Scored]]:
    """Return pages grouped by a name, the names in order."""
    found: dict[str, list[Scored]] = {}
    for page in pages:
        found.setdefault(name(page), []).append(page)
    return dict(sorted(found.items()))


def by_form(pages: Sequence[Scored]) -> Mapping[str, list[Scored]]:
    """Return the pages of each flattened form; of HTML those of each corpus."""
    return grouped(pages, lambda page: _form(page.sample))


def _form(sample: Sample) -> str:
    return sample.source.corpus if sample.source.form == "html" else sample.source.form
