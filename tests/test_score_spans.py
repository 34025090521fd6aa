"""Spans, words and block names of the learned scorer, each against the same thing written plainly."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.records import Block
from cleaner.score.model.structure import DECAY_PER_LEVEL, NameWeights, block_names, block_scores
from cleaner.score.model.words import (
    PAIR_BASE,
    WEIGHT_UNIT,
    Tokens,
    Vocabulary,
    pair_ids,
    token_ids,
    tokenize,
    word_scores,
)
from cleaner.score.spans import Means, first_at_or_after, last_at_or_before, running_sums, shift_values, window_spans
from tests.score_pages import NAMES, VOCABULARY, quick

VALUES = st.lists(st.floats(-12, 12), max_size=30)
FLAGS = st.lists(st.booleans(), max_size=30)
REACH = st.integers(0, 35)
NEAR = {"rtol": 1e-9, "atol": 1e-9}


@given(VALUES)
def test_before(values):
    expected = [sum(values[:n]) for n in range(len(values) + 1)]
    np.testing.assert_allclose(running_sums(np.array(values, float)), expected, **NEAR)


@given(FLAGS)
def test_before_counts_flags(flags):
    assert running_sums(np.array(flags, bool)).tolist() == [sum(flags[:n]) for n in range(len(flags) + 1)]


@st.composite
def weighted(draw):
    values = draw(VALUES)
    return values, draw(st.lists(st.floats(1, 61), min_size=len(values), max_size=len(values)))


def mean(values, weights, first, last):
    total = sum(weights[first:last])
    return sum(v * w for v, w in zip(values[first:last], weights[first:last], strict=True)) / total if total else 0.0


@given(weighted(), st.data())
def test_means_over_spans(given_values, data):
    values, weights = given_values
    means = Means(np.array(values, float), np.array(weights, float))
    assert means.overall == pytest.approx(mean(values, weights, 0, len(values)), abs=1e-9)
    edges = st.integers(0, len(values))
    spans = [sorted(span) for span in data.draw(st.lists(st.tuples(edges, edges), min_size=1))]
    first, last = np.array(spans).T
    np.testing.assert_allclose(means.over(first, last), [mean(values, weights, *span) for span in spans], **NEAR)


@given(weighted(), REACH)
def test_means_around_ahead_and_behind(given_values, reach):
    values, weights = given_values
    means = Means(np.array(values, float), np.array(weights, float))

    def each(first, last):
        return [mean(values, weights, max(0, n + first), max(0, n + last)) for n in range(len(values))]

    np.testing.assert_allclose(means.mean_around(reach), each(-reach, reach + 1), **NEAR)
    np.testing.assert_allclose(means.mean_before(reach), each(-reach, 0), **NEAR)
    np.testing.assert_allclose(means.mean_after(reach), each(1, reach + 1), **NEAR)


def test_means_of_nothing():
    means = Means(np.zeros(0), np.zeros(0))
    assert means.overall == 0
    assert [len(found) for found in (means.mean_around(2), means.mean_before(2), means.mean_after(2))] == [0, 0, 0]


@given(st.integers(0, 30), REACH, REACH)
def test_window(size, left, right):
    first, last = window_spans(size, left, right)
    for n in range(size):
        inside = [k for k in range(size) if n - left <= k <= n + right]
        assert list(range(first[n], last[n])) == inside


@given(FLAGS)
def test_nearest_flags(flags):
    size = len(flags)
    last, first = last_at_or_before(np.array(flags, bool)), first_at_or_after(np.array(flags, bool))
    assert last.tolist() == [max([k for k in range(n + 1) if flags[k]], default=-1) for n in range(size)]
    assert first.tolist() == [min([k for k in range(n, size) if flags[k]], default=size) for n in range(size)]


@given(VALUES, st.integers(-35, 35), st.sampled_from([0.0, -1.0]))
def test_shifted(values, by, fill):
    expected = [values[n + by] if 0 <= n + by < len(values) else fill for n in range(len(values))]
    if by:
        assert shift_values(np.array(values, float), by, fill).tolist() == expected


MARKS = "\u00a9\u00bb\u203a|\u2022\u2192\u2026?!$\u20ac\u00a3:@"
PIECES = [
    "home",
    "share",
    "the",
    "quay",
    "lock",
    "0",
    "a_b",
    "\u00e9t\u00e9",
    "\u6e2f\u53e3",
    "\u0448\u043b\u044e\u0437",
    "\u0627\u0644",
    "\U0001f6a2",
    "-",
    ".",
    " ",
    "  ",
]
FOLDED = st.lists(
    st.one_of(
        st.lists(st.sampled_from([*PIECES, *MARKS]), max_size=9).map("".join),
        st.text(st.characters(exclude_characters="\n"), max_size=9),
    ),
    max_size=9,
)


def plain_tokens(line):
    """Runs of letters, digits and underscores, and the punctuation marks that count, one by one."""
    found, run = [], ""
    for mark in [*line, " "]:
        if mark.isalnum() or mark == "_":
            run += mark
            continue
        found += [run] * bool(run) + [mark] * (mark in MARKS)
        run = ""
    return found


@quick
@given(FOLDED)
def test_tokens(lines):
    tokens = tokenize(lines)
    assert isinstance(tokens, Tokens)
    assert [list(tokens.texts[a:b]) for a, b in zip(tokens.first, tokens.last, strict=True)] == [
        plain_tokens(line) for line in lines
    ]
    assert [tokens.texts[b] for b in tokens.last] == ["\n"] * len(lines)
    assert [tokens.texts[a - 1] for a in tokens.first] == ["\n"] * len(lines)


@st.composite
def vocabularies(draw):
    known = draw(st.lists(st.sampled_from([p for p in PIECES if p.strip(" .-")] + [*MARKS]), unique=True))
    ids = {"\n": 1, **{word: n for n, word in enumerate(known, 2)}}
    number = st.sampled_from(sorted(ids.values()))
    weight = st.integers(-(2**15), 2**15)
    pairs = draw(st.dictionaries(st.tuples(number, number), weight))
    return Vocabulary(
        ids=ids,
        single=np.array([0, 0, *draw(st.lists(weight, min_size=len(known), max_size=len(known)))]),
        pairs=np.array([left * PAIR_BASE + right for left, right in sorted(pairs)], np.int64),
        paired=np.array([pairs[pair] for pair in sorted(pairs)], np.int64),
        bias=draw(st.floats(-2, 2)),
    )


def plain_score(line, vocabulary):
    ids = [vocabulary.ids.get(word, 0) for word in plain_tokens(line)]
    weights = dict(zip(vocabulary.pairs.tolist(), vocabulary.paired.tolist(), strict=True))
    total = sum(vocabulary.single[n] for n in ids)
    ends = [1, *ids, 1]
    for left, right in pairwise(ends):
        if left and right:
            total += weights.get(left * PAIR_BASE + right, 0)
    return total * WEIGHT_UNIT / sqrt(len(ids) + 1) + vocabulary.bias, sum(n > 0 for n in ids) / max(1, len(ids))


@quick
@given(FOLDED, vocabularies())
def test_word_scores(lines, vocabulary):
    scores, known = word_scores(tokenize(lines), vocabulary)
    expected = [plain_score(line, vocabulary) for line in lines]
    np.testing.assert_allclose(scores, [score for score, _ in expected], **NEAR)
    np.testing.assert_allclose(known, [share for _, share in expected], **NEAR)


@pytest.mark.parametrize(
    ("line", "parts", "length", "known"),
    [
        ("home", 120 + 64 + 65, 1, 1),  # the first word and the last word of its line
        ("home lock", 120 + 64, 2, 1 / 2),  # the first word only: an unknown one comes last
        ("lock home", 120 + 65, 2, 1 / 2),
        ("the quay", -40 - 90 - 30, 2, 1),
        ("the lock quay", -40 - 90, 3, 2 / 3),  # no pair over an unknown word
        ("the - quay", -40 - 90 - 30, 2, 1),  # a dash is no word at all
        ("lock", 0, 1, 0),
        ("", 0, 0, 0),
        ("- .", 0, 0, 0),
    ],
)
def test_a_line_scores_its_words_its_pairs_and_its_ends(line, parts, length, known):
    for lines in ([line], ["share", line, "share"], [line, line]):
        scores, shares = word_scores(tokenize(lines), VOCABULARY)
        at = lines.index(line)
        assert scores[at] == pytest.approx(parts / 64 / sqrt(length + 1) + 0.25)
        assert shares[at] == pytest.approx(known)


def test_a_word_that_is_not_known_makes_no_pair():
    tokens = tokenize(["home lock", "lock"])
    ids = token_ids(tokens, VOCABULARY.ids)
    assert ids.tolist() == [1, 2, 0, 1, 0, 1]
    assert pair_ids(ids).tolist() == [PAIR_BASE + 2, 0, 0, 0, 0]


NAME_WORDS = ["menu", "site", "entry", "x"]
WEIGHTS = st.dictionaries(
    st.sampled_from([*NAME_WORDS, "<div>", "<p>", "site-menu", "menu-menu", "x-entry"]), st.floats(-4, 4)
)


@st.composite
def trees_of_blocks(draw):
    blocks = []
    for number in range(draw(st.integers(0, 25))):
        tokens = tuple(draw(st.lists(st.sampled_from(NAME_WORDS), max_size=3)))
        tag = draw(st.sampled_from(["div", "p", "nav"]))
        blocks.append(Block(tag, draw(st.integers(-1, number - 1)), 0, 1, tokens))
    return blocks


@quick
@given(trees_of_blocks(), WEIGHTS, WEIGHTS, st.floats(-2, 2))
def test_block_scores(blocks, own, around, bias):
    mine, whole = block_scores(blocks, NameWeights(own, around, bias))
    assert len(mine) == len(whole) == len(blocks)
    for block, one, all_of_it in zip(blocks, mine, whole, strict=True):
        alone = sum(own.get(word, 0.0) for word in block_names(block.tag, block.tokens))
        assert one == pytest.approx(alone, abs=1e-9)
        expected, counts, at = alone + bias, 1.0, block.parent
        while at >= 0:
            counts *= DECAY_PER_LEVEL
            expected += counts * sum(around.get(word, 0.0) for word in block_names(blocks[at].tag, blocks[at].tokens))
            at = blocks[at].parent
        assert all_of_it == pytest.approx(expected, abs=1e-9)


def test_a_block_is_called_by_its_tag_its_words_and_the_words_beside_each_other():
    assert block_names("div", ("site", "menu", "x")) == (
        "<div>", "site", "menu", "x", "site-menu", "menu-x",
    )  # fmt: skip
    assert block_names("p", ()) == ("<p>",)
    own, whole = block_scores([Block("nav", -1, 0, 1, ("site", "menu")), Block("p", 0, 0, 1, ("menu", "site"))], NAMES)
    assert own.tolist() == [13.0, 0.5]
    assert whole.tolist() == [pytest.approx(13.1), pytest.approx(0.5 + 0.85 * 1.5 + 0.1)]
