"""Bounds on CPU time: when one counts as exceeded, and what the command does then. No time is measured here."""

from __future__ import annotations

import pytest

from bench.tables import show
from bench.timed.bounds import MAX_ATTEMPTS, Figure, TimeBound, measured
from bench.timed.groups import GROUPS


def bound(*figures: float) -> TimeBound:
    """A bound of 10 ms whose attempts give these figures, one after the other."""
    return TimeBound("a call", 10.0, "ms", map(Figure, figures).__next__)


@pytest.mark.parametrize("figure", [0.0, 10.0, 13.3])
def test_a_figure_may_be_a_third_above_its_bound(figure: float) -> None:
    table = measured("calls", [bound(*[figure] * MAX_ATTEMPTS)])
    assert table.rows["a call"]["measured"] == figure
    assert table.exceeded == []


def test_a_higher_figure_is_named() -> None:
    assert measured("calls", [bound(*[14.0] * MAX_ATTEMPTS)]).exceeded == ["calls: a call: 14 ms, at most 10"]


def test_the_slowest_part_is_named() -> None:
    slow = TimeBound("a call", 10.0, "ms", lambda: Figure(20.0, "reading"))
    assert measured("calls", [slow]).exceeded == ["calls: a call: 20 ms (reading), at most 10"]


def test_the_least_of_some_attempts_counts() -> None:
    assert measured("calls", [bound(40.0, 9.0)]).rows["a call"]["measured"] == 9.0


def test_the_command_fails_when_a_bound_is_exceeded(capsys: pytest.CaptureFixture[str]) -> None:
    tables = [measured("calls", [bound(*[14.0] * MAX_ATTEMPTS)])]
    with pytest.raises(SystemExit, match="calls: a call: 14 ms, at most 10"):
        show(tables, None)
    assert "a call" in capsys.readouterr().out


@pytest.mark.parametrize("group", GROUPS)
def test_bounds_have_names_of_their_own(group: str) -> None:
    names = [bound.name for bound in GROUPS[group]()]
    assert names
    assert len(set(names)) == len(names)
