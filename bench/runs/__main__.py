"""``python -m bench.runs``: what whole runs cost, side by side; docs/benchmarks.md explains.

Pages a second beside a peer, overhead of the runner, memory, time to the first output, a second run.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.options import count, parser_of
from bench.runs import corpora, memory, speed
from bench.runs.corpora import Corpus
from bench.tables import Table, show
from cleaner.workers.pool import count_usable_cores


class Inputs:
    """The inputs of all sections, each made when it is first asked for."""

    def __init__(self, options: argparse.Namespace, below: Path) -> None:
        self.options, self.below = options, below
        self._made: dict[str, tuple[Corpus, ...]] = {}

    def as_it_is(self) -> tuple[Corpus, ...]:
        """Development pages as they were fetched."""
        return self._once("as it is", lambda: (corpora.development(self.options.data, self.options.part, self.below),))

    def small(self) -> tuple[Corpus, ...]:
        """Pages of 10 KB: HTML, text, JSONL.zst."""
        return self._once("small", lambda: corpora.small(self.options.data, self.options.small, self.below))

    def _once(self, name: str, make: Callable[[], tuple[Corpus, ...]]) -> tuple[Corpus, ...]:
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]


def _speed(given: Inputs) -> Iterator[Table]:
    jobs = sorted({1, 2, count_usable_cores()})
    yield speed.throughput([*given.as_it_is(), *given.small()], jobs, given.options.rounds, given.below)


def _overhead(given: Inputs) -> Iterator[Table]:
    yield speed.overhead(given.small(), given.options.rounds, given.below)


def _first(given: Inputs) -> Iterator[Table]:
    yield speed.first([*given.as_it_is(), *given.small()[:2]], given.options.rounds, given.below)


def _again(given: Inputs) -> Iterator[Table]:
    yield speed.again([*given.as_it_is(), *given.small()], 2, given.below)


SECTIONS: dict[str, Callable[[Inputs], Iterator[Table]]] = {
    "speed": _speed,
    "overhead": _overhead,
    "first": _first,
    "again": _again,
    "memory": lambda given: iter(memory.tables(given.options.memory, 2, given.below)),
}


def main() -> None:
    """Print the tables asked for."""
    options = _options()
    if not options.data.is_dir():
        raise SystemExit(f"no development data in {options.data}; --data names their folder (docs/benchmarks.md)")
    print(f"{count_usable_cores()} cores\n")
    with tempfile.TemporaryDirectory(prefix="bench-runs-") as below:
        given = Inputs(options, Path(below))
        show((table for section in options.only for table in SECTIONS[section](given)), options.json)


def _options() -> argparse.Namespace:
    parser = parser_of("python -m bench.runs", __doc__, SECTIONS)
    parser.add_argument("--part", type=count, default=4, metavar="N", help="one HTML page in N (default: 4)")
    parser.add_argument("--small", type=count, default=600, metavar="N", help="pages of 10 KB (default: 600)")
    parser.add_argument("--memory", type=count, default=10_000, metavar="N", help="short pages (default: 10000)")
    parser.add_argument("--rounds", type=count, default=3, metavar="N", help="of which the median counts (default: 3)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
