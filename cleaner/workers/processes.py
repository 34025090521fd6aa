"""A worker: a process that has a pipe of its own to the process that gives it work, and answers each order.

Nothing is shared between workers. Where they share a pipe and its locks, one that is killed while it holds them
stops all others.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import connection, spawn
from typing import Any

#: Seconds for a process to begin, on a busy machine; the first one waits until weights and phrases are loaded.
PATIENCE = 120.0

#: Starting a process asks all others for their exit codes, and each can be asked once: one thread at a time.
changing = threading.Lock()

#: What our processes are called.
NAME = "clean-scrape worker"

#: A process that ends before it has begun is started again, so many times in all.
ATTEMPTS = 4


class WorkerDiedError(Exception):
    """A worker ended before it answered, or was ended as it took too long: then ``late``."""

    def __init__(self, exit_code: int | None, late: bool) -> None:
        super().__init__(exit_code)
        self.exit_code, self.late = exit_code, late


class Worker:
    """A process that calls ``answer`` with each order; ``begin`` is called in it before the first.

    It ends after ``life`` orders, and another takes its place.
    """

    def __init__(self, begin: Callable[[], None], answer: Callable[[Any], Any], life: int) -> None:
        self._todo = (begin, answer)
        self._life = self._left = life
        self._process: Any = None
        self._pipe: Any = None
        self._closed = False

    def do(self, order: Any, seconds: float) -> Any:
        """The answer to an order.

        Raises WorkerDiedError, and OSError when no process can be started.
        """
        if self._process is None or self._left == 0:
            self._end()
            self._begun()
        self._left -= 1
        try:
            self._pipe.send(order)
            late = not connection.wait([self._pipe, self._process.sentinel], seconds)
            if not late:  # what it said before it ended is read, too
                return self._pipe.recv()
        except (EOFError, OSError):
            late = False
        raise WorkerDiedError(self._end(), late)

    def close(self) -> None:
        """End the process, whatever it does, and start none any more; for any thread."""
        self._closed = True
        process = self._process
        with suppress(OSError, ValueError, AttributeError):  # there is none, or it is gone
            if not connection.wait([process.sentinel], 0):
                os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    def _begun(self) -> None:
        """Start a process; more than once, as somebody may kill it meanwhile."""
        for _ in range(ATTEMPTS):
            self._start()
            with suppress(EOFError, OSError):
                if self._pipe.poll(PATIENCE):
                    self._pipe.recv()
                    self._left = self._life
                    return
            code = self._end()
        raise OSError(f"a process ended before its first page, with exit code {code}")

    def _start(self) -> None:
        with changing:
            if self._closed:
                raise OSError("no work is taken any more")
            starting = context()
            self._pipe, theirs = starting.Pipe()
            try:
                self._process = starting.Process(target=_serve, args=(theirs, *self._todo), name=NAME, daemon=True)
                self._process.start()
            except EOFError as error:  # the process that forks them is gone
                raise OSError("a process could not be forked") from error
            finally:
                theirs.close()
        if self._closed:  # meanwhile
            self.close()

    def _end(self) -> int | None:
        """End the process; its exit code."""
        if self._process is None:
            return None
        process, self._process = self._process, None
        self._pipe.close()
        connection.wait([process.sentinel], 0.1)  # it is mostly gone, and its own exit code tells why
        with changing:
            if process.exitcode is None:
                process.kill()
                process.join()
            return process.exitcode  # type: ignore[no-any-return]


def _forget_server() -> None:
    """In a process that was forked from this one: the server that forks our workers is not its child."""
    from multiprocessing import forkserver  # noqa: PLC0415 (Windows has none)

    forkserver._forkserver.__init__()  # type: ignore[misc]


if hasattr(os, "register_at_fork"):  # engines fork processes after a worker was started
    os.register_at_fork(after_in_child=_forget_server)

_told = spawn.get_preparation_data


def _without_main(name: str) -> dict[str, Any]:
    """What a process is told before it begins; ours are not told which program they work for.

    They would run it from its first line: a script that asks for work there starts over in each of them.
    """
    told = _told(name)
    return {key: told[key] for key in told if name != NAME or not key.startswith("init_main")}


def context() -> Any:
    """How worker processes are started."""
    spawn.get_preparation_data = _without_main
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["cleaner.corpus.warm"])
    return found


def end_with_parent() -> None:
    """End this process when the one that started it is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(parent: int) -> None:
    with suppress(OSError):
        connection.wait([parent])
    os._exit(1)


def _serve(pipe: Any, begin: Callable[[], None], answer: Callable[[Any], Any]) -> None:
    """Be a worker, until nobody gives orders any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; who gave the orders ends us
    end_with_parent()
    begin()
    with suppress(EOFError, OSError):
        pipe.send(None)
        while True:
            found = answer(pipe.recv())
            try:
                pipe.send(found)
            except MemoryError:
                pipe.send(None)
