"""The evidence that the model adds to that of the rules: one piece for each filled line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cleaner.lines.table import LineTable
from cleaner.records import Evidence, Weights
from cleaner.score.features.facts import MAX_TOKENIZED_CHARS, Facts, index_codes
from cleaner.score.features.registry import FEATURES
from cleaner.score.features.table import feature_table, first_stage_scores
from cleaner.score.likeness import LIKENESS_REASONS, OWN_CODE, SHARED_CODE, code_for_weight, resemblances
from cleaner.score.model.ensemble import FeatureTable
from cleaner.score.model.stored import Scorer, load_scorer, load_site_trees
from cleaner.score.site import site_evidence
from cleaner.score.spans import Floats, Means
from cleaner.settings.record import PageSettings
from cleaner.sites.profile import Template

#: Families whose evidence for keeping a line counts as far as the lines around it stay: bylines and captions of the
#: article count, those of teasers do not.
FAMILIES_BESIDE_TEXT = ("BY", "CP")

#: Lines on each side that count as around a line.
AROUND_LINES = 2

#: Words from which a page is judged by the model alone.
MIN_MODEL_WORDS = 60

#: The log-odds of a line without any evidence: it stays.
KEEP_LOG_ODDS = -1.0

#: More filled lines than any page that the model could learn from has: no development page has more than 4,216.
MAX_MODEL_LINES = 10_000

#: Features that an explanation names, and the least log-odds that a named feature adds.
MAX_NAMED_FEATURES, MIN_NAMED_LOG_ODDS = 3, 0.1


def learned_evidence(
    table: LineTable,
    evidence: Sequence[Sequence[Evidence]],
    weights: Weights,
    settings: PageSettings,
    template: Template | None,
    *,
    explain: bool = False,
) -> list[Evidence]:
    """Return the model's evidence for each filled line of a page, in order, and then the evidence from its site.

    ``evidence`` has that of the rules for each line of the page. The weight of the model's evidence is the difference
    between its log-odds and the sum of the measured rules, less what bylines and captions add where no text stays
    around them: in this way all evidence on a line, with the bias, adds up to the log-odds of its verdict. With
    ``explain`` the reason names the features that add most. Evidence from the site needs its ``template``.
    """
    scorer = load_scorer(table.page.kind)
    of_rules = [evidence[n] for n in table.at]
    found = index_codes([[code for _, code, _, _ in some] for some in of_rules])
    measured = found.sums(weights.codes)
    facts = Facts(table, found, measured + weights.bias)
    features = feature_table(facts, first_stage_scores(facts, scorer.vocabulary, scorer.names), scorer.features)
    odds = cap_on_outsized_pages(shrink_to_rules(scorer.log_odds(features), measured, facts.words), measured, facts)
    beside_text = found.sums({c: weight for c, weight in weights.extra.items() if c[:2] in FAMILIES_BESIDE_TEXT})
    gains, others = np.zeros(len(odds)), list[Evidence]()
    if template:
        gains, others = _from_site(facts, (odds, scorer.model.article_share(features)), template, settings)
    rest = odds - measured - beside_text * (1 - stay_probability_around(odds + gains, facts.weight))
    alike = resemblances(odds.tolist(), of_rules, weights.resembles)
    codes = [code_for_weight(code, weight) for code, weight in zip(alike, rest.tolist(), strict=True)]
    reasons = [LIKENESS_REASONS[code] for code in codes]
    if explain:
        reasons = [
            f"{why}: {_explanation(scorer, row, weight > 0)}"
            for why, row, weight in zip(reasons, features, rest.tolist(), strict=True)
        ]
    return [*map(Evidence._make, zip(table.numbers, codes, rest.tolist(), reasons, strict=True)), *others]


def _from_site(
    facts: Facts, alone: tuple[Floats, float], template: Template, settings: PageSettings
) -> tuple[Floats, list[Evidence]]:
    """Return what the site's other pages add to each line, and the evidence with it, as far as the settings allow it.

    ``alone`` is the result from the page alone: the log-odds of each line, and the probability that it is an article.
    """
    gains, found = site_evidence(facts, *alone, template, load_site_trees(facts.page.kind))
    wanted = {SHARED_CODE: settings.may_drop(SHARED_CODE), OWN_CODE: settings.may_keep(OWN_CODE)}
    counts = ((gains > 0) & wanted[SHARED_CODE]) | ((gains < 0) & wanted[OWN_CODE])
    return np.where(counts, gains, 0.0), [one for one in found if wanted[one.code]]


def shrink_to_rules(odds: Floats, rules: Floats, words: Floats) -> Floats:
    """Return the model's log-odds, shrunk towards the sum of the ``rules`` on a page with few ``words``.

    All three have one value per filled line. On a page of MIN_MODEL_WORDS and more the model counts alone; below, its
    share falls with the number of words, and a line without any rule comes nearer to KEEP_LOG_ODDS.
    """
    share = min(1.0, float(words.sum()) / MIN_MODEL_WORDS)
    return np.asarray(share * odds + (1 - share) * (rules + KEEP_LOG_ODDS))


def cap_on_outsized_pages(odds: Floats, rules: Floats, facts: Facts) -> Floats:
    """Return the model's log-odds; on pages larger than all it learned from, running text has at most KEEP_LOG_ODDS.

    That holds for running text on which the rules sum up to 0 or less. Lines of megabytes, or tens of thousands of
    lines, change all shares and distances from which the model predicts: the lines after them look like a footer,
    whatever they are.
    """
    if len(odds) <= MAX_MODEL_LINES and facts.counts["chars"].max(initial=0) <= MAX_TOKENIZED_CHARS:
        return odds
    return np.where((facts.prose_words > 0) & (rules <= 0), np.minimum(odds, KEEP_LOG_ODDS), odds)


def stay_probability_around(odds: Floats, weight: Floats) -> Floats:
    """Return per line the mean probability, from 0 to 1, that the lines around it stay.

    It is the mean of both sides; the lines of a side have their ``weight`` in its mean.
    """
    stays = Means(1 / (1 + np.exp(np.clip(odds, -30, 30))), weight)
    return (stays.mean_before(AROUND_LINES) + stays.mean_after(AROUND_LINES)) / 2


def _explanation(scorer: Scorer, row: FeatureTable, drops: bool) -> str:
    """Name the features that add most for dropping a line, or for keeping it, each with its log-odds."""
    parts = {feature: value * scorer.slope for feature, value in scorer.model.contributions(row).items()}
    sign = 1 if drops else -1
    counting = [(feature, value) for feature, value in parts.items() if sign * value >= MIN_NAMED_LOG_ODDS]
    strongest = sorted(counting, key=lambda item: (-abs(item[1]), item[0]))[:MAX_NAMED_FEATURES]
    words = [f"{FEATURES[scorer.features[feature]].meaning} ({value:+.1f})" for feature, value in strongest]
    return ", ".join(words) or "nothing stands out"
