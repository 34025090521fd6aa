"""The weight of each rule in log-odds: by itself, as a feature of the model, and beside the prediction of the model."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cleaner.detectors.discovery import discover
from cleaner.score.features.facts import MAX_WEIGHT_WORDS
from cleaner.score.scorer import FAMILIES_BESIDE_TEXT, stay_probability_around
from cleaner.score.spans import Floats
from cleaner.score.weights import evidence_kind
from training.corpus import Sample
from training.logistic import Prior, Rows, linear, logistic, scale_to_mean_one, sparse_rows

#: The rules of the detectors of this package.
RULES = tuple(rule for one in discover(third_party=False) for rule in one.rules)

#: Families that are only ever evidence for keeping, by policy: not measured, because gold bodies leave out the
#: titles, bylines and captions that a cleaned page keeps.
PROTECTED = {rule.code[:2]: rule.promise for rule in RULES if rule.promise < 0}

#: What the product promises to remove weighs at least this much. The gold bodies of some sites keep links between
#: paragraphs ("Read more: ...") and a few codes are seen too seldom to be measured; the promise holds all the same.
#: Lines that are nothing but a phrase of residue are residue in 98 of 100 sightings, amid text as well.
PROMISED = {rule.code: rule.promise for rule in RULES if rule.promise > 0}

#: Strength of the prior that draws a weight towards the mean of its kind, and an extra weight towards 0, in lines of
#: mean weight.
PULL, EXTRA_PULL = 10.0, 50.0

#: A code counts in the mean of its kind by its lines, up to this many.
KIND_LINES = 500.0

#: What a phrase that is the whole line adds to the model's log-odds as long as it was not measured: the model knows the
#: words of the measured families, not those of a new one. With each family in turn as if it were new, words included,
#: 0, 0.5 and 1.5 let 95%, 98% and all of 1,753 such lines of flattened pages go (99% when measured), and 58, 70 and 88
#: of the 90 words in 42 lines that gold bodies hold. On HTML all of 839 were residue, and between two paragraphs of an
#: article such a line needs 3.5. Phrases in longer lines get nothing: 0.5 took 179 of 869 words of content.
LINE_EXTRA: Mapping[str, float] = {"html": 3.5, "text": 1.5}

#: Families measured by themselves, after all other weights: their detectors do not run on every page.
MEASURED_LATER = ("EX",)

#: Smaller extra weights are left out of the file.
MIN_EXTRA_WEIGHT = 0.05

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Rules:
    """Log-odds by code, and of a line without any."""

    codes: Mapping[str, float]
    bias: float

    def scores(self, sample: Sample) -> Floats:
        """The log-odds of each line by its codes alone."""
        weights = self.codes
        return np.array([sum([weights.get(code, 0.0) for code in codes]) + self.bias for codes in sample.codes], float)

    def expected(self, code: str) -> float:
        """The weight of a code that no page showed: the mean of its kind, 0 when it is of no kind."""
        alike = [
            weight
            for name, weight in self.codes.items()
            if pulled_with(name) and pulled_with(name) == pulled_with(code)
        ]
        return round(sum(alike) / len(alike), 3) if alike else 0.0


def pulled_with(code: str) -> str:
    """The codes whose weights are drawn together: phrases that are the line, phrases inside it, blocks by name.

    "" for all other codes, whose weights are drawn to 0.
    """
    if code[2] == "1" and code[:2] not in ("NV", "KP"):
        return code[-1]
    return "block" if code[2:] == "301" else ""


def kind_weights(rows: Mapping[str, Mapping[str, float]], kind: str) -> dict[str, dict[str, float]]:
    """What a code weighs that no page showed, by its kind: the mean weight of the measured codes of residue.

    ``rows`` are the codes of ``rules.json`` for one ``kind`` of page. A code counts by the lines it was found on, up to
    KIND_LINES. The ``extra`` weight is LINE_EXTRA for phrases that are the whole line, 0 for all other kinds.
    """
    keeping = {rule.code for rule in RULES if rule.keeps}
    total, count = defaultdict[str, float](float), defaultdict[str, float](float)
    for code, row in rows.items():
        if row["lines"] and code not in keeping:
            lines = min(row["lines"], KIND_LINES)
            total[evidence_kind(code)] += lines * row["weight"]
            count[evidence_kind(code)] += lines
    means = {name: round(total[name] / count[name], 3) for name in sorted(count)}
    return {
        name: {"weight": mean, "extra": LINE_EXTRA[kind] if name == "whole-line" else 0.0}
        for name, mean in means.items()
    }


def bounds_of(code: str) -> Bounds:
    """The bounds of a weight: evidence for keeping is never for dropping, and a phrase of residue never for keeping."""
    if code.startswith("KP") or code == "EX102":
        return (-6.0, 0.0)
    return (0.0, 6.0) if code[2] == "1" else (-6.0, 6.0)


class RuleTable:
    """The lines of all samples by the codes found on them; lines with the same codes are one row."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        rows: dict[tuple[str, ...], int] = {}
        self._weight, self._drop, self._lines = _Sums(), _Sums(), _Sums()
        for sample in samples:
            of = [rows.setdefault(_measured_codes(codes), len(rows)) for codes in sample.codes]
            fold = sample.source.fold
            self._weight.add(fold, of, sample.weight)
            self._drop.add(fold, of, sample.weight * sample.residue)
            self._lines.add(fold, of, np.ones(len(of)))
        self.names = sorted({code for codes in rows for code in codes})
        feature = {code: n for n, code in enumerate(self.names)}
        self._matrix = sparse_rows([[feature[code] for code in codes] for codes in rows], len(self.names))

    def fit(self, fold: int | None) -> Rules:
        """The weights from all folds but one."""
        size = self._matrix.shape[0]
        weight, drop, lines = (sums.without(fold, size) for sums in (self._weight, self._drop, self._lines))
        rows = Rows(drop / np.maximum(1e-9, weight), scale_to_mean_one(weight, float(lines.sum())))
        support = self._matrix.T @ lines
        of, bounds = linear(self._matrix), [*map(bounds_of, self.names), (-10.0, 10.0)]
        values, bias = np.zeros(len(self.names)), 0.0
        for _ in range(3):
            values, bias = logistic(of, rows, Prior(PULL, self._centres(values, support), bounds))
        return Rules({name: round(v, 3) for name, v in zip(self.names, values.tolist(), strict=True)}, round(bias, 3))

    def _centres(self, values: Floats, support: Floats) -> Floats:
        """What each weight is drawn towards: the mean of its kind, 0 where the code is its own kind."""
        total: dict[str, float] = defaultdict(float)
        count: dict[str, float] = defaultdict(float)
        for value, name, n in zip(values, self.names, support, strict=True):
            total[pulled_with(name)] += value * min(n, KIND_LINES)
            count[pulled_with(name)] += min(n, KIND_LINES)
        kinds = map(pulled_with, self.names)
        return np.array([total[kind] / count[kind] if kind and count[kind] else 0.0 for kind in kinds])


