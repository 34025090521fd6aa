"""Features of the lines around a line, of its section, and of its place on the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from cleaner.score.features.facts import Facts
from cleaner.score.features.registry import MAX_COUNT
from cleaner.score.spans import (
    Bools,
    Floats,
    NamedValues,
    first_at_or_after,
    last_at_or_before,
    running_sums,
    shift_values,
)

#: Lines with fewer words are short.
SHORT_LINE_WORDS = 6

#: Codes of lines after which another part of the page begins, by the name of the cue.
CUE_CODES = {
    "related": ("RL101", "RL121"),
    "share": ("SH101", "SH111"),
    "stamp": ("BY101", "BY111", "BY202"),
    "comments": ("CM101", "CM111", "CM121", "CM201", "CM203"),
    "legal": ("CH101",),
    "forum": ("KP111", "CM211"),
}

#: The cues used for HTML; markup has features in place of the others.
HTML_CUES = ("related", "share", "stamp")


#: The lines of each window, from the first to before the last, as offsets in filled lines from a line.
JOINT_WINDOWS = {
    "joint_2": (-2, 3),
    "joint_7": (-7, 8),
    "joint_ahead_4": (-4, 0),
    "joint_behind_4": (1, 5),
    "joint_ahead_10": (-10, 0),
    "joint_behind_10": (1, 11),
}
TEXT_JOINT_WINDOWS = {"joint_20": (-20, 21)}


def window_features(facts: Facts, joint: Floats) -> Iterator[NamedValues]:
    """Yield the features of the lines around each line, from their joint scores."""
    yield "last_1_joint", shift_values(joint, -1)
    yield "next_1_joint", shift_values(joint, 1)
    means = facts.means(joint)
    html = facts.page.kind == "html"
    reaches = JOINT_WINDOWS if html else {**JOINT_WINDOWS, **TEXT_JOINT_WINDOWS}
    yield from zip(reaches, means.over_windows([*reaches.values()]), strict=True)
    yield "joint_page", np.full(len(joint), means.overall)
    length = np.log1p(facts.words)
    if html:
        yield from zip(
            ("length_7", "links_7"), facts.means(np.array([length, facts.link_share])).mean_around(7), strict=True
        )
        return
    yield "last_3_joint", shift_values(joint, -3)
    yield "next_3_joint", shift_values(joint, 3)
    yield "next_1_words", np.minimum(MAX_COUNT, shift_values(facts.words, 1))
    share = np.minimum(1, facts.counts["function"] / np.maximum(1, facts.words))
    around = facts.means(np.array([length, facts.counts["ends"], share])).mean_around(7)
    yield from zip(("length_7", "ends_7", "function_7"), around, strict=True)


def place_features(facts: Facts) -> Iterator[NamedValues]:
    """Yield the features of the place of each line on the page."""
    size, at = len(facts.at), np.arange(len(facts.at), dtype=float)
    words, prose = running_sums(facts.words), running_sums(facts.prose_words)
    yield "position", at / max(1, size)
    yield "from_start", np.minimum(at, MAX_COUNT)
    yield "from_end", np.minimum(size - 1 - at, MAX_COUNT)
    yield "words_before", words[:-1] / max(1.0, words[-1])
    yield "prose_before", prose[:-1] / max(1.0, prose[-1])
    yield "prose_after", 1 - prose[1:] / max(1.0, prose[-1])
    html = facts.page.kind == "html"
    cues = {name: facts.has_code(*codes) for name, codes in CUE_CODES.items() if not html or name in HTML_CUES}
    yield from _distances({"title": facts.has_family("TI"), **cues})
    if not html:
        flags = facts.prose_words > 0
        yield "short_run", _run(facts.words < SHORT_LINE_WORDS)
        yield "prose_run", np.where(flags, _run(flags), 0)


def _distances(flags: Mapping[str, Bools]) -> Iterator[NamedValues]:
    """Yield the distances in filled lines to the nearest flagged line before and after each line; -1 for none."""
    rows = np.array([*flags.values()])
    size = rows.shape[-1]
    at, last, following = np.arange(size), last_at_or_before(rows), first_at_or_after(rows)
    since = np.where(last >= 0, np.minimum(at - last, MAX_COUNT), -1.0)
    until = np.where(following < size, np.minimum(following - at, MAX_COUNT), -1.0)
    for name, ago, ahead in zip(flags, since, until, strict=True):
        yield f"since_{name}", ago
        yield f"until_{name}", ahead


def _run(flags: Bools) -> Floats:
    """The length of the run of equal flags around each line, at most MAX_COUNT."""
    if not len(flags):
        return np.zeros(0)
    edge = np.flatnonzero(np.concatenate([[True], flags[1:] != flags[:-1], [True]]))
    lengths = np.diff(edge)
    return np.asarray(np.minimum(np.repeat(lengths, lengths), MAX_COUNT), float)


def section_features(facts: Facts, joint: Floats) -> Iterator[NamedValues]:
    """Yield the features of the section that holds each line: the lines from one heading to the next."""
    size = len(facts.at)
    at = np.arange(size)
    head = facts.heading > 0
    since = last_at_or_before(head)
    upto = first_at_or_after(np.append(head[1:], np.ones(min(1, size), bool))) + 1
    first = np.maximum(0, since)
    last = np.clip(upto, first + 1, size)
    both = facts.means(np.array([joint, facts.prose_words > 0]))
    yield from zip(("section_joint", "section_prose"), both.over(first, last), strict=True)
    yield "since_heading", np.where(since >= 0, np.minimum(at - since, MAX_COUNT), -1.0)
    yield "heading_joint", np.where(since >= 0, joint[first], 0.0)
    yield from _distances({"h1": facts.heading == 1})


def page_features(facts: Facts, joint: Floats) -> Iterator[NamedValues]:
    """Yield the features of the page; each has the same value for all its lines."""
    size = len(facts.at)
    for name, value in _page(facts, joint):
        yield name, np.full(size, min(value, MAX_COUNT))


def _page(facts: Facts, joint: Floats) -> Iterator[tuple[str, float]]:
    size, total = len(facts.at), max(1.0, float(facts.words.sum()))
    yield "page_words", float(np.log1p(total))
    yield "page_lines", float(np.log1p(size))
    yield "page_prose_lines", float(np.log1p((facts.prose_words > 0).sum()))
    yield "page_prose", float(facts.prose_words.sum()) / total
    yield "page_functions", min(1.0, float(facts.counts["function"].sum()) / total)
    yield "page_repeats", float((facts.copies > 1).sum()) / max(1, size)
    yield "page_comments", float(facts.has_code(*CUE_CODES["comments"]).sum())
    yield "page_posts", float(facts.has_code(*CUE_CODES["forum"]).sum())
    yield "page_stamps", float(facts.has_code(*CUE_CODES["stamp"]).sum())
    if facts.page.kind == "text":
        yield "page_content", float(np.log1p((facts.words / (1 + np.exp(joint))).sum()))
        return
    yield "page_links", float((facts.link_share * facts.words).sum()) / total
    stated = facts.page.facts
    yield "says_article", float(stated.og_type == "article" or stated.has_type("article", "posting"))
    yield "says_product", float(stated.og_type.startswith("product") or stated.has_type("product"))
