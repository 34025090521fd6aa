"""Pages made to be slow: each stage of cleaning takes linear time on them, and large ones have a limit."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.timed import shapes
from bench.timed.bounds import NEGLIGIBLE_MS, Figure, TimeBound, cpu_seconds, cpu_seconds_once
from bench.timed.stages import Stage, cleaning, line_stages

#: Characters of an input; the other one has half as many.
SIZE = 400_000

#: The most that a stage may take for an input, in times of what it takes for half of it; and its least speed.
MAX_RATIO, MIN_MB_PER_SECOND = 2.5, 5.0

#: Large pages of the shared bad inputs.
LARGE = ("empty_lines_5m", "short_lines_1m_html", "text_12mb", "near_dupes_50k", "attrs_1m")

#: CPU seconds that a page may take, and those for each of its megabytes.
PAGE_SECONDS, SECONDS_PER_MB = 10.0, 1.0

Stages = Callable[[bytes], Iterator[tuple[str, Stage]]]


def line_bounds() -> Iterator[TimeBound]:
    """Yield the bounds on pages with one long line: all stages on text, and reading, cleaning, reporting of HTML."""
    for name, small, large in _lines():
        yield linear_stages(f"{name}, text", _all_stages, (shapes.as_text(small), shapes.as_text(large)))
        yield linear_stages(f"{name}, html", cleaning, (shapes.as_html(small), shapes.as_html(large)))


def structure_bounds() -> Iterator[TimeBound]:
    """Yield the bounds on HTML of odd structure."""
    for name, shape in shapes.STRUCTURES.items():
        yield linear_structure(name, cleaning, shape, SIZE)


def large_bounds() -> Iterator[TimeBound]:
    """Yield the bounds on large pages, each cleaned in a process of its own; none without the shared bad inputs."""
    module = shapes.hostile()
    for name in LARGE if module else ():
        case = module.CASES[name]  # type: ignore[union-attr]
        yield TimeBound(name, 1.0, "times the limit", lambda case=case: _page_figure(case.make()))  # type: ignore[misc]


def linear_structure(name: str, stages: Stages, shape: Callable[[int], str], size: int) -> TimeBound:
    """A bound on the stages for HTML whose structure is made by size; its speed is not bounded."""
    small, large = (shapes.as_markup(shape(n)) for n in (size // 2, size))
    return linear_stages(name, stages, (small, large), min_mb_per_second=0.0)


def linear_stages(
    name: str, stages: Stages, pages: tuple[bytes, bytes], *, min_mb_per_second: float = MIN_MB_PER_SECOND
) -> TimeBound:
    """A bound on all stages for a page and for one twice as long: linear growth, and a least speed.

    The figure is the worst of all stages, in times of what is allowed. Stages under NEGLIGIBLE_MS are not compared.
    """
    small, large = pages

    def measure() -> Figure:
        worst = Figure(0.0)
        small_stages: dict[str, Stage] = {}
        for stage, call in stages(large):
            seconds = cpu_seconds_once(call)
            if seconds * 1000 < NEGLIGIBLE_MS:
                continue
            small_stages = small_stages or dict(stages(small))
            seconds = min(seconds, cpu_seconds_once(call))
            ratio, speed = seconds / cpu_seconds(small_stages[stage], 2), len(large) / 1e6 / seconds
            share = max(ratio / MAX_RATIO, min_mb_per_second / speed)
            worst = max(worst, Figure(share, f"{stage}: {ratio:.2f} times, {speed:.1f} MB/s"))
        return worst

    return TimeBound(name, 1.0, "times what is allowed", measure)


def _all_stages(data: bytes) -> Iterator[tuple[str, Stage]]:
    yield from cleaning(data)
    yield from line_stages(data)


def _lines() -> Iterator[tuple[str, str, str]]:
    """Yield the name of each long line, with the line at half of SIZE and at SIZE."""
    for name, line in shapes.LINES.items():
        yield name, line(SIZE // 2), line(SIZE)
    if module := shapes.hostile():
        small, large = (module.line_bombs(size) for size in (SIZE // 2, SIZE))
        for name in large:
            yield name, small[name], large[name]


def _page_figure(data: bytes) -> Figure:
    """CPU time of cleaning and reporting a page in a fresh process, in times of its limit."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page")
        path.write_bytes(data)
        command = [sys.executable, "-c", ALONE, str(path)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own code
    seconds = float(output)
    return Figure(seconds / (PAGE_SECONDS + SECONDS_PER_MB * len(data) / 1e6), f"{seconds:.1f} s")


#: What the process of a large page does.
ALONE = """
import sys, time
import cleaner
from cleaner.report.rows import page_row, to_json
cleaner.clean("<p>one</p>")
cleaner.clean("one")
data = open(sys.argv[1], "rb").read()
start = time.process_time()
to_json(page_row(cleaner.clean(data))[0])
print(time.process_time() - start)
"""
