"""Log-odds that the other pages of a site add to those of the model.

Each feature may only raise or only lower the log-odds of a line: lines that other pages have may go, lines that they
do not have can only become likelier to stay. A line is never dropped because no other page has it: on a page of a
shop, or of a list, such lines are the content.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cleaner.records import Evidence
from cleaner.score.features.facts import Facts
from cleaner.score.features.site import MIN_TEMPLATE_SHARE, site_features
from cleaner.score.likeness import LIKENESS_REASONS, OWN_CODE, SHARED_CODE
from cleaner.score.model.ensemble import quantize
from cleaner.score.model.stored import SiteTrees
from cleaner.score.spans import Bools, Floats
from cleaner.sites.profile import Template

#: Families of lines that belong to one page although other pages have equal folded lines: dates, whose digits are
#: folded, and titles, which other pages link to.
DIFFERING_FAMILIES = ("BY", "TI")

#: On a page that is no article, a repeated line in a block of which this share stands on no other page is a label of
#: the page's own content: "Ingredients", "System requirements".
MAX_LABEL_NEW_SHARE = 0.5

#: On such a page a repeated line counts only when at least this many other pages are known: a few pages of a shop may
#: share their products.
MIN_NON_ARTICLE_PAGES = 8

#: Where other pages have more than this share of the running text that the page alone would keep, they are copies of
#: this page, such as a page fetched again every day. One page of the development sites has more, and half of one in
#: two hundred (docs/training.md).
MAX_SHARED_PROSE = 0.6

#: With fewer words of running text to keep, pages are copies when they share more than this part of all words.
MIN_PROSE_WORDS, MIN_COPY_SHARE = 30, 0.9

#: Evidence of fewer log-odds is not reported.
MIN_GAIN = 0.01


def site_evidence(
    facts: Facts, odds: Floats, article: float, template: Template, trees: SiteTrees
) -> tuple[Floats, list[Evidence]]:
    """Return what the site adds to the log-odds of each filled line, and the evidence that names it.

    ``odds`` are the log-odds of each line from the page alone, ``article`` is the probability that the page is an
    article. Nothing is added when the other pages are copies of this one.
    """
    features = dict(site_features(facts, odds, template))
    differs = np.logical_or.reduce([facts.has_family(family) for family in DIFFERING_FAMILIES])
    shared = (features["seen"] > 0) & (features["share"] >= MIN_TEMPLATE_SHARE) & ~differs
    if is_copy(facts, odds < 0, shared):
        return np.zeros(len(odds)), []
    predicted = trees.trees.log_odds(quantize(np.array([features[name] for name in trees.features]).T))
    frame = np.ones(len(odds), bool)
    if facts.page.kind == "html":
        frame = (features["ring_1_new"] < MAX_LABEL_NEW_SHARE) & (template.others >= MIN_NON_ARTICLE_PAGES)
    rises = np.maximum(predicted, 0) * (article + (1 - article) * frame)
    gains = np.where(shared, rises, np.minimum(predicted, 0))
    return gains, _evidence(facts, gains, features["seen"].tolist(), template.others)


def is_copy(facts: Facts, kept: Bools, shared: Bools) -> bool:
    """Tell whether the pages that have the ``shared`` lines are copies of this page.

    Both arrays have one value per filled line; ``kept`` marks the lines that the page alone would keep.
    """
    text = facts.prose_words * kept
    if text.sum() >= MIN_PROSE_WORDS:
        return bool((text * shared).sum() > MAX_SHARED_PROSE * text.sum())
    words = facts.words
    share_of_all = (words * shared).sum() > MIN_COPY_SHARE * words.sum()
    return bool(share_of_all and (words * shared * kept).sum() > MIN_COPY_SHARE * (words * kept).sum())


def _evidence(facts: Facts, gains: Floats, seen: Sequence[float], others: int) -> list[Evidence]:
    found = []
    for at, gain, number in zip(facts.at.tolist(), gains.tolist(), seen, strict=True):
        if gain >= MIN_GAIN:
            found.append(
                Evidence(at + 1, SHARED_CODE, gain, f"{LIKENESS_REASONS[SHARED_CODE]} ({number:.0f} of {others})")
            )
        elif gain <= -MIN_GAIN:
            found.append(Evidence(at + 1, OWN_CODE, gain, LIKENESS_REASONS[OWN_CODE]))
    return found
