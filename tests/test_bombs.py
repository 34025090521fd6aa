"""Inputs made to be slow: twice the bomb takes twice the time, in each stage, and none is slower than a floor.

CLEAN_SCRAPE_SOAK=1 takes lines of a million characters, and all large pages of the shared bench.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import cleaner
from cleaner.errors import UnreadableError
from cleaner.report.rows import page_row
from tests import bombs
from tests.timing import cpu_seconds

SOAK = os.environ.get("CLEAN_SCRAPE_SOAK") == "1"

#: Characters of a bomb; the other one is twice as long.
SIZE = 1_000_000 if SOAK else 200_000

#: Seconds under which nobody looks at ratios, which caches and pages of memory make there: 400 kB in 30 ms are 13 MB/s.
FLOOR = 0.1 if SOAK else 0.03

#: The most that a bomb of twice the size may take, in times of the other, and the least speed in MB/s.
RATIO, SPEED = 2.5, 5.0

#: Times that a ratio too high is measured before it counts: other processes come and go.
TRIES = 3

#: Large pages, each cleaned in a process of its own, and those that are left to soaking.
LARGE = ("empty_lines_5m", "short_lines_1m_html", "text_12mb", "near_dupes_50k", "attrs_1m")
SOAKED = (
    *("attr_12mb", "tags_1m", "links_200k", "lt_10mb", "amp_5mb", "openers", "data_uri_20mb", "base64_text"),
    *("table_200k", "one_line_20mb", "one_line_20mb_txt", "short_lines_1m", "same_line_300k", "empty_lines_5m_html"),
)

#: CPU seconds that a page may take, and those for each of its megabytes; bytes that its process may have.
SECONDS, SECONDS_A_MB, MEMORY = 10, 1, 1_500_000_000

BENCH = bombs.hostile()
ABSENT = f"no {bombs.HOSTILE}: set CLEAN_SCRAPE_SHARED to the folder that holds bench/"
Cleaning = Callable[[bytes], Iterator[tuple[str, bombs.Stage]]]


def once(call: bombs.Stage) -> float:
    """Seconds that a stage takes, at one look; the garbage collector, which looks at all that tests hold, rests."""
    gc.disable()
    try:
        start = time.process_time()
        call()
        return time.process_time() - start
    finally:
        gc.enable()


def slow(of: Cleaning, small: bytes, large: bytes, speed: float) -> list[str]:
    """The stages that are slow: not linear from ``small`` to ``large``, which is twice as long, or under ``speed``."""
    found = []
    known: dict[str, bombs.Stage] = {}
    for name, call in of(large):
        seconds = once(call)
        if seconds < FLOOR:
            continue
        known = known or dict(of(small))
        for _ in range(TRIES):
            seconds = min(seconds, once(call))
            half = cpu_seconds(known[name], 2)
            if seconds <= RATIO * half and len(large) / 1e6 >= speed * seconds:
                break
        else:
            found.append(f"{name}: {seconds / half:.2f} times, {len(large) / 1e6 / seconds:.1f} MB/s")
    return found


def line_bombs() -> list[object]:
    """The names of all bombs of one line."""
    return [
        *bombs.LINES,
        *(BENCH.line_bombs(10) if BENCH else [pytest.param("", marks=pytest.mark.skip(reason=ABSENT))]),
    ]


def line_of(bomb: str, size: int) -> str:
    """A bomb of about that many characters."""
    if bomb in bombs.LINES:
        return bombs.LINES[bomb](size)
    assert BENCH is not None
    line: str = BENCH.line_bombs(size)[bomb]
    return line


@pytest.mark.parametrize("bomb", line_bombs())
def test_a_line_takes_linear_time(bomb: str) -> None:
    small, large = (line_of(bomb, size) for size in (SIZE, 2 * SIZE))
    assert slow(bombs.cleaning, bombs.as_text(small), bombs.as_text(large), SPEED) == []
    assert slow(bombs.stages, bombs.as_text(small), bombs.as_text(large), SPEED) == []
    assert slow(bombs.cleaning, bombs.as_html(small), bombs.as_html(large), SPEED) == []


@pytest.mark.parametrize("bomb", bombs.STRUCTURES)
def test_a_structure_takes_linear_time(bomb: str) -> None:
    small, large = (bombs.as_markup(bombs.STRUCTURES[bomb](size)) for size in (SIZE, 2 * SIZE))
    assert slow(bombs.cleaning, small, large, 0.0) == []


def pages(*, large: bool) -> list[object]:
    """The pages of the shared bench that are small enough to be cleaned here, or ``large`` ones."""
    if BENCH is None:
        return [pytest.param(None, marks=pytest.mark.skip(reason=ABSENT))]
    wanted = [c for c in BENCH.CASES.values() if c.group in ("pages", "text", "encoding", "binary") and not c.big]
    heavy = {*LARGE, *SOAKED}
    chosen = [c for c in wanted if (c.name in heavy) == large and (SOAK or c.name not in SOAKED)]
    return [pytest.param(case, id=case.name) for case in chosen]


@pytest.mark.parametrize("case", pages(large=False))
def test_a_bad_page_keeps_its_text(case) -> None:  # type: ignore[no-untyped-def]
    data = case.make()
    if case.want == "bad":
        with pytest.raises(UnreadableError):
            cleaner.clean(data)
        return
    try:
        cleaned = cleaner.clean(data)
    except UnreadableError:
        assert case.want == "any"
        return
    body = page_row(cleaned)[1].decode("utf-8", "replace")
    assert [word for word in case.keep if word not in cleaned.text] == []
    assert [word for word in case.never if word in body] == []


@pytest.mark.skipif(
    sys.platform == "win32", reason="limits of memory are set by the module resource, which is not here"
)
@pytest.mark.parametrize("case", pages(large=True))
def test_a_large_page_has_its_limits(case, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    data = case.make()
    (tmp_path / "page").write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(tmp_path / "page"), *case.keep], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["lost"] == []
    assert seen["seconds"] <= SECONDS + SECONDS_A_MB * len(data) / 1e6
    assert seen["memory"] <= MEMORY


#: What the process of a large page does.
ALONE = """
import json, resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
import cleaner
from cleaner.report.rows import page_row, to_json
cleaner.clean("<p>one</p>")
cleaner.clean("one")
data = open(sys.argv[1], "rb").read()
start = time.process_time()
row, body, _ = page_row(cleaner.clean(data))
to_json(row)
seconds = time.process_time() - start
unit = 1 if sys.platform == "darwin" else 1024
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
lost = [word for word in sys.argv[2:] if word.encode() not in body]
print(json.dumps({"lost": lost, "seconds": seconds, "memory": memory}))
"""
