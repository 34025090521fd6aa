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
        quiet()
        yield Here()
        return
    with ProcessPoolExecutor(jobs, initializer=quiet) as executor:
        yield _Processes(executor)


def quiet() -> None:
    """Peers report every odd page; the tables count what failed."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
