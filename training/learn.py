"""Fitting of all that the product needs for one kind of page, and out-of-fold scores of the samples."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cleaner.score.model.ensemble import FeatureTable, Model
from cleaner.score.scorer import shrink_to_rules
from cleaner.score.spans import Floats
from training.calibration import Scale, line_scale, page_scale
from training.corpus import FOLDS, SHORT_FORM, UNSEEN_FORMS, Sample
from training.gate import GateTable
from training.policies import policies
from training.rows import (
    ALL,
    DROPOUT_WEIGHT,
    FirstStage,
    is_article,
    is_shown_without_words,
    sample_features,
    tree_weight,
)
from training.rules import extra_log_odds, fit_extra, support, with_policy_weights
from training.scored import Bounds, Scored
from training.second_stage import Grower, Part


@dataclass(frozen=True)
class OutOfFold:
    """The samples with log-odds per filled line, from models that did not see their domain.

    ``odds`` are the calibrated log-odds of the trees; ``fitted`` adds the fitted extra weights of rules, and ``final``
    those that policy sets as well, as the product does before it decides.
    """

    samples: Sequence[Sample]
    odds: Sequence[Floats]
    fitted: Sequence[Floats]
    final: Sequence[Floats]

    def scored(self, odds: Sequence[Floats] | None = None) -> list[Scored]:
        """Return the samples scored by their ``final`` log-odds, or by those given."""
        return [Scored(s, z) for s, z in zip(self.samples, self.final if odds is None else odds, strict=True)]


@dataclass(frozen=True)
class Learned:
    """What was learned for one kind of page, from all folds.

    ``gain`` is the share of LightGBM's gain that each feature brought, ``extra`` the fitted extra weights of rules by
    code, in log-odds. ``slope`` and ``offset`` calibrate the log-odds of lines, ``confidence`` (slope and offset) those
    of a page's expected F1. ``drop_at`` has the bounds of the threshold by policy, ``guard`` the page guard. ``seen``
    holds per code the number of lines it was found on and the share of residue among them, ``size`` the numbers of
    pages, domains, samples and lines.
    """

    first: FirstStage
    features: tuple[str, ...]
    model: Model
    gain: Mapping[str, float]
    slope: float
    offset: float
    extra: Mapping[str, float]
    drop_at: Mapping[str, Bounds]
    guard: Bounds
    confidence: Scale
    seen: Mapping[str, tuple[int, float]]
    size: Mapping[str, int]


def learn(
    samples: Sequence[Sample], first: Mapping[int | None, FirstStage], threads: int, dropout: bool
) -> tuple[Learned, OutOfFold]:
    """Fit everything from the samples of one kind of page; samples of UNSEEN_FORMS are scored and not fitted on.

    ``first`` has the first stage by the fold left out, ALL for none. With ``dropout`` some pages are shown to the trees
    a second time without their word scores.
    """
    kind = samples[0].source.kind
    report = StageTimer(kind)
    names, parts, tables = _features(samples, first, dropout)
    report("features")
    grower = Grower(parts, names, threads)
    del parts
    gates = GateTable(samples, tables, names) if kind == "html" else None
    raw = _out_of_fold(grower, gates, samples, tables)
    model, gain = _model(grower, gates, ALL)
    report("trees")
    slope, offset = line_scale(*_shown(samples, raw))
    odds = [
        shrink_to_rules(slope * z + offset, _measured(s, first[s.source.fold]), np.array(s.counted, float))
        for s, z in zip(samples, raw, strict=True)
    ]
    held = OutOfFold(samples, odds, *_with_extra(samples, odds))
    extra = fit_extra(*_shown(samples, odds))
    report("extra weights of rules")
    pages = [page for page in held.scored() if page.sample.source.form != SHORT_FORM]
    drop_at, guard = policies(pages, kind)
    confidence = page_scale(pages, drop_at["balanced"], guard)
    report("policies")
    found = Learned(
        first=first[ALL],
        features=names,
        model=model,
        gain=gain,
        slope=slope,
        offset=offset,
        extra=extra,
        drop_at=drop_at,
        guard=guard,
        confidence=confidence,
        seen=support(samples),
        size=_size(samples),
    )
    return found, held


def _measured(sample: Sample, first: FirstStage) -> Floats:
    """Return the sum of the rules per line, in log-odds, without the bias."""
    return first.rules.scores(sample) - first.rules.bias


def _model(grower: Grower, gates: GateTable | None, fold: int | None) -> tuple[Model, Mapping[str, float]]:
    """Return the model from all folds but one, and the gain of its features."""
    general, gain = grower.grow(fold)
    if gates is None:
        return Model(general), gain
    articles, _ = grower.grow(fold, articles=True)
    return Model(general, articles, gates.fit(fold)), gain


def _out_of_fold(
    grower: Grower, gates: GateTable | None, samples: Sequence[Sample], tables: Sequence[FeatureTable]
) -> list[Floats]:
    raw = [np.zeros(0)] * len(samples)
    for fold in range(FOLDS):
        model, _ = _model(grower, gates, fold)
        for n, sample in enumerate(samples):
            if sample.source.fold == fold:
                raw[n] = model.log_odds(tables[n])
    return raw


def _size(samples: Sequence[Sample]) -> dict[str, int]:
    return {
        "pages": len({sample.source.page for sample in samples}),
        "domains": len({sample.source.domain for sample in samples}),
        "samples": len(samples),
        "lines": sum(len(sample.at) for sample in samples),
    }


def _features(
    samples: Sequence[Sample], first: Mapping[int | None, FirstStage], dropout: bool
) -> tuple[tuple[str, ...], list[Part], list[FeatureTable]]:
    """Return the names of the features, the parts that trees learn from, and the feature table of each sample.

    Parts leave out UNSEEN_FORMS; with ``dropout`` some pages have two.
    """
    names: tuple[str, ...] = ()
    parts, tables = [], []
    for sample in samples:
        fold = sample.source.fold
        names, table = sample_features(sample, first[fold])
        tables.append(table)
        if sample.source.form in UNSEEN_FORMS:
            continue
        weight = tree_weight(sample)
        parts.append(Part(fold, table, sample.residue, weight, is_article(sample)))
        if dropout and is_shown_without_words(sample):
            _, wordless = sample_features(sample, first[fold], without_words=True)
            parts.append(Part(fold, wordless, sample.residue, weight * DROPOUT_WEIGHT, is_article(sample)))
    return names, parts, tables


def _shown(samples: Sequence[Sample], odds: Sequence[Floats]) -> tuple[list[Sample], list[Floats]]:
    """Return the samples that a fit may see, with their log-odds."""
    pairs = [(s, z) for s, z in zip(samples, odds, strict=True) if s.source.form not in UNSEEN_FORMS]
    return [s for s, _ in pairs], [z for _, z in pairs]


def _with_extra(samples: Sequence[Sample], odds: Sequence[Floats]) -> tuple[list[Floats], list[Floats]]:
    """Return log-odds with the extra weights fitted on other folds, and with those that policy sets as well."""
    some, shown = _shown(samples, odds)
    codes = all_codes(samples)
    fitted, final = list(odds), list(odds)
    for fold in range(FOLDS):
        pairs = [(s, z) for s, z in zip(some, shown, strict=True) if s.source.fold != fold]
        extra = fit_extra([s for s, _ in pairs], [z for _, z in pairs])
        with_policy = with_policy_weights(extra, codes)
        for n, sample in enumerate(samples):
            if sample.source.fold == fold:
                fitted[n], final[n] = (
                    odds[n] + extra_log_odds(extra, sample, odds[n]),
                    odds[n] + extra_log_odds(with_policy, sample, odds[n]),
                )
    return fitted, final


def all_codes(samples: Sequence[Sample]) -> frozenset[str]:
    """Return all codes found on the samples."""
    return frozenset(code for sample in samples for some in sample.codes for code in some)


class StageTimer:
    """Reports on standard error how many seconds each stage took."""

    def __init__(self, kind: str) -> None:
        self._kind, self._last = kind, time.monotonic()

    def __call__(self, stage: str) -> None:
        """Report the stage that has just ended."""
        now = time.monotonic()
        print(f"{self._kind}: {stage} took {now - self._last:.0f} s", file=sys.stderr, flush=True)
        self._last = now
