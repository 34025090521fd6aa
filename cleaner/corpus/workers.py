"""Work on many items at once: results in the order of the items, whatever happens to a worker."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import connection
from typing import Any, Generic, TypeVar

from cleaner.corpus import limits as limiting
from cleaner.corpus.limits import Limits
from cleaner.errors import CleanScrapeError

#: Items go to a worker in batches of so many, or of so many bytes: handing over one takes as long as cleaning 1 KB.
BATCH, BATCH_BYTES = 16, 256 * 1024

#: Batches under way for each worker: enough that none waits for a slow one, few enough to bound memory.
WINDOW, WINDOW_BYTES = 12, 48 * 1024 * 1024

#: A worker ends after so many batches: every tag and attribute name that a page makes up stays in libxml2 for ever.
LIFE = 125

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an item gave no result: a short stable reason, and a message for people."""

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
    function: Callable[[Item], Result], items: Iterable[Item], jobs: int, limits: Limits | None = None
) -> Iterator[tuple[Item, Result | Failure]]:
    """Yield each item with its result, in order; with one job in this process, without limits."""
    if jobs > 1:
        with Pool(function, jobs, limits or Limits()) as pool:
            yield from pool.ordered(items)
        return
    for item in items:
        yield item, _outcome(function, item)


def _small(_item: object) -> int:
    return 0


class Pool(Generic[Item, Result]):
    """Worker processes that share no threads and no open files with this one.

    A worker that dies, hangs or runs out of memory costs the item that did it, after that was tried once more alone.
    ``size`` tells how many bytes an item has to read. Raises OSError when no process can be started.
    """

    def __init__(
        self,
        function: Callable[[Item], Result],
        jobs: int,
        limits: Limits,
        size: Callable[[Item], int] = _small,
    ) -> None:
        self._begin = (function, limits, size)
        self._jobs, self._limits, self._size = jobs, limits, size
        self._pool: Any = None

    def __enter__(self) -> Pool[Item, Result]:
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()

    def ordered(self, items: Iterable[Item]) -> Iterator[tuple[Item, Result | Failure]]:
        """Yield each item with its result, in the order of the items."""
        waiting: deque[tuple[list[Item], int, Any]] = deque()
        under_way = 0
        batches = _batches(items, self._size, self._jobs)
        first = list(islice(batches, self._jobs))  # no more workers are started than there is work for
        for batch, size in chain(first, batches):
            waiting.append((batch, size, self._schedule(batch, size, len(first))))
            under_way += size
            while len(waiting) >= WINDOW * self._jobs or (under_way > WINDOW_BYTES and len(waiting) > 1):
                under_way -= waiting[0][1]
                yield from self._done(*waiting.popleft())
        while waiting:
            yield from self._done(*waiting.popleft())

    def one(self, item: Item) -> Result | Failure:
        """The result of a single item, now."""
        return next(iter(self._done([item], 0, self._schedule([item], self._size(item), 1))))[1]

    def _schedule(self, batch: list[Item], size: int, workers: int) -> Any:
        if self._pool is None:
            self._pool = _started(max(1, min(workers, self._jobs)), self._begin)
        try:
            # The clocks in the worker are the true limit. This one is for systems that have none.
            return self._pool.schedule(_batch_done, args=(batch,), timeout=self._limits.wall(size) + len(batch))
        except RuntimeError as error:  # pebble's word for a pool that could not be started
            raise _not_started(error.__cause__ or error) from error

    def _done(self, batch: list[Item], _size: int, future: Any) -> Iterator[tuple[Item, Result | Failure]]:
        try:
            results = future.result()
        except BrokenProcessPool as error:
            raise _not_started(error) from error
        except Exception:  # its worker died or hung; which item did it shows when each is tried alone
            for item in batch:
                yield item, self._alone(item)
            return
        yield from zip(batch, results, strict=True)

    def _alone(self, item: Item) -> Result | Failure:
        size = self._size(item)
        try:
            (result,) = self._schedule([item], size, 1).result()
        except BrokenProcessPool as error:
            raise _not_started(error) from error
        except Exception as error:
            return _failure(error, self._limits.cpu(size))
        else:
            return result  # type: ignore[no-any-return]


def _not_started(error: BaseException) -> OSError:
    return OSError(f"worker processes cannot be started ({error}); fewer --jobs need less memory and fewer files")


def _batches(items: Iterable[Item], size: Callable[[Item], int], jobs: int) -> Iterator[tuple[list[Item], int]]:
    """Items in batches that grow, so that few items, too, give work to all workers."""
    batch: list[Item] = []
    filled = number = 0
    for item in items:
        bytes_of = size(item)
        if batch and (len(batch) >= min(BATCH, 1 << number // jobs) or filled + bytes_of > BATCH_BYTES):
            yield batch, filled
            batch, filled, number = [], 0, min(number + 1, jobs * BATCH)
        batch.append(item)
        filled += bytes_of
    if batch:
        yield batch, filled


def _started(workers: int, begin: tuple[Any, ...]) -> Any:
    from pebble import CONSTS, ProcessPool  # noqa: PLC0415 (60 ms that a hook need not pay)

    CONSTS.term_timeout = 1  # a worker that does not end by itself is killed after so many seconds
    return ProcessPool(max_workers=workers, max_tasks=LIFE, initializer=_begin, initargs=begin, context=context())


def context() -> Any:
    """How worker processes are started."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["cleaner.corpus.warm"])
    return found


#: What this process does, when it is a worker: set once, before its first item.
_work: list[tuple[Callable[[Any], Any], Limits, Callable[[Any], int]]] = []


def _begin(function: Callable[[Any], Any], limits: Limits, size: Callable[[Any], int]) -> None:
    """Make this process a worker."""
    _work[:] = [(function, limits, size)]
    end_with_parent()
    limiting.begin(limits)


def end_with_parent() -> None:
    """End this process when the one that started it is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(parent: int) -> None:
    with suppress(OSError):
        connection.wait([parent])
    os._exit(1)


def _batch_done(batch: list[Any]) -> list[Any]:
    ((function, limits, size),) = _work
    results = []
    for item in batch:
        limiting.start_clock(limits, size(item))
        try:
            results.append(_outcome(function, item))
        finally:
            limiting.stop_clock()
    return results


def _outcome(function: Callable[[Item], Result], item: Item) -> Result | Failure:
    try:
        return function(item)
    except Exception as error:
        return _failure(error)


def _failure(error: Exception, budget: float = 0) -> Failure:
    if isinstance(error, CleanScrapeError):
        return Failure(error.reason, message_of(error))
    if isinstance(error, MemoryError):
        return Failure("memory", "needs more memory than a worker may have")
    if isinstance(error, TimeoutError) or limiting.out_of_time(getattr(error, "exitcode", None)):
        return Failure("time-budget", f"took more than {budget:g} seconds of CPU time")
    if type(error).__name__ == "ProcessExpired":
        return Failure(
            "worker-died", "its worker process died twice over it; the page may be crafted to crash a parser"
        )
    return Failure("internal", f"{type(error).__name__}: {error}; please report this page")
