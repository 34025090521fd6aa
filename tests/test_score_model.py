"""The trees of the learned scorer against walking them one by one."""

from __future__ import annotations

import random
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.score.model import ensemble as model
from cleaner.score.model.ensemble import MAX_ABS_FEATURE, PARTS_PER_UNIT, ROWS_AT_ONCE, Trees, quantize
from tests.score_pages import grown, quick

FEATURES = 5
TABLES = st.lists(st.lists(st.integers(-7, 7), min_size=FEATURES, max_size=FEATURES), max_size=25)


def leaf_of(trees: Trees, root: int, row: list[int]) -> int:
    node = root
    while trees.left[node] != node:
        node = int(trees.left[node] if row[trees.feature[node]] <= trees.cut[node] else trees.right[node])
    return node


def walked(trees: Trees, row: list[int]) -> float:
    return sum(int(trees.value[leaf_of(trees, root, row)]) for root in trees.roots.tolist()) / PARTS_PER_UNIT


def as_table(rows: list[list[int]]) -> model.FeatureTable:
    return np.array(rows, np.int32).reshape(-1, FEATURES)


@quick
@given(st.integers(0, 2**32), st.integers(1, 9), TABLES, st.integers(1, 30))
def test_log_odds_are_those_of_the_leaves(seed, count, rows, piece):
    trees = grown(random.Random(seed), count, FEATURES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "ROWS_AT_ONCE", piece)
        assert trees.log_odds(as_table(rows)).tolist() == [walked(trees, row) for row in rows]


@pytest.mark.parametrize("size", [0, 1, ROWS_AT_ONCE - 1, ROWS_AT_ONCE, ROWS_AT_ONCE + 1, 2 * ROWS_AT_ONCE + 3])
def test_tables_longer_than_a_piece(size):
    pick = random.Random(size)
    trees = grown(pick, 7, FEATURES)
    rows = [[pick.randint(-7, 7) for _ in range(FEATURES)] for _ in range(size)]
    assert trees.log_odds(as_table(rows)).tolist() == [walked(trees, row) for row in rows]


def test_a_table_that_lies_otherwise_in_memory_is_the_same_table():
    pick = random.Random(3)
    trees = grown(pick, 7, FEATURES)
    rows = as_table([[pick.randint(-7, 7) for _ in range(FEATURES)] for _ in range(40)])
    for other in (np.asfortranarray(rows), np.repeat(rows, 2, axis=0)[::2]):
        np.testing.assert_array_equal(trees.log_odds(other), trees.log_odds(rows))


def test_a_value_at_the_cut_goes_left():
    flat = [np.array(values, np.int32) for values in ([0], [0, 0, 0], [4, 0, 0], [1, 1, 2], [2, 1, 2], [0, -512, 1024])]
    trees = Trees(flat[0], 1, *flat[1:])
    assert trees.log_odds(np.array([[3], [4], [5]], np.int32)).tolist() == [-0.5, -0.5, 1.0]


def test_sums_do_not_run_over():
    most = np.int32(2**31 - 1)
    trees = Trees(np.zeros(9, np.int32), 0, *[np.zeros(1, np.int32)] * 4, np.array([most], np.int32))
    assert trees.log_odds(np.zeros((2, 1), np.int32)).tolist() == [9 * int(most) / PARTS_PER_UNIT] * 2


@quick
@given(st.integers(0, 2**32), st.integers(1, 9), st.lists(st.integers(-7, 7), min_size=FEATURES, max_size=FEATURES))
def test_contributions_add_up_to_the_log_odds_without_the_roots(seed, count, row):
    trees = grown(random.Random(seed), count, FEATURES)
    parts = trees.contributions(np.array(row, np.int32))
    assert set(parts) <= set(range(FEATURES))
    roots = sum(trees.value[trees.roots].tolist()) / PARTS_PER_UNIT
    assert sum(parts.values()) == walked(trees, row) - roots  # exact: all are parts of PARTS_PER_UNIT
    for feature, value in parts.items():
        assert value == sum(step for at, step in steps(trees, row) if at == feature) / PARTS_PER_UNIT


def steps(trees: Trees, row: list[int]):
    """Each feature asked on the way down, and by how much the value changed."""
    for root in trees.roots.tolist():
        node = root
        while trees.left[node] != node:
            child = int(trees.left[node] if row[trees.feature[node]] <= trees.cut[node] else trees.right[node])
            yield int(trees.feature[node]), int(trees.value[child]) - int(trees.value[node])
            node = child


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, 0),
        (1.0, PARTS_PER_UNIT),
        (-2.5, -2.5 * PARTS_PER_UNIT),
        (0.4 / PARTS_PER_UNIT, 0),
        (0.6 / PARTS_PER_UNIT, 1),
        (-0.6 / PARTS_PER_UNIT, -1),
        (0.5 / PARTS_PER_UNIT, 0),  # halves go to the even number
        (1.5 / PARTS_PER_UNIT, 2),
        (MAX_ABS_FEATURE, MAX_ABS_FEATURE * PARTS_PER_UNIT),
        (MAX_ABS_FEATURE + 1, MAX_ABS_FEATURE * PARTS_PER_UNIT),
        (-1e300, -MAX_ABS_FEATURE * PARTS_PER_UNIT),
        (float("inf"), MAX_ABS_FEATURE * PARTS_PER_UNIT),
        (float("-inf"), -MAX_ABS_FEATURE * PARTS_PER_UNIT),
        (float("nan"), 0),
    ],
)
def test_features_in_whole_numbers(value, expected):
    made = quantize(np.array([[value]]))
    assert made.dtype == np.int32
    assert made.tolist() == [[expected]]


@quick
@given(st.lists(st.floats(width=64), max_size=20))
def test_whole_numbers_are_the_nearest(values):
    for value, made in zip(values, quantize(np.array(values, float)).tolist(), strict=True):
        held = 0.0 if isnan(value) else max(-MAX_ABS_FEATURE, min(MAX_ABS_FEATURE, value))
        assert made == round(held * PARTS_PER_UNIT)
