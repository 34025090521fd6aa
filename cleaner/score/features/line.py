"""Features of a line by itself: its shape, its words, what detectors said, its copies on the page."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cleaner.score.features.facts import Facts
from cleaner.score.spans import Floats, before

Feature = tuple[str, Floats]

#: A word that stands more often on the page says little about a line.
RARE = 30

#: Times that a word stands in running text, counted up to this many.
MOST_SHARED = 4.0


def line_features(facts: Facts) -> Iterator[Feature]:
    """Yield what every kind of page has."""
    some = facts.counts
    yield "words", np.minimum(facts.words, 200)
    yield "function_share", np.minimum(1, some["function"] / np.maximum(1, facts.words))
    yield "ends_sentence", some["ends"]
    yield "family_CP", facts.family("CP").astype(float)
    yield "family_DU", facts.family("DU").astype(float)
    yield "copies", np.minimum(facts.copies, 9)
    tokens = facts.tokens
    once = before(np.bincount(tokens.word, minlength=1)[tokens.word] == 1)
    yield "seen_once", (once[tokens.last] - once[tokens.first]) / np.maximum(1, tokens.last - tokens.first)


def text_features(facts: Facts) -> Iterator[Feature]:
    """Yield what tells lines of text apart, where no markup does."""
    some, words = facts.counts, np.maximum(1.0, facts.words)
    yield "word_length", np.minimum(200, some["chars"] / words)
    yield "capital_share", np.minimum(1, some["capitals"] / words)
    yield "digit_share", np.minimum(1, some["digits"] / np.maximum(1, some["chars"]))
    yield "separator_share", np.minimum(200, some["separators"] / words)
    texts = [shape.folded for shape in facts.shapes]
    yield "ends_colon", np.array([text.endswith(":") for text in texts], float)
    yield "commas", np.minimum(200, np.array([text.count(",") for text in texts], float) / words)
    yield "family_NV", facts.family("NV").astype(float)
    phrases = [code for code in facts.found if code[2] == "1" and code[-1] == "2"]
    yield "holds_phrase", facts.says(*phrases).astype(float)
    yield "prose_likeness", prose_likeness(facts)


def prose_likeness(facts: Facts) -> Floats:
    """How much of the running text shares the words of a line, itself apart: teasers speak of something else.

    The mean over the line's words of log(1 + n), where n counts how often the word stands in lines of running text, at
    most MOST_SHARED; a line of running text takes one off for each word of its own, however often that stands in it.
    Words that stand more than RARE times on the page count 0.
    """
    tokens, prose = facts.tokens, facts.prose > 0
    sizes = tokens.last - tokens.first
    often = np.bincount(tokens.word, minlength=1)
    holds = np.bincount(tokens.word[1:][np.repeat(prose, sizes + 1)], minlength=len(often))
    likeness = np.zeros(len(prose))
    for at, upto in tokens.pieces():
        word = tokens.word[tokens.first[at] : tokens.last[upto - 1]]
        word, line = word[word > 0], np.repeat(np.arange(upto - at), sizes[at:upto])
        shared = np.clip(holds[word] - prose[at:upto][line], 0.0, MOST_SHARED)
        likeness[at:upto] = np.bincount(line, np.log1p(shared) * (often[word] <= RARE), upto - at)
    return np.asarray(likeness / np.maximum(1, sizes))
