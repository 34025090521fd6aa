"""What one page may cost. The kernel enforces it, so that nothing a page does to our process gets around it."""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass

_MB = 1024 * 1024

#: Exit codes of a worker whose clock ran out.
_OUT_OF_TIME = frozenset({-getattr(signal, name, 0) for name in ("SIGPROF", "SIGALRM", "SIGXCPU")} - {0})


@dataclass(frozen=True, slots=True)
class Limits:
    """CPU seconds for a page and for each MB of it, and bytes of memory for a worker, over what it starts with.

    ``grace`` are the seconds on the clock that a worker may wait besides, for the disk and for its turn.
    """

    seconds: float = 10.0
    seconds_per_mb: float = 1.0
    memory: int = 2048 * _MB
    grace: float = 5.0

    def cpu(self, size: int) -> float:
        """CPU seconds that ``size`` bytes may take."""
        return self.seconds + self.seconds_per_mb * size / _MB

    def wall(self, size: int) -> float:
        """Seconds on the clock: more than CPU seconds, as a busy machine lets a worker wait."""
        return self.grace + 3 * self.cpu(size)


def begin(limits: Limits) -> None:
    """Limit the memory of this process; where the system cannot, nothing happens."""
    if sys.platform != "linux":  # elsewhere the limit is not kept, or there is none
        return
    import resource  # noqa: PLC0415 (Windows has none)

    with open("/proc/self/statm", encoding="ascii") as numbers:  # noqa: PTH123
        now = int(numbers.read().split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = now + limits.memory
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def start_clock(limits: Limits, size: int) -> None:
    """From now on this process ends when a page of ``size`` bytes takes more than it may."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, limits.cpu(size))
        signal.setitimer(signal.ITIMER_REAL, limits.wall(size))


def stop_clock() -> None:
    """The page is done."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def out_of_time(exit_code: int | None) -> bool:
    """Tell whether a process that ended so was ended by its clock."""
    return exit_code in _OUT_OF_TIME
