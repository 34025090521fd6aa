"""Worker processes, each with a pipe of its own to the process that sends it requests.

Nothing is shared between workers. If they shared a pipe and its locks, one that is killed while it holds a lock would
stop all others.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import connection
from typing import Any

from cleaner.workers.multiprocessing_patches import WORKER_NAME, leave_out_main

#: How long a process may take to start on a busy machine. The first one waits until weights and phrases are loaded.
START_SECONDS = 120.0

#: Held while a process is started or ended. Starting one asks all others for their exit codes, and each can be asked
#: only once.
process_lock = threading.Lock()

#: How long a process that is about to end may take. Its own exit code shows why it ended; that of a kill does not.
END_SECONDS = 2.0

#: How often a process is started in all when it ends before its first request.
START_ATTEMPTS = 4


class WorkerDiedError(Exception):
    """A worker ended before it answered. ``timed_out`` is True when it was ended because it took too long."""

    def __init__(self, exit_code: int | None, timed_out: bool) -> None:
        super().__init__(exit_code)
        self.exit_code, self.timed_out = exit_code, timed_out


class Worker:
    """A process that calls ``answer`` with each request, and ``prepare`` before the first.

    It ends after ``max_requests`` requests, and another process takes its place.
    """

    def __init__(self, prepare: Callable[[], None], answer: Callable[[Any], Any], max_requests: int) -> None:
        self._functions = (prepare, answer)
        self._max_requests = self._left = max_requests
        self._process: Any = None
        self._pipe: Any = None
        self._closed = False

    def request(self, request: Any, seconds: float) -> Any:
        """Send a request and return the answer, or end the process when there is none after ``seconds``.

        Raises WorkerDiedError, and OSError when no process can be started.
        """
        if self._process is None or self._left == 0:
            self._end()
            self._start_process()
        self._left -= 1
        try:
            self._pipe.send(request)
            timed_out = not connection.wait([self._pipe, self._process.sentinel], seconds)
            if not timed_out:  # an answer that it sent before it ended is read
                return self._pipe.recv()
        except (EOFError, OSError):
            timed_out = False
        raise WorkerDiedError(self._end(0 if timed_out else END_SECONDS), timed_out)

    def close(self) -> None:
        """End the process, whatever it is doing, and start no other. May be called from any thread."""
        self._closed = True
        process = self._process
        with suppress(OSError, ValueError, AttributeError):  # there is none, or it is gone
            if not connection.wait([process.sentinel], 0):
                os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    def _start_process(self) -> None:
        """Start a process and wait for it; try again when it is killed meanwhile."""
        for _ in range(START_ATTEMPTS):
            self._fork()
            with suppress(EOFError, OSError):
                if self._pipe.poll(START_SECONDS):
                    self._pipe.recv()
                    self._left = self._max_requests
                    return
            code = self._end()
        raise OSError(f"a process ended before its first page, with exit code {code}")

    def _fork(self) -> None:
        with process_lock:
            if self._closed:
                raise OSError("the pool is closed")
            starting = worker_context()
            self._pipe, theirs = starting.Pipe()
            try:
                self._process = starting.Process(
                    target=_serve, args=(theirs, *self._functions), name=WORKER_NAME, daemon=True
                )
                self._process.start()
            except EOFError as error:  # the fork server is gone
                raise OSError("a process could not be forked") from error
            finally:
                theirs.close()
        if self._closed:  # by another thread, in the meantime
            self.close()

    def _end(self, seconds: float = END_SECONDS) -> int | None:
        """Return the exit code of the process, and kill it when it has not ended by itself after ``seconds``."""
        if self._process is None:
            return None
        process, self._process = self._process, None
        self._pipe.close()
        connection.wait([process.sentinel], seconds)
        with process_lock:
            if process.exitcode is None:
                process.kill()
                process.join()
            return process.exitcode  # type: ignore[no-any-return]


def worker_context() -> Any:
    """Return how worker processes are started: by a fork server that has loaded what all need, where there is one."""
    leave_out_main()
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["cleaner.corpus.warm"])
    return found


def end_with_parent() -> None:
    """End this process as soon as the one that started it has ended, for whatever reason."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_exit_after, args=(parent.sentinel,), daemon=True).start()


def _exit_after(parent: int) -> None:
    with suppress(OSError):
        connection.wait([parent])
    os._exit(1)


def _serve(pipe: Any, prepare: Callable[[], None], answer: Callable[[Any], Any]) -> None:
    """Answer requests until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends this process
    end_with_parent()
    prepare()
    with suppress(EOFError, OSError):
        pipe.send(None)
        while True:
            found = answer(pipe.recv())
            try:
                pipe.send(found)
            except MemoryError:
                pipe.send(None)
