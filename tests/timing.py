"""CPU time of a call, steady enough to compare two sizes of input."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

#: How often a call is timed.
ROUNDS = 4


def cpu_seconds(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The least CPU time of some rounds, without the garbage collector.

    Its runs depend on everything else that the test process holds, so they would be charged to the wrong size.
    """
    best = float("inf")
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            start = time.process_time()
            call()
            best = min(best, time.process_time() - start)
    finally:
        gc.enable()
    return best
