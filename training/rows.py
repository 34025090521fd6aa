"""The features of samples, with first-stage scores from models that did not see their domain."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cleaner.lines.table import LineTable
from cleaner.score.features.facts import Facts, index_codes
from cleaner.score.features.table import all_features, first_stage_scores
from cleaner.score.model.ensemble import FeatureTable, quantize
from cleaner.score.model.structure import NameWeights
from cleaner.score.model.words import Vocabulary
from cleaner.score.spans import Floats
from training.corpus import FOLDS, UNSEEN_FORMS, Sample
from training.first import NameTable, WordTable
from training.rules import Rules, RuleTable

#: One page in so many is seen a second time, without its word scores and at half its weight.
MUTED, MUTED_WEIGHT = 4, 0.5

#: A page counts by its words against its gold words, a share of all its words and some more; at most this much.
SHARE, SOME, HEAVIEST_PAGE, LEAST = 0.1, 20, 3.0, 0.0005

#: News pages count for more: they are few, and come from many countries. Once .961, three times .967 word F1 on them,
#: .839 and .847 on ``data/sites``, .884 and .882 on WCXB, whose pages vary by .002 from fit to fit.
NEWS = 3.0

#: The key of what was fitted on all folds; the others leave the fold out that they name.
ALL = None

Folds = Sequence[int | None]
EVERY: Folds = (*range(FOLDS), ALL)


@dataclass(frozen=True)
class First:
    """The first stage: words, names and rules."""

    vocabulary: Vocabulary
    names: NameWeights
    rules: Rules


def vocabularies(samples: Sequence[Sample]) -> dict[int | None, Vocabulary]:
    """The word scores by fold left out, from HTML pages; text is scored by them, too."""
    table = WordTable(samples)
    return {fold: table.fit(fold) for fold in EVERY}


def first_stages(samples: Sequence[Sample], words: dict[int | None, Vocabulary]) -> dict[int | None, First]:
    """The first stage by fold left out; text has no names, and its unseen forms are left out of all folds."""
    shown = [sample for sample in samples if sample.source.form not in UNSEEN_FORMS]
    rules = RuleTable(shown)
    names = NameTable(shown) if samples[0].source.kind == "html" else None
    return {
        fold: First(words[fold], names.fit(fold) if names else NameWeights({}, {}, 0.0), rules.fit(fold))
        for fold in EVERY
    }


def named_features(sample: Sample, first: First, mute: bool = False) -> tuple[tuple[str, ...], FeatureTable]:
    """The names of a sample's features, and the features as whole numbers.

    ``mute`` stands for a language of which the word score knows no word.
    """
    facts = Facts(LineTable(sample.page), index_codes(sample.codes), first.rules.scores(sample))
    scores = first_stage_scores(facts, first.vocabulary, first.names)
    if mute:
        silent = np.zeros(len(sample.at))
        scores = replace(scores, word=silent + first.vocabulary.bias, known=silent)
    found = list(all_features(facts, scores))
    return tuple(name for name, _ in found), quantize(np.column_stack([values for _, values in found]))


def is_muted(sample: Sample) -> bool:
    """True for the pages that are seen a second time without words."""
    return hashlib.sha256(f"mute {sample.source.page}".encode()).digest()[0] % MUTED == 0


def is_article(sample: Sample) -> bool:
    """True for pages that are one text under a title, as far as their corpus tells."""
    return sample.source.corpus == "news" or sample.source.group == "article"


def tree_weight(sample: Sample) -> Floats:
    """What each line counts in the fit of the trees."""
    share = sample.words / (sample.gold.sum() + SHARE * sample.words.sum() + SOME)
    news = NEWS if sample.source.corpus == "news" else 1.0
    return np.asarray(news * share * min(1.0, HEAVIEST_PAGE / max(1e-9, float(share.sum()))) + LEAST)
