"""Worker processes for quality, which does not depend on the order of work."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Protocol, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


class Pool(Protocol):
    """Something that maps a function over work, in order."""

    def map(self, call: Callable[[Given], Made], todo: Iterable[Given], /) -> Iterable[Made]:
        """The results, in the order of the work."""


class Here:
    """Work in this process."""

    def map(self, call: Callable[[Given], Made], todo: Iterable[Given], /) -> Iterator[Made]:
        """The results, in the order of the work."""
        return map(call, todo)


class _Processes:
    def __init__(self, executor: ProcessPoolExecutor) -> None:
        self._executor = executor

    def map(self, call: Callable[[Given], Made], todo: Iterable[Given], /) -> Iterator[Made]:
        """The results, in the order of the work."""
        return self._executor.map(call, todo, chunksize=4)


@contextmanager
def workers(jobs: int) -> Iterator[Pool]:
    """A pool of processes; with one job, this process."""
    if jobs == 1:
        silence_peers()
        yield Here()
        return
    with ProcessPoolExecutor(jobs, initializer=silence_peers) as executor:
        yield _Processes(executor)


def silence_peers() -> None:
    """Turn off warnings and logs: peers report every odd page, and the tables count failures."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
