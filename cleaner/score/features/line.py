"""Features of a line by itself: its shape, its words, its evidence, its copies on the page."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cleaner.score.features.facts import Facts
from cleaner.score.spans import Floats, NamedValues, running_sums

#: A word that stands more often on the page is no evidence about a line.
MAX_PAGE_REPEATS = 30

#: Lines of running text that hold a word are counted up to this many.
MAX_SHARED_LINES = 4.0


def line_features(facts: Facts) -> Iterator[NamedValues]:
    """Yield the features that every kind of page has."""
    some = facts.counts
    yield "words", np.minimum(facts.words, 200)
    yield "function_share", np.minimum(1, some["function"] / np.maximum(1, facts.words))
    yield "ends_sentence", some["ends"]
    yield "family_CP", facts.has_family("CP").astype(float)
    yield "family_DU", facts.has_family("DU").astype(float)
    yield "copies", np.minimum(facts.copies, 9)
    tokens = facts.tokens
    once = running_sums(np.bincount(tokens.word, minlength=1)[tokens.word] == 1)
    yield "seen_once", (once[tokens.last] - once[tokens.first]) / np.maximum(1, tokens.last - tokens.first)


def text_features(facts: Facts) -> Iterator[NamedValues]:
    """Yield the features that only flattened text has, in place of those from markup."""
    some, words = facts.counts, np.maximum(1.0, facts.words)
    yield "word_length", np.minimum(200, some["chars"] / words)
    yield "capital_share", np.minimum(1, some["capitals"] / words)
    yield "digit_share", np.minimum(1, some["digits"] / np.maximum(1, some["chars"]))
    yield "separator_share", np.minimum(200, some["separators"] / words)
    texts = [shape.folded for shape in facts.shapes]
    yield "ends_colon", np.array([text.endswith(":") for text in texts], float)
    yield "commas", np.minimum(200, np.array([text.count(",") for text in texts], float) / words)
    yield "family_NV", facts.has_family("NV").astype(float)
    phrases = [code for code in facts.lines_by_code if code[2] == "1" and code[-1] == "2"]
    yield "holds_phrase", facts.has_code(*phrases).astype(float)
    yield "prose_likeness", prose_likeness(facts)


def prose_likeness(facts: Facts) -> Floats:
    """Return per line how far its words stand in the running text of the page; teasers of other pages have low values.

    The value is the mean over the line's words of ln(1 + n), where n is how often the word stands in running text, at
    most MAX_SHARED_LINES. A line of running text does not count itself: n is one less for
    its own words. Words that stand more than MAX_PAGE_REPEATS times on the page have n = 0.
    """
    tokens, prose = facts.tokens, facts.prose_words > 0
    sizes = tokens.last - tokens.first
    often = np.bincount(tokens.word, minlength=1)
    holds = np.bincount(tokens.word[1:][np.repeat(prose, sizes + 1)], minlength=len(often))
    likeness = np.zeros(len(prose))
    for at, upto in tokens.line_batches():
        word = tokens.word[tokens.first[at] : tokens.last[upto - 1]]
        word, line = word[word > 0], np.repeat(np.arange(upto - at), sizes[at:upto])
        shared = np.clip(holds[word] - prose[at:upto][line], 0.0, MAX_SHARED_LINES)
        likeness[at:upto] = np.bincount(line, np.log1p(shared) * (often[word] <= MAX_PAGE_REPEATS), upto - at)
    return np.asarray(likeness / np.maximum(1, sizes))
