"""Features from the other pages of a site: on how many of them a line stands, and its neighbours and blocks.

``SITE_FEATURES`` is their registry; ``registry`` has the features that need one page only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from cleaner.score.features.blocks import BlockSpans
from cleaner.score.features.facts import Facts
from cleaner.score.features.registry import MAX_ABS_LOG_ODDS, MAX_COUNT, Feature
from cleaner.score.spans import Bools, Floats, NamedValues, first_at_or_after, last_at_or_before, running_sums
from cleaner.sites.profile import Template

#: A line belongs to the template when at least this share of the other pages has it.
MIN_TEMPLATE_SHARE = 0.2

#: Rings of blocks around a line that have features.
SITE_RINGS = 5

#: Windows before, after and on both sides of a line: from the first to before the last, as offsets in filled lines.
SITE_WINDOWS = {"ahead_3": (-3, 0), "behind_3": (1, 4), "around_10": (-10, 11)}


def _registry() -> Iterator[Feature]:
    yield Feature("odds", "the prediction from the page alone", -MAX_ABS_LOG_ODDS, MAX_ABS_LOG_ODDS)
    yield Feature("seen", "on how many other pages of the site it stands", 0.0, MAX_COUNT)
    yield Feature("share", "the share of the site's other pages on which it stands", 0.0, 1.0)
    yield Feature("others", "how many other pages of the site are known", 0.0, MAX_COUNT, level="page")
    for what, meaning in (
        ("share", "the share of other pages on which {} stand"),
        ("new", "the share of {} that stand on no other page"),
    ):
        yield Feature(f"{what}_page", meaning.format("the lines of the page"), 0.0, 1.0, level="page")
        for reach, where in zip(SITE_WINDOWS, ("before", "after", "around"), strict=True):
            yield Feature(f"{what}_{reach}", meaning.format(f"the lines {where} it"), 0.0, 1.0)
    yield Feature("since_template", "its distance after a line that the site repeats", -1.0, MAX_COUNT)
    yield Feature("until_template", "its distance before a line that the site repeats", -1.0, MAX_COUNT)
    what = "the lines between those that the site repeats"
    yield Feature("stretch_share", f"the share of the page's own words in {what}", 0.0, 1.0)
    yield Feature("stretch_rank", f"how long {what} are beside the longest", 0.0, 1.0)
    for ring in range(SITE_RINGS):
        what = "its block" if not ring else f"the block {ring} levels up"
        yield Feature(f"ring_{ring}_new", f"the share of {what} that stands on no other page", 0.0, 1.0, ("html",))


#: The features by name, in order.
SITE_FEATURES: Mapping[str, Feature] = {feature.name: feature for feature in _registry()}


def site_features(facts: Facts, odds: Floats, template: Template) -> Iterator[NamedValues]:
    """Yield the features of a page by name; ``odds`` are the log-odds that the page alone gives each line."""
    size = len(facts.at)
    seen = np.fromiter((template.seen(shape.folded) for shape in facts.shapes), float, size)
    share = seen / max(1, template.others)
    yield "odds", np.clip(odds, -MAX_ABS_LOG_ODDS, MAX_ABS_LOG_ODDS)
    yield "seen", np.minimum(seen, MAX_COUNT)
    yield "share", share
    yield "others", np.full(size, min(float(template.others), MAX_COUNT))
    new = (seen == 0).astype(float)
    both = facts.means(np.array([share, new]))
    windows = both.over_windows([*SITE_WINDOWS.values()])
    for what, values, around in zip(("share", "new"), (share, new), windows, strict=True):
        yield f"{what}_page", np.full(size, facts.means(values).overall)
        yield from zip((f"{what}_{reach}" for reach in SITE_WINDOWS), around, strict=True)
    yield from _stretches(facts, share >= MIN_TEMPLATE_SHARE)
    if facts.page.kind == "html":
        blocks = BlockSpans(facts)
        rings = blocks.rings[:SITE_RINGS]
        inside = facts.means(new).over(blocks.first[rings], blocks.last[rings])
        yield from zip((f"ring_{ring}_new" for ring in range(SITE_RINGS)), inside, strict=True)


def _stretches(facts: Facts, shared: Bools) -> Iterator[NamedValues]:
    """Yield the features of the stretch between two lines of the template that holds each line.

    Articles lie in such stretches, and so do the teasers of the day.
    """
    size = len(shared)
    at, last, following = np.arange(size), last_at_or_before(shared), first_at_or_after(shared)
    yield "since_template", np.where(last >= 0, np.minimum(at - last, MAX_COUNT), -1.0)
    yield "until_template", np.where(following < size, np.minimum(following - at, MAX_COUNT), -1.0)
    first, end = np.where(shared, at, last + 1), np.where(shared, at + 1, following)
    own = running_sums(np.where(shared, 0.0, facts.words))
    words = own[end] - own[first]
    yield "stretch_share", words / max(1.0, own[-1])
    yield "stretch_rank", words / max(1.0, float(words.max(initial=0.0)))
