"""Limits on the time and memory that one page may take, enforced by the kernel, so that no page gets around them."""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass

_MB = 1024 * 1024

#: Exit codes of a worker that was ended by its clock.
_OUT_OF_TIME = frozenset({-getattr(signal, name, 0) for name in ("SIGPROF", "SIGALRM", "SIGXCPU")} - {0})


@dataclass(frozen=True, slots=True)
class Limits:
    """CPU seconds for a page and for each MB of it, and bytes of memory for a worker beyond what it starts with.

    ``grace`` are additional seconds of wall-clock time, for the disk and for other processes.
    """

    seconds: float = 10.0
    seconds_per_mb: float = 1.0
    memory: int = 2048 * _MB
    grace: float = 5.0

    def cpu(self, size: int) -> float:
        """Return the CPU seconds that a page of ``size`` bytes may take."""
        return self.seconds + self.seconds_per_mb * size / _MB

    def wall(self, size: int) -> float:
        """Return the wall-clock seconds that it may take. On a busy machine they are more than the CPU seconds."""
        return self.grace + 3 * self.cpu(size)


def limit_memory(limits: Limits) -> None:
    """Limit the memory of this process. On systems other than Linux this does nothing."""
    if sys.platform != "linux":  # elsewhere the limit has no effect, or does not exist
        return
    import resource  # noqa: PLC0415 (Windows has none)

    with open("/proc/self/statm", encoding="ascii") as numbers:  # noqa: PTH123
        now = int(numbers.read().split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = now + limits.memory
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def start_clock(limits: Limits, size: int) -> None:
    """End this process as soon as it takes longer, from now on, than a page of ``size`` bytes may take."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, limits.cpu(size))
        signal.setitimer(signal.ITIMER_REAL, limits.wall(size))


def stop_clock() -> None:
    """Stop the clock: the page is finished in time."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def is_out_of_time(exit_code: int | None) -> bool:
    """Return True when a process with this exit code was ended by its clock."""
    return exit_code in _OUT_OF_TIME
