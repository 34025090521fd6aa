"""Runs of a command, measured from a process of their own that takes in every process the command leaves behind.

Workers are children of a fork server, and nobody waits for that when a run is over: CPU time that is read from the
command alone lacks all the work. Linux hands such orphans to the nearest process that asked for them; here that is
``python -m bench.runs.measured``, and when all have ended the kernel has added up their CPU time.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

#: Seconds between two samples of memory, which take some milliseconds each, and between two checks for an output.
_LOOK, _POLL = 0.2, 0.002

#: Seconds that processes may outlive their command.
_LINGER = 20.0

_PR_SET_CHILD_SUBREAPER = 36
_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Memory:
    """Most memory seen, in MB, of the first process, of the largest other one, and of all together.

    RSS counts shared memory in each process, PSS divides it among them; PSS is 0 on systems that have none.
    """

    parent: float = 0.0
    parent_pss: float = 0.0
    worker: float = 0.0
    worker_pss: float = 0.0
    together: float = 0.0


@dataclass(frozen=True, slots=True)
class Spent:
    """The cost of a command: seconds on the clock, CPU seconds of all its processes and of the first one alone.

    ``first`` are the seconds to its first output; None when not measured, or when there was none.
    ``stderr`` is the end of its standard error.
    """

    code: int
    seconds: float
    cpu: float
    parent_cpu: float
    memory: Memory = field(default_factory=Memory)
    first: float | None = None
    stderr: str = ""


def spent(command: Sequence[str], *, memory: bool = False, first: Path | None = None) -> Spent:
    """Run a command. ``memory`` looks at its memory meanwhile; ``first`` is the folder whose first file is awaited.

    Both take CPU time of the machine, though not of the command.
    """
    request = json.dumps({"command": list(command), "memory": memory, "first": str(first or "")})
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        measure = [sys.executable, "-m", "bench.runs.measured", request]
        done = subprocess.run(measure, stdout=subprocess.PIPE, stderr=output, text=True, check=False)  # noqa: S603 (ours)
        output.seek(0)
        last = output.read()[-2000:]
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} could not be measured:\n{last}")
    found: dict[str, Any] = json.loads(done.stdout)
    return Spent(**{**found, "memory": Memory(**found["memory"]), "stderr": last})


def _measure(command: Sequence[str], memory: bool, first: str) -> Spent:
    """Run a command as the only child of this process."""
    import resource  # noqa: PLC0415 (Windows has none)

    _adopt()
    begin = time.perf_counter()
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 (from our own caller)
    looking, awaiting = _Memory(running.pid), _First(Path(first), begin)
    watchers = [one for one, wanted in ((looking, memory), (awaiting, bool(first))) if wanted]
    for one in watchers:
        one.start()
    _, status, usage = os.wait4(running.pid, 0)
    seconds = time.perf_counter() - begin
    for one in watchers:
        one.end()
    _take_in()
    every = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu, parent_cpu = every.ru_utime + every.ru_stime, usage.ru_utime + usage.ru_stime
    return Spent(os.waitstatus_to_exitcode(status), seconds, cpu, parent_cpu, looking.most, awaiting.after)


class _Watcher(threading.Thread):
    """Calls ``look`` at intervals until it is ended."""

    def __init__(self, pause: float) -> None:
        super().__init__(daemon=True)
        self._pause, self._ended = pause, threading.Event()

    def run(self) -> None:
        while True:
            self.look()
            if self._ended.wait(self._pause):
                return

    def end(self) -> None:
        """Stop looking."""
        self._ended.set()
        self.join()

    def look(self) -> None:
        """Look once."""
        raise NotImplementedError


class _Memory(_Watcher):
    def __init__(self, parent: int) -> None:
        super().__init__(_LOOK)
        self._parent, self.most = parent, Memory()

    def look(self) -> None:
        """Sample the memory of each process of the command, and keep the largest values."""
        with suppress(psutil.Error):
            parent = psutil.Process(self._parent)
            first = _held(parent)
            others = [_held(one) for one in parent.children(recursive=True)] or [(0.0, 0.0)]
            pss = [own for _, own in others]
            now = (*first, max(rss for rss, _ in others), max(pss), first[1] + sum(pss))
            before = (getattr(self.most, name) for name in Memory.__slots__)
            self.most = Memory(*map(max, now, before))


def _held(process: psutil.Process) -> tuple[float, float]:
    """RSS and PSS of a process in MB; nothing when it has just ended."""
    try:
        found = process.memory_full_info()
    except psutil.Error:
        return 0.0, 0.0
    return found.rss / _MB, getattr(found, "pss", 0) / _MB


class _First(_Watcher):
    def __init__(self, folder: Path, begin: float) -> None:
        super().__init__(_POLL)
        self._folder, self._begin = folder, begin
        self.after: float | None = None

    def look(self) -> None:
        """Check whether an output file exists, and keep the time when the first one does."""
        if self.after is None and outputs(self._folder, most=1):
            self.after = time.perf_counter() - self._begin


def outputs(folder: Path, most: int | None = None) -> int:
    """How many pages have been written under their final names below a folder, counted up to ``most``."""
    found = 0
    for place, folders, files in os.walk(folder):
        folders[:] = [one for one in folders if not one.startswith((".", "_"))]  # reports, and work under way
        found += sum(1 for one in files if not (place == str(folder) and one.startswith((".", "_"))))
        if most is not None and found >= most:
            break
    return found


def _adopt() -> None:
    """Adopt the orphans of our children. Without it, on other systems than Linux, their CPU time is not counted."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _take_in() -> None:
    """Wait for all processes that the command left behind. Raises TimeoutError when one stays."""
    late = time.monotonic() + _LINGER
    with suppress(ChildProcessError):
        while time.monotonic() < late:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.005)
        raise TimeoutError(f"the command has left a process behind that does not end in {_LINGER:g} seconds")


if __name__ == "__main__":
    json.dump(asdict(_measure(**json.loads(sys.argv[1]))), sys.stdout)
