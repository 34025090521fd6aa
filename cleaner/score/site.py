"""What the other pages of a site add to the learned voice.

Evidence goes one way: what other pages have may go, what they do not have may only gain. A line is never dropped for
standing on one page alone: on a page of a shop, or a list, that is what the page is about.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cleaner.records import Evidence
from cleaner.score.features.facts import Facts
from cleaner.score.features.site import TEMPLATE, site_features
from cleaner.score.likeness import OWN, SHARED, WHY
from cleaner.score.model.ensemble import whole
from cleaner.score.model.stored import SiteTrees
from cleaner.score.spans import Bools, Floats
from cleaner.sites.profile import Template

#: Families of lines that a page has for itself and that look the same on others, as figures are folded: dates, and
#: titles that other pages link to.
DIFFERING = ("BY", "TI")

#: On a page that is no article, a repeated line in a block of which this share stands on no other page is a label of
#: the page's own content: "Ingredients", "System requirements".
LABELS = 0.5

#: On such a page a repeated line counts from so many other pages on: a few pages of a shop share what they sell.
ENOUGH = 8

#: Where other pages have more than this share of the running text that the page alone would keep, they are copies of
#: this page, such as a page fetched again every day. One page of the development sites has more, and half of one in
#: two hundred (docs/training.md).
COPIED = 0.6

#: With fewer words of running text to keep, pages are copies when they share nearly all there is.
LITTLE, NEARLY = 30, 0.9

#: Voices below this many log-odds are not worth telling.
FAINT = 0.01


def site_voices(
    facts: Facts, odds: Floats, article: float, template: Template, trees: SiteTrees
) -> tuple[Floats, list[Evidence]]:
    """What each filled line's log-odds gain, and the voices that say so.

    ``odds`` are those that the page alone gives each line; ``article`` says how far the page is an article.
    """
    features = dict(site_features(facts, odds, template))
    differs = np.logical_or.reduce([facts.family(family) for family in DIFFERING])
    shared = (features["seen"] > 0) & (features["share"] >= TEMPLATE) & ~differs
    if copied(facts, odds < 0, shared):
        return np.zeros(len(odds)), []
    said = trees.trees.log_odds(whole(np.array([features[name] for name in trees.features]).T))
    frame = np.ones(len(odds), bool)
    if facts.page.kind == "html":
        frame = (features["ring_1_new"] < LABELS) & (template.others >= ENOUGH)
    heard = np.maximum(said, 0) * (article + (1 - article) * frame)
    gains = np.where(shared, heard, np.minimum(said, 0))
    return gains, _voices(facts, gains, features["seen"].tolist(), template.others)


def copied(facts: Facts, kept: Bools, shared: Bools) -> bool:
    """True when the pages that share these lines are copies of the page, of which those ``kept`` look like content."""
    text = facts.prose * kept
    if text.sum() >= LITTLE:
        return bool((text * shared).sum() > COPIED * text.sum())
    here = facts.words * shared
    return bool(here.sum() > NEARLY * facts.words.sum() and (here * kept).sum() > NEARLY * (facts.words * kept).sum())


def _voices(facts: Facts, gains: Floats, seen: Sequence[float], others: int) -> list[Evidence]:
    found = []
    for at, gain, number in zip(facts.at.tolist(), gains.tolist(), seen, strict=True):
        if gain >= FAINT:
            found.append(Evidence(at + 1, SHARED, gain, f"{WHY[SHARED]} ({number:.0f} of {others})"))
        elif gain <= -FAINT:
            found.append(Evidence(at + 1, OWN, gain, WHY[OWN]))
    return found
