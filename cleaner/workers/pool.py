"""A pool of worker processes: results come in the order of the items, whatever happens to a worker."""

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

#: Most items, and most bytes, of a batch that is sent to a worker: sending one item takes as long as cleaning 1 KB.
MAX_BATCH_ITEMS, MAX_BATCH_BYTES = 16, 256 * 1024

#: Batches that are sent or finished but not yet given back, for each worker, and their bytes for all workers: enough
#: that no worker waits for a slow one, few enough to bound memory.
BATCHES_PER_WORKER, MAX_PENDING_BYTES = 12, 48 * 1024 * 1024

#: A process ends after this number of batches, since libxml2 never frees the tag and attribute names that pages
#: invent.
BATCHES_PER_PROCESS = 125

#: How often an item whose worker died is tried alone. Its worker may have died over another item, or been killed.
ATTEMPTS_ALONE = 2

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an item gave no result: a short stable reason, and a message for people."""

    reason: str
    message: str


def message_without_source(error: CleanScrapeError) -> str:
    """Return the message of an error without the name of its source, for places that show the name before it."""
    return str(error).removeprefix(error.source).lstrip(": ")


def count_usable_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def map_in_order(
    function: Callable[[ItemT], ResultT], items: Iterable[ItemT], jobs: int = 1, limits: Limits | None = None
) -> Iterator[tuple[ItemT, ResultT | Failure]]:
    """Yield each item with its result, in order: from worker processes, or with one job and no limits from this one."""
    if jobs > 1 or limits:
        with WorkerPool(function, jobs, limits or Limits()) as pool:
            yield from pool.map(items)
        return
    for item in items:
        yield item, _call(function, item)


def _size_of(item: object) -> int:
    return getattr(item, "size", 0)


class WorkerPool(Generic[ItemT, ResultT]):
    """Worker processes that share no threads, no files and no pipes with each other.

    When a worker dies, hangs or runs out of memory, only the item that caused it has a Failure as its result, after it
    was tried alone. Where items have a ``size``, it is how many bytes there are to read. Raises OSError when no process
    can be started.
    """

    def __init__(self, function: Callable[[ItemT], ResultT], jobs: int, limits: Limits) -> None:
        self._work = partial(limiting.limit_memory, limits), partial(_process_batch, function, limits)
        self._jobs, self._limits = jobs, limits
        self._queue: SimpleQueue[_Batch | None] = SimpleQueue()
        self._workers: list[tuple[Worker, threading.Thread]] = []

    def __enter__(self) -> WorkerPool[ItemT, ResultT]:
        return self

    def __exit__(self, *error: object) -> None:
        for worker, _ in self._workers:
            worker.close()
            self._queue.put(None)
        until = time.monotonic() + 1  # one that is just being started ends with this process
        for _, thread in self._workers:
            thread.join(max(0, until - time.monotonic()))

    def map(self, items: Iterable[ItemT]) -> Iterator[tuple[ItemT, ResultT | Failure]]:
        """Yield each item with its result, in the order of the items."""
        waiting: deque[_Batch] = deque()
        pending, most = 0, BATCHES_PER_WORKER * self._jobs
        for batch, size in _batches(items, self._jobs):
            waiting.append(self._submit(batch, size))
            pending += size
            while len(waiting) >= most or (pending > MAX_PENDING_BYTES and len(waiting) > 1):
                pending -= waiting[0].size
                yield from waiting.popleft().wait()
        while waiting:
            yield from waiting.popleft().wait()

    def run_one(self, item: ItemT) -> ResultT | Failure:
        """Return the result of a single item, after the batches that were sent before."""
        ((_, result),) = self._submit([item], _size_of(item)).wait()
        return result  # type: ignore[no-any-return]

    def _submit(self, items: list[ItemT], size: int) -> _Batch:
        if len(self._workers) < self._jobs:  # no more workers than there are batches
            worker = Worker(*self._work, BATCHES_PER_PROCESS)
            thread = threading.Thread(target=self._serve, args=(worker,), daemon=True)
            self._workers.append((worker, thread))
            thread.start()
        batch = _Batch(items, size, Future())
        self._queue.put(batch)
        return batch

    def _serve(self, worker: Worker) -> None:
        """Send batches to a worker, and hand its answers to the thread that waits for them."""
        while batch := self._queue.get():
            try:
                batch.results.set_result(self._results(worker, batch))
            except Exception as error:
                batch.results.set_exception(error)

    def _results(self, worker: Worker, batch: _Batch) -> list[Any]:
        try:
            # The clocks in the worker are the limit that counts. This one is for systems that have none.
            found = worker.request(batch.items, self._limits.wall(batch.size) + len(batch.items))
        except WorkerDiedError:
            found = None
        # Trying each item alone shows which one caused it.
        return [self._alone(worker, item) for item in batch.items] if found is None else found

    def _alone(self, worker: Worker, item: ItemT) -> Any:
        size = _size_of(item)
        for _ in range(ATTEMPTS_ALONE):
            try:
                found = worker.request([item], self._limits.wall(size) + 1)
            except WorkerDiedError as error:
                if error.timed_out or limiting.is_out_of_time(error.exit_code):
                    return Failure("time-budget", f"took more than {self._limits.cpu(size):g} seconds of CPU time")
            else:
                return _failure(MemoryError()) if found is None else found[0]
        return Failure(
            "worker-died", "its worker process died each time over it; the page may be crafted to crash a parser"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """A batch of items, how many bytes they have to read, and their future results."""

    items: list[Any]
    size: int
    results: Future[list[Any]]

    def wait(self) -> Iterator[tuple[Any, Any]]:
        try:
            results = self.results.result()
        except OSError as error:
            message = f"worker processes cannot be started ({error}); fewer --jobs need less memory and fewer files"
            raise OSError(message) from error
        yield from zip(self.items, results, strict=True)


def _batches(items: Iterable[ItemT], jobs: int) -> Iterator[tuple[list[ItemT], int]]:
    """Yield items in batches that grow from one item on, so that a few items already give work to all workers."""
    batch: list[ItemT] = []
    filled = number = 0
    for item in items:
        bytes_of = _size_of(item)
        if batch and (len(batch) >= min(MAX_BATCH_ITEMS, 1 << number // jobs) or filled + bytes_of > MAX_BATCH_BYTES):
            yield batch, filled
            batch, filled, number = [], 0, min(number + 1, jobs * MAX_BATCH_ITEMS)
        batch.append(item)
        filled += bytes_of
    if batch:
        yield batch, filled


def _process_batch(function: Callable[[ItemT], ResultT], limits: Limits, batch: list[ItemT]) -> list[ResultT | Failure]:
    results = []
    for item in batch:
        limiting.start_clock(limits, _size_of(item))
        try:
            results.append(_call(function, item))
        finally:
            limiting.stop_clock()
    return results


def _call(function: Callable[[ItemT], ResultT], item: ItemT) -> ResultT | Failure:
    try:
        return function(item)
    except Exception as error:
        return _failure(error)


def _failure(error: Exception) -> Failure:
    if isinstance(error, CleanScrapeError):
        return Failure(error.reason, message_without_source(error))
    if isinstance(error, MemoryError):
        return Failure("memory", "needs more memory than a worker may have")
    return Failure("internal", f"{type(error).__name__}: {error}; please report this page")
