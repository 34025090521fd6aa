"""Work on many items at once: results in the order of the items, whatever happens to a worker."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from cleaner.errors import CleanScrapeError
from cleaner.workers import limits as limiting
from cleaner.workers.limits import Limits
from cleaner.workers.processes import Worker, WorkerDiedError

#: Items go to a worker in batches of so many, or of so many bytes: handing over one takes as long as cleaning 1 KB.
BATCH, BATCH_BYTES = 16, 256 * 1024

#: Batches under way for each worker: enough that none waits for a slow one, few enough to bound memory.
WINDOW, WINDOW_BYTES = 12, 48 * 1024 * 1024

#: A worker ends after so many batches: every tag and attribute name that a page makes up stays in libxml2 for ever.
LIFE = 125

#: An item whose worker dies is tried alone, so often: others may kill a worker, too.
TRIES = 2

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
    """Worker processes that share no threads, no files and no pipes with each other.

    A worker that dies, hangs or runs out of memory costs the item that did it, after that was tried alone.
    ``size`` tells how many bytes an item has to read. Raises OSError when no process can be started.
    """

    def __init__(
        self,
        function: Callable[[Item], Result],
        jobs: int,
        limits: Limits,
        size: Callable[[Item], int] = _small,
    ) -> None:
        self._work = partial(limiting.limit_memory, limits), partial(_batch_done, function, limits, size)
        self._jobs, self._limits, self._size = jobs, limits, size
        self._orders: SimpleQueue[_Order | None] = SimpleQueue()
        self._workers: list[tuple[Worker, threading.Thread]] = []

    def __enter__(self) -> Pool[Item, Result]:
        return self

    def __exit__(self, *error: object) -> None:
        for worker, _ in self._workers:
            worker.close()
            self._orders.put(None)
        until = time.monotonic() + 1  # one that is just being started ends with this process
        for _, thread in self._workers:
            thread.join(max(0, until - time.monotonic()))

    def ordered(self, items: Iterable[Item]) -> Iterator[tuple[Item, Result | Failure]]:
        """Yield each item with its result, in the order of the items."""
        waiting: deque[_Order] = deque()
        under_way = 0
        for batch, size in _batches(items, self._size, self._jobs):
            waiting.append(self._ordered(batch, size))
            under_way += size
            while len(waiting) >= WINDOW * self._jobs or (under_way > WINDOW_BYTES and len(waiting) > 1):
                under_way -= waiting[0].size
                yield from waiting.popleft().done()
        while waiting:
            yield from waiting.popleft().done()

    def one(self, item: Item) -> Result | Failure:
        """The result of a single item, now."""
        ((_, result),) = self._ordered([item], self._size(item)).done()
        return result  # type: ignore[no-any-return]

    def _ordered(self, batch: list[Item], size: int) -> _Order:
        if len(self._workers) < self._jobs:  # no more workers are started than there is work for
            worker = Worker(*self._work, LIFE)
            thread = threading.Thread(target=self._serve, args=(worker,), daemon=True)
            self._workers.append((worker, thread))
            thread.start()
        order = _Order(batch, size, Future())
        self._orders.put(order)
        return order

    def _serve(self, worker: Worker) -> None:
        """Hand orders to a worker, and what it answers to who waits for it."""
        while order := self._orders.get():
            try:
                order.results.set_result(self._results(worker, order))
            except Exception as error:
                order.results.set_exception(error)

    def _results(self, worker: Worker, order: _Order) -> list[Any]:
        try:
            # The clocks in the worker are the true limit. This one is for systems that have none.
            found = worker.do(order.batch, self._limits.wall(order.size) + len(order.batch))
        except WorkerDiedError:
            found = None
        # Which item did it shows when each is tried alone.
        return [self._alone(worker, item) for item in order.batch] if found is None else found

    def _alone(self, worker: Worker, item: Item) -> Any:
        size = self._size(item)
        for _ in range(TRIES):
            try:
                found = worker.do([item], self._limits.wall(size) + 1)
            except WorkerDiedError as error:
                if error.late or limiting.is_out_of_time(error.exit_code):
                    return Failure("time-budget", f"took more than {self._limits.cpu(size):g} seconds of CPU time")
            else:
                return _failure(MemoryError()) if found is None else found[0]
        return Failure(
            "worker-died", "its worker process died each time over it; the page may be crafted to crash a parser"
        )


def within(
    limits: Limits | None,
    function: Callable[[Item], Result],
    items: Iterable[Item],
    size: Callable[[Item], int],
    jobs: int = 1,
) -> Iterator[tuple[Item, Result | Failure]]:
    """Yield each item with its result, in order, from workers within ``limits``; without limits, from this process."""
    if limits is None:
        yield from ordered(function, items, 1)
        return
    with Pool(function, jobs, limits, size) as pool:
        yield from pool.ordered(items)


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    """A batch of items, how many bytes they have to read, and what will come of them."""

    batch: list[Any]
    size: int
    results: Future[list[Any]]

    def done(self) -> Iterator[tuple[Any, Any]]:
        try:
            results = self.results.result()
        except OSError as error:
            message = f"worker processes cannot be started ({error}); fewer --jobs need less memory and fewer files"
            raise OSError(message) from error
        yield from zip(self.batch, results, strict=True)


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


def _batch_done(
    function: Callable[[Item], Result], limits: Limits, size: Callable[[Item], int], batch: list[Item]
) -> list[Result | Failure]:
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


def _failure(error: Exception) -> Failure:
    if isinstance(error, CleanScrapeError):
        return Failure(error.reason, message_of(error))
    if isinstance(error, MemoryError):
        return Failure("memory", "needs more memory than a worker may have")
    return Failure("internal", f"{type(error).__name__}: {error}; please report this page")
