"""A bound on CPU time: how it is measured, and when it counts as exceeded."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from bench.tables import Table

#: A figure of more than this many times its bound counts as exceeded: machines and their load differ.
TOLERANCE = 4 / 3

#: How often a figure is measured before it counts as exceeded, since other processes disturb single measurements.
MAX_ATTEMPTS = 3

#: How often a call is timed; the least time counts.
ROUNDS = 4

#: Milliseconds of CPU time under which the ratio of two sizes depends on caches and the allocator, not on the work.
NEGLIGIBLE_MS = 30.0

Call = Callable[[], object]


class Figure(NamedTuple):
    """What was measured; ``where`` names the slowest part, where a bound covers several."""

    value: float
    where: str = ""


@dataclass(frozen=True, slots=True)
class TimeBound:
    """A figure of CPU time that must stay at or below ``at_most``.

    ``measure`` gives the figure in ``unit``: "ms", "s", or "times" for the ratio of two times.
    """

    name: str
    at_most: float
    unit: str
    measure: Callable[[], Figure]


def cpu_seconds(call: Call, rounds: int = ROUNDS) -> float:
    """Return the least CPU time of ``rounds`` calls, in seconds, after all garbage was collected."""
    gc.collect()
    return min(cpu_seconds_once(call) for _ in range(rounds))


def cpu_seconds_once(call: Call) -> float:
    """Return the CPU time of a call in seconds, measured without the garbage collector.

    The collector's runs depend on everything else that the process holds, so they would be charged to the wrong call.
    """
    gc.disable()
    try:
        start = time.process_time()
        call()
        return time.process_time() - start
    finally:
        gc.enable()


def duration(name: str, call: Call, *, at_most_ms: float) -> TimeBound:
    """A bound on the CPU milliseconds of one call."""
    return TimeBound(name, at_most_ms, "ms", lambda: Figure(cpu_seconds(call) * 1000))


def growth(name: str, prepare: Callable[[int], Call], size: int, *, at_most: float = 6.0, step: int = 4) -> TimeBound:
    """A bound on how many times longer an input of ``size`` takes than one of ``size // step``.

    ``prepare`` makes the input of a size and returns the call to time. Linear cost gives about ``step`` times,
    quadratic cost the square of ``step``. Where the larger input takes less than NEGLIGIBLE_MS, the figure is 0.
    """

    def measure() -> Figure:
        large = cpu_seconds(prepare(size))
        if large * 1000 < NEGLIGIBLE_MS:
            return Figure(0.0)
        return Figure(large / max(1e-6, cpu_seconds(prepare(size // step))))

    return TimeBound(name, at_most, "times", measure)


def measured(title: str, bounds: Iterable[TimeBound]) -> Table:
    """Measure bounds and return a table with one row for each; its ``exceeded`` names those that do not hold."""
    rows: dict[str, dict[str, object]] = {}
    exceeded = []
    for bound in bounds:
        figure = _least(bound)
        rows[bound.name] = {
            "measured": figure.value,
            "at most": bound.at_most,
            "unit": bound.unit,
            "of the bound": figure.value / bound.at_most,
            "slowest part": figure.where or None,
        }
        if figure.value > TOLERANCE * bound.at_most:
            part = f" ({figure.where})" if figure.where else ""
            exceeded.append(f"{title}: {bound.name}: {figure.value:.3g} {bound.unit}{part}, at most {bound.at_most:g}")
    return Table(f"CPU time: {title}", rows, exceeded=exceeded)


def _least(bound: TimeBound) -> Figure:
    """The least figure of some attempts, which end as soon as the bound holds."""
    best = Figure(float("inf"))
    for _ in range(MAX_ATTEMPTS):
        best = min(best, bound.measure())
        if best.value <= bound.at_most:
            break
    return best
