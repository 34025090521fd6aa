"""Work on many inputs at once: results in the order of the inputs, whatever happens to a worker."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, TypeVar

from cleaner.errors import CleanScrapeError

#: Seconds that one input may take in a worker.
TIME_BUDGET = 60.0

#: Inputs under way for each worker: enough that none waits for a slow one, few enough to bound memory.
WINDOW = 32

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an input gave no result: a short stable reason, and a message for people."""

    reason: str
    message: str


def message_of(error: CleanScrapeError) -> str:
    """What an error says about its source, without the name of it, which is shown before."""
    return str(error).removeprefix(error.source).lstrip(": ")


def usable_cores() -> int:
    """The number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def ordered(
    function: Callable[[Item], Result], items: Iterable[Item], jobs: int, budget: float = TIME_BUDGET
) -> Iterator[tuple[Item, Result | Failure]]:
    """Yield each item with its result, in order.

    With one job the work is done in this process, without a time budget; with more, a worker that dies
    or overruns costs its own item only.
    """
    if jobs > 1:
        yield from _pooled(function, items, jobs, budget)
        return
    for item in items:
        yield item, _outcome(lambda item=item: function(item))  # type: ignore[misc]


def _pooled(
    function: Callable[[Item], Result], items: Iterable[Item], jobs: int, budget: float
) -> Iterator[tuple[Item, Result | Failure]]:
    from pebble import ProcessPool  # noqa: PLC0415 (60 ms that a hook need not pay)

    rest = iter(items)
    first = list(islice(rest, jobs))  # a machine of many cores starts no more workers than there are items
    pool: Any = ProcessPool(max_workers=max(1, len(first)), context=_context())
    waiting: deque[tuple[Item, Any]] = deque()
    try:
        for item in chain(first, rest):
            waiting.append((item, _scheduled(pool, function, item, budget)))
            if len(waiting) >= WINDOW * jobs:
                done, future = waiting.popleft()
                yield done, _outcome(future.result, budget)
        while waiting:
            done, future = waiting.popleft()
            yield done, _outcome(future.result, budget)
        pool.close()
    finally:
        # After a clean close this does nothing; else (Ctrl-C, disk full) it ends the workers.
        pool.stop()
        pool.join()


def _scheduled(pool: Any, function: Callable[[Item], Result], item: Item, budget: float) -> Any:
    try:
        return pool.schedule(function, args=(item,), timeout=budget)
    except RuntimeError as error:  # pebble's word for a pool that could not be started
        raise OSError(f"worker processes cannot be started ({error.__cause__ or error}); try --jobs 1") from error


def _context() -> Any:
    """Workers that share no threads and no open files with this process."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["cleaner.corpus.run"])
    return context


def _outcome(call: Callable[[], Result], budget: float = TIME_BUDGET) -> Result | Failure:
    try:
        return call()
    except CleanScrapeError as error:
        return Failure(error.reason, message_of(error))
    except TimeoutError:
        return Failure("time-budget", f"took more than {budget:g} seconds")
    except MemoryError:
        return Failure("memory", "needs more memory than there is")
    except Exception as error:
        if type(error).__name__ == "ProcessExpired":
            return Failure("worker-died", "its worker process died; the page may be crafted to crash a parser")
        return Failure("internal", f"{type(error).__name__}: {error}; please report this page")
