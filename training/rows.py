"""Feature tables of samples, with first-stage scores from models that did not see their domain."""

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
from training.first_stage import NameTable, WordTable
from training.rules import Rules, RuleTable

#: One page in so many is shown a second time without its word scores, with this share of its weight.
DROPOUT_ONE_IN, DROPOUT_WEIGHT = 4, 0.5

#: A line weighs its words divided by: the gold words of the page, this share of all its words, and some more words.
PAGE_WORDS_SHARE, MORE_WORDS = 0.1, 20

#: The largest weight of a page, and what is added to the weight of each line.
MAX_PAGE_WEIGHT, MIN_LINE_WEIGHT = 3.0, 0.0005

#: News pages have this weight: they are few, and come from many countries. Once .961, three times .967 word F1 on them,
#: .839 and .847 on ``data/sites``, .884 and .882 on WCXB, whose pages vary by .002 from fit to fit.
NEWS_WEIGHT = 3.0

#: The key of the fit on all folds; the other keys name the fold that their fit leaves out.
ALL = None

Folds = Sequence[int | None]
FITS: Folds = (*range(FOLDS), ALL)


@dataclass(frozen=True)
class FirstStage:
    """The first stage: three linear scores, from words, names of blocks, and rules."""

    vocabulary: Vocabulary
    names: NameWeights
    rules: Rules


def fit_vocabularies(samples: Sequence[Sample]) -> dict[int | None, Vocabulary]:
    """Fit the word score by fold left out, on HTML pages; it serves text as well."""
    table = WordTable(samples)
    return {fold: table.fit(fold) for fold in FITS}


def fit_first_stages(samples: Sequence[Sample], words: dict[int | None, Vocabulary]) -> dict[int | None, FirstStage]:
    """Fit the first stage by fold left out; text has no names, and UNSEEN_FORMS are left out of all fits."""
    shown = [sample for sample in samples if sample.source.form not in UNSEEN_FORMS]
    rules = RuleTable(shown)
    names = NameTable(shown) if samples[0].source.kind == "html" else None
    return {
        fold: FirstStage(words[fold], names.fit(fold) if names else NameWeights({}, {}, 0.0), rules.fit(fold))
        for fold in FITS
    }


def sample_features(
    sample: Sample, first: FirstStage, without_words: bool = False
) -> tuple[tuple[str, ...], FeatureTable]:
    """Return the names of a sample's features, and its quantized feature table.

    With ``without_words`` no word is known, as in a language that the word score never saw.
    """
    facts = Facts(LineTable(sample.page), index_codes(sample.codes), first.rules.scores(sample))
    scores = first_stage_scores(facts, first.vocabulary, first.names)
    if without_words:
        zeros = np.zeros(len(sample.at))
        scores = replace(scores, word=zeros + first.vocabulary.bias, known=zeros)
    found = list(all_features(facts, scores))
    return tuple(name for name, _ in found), quantize(np.column_stack([values for _, values in found]))


def is_shown_without_words(sample: Sample) -> bool:
    """Tell whether a page is shown a second time without words."""
    return hashlib.sha256(f"mute {sample.source.page}".encode()).digest()[0] % DROPOUT_ONE_IN == 0


def is_article(sample: Sample) -> bool:
    """Tell whether a page is an article, as far as its corpus knows."""
    return sample.source.corpus == "news" or sample.source.group == "article"


def tree_weight(sample: Sample) -> Floats:
    """Return the weight of each line in the fit of the trees."""
    share = sample.words / (sample.gold.sum() + PAGE_WORDS_SHARE * sample.words.sum() + MORE_WORDS)
    news = NEWS_WEIGHT if sample.source.corpus == "news" else 1.0
    return np.asarray(news * share * min(1.0, MAX_PAGE_WEIGHT / max(1e-9, float(share.sum()))) + MIN_LINE_WEIGHT)
