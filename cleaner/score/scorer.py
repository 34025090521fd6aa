"""The learned voice: what the model says of each line beyond what the rules say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cleaner.lines.table import LineTable
from cleaner.records import Evidence, Weights
from cleaner.score.features.facts import LONGEST, Facts, codes_of
from cleaner.score.features.registry import FEATURES
from cleaner.score.features.table import first_scores, table_of
from cleaner.score.likeness import OWN, SHARED, WHY, resemblances, told
from cleaner.score.model.ensemble import Table
from cleaner.score.model.stored import Scorer, load_scorer, load_site_trees
from cleaner.score.site import site_voices
from cleaner.score.spans import Floats, Means
from cleaner.settings.record import PageSettings
from cleaner.sites.profile import Template

#: Families of evidence that keep a line where text stays around it: bylines and captions, not those of teasers.
WITH_TEXT = ("BY", "CP")

#: Lines on each side that count as around.
REACH = 2

#: Words that a page needs to be judged by its features alone; a line of a page that tells nothing, and that no rule
#: names, goes at these log-odds: when in doubt it stays.
ENOUGH, QUIET = 60, -1.0

#: More filled lines than any page that the model could learn from has: no development page has more than 4,216.
MOST_LINES = 10_000

#: Features that an explanation names, and the log-odds from which one is worth naming.
NAMED, WORTH = 3, 0.1


def learned(
    table: LineTable,
    heard: Sequence[Sequence[Evidence]],
    weights: Weights,
    settings: PageSettings,
    template: Template | None,
    *,
    explain: bool = False,
) -> list[Evidence]:
    """One voice per filled line of a page, in order, beside the evidence ``heard`` by line, and those of its site.

    Its weight is what the model's log-odds differ by from the sum of the measured rules, less what bylines and
    captions say where no text is around, so that all voices of a line add up to the log-odds of its verdict.
    With ``explain`` its reason names the strongest features. With the ``template`` of its site further
    voices say what the other pages have.
    """
    scorer = load_scorer(table.page.kind)
    some = [heard[n] for n in table.at]
    said = codes_of([[code for _, code, _, _ in voices] for voices in some])
    measured = said.sums(weights.codes)
    facts = Facts(table, said, measured + weights.bias)
    features = table_of(facts, first_scores(facts, scorer.vocabulary, scorer.names), scorer.features)
    odds = reserved(steadied(scorer.log_odds(features), measured, facts.words), measured, facts)
    loud = said.sums({code: weight for code, weight in weights.extra.items() if code[:2] in WITH_TEXT})
    gains, others = np.zeros(len(odds)), list[Evidence]()
    if template:
        gains, others = _of_site(facts, (odds, scorer.model.article(features)), template, settings)
    rest = odds - measured - loud * (1 - text_around(odds + gains, facts.weight))
    codes = [told(code, weight) for code, weight in zip(resemblances(odds.tolist(), some), rest.tolist(), strict=True)]
    reasons = [WHY[code] for code in codes]
    if explain:
        reasons = [
            f"{why}: {_spelled(scorer, row, weight > 0)}"
            for why, row, weight in zip(reasons, features, rest.tolist(), strict=True)
        ]
    return [*map(Evidence._make, zip(table.numbers, codes, rest.tolist(), reasons, strict=True)), *others]


def _of_site(
    facts: Facts, alone: tuple[Floats, float], template: Template, settings: PageSettings
) -> tuple[Floats, list[Evidence]]:
    """What the site's other pages add to each line, and the voices that say so, as far as the settings hear them."""
    gains, voices = site_voices(facts, *alone, template, load_site_trees(facts.page.kind))
    wanted = {SHARED: settings.may_drop(SHARED), OWN: settings.may_keep(OWN)}
    heard = ((gains > 0) & wanted[SHARED]) | ((gains < 0) & wanted[OWN])
    return np.where(heard, gains, 0.0), [voice for voice in voices if wanted[voice.code]]


def steadied(odds: Floats, rules: Floats, words: Floats) -> Floats:
    """The model's log-odds, leant towards what the ``rules`` say where a page has too few words to judge it by."""
    share = min(1.0, float(words.sum()) / ENOUGH)
    return np.asarray(share * odds + (1 - share) * (rules + QUIET))


def reserved(odds: Floats, rules: Floats, facts: Facts) -> Floats:
    """The model's log-odds, or QUIET for running text that no rule speaks against on a page unlike all it learned from.

    Lines of megabytes, or tens of thousands of lines, move all shares and distances by which it tells what stands
    around an article: what comes after them looks like a footer, whatever it says.
    """
    if len(odds) <= MOST_LINES and facts.counts["chars"].max(initial=0) <= LONGEST:
        return odds
    return np.where((facts.prose > 0) & (rules <= 0), np.minimum(odds, QUIET), odds)


def text_around(odds: Floats, weight: Floats) -> Floats:
    """Per line how likely the lines around it stay, from 0 to 1: the mean of both sides."""
    stays = Means(1 / (1 + np.exp(np.clip(odds, -30, 30))), weight)
    return (stays.ahead(REACH) + stays.behind(REACH)) / 2


def _spelled(scorer: Scorer, row: Table, drops: bool) -> str:
    """The features that speak loudest for dropping a line, or for keeping it, in words, with what each adds."""
    parts = {feature: value * scorer.slope for feature, value in scorer.model.contributions(row).items()}
    heard = [(feature, value) for feature, value in parts.items() if (value >= WORTH if drops else value <= -WORTH)]
    strongest = sorted(heard, key=lambda item: (-abs(item[1]), item[0]))[:NAMED]
    words = [f"{FEATURES[scorer.features[feature]].meaning} ({value:+.1f})" for feature, value in strongest]
    return ", ".join(words) or "nothing stands out"
