"""What workers of tests do besides their work; apart from the tests, as each worker imports it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from cleaner.corpus.task import CleanedItem, CleanOrder, CleanTask, Unchanged, process_task, read_item
from cleaner.errors import UnreadableError
from cleaner.workers.limits import Limits

#: Stands in a page, with the name of a poison behind it.
MARK = b"poison: "


class Short(Limits):
    """Limits that let a hanging page go soon."""

    __slots__ = ()

    def wall(self, size: int) -> float:
        """Seconds on the clock."""
        return 2.0 + 0 * size


def slowly(task: CleanTask, order: CleanOrder) -> CleanedItem | Unchanged:
    """Take a moment over each page."""
    time.sleep(0.04)
    return process_task(task, order)


def slowly_noted(task: CleanTask, order: CleanOrder) -> CleanedItem | Unchanged:
    """Do the same, and write before it one more character to a file named after this process."""
    with Path(os.environ["TEST_NOTES"], str(os.getpid())).open("a") as notes:
        notes.write(".")
    return slowly(task, order)


def poisoned(task: CleanTask, order: CleanOrder) -> CleanedItem | Unchanged:
    """Do to this process what the page says."""
    head = read_item(task.item)[:400]
    if MARK in head:
        POISONS[head.partition(MARK)[2].split(b";")[0].decode()]()
    return process_task(task, order)


def gentle(item: str) -> str:
    """Fail as the item says, in a way that leaves the process alive."""
    if item == "typed":
        raise UnreadableError("is a picture", source="a", reason="binary")
    if item == "memory":
        raise MemoryError
    if item == "bug":
        raise KeyError("x")
    if item.startswith("slow"):
        time.sleep(0.05)
    return item.upper()


def _memory() -> None:
    held = []
    while True:
        held.append(bytes(64 * 2**20))  # never touched, which would take seconds on a busy machine


def _spin() -> None:
    while True:
        pass


def _raise() -> None:
    raise KeyError("poison")


#: The five that end at once or are ended by their clock, and two ways to hang: at work, and asleep.
POISONS: dict[str, Callable[[], object]] = {
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "segv": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "memory": _memory,
    "exit": lambda: os._exit(0),
    "raise": _raise,
    "spin": _spin,
    "sleep": lambda: time.sleep(3600),
}