class _Sums:
    """Sums by fold and row."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, list[int], Floats]] = []

    def add(self, fold: int, rows: list[int], values: Floats) -> None:
        self._parts.append((fold, rows, values))

    def without(self, fold: int | None, size: int) -> Floats:
        some = [(rows, values) for own, rows, values in self._parts if own != fold]
        at = np.array([row for rows, _ in some for row in rows], int)
        return np.bincount(at, np.concatenate([values for _, values in some]), size).astype(float)


def _measured_codes(codes: Sequence[str]) -> tuple[str, ...]:
    return tuple(code for code in codes if code[:2] not in (*PROTECTED, *MEASURED_LATER))


def fit_extra(samples: Sequence[Sample], odds: Sequence[Floats]) -> dict[str, float]:
    """The extra weights of phrases of residue beside the model, 0 unless the lines outweigh a strong prior.

    Other codes get none: the model knows them, and extra weights for them cost half a point of F1 on folds.
    """
    codes_by_line = [tuple(filter(is_phrase, _measured_codes(codes))) for sample in samples for codes in sample.codes]
    return _fit_beside(codes_by_line, samples, odds)


def is_phrase(code: str) -> bool:
    """Tell whether a code is a phrase of residue; labels of navigation may be headings as well."""
    return code[2] == "1" and code[:2] not in ("KP", "NV")


def fit_second_opinion(samples: Sequence[Sample], odds: Sequence[Floats]) -> dict[str, float]:
    """The extra weights of the evidence of the other extractor, beside everything else."""
    codes_by_line = [tuple(c for c in codes if c[:2] in MEASURED_LATER) for sample in samples for codes in sample.codes]
    return _fit_beside(codes_by_line, samples, odds)


def _fit_beside(
    codes_by_line: Sequence[Sequence[str]], samples: Sequence[Sample], odds: Sequence[Floats]
) -> dict[str, float]:
    names = sorted({code for codes in codes_by_line for code in codes})
    if not names:
        return {}
    feature = {code: n for n, code in enumerate(names)}
    matrix = sparse_rows([[feature[code] for code in codes] for codes in codes_by_line], len(names))
    weight = np.concatenate([sample.weight for sample in samples])
    target = np.concatenate([sample.residue for sample in samples])
    rows = Rows(target, scale_to_mean_one(weight, len(weight)), np.concatenate(list(odds)))
    bounds = [*map(bounds_of, names), (0.0, 0.0)]
    values, _ = logistic(linear(matrix), rows, Prior(EXTRA_PULL, 0.0, bounds))
    rounded = zip(names, np.round(values, 2).tolist(), strict=True)
    return {name: value for name, value in rounded if abs(value) >= MIN_EXTRA_WEIGHT}


def with_policy_weights(extra: Mapping[str, float], codes: Iterable[str]) -> dict[str, float]:
    """The extra weights with those that policy sets: of protected families and of promised residue."""
    found = dict(extra)
    for code in codes:
        if code[:2] in PROTECTED:
            found[code] = PROTECTED[code[:2]]
        if code in PROMISED:
            found[code] = max(found.get(code, 0.0), PROMISED[code])
    return found


def extra_log_odds(extra: Mapping[str, float], sample: Sample, odds: Floats) -> Floats:
    """The sum of the extra weights on each line, as the product adds it to the model's log-odds."""
    alone = [[extra.get(code, 0.0) for code in codes if code[:2] not in FAMILIES_BESIDE_TEXT] for codes in sample.codes]
    with_text = [[extra.get(code, 0.0) for code in codes if code[:2] in FAMILIES_BESIDE_TEXT] for codes in sample.codes]
    near = stay_probability_around(odds, np.minimum(np.array(sample.counted, float), MAX_WEIGHT_WORDS) + 1)
    return np.array([*map(sum, alone)], float) + np.array([*map(sum, with_text)], float) * near


def support(samples: Sequence[Sample]) -> dict[str, tuple[int, float]]:
    """Per code the lines it was found on, and the share of them that is residue."""
    seen: Counter[str] = Counter()
    residue: Counter[str] = Counter()
    for sample in samples:
        for codes, drop in zip(sample.codes, (sample.residue > 0.5).tolist(), strict=True):
            for code in codes:
                seen[code] += 1
                residue[code] += drop
    return {code: (count, round(residue[code] / count, 3)) for code, count in sorted(seen.items())}
