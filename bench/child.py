"""``python -m bench.child start | html MB | text MB``: what is measured in a process of its own; prints JSON.

Memory, because a process never gives it back; starting, because everything is loaded once only.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cleaner.records import Kind


def start() -> dict[str, float]:
    """Seconds for ``import cleaner`` and the first page."""
    wall, cpu = time.perf_counter(), time.process_time()
    import cleaner  # noqa: PLC0415 - its import is what is timed

    imported = time.perf_counter()
    cleaner.clean(
        b"<html><body><nav><a href='/'>Home</a></nav><p>The vote is on Monday, said the mayor.</p></body></html>"
    )
    return {
        "import": imported - wall,
        "first page": time.perf_counter() - imported,
        "both": time.perf_counter() - wall,
        "both, CPU": time.process_time() - cpu,
    }


def size(kind: str, megabytes: float) -> dict[str, float]:
    """CPU seconds for one generated page, those of parsing it with lxml, and peak memory in MB."""
    from bench import ours  # noqa: PLC0415 - not for what start() times
    from bench.speed import parse  # noqa: PLC0415
    from bench.synthetic import page  # noqa: PLC0415

    known: Kind = "text" if kind == "text" else "html"
    ours.clean(page(known, 10_000), kind=known)
    data = page(known, round(megabytes * 1e6))
    before = peak()
    # Small pages are repeated: the clock of CPU time is coarse.
    rounds = max(1, round(0.5 / megabytes))
    begin = time.process_time()
    for _ in range(rounds):
        ours.clean(data, kind=known)
    spent = (time.process_time() - begin) / rounds
    after = peak()
    begin = time.process_time()
    for _ in range(rounds):
        parse(data)
    parsed = (time.process_time() - begin) / rounds
    return {"bytes": len(data), "seconds": spent, "parsing": parsed, "peak": after, "before": before}


def peak() -> float:
    """The most memory that this process has held, in MB."""
    status = Path("/proc/self/status")
    if status.is_file():
        # getrusage() would count what the parent held when it started this process.
        line = next(line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    import resource  # noqa: PLC0415 - not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    json.dump(start() if sys.argv[1] == "start" else size(sys.argv[1], float(sys.argv[2])), sys.stdout)
