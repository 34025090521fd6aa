"""Columns of what the other pages of a site say: which lines stand there, too, and what lies between those.

``SITE_COLUMNS`` is their registry, as ``columns`` is of those that a page gives alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from cleaner.score.block_columns import Blocks
from cleaner.score.columns import FAR, LOUDEST, Column
from cleaner.score.facts import Facts
from cleaner.score.spans import Bools, Floats, before, first_after, last_before
from cleaner.sites import Template

#: A line is of the template from this share of the other pages on.
TEMPLATE = 0.2

#: Rings of blocks around a line that are looked at.
SITE_RINGS = 5

#: Lines looked at before, after and on both sides of a line.
REACHES = {"ahead_3": (-3, 0), "behind_3": (1, 4), "around_10": (-10, 11)}


def _registry() -> Iterator[Column]:
    yield Column("odds", "what the page alone says of it", -LOUDEST, LOUDEST)
    yield Column("seen", "on how many other pages of the site it stands", 0.0, FAR)
    yield Column("share", "the share of the site's other pages on which it stands", 0.0, 1.0)
    yield Column("others", "how many other pages of the site are known", 0.0, FAR)
    for what, meaning in (
        ("share", "the share of other pages on which {} stand"),
        ("new", "the share of {} that stand on no other page"),
        ("odds", "what the page alone says of {}"),
    ):
        low, high = (-LOUDEST, LOUDEST) if what == "odds" else (0.0, 1.0)
        yield Column(f"{what}_page", meaning.format("all lines"), low, high, level="page")
        yield Column(f"{what}_ahead_3", meaning.format("the lines before it"), low, high)
        yield Column(f"{what}_behind_3", meaning.format("the lines after it"), low, high)
        yield Column(f"{what}_around_10", meaning.format("the lines around it"), low, high)
    yield Column("since_template", "its distance after a line that the site repeats", -1.0, FAR)
    yield Column("until_template", "its distance before a line that the site repeats", -1.0, FAR)
    yield Column("stretch_words", "the words between the lines around it that the site repeats", 0.0, 20.0)
    yield Column("stretch_share", "the share of the page's own words in them", 0.0, 1.0)
    yield Column("stretch_rank", "how long they are beside the longest", 0.0, 1.0)
    yield Column("stretch_odds", "what the page alone says of them", -LOUDEST, LOUDEST)
    for ring in range(SITE_RINGS):
        what = "its block" if not ring else f"the block {ring} levels up"
        yield Column(f"ring_{ring}_new", f"the share of {what} that stands on no other page", 0.0, 1.0, ("html",))
        yield Column(f"ring_{ring}_odds", f"what the page alone says of {what}", -LOUDEST, LOUDEST, ("html",))


#: The columns by name, in order.
SITE_COLUMNS: Mapping[str, Column] = {column.name: column for column in _registry()}


def site_columns(facts: Facts, odds: Floats, template: Template) -> Iterator[tuple[str, Floats]]:
    """Yield the columns of a page by name; ``odds`` are the log-odds that the page alone gives each line."""
    size = len(facts.at)
    seen = np.fromiter((template.seen(shape.folded) for shape in facts.shapes), float, size)
    share = seen / max(1, template.others)
    rows = np.array([share, seen == 0, np.clip(odds, -LOUDEST, LOUDEST)], float).reshape(3, size)
    yield "odds", rows[2]
    yield "seen", np.minimum(seen, FAR)
    yield "share", share
    yield "others", np.full(size, min(float(template.others), FAR))
    means = facts.means(rows)
    for row, what in enumerate(("share", "new", "odds")):
        yield f"{what}_page", np.full(size, facts.means(rows[row]).all)
    for reach, found in zip(REACHES, means.near([*REACHES.values()]).swapaxes(0, 1), strict=True):
        for row, what in enumerate(("share", "new", "odds")):
            yield f"{what}_{reach}", found[row]
    yield from _stretches(facts, share >= TEMPLATE, rows[2])
    if facts.page.kind == "html":
        blocks = Blocks(facts)
        rings = blocks.rings[:SITE_RINGS]
        found = means.over(blocks.first[rings], blocks.last[rings])
        for ring in range(SITE_RINGS):
            yield f"ring_{ring}_new", found[1][ring]
            yield f"ring_{ring}_odds", found[2][ring]


def _stretches(facts: Facts, shared: Bools, odds: Floats) -> Iterator[tuple[str, Floats]]:
    """Yield what lies between two lines of the template: an article does, and so do teasers of the day."""
    size = len(shared)
    at, last, following = np.arange(size), last_before(shared), first_after(shared)
    yield "since_template", np.where(last >= 0, np.minimum(at - last, FAR), -1.0)
    yield "until_template", np.where(following < size, np.minimum(following - at, FAR), -1.0)
    first, end = np.where(shared, at, last + 1), np.where(shared, at + 1, following)
    own = before(np.where(shared, 0.0, facts.words))
    words = own[end] - own[first]
    yield "stretch_words", np.log1p(words)
    yield "stretch_share", words / max(1.0, own[-1])
    yield "stretch_rank", words / max(1.0, float(words.max(initial=0.0)))
    yield "stretch_odds", facts.means(odds).over(first, end)
