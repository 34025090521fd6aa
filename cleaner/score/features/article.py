"""Features of a page from which the gate computes whether it is an article: one text under a title."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cleaner.score.features.facts import Facts
from cleaner.score.features.neighbours import CUE_CODES
from cleaner.score.spans import Bools, Floats, NamedValues

#: Lines under the title in which running text is counted, and lines on each side of it searched for a byline or date.
TITLE_TEXT_LINES, TITLE_STAMP_LINES = 30, 8

#: Lines that are no running text and may stand together inside a stretch of text.
MAX_GAP_LINES = 2


def gate_features(facts: Facts, joint: Floats) -> Iterator[NamedValues]:
    """Yield the features of the gate; each has the same value for all lines of the page.

    ``joint`` holds the joint score of each filled line (see ``table``), in log-odds.
    """
    for name, value in _values(facts, joint):
        yield name, np.full(len(facts.at), value)


def _values(facts: Facts, joint: Floats) -> Iterator[tuple[str, float]]:
    stated = facts.page.facts
    yield "says_forum", float(stated.has_type("forum", "question", "qapage"))
    yield "says_list", float(stated.has_type("itemlist", "collection"))
    text = (facts.prose_words > 0) & (facts.link_share < 0.5)
    words = np.where(text, facts.words, 0.0)
    total = max(1.0, float(words.sum()))
    yield from _title(facts, words)
    stretch = longest_stretch(text, words)
    yield "stretch", float(np.log1p(stretch))
    yield "stretch_share", stretch / total
    lines = float(text.sum())
    yield "text_length", float(np.log1p(words.sum() / max(1.0, lines)))
    yield "text_lines", float(np.log1p(lines))
    yield "headings", float(np.log1p((facts.heading > 0).sum()))
    content = facts.words / (1 + np.exp(joint))
    size = float(content.sum())
    yield "content", float(np.log1p(size))
    yield "content_share", size / max(1.0, float(facts.words.sum()))
    yield "content_prose", float(content[facts.prose_words > 0].sum()) / max(1e-9, size)


def _title(facts: Facts, words: Floats) -> Iterator[tuple[str, float]]:
    """Yield the features of the first line with evidence of a title, and of the lines under it."""
    titles = np.flatnonzero(facts.has_family("TI"))
    first = int(titles[0]) if len(titles) else -1
    under = float(words[first : first + TITLE_TEXT_LINES].sum()) if first >= 0 else 0.0
    stamps = facts.has_code(*CUE_CODES["stamp"])
    near = stamps[max(0, first - TITLE_STAMP_LINES) : first + TITLE_STAMP_LINES + 1] if first >= 0 else stamps[:0]
    yield "has_title", float(first >= 0)
    yield "title_place", max(0, first) / max(1, len(words))
    yield "title_text", float(np.log1p(under))
    yield "title_text_share", under / max(1.0, float(words.sum()))
    yield "title_stamp", float(near.any())


def longest_stretch(text: Bools, words: Floats) -> float:
    """The most words in lines of text that stand together, with at most MAX_GAP_LINES other lines between them."""
    at = np.flatnonzero(text)
    if not len(at):
        return 0.0
    starts = np.append(0, np.flatnonzero(np.diff(at) > MAX_GAP_LINES + 1) + 1)
    return float(np.add.reduceat(words[at], starts).max())
