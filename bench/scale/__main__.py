"""``python -m bench.scale``: what 1e9 pages cost, from what is measured here; docs/scale.md explains."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.options import count, parser_of
from bench.scale import core, cost, counted, engines, memory, parent, shuffle, sizes
from bench.tables import Table, show
from bench.work import silence_peers

SECTIONS: dict[str, Callable[[argparse.Namespace], Iterator[Table]]] = {
    "cost": lambda options: cost.tables(options.data, options.part),
    "core": lambda options: core.tables(options.data, options.part),
    "bytes": lambda options: sizes.tables(options.data),
    "memory": lambda options: memory.tables(options.data),
    "parent": lambda options: parent.tables(options.data, options.part, options.below),
    "engines": lambda options: engines.tables(options.data, options.part, options.below),
    "count": lambda options: counted.tables(upto(options.keys), options.memory, options.below),
    "shuffle": lambda options: shuffle.tables(upto(options.shuffled), options.below),
}


def main() -> None:
    """Print the tables asked for."""
    options = _options()
    if not options.data.is_dir():
        raise SystemExit(f"no development data in {options.data}; --data names their folder (docs/benchmarks.md)")
    silence_peers()
    show((table for section in options.only for table in SECTIONS[section](options)), options.json)


def upto(most: int) -> list[int]:
    """Numbers of keys: a hundredth and a tenth of the most, from 100,000 on, and the most."""
    return [keys for keys in (most // 100, most // 10) if keys >= 100_000] + [most]


def _options() -> argparse.Namespace:
    parser = parser_of("python -m bench.scale", __doc__, SECTIONS)
    parser.add_argument("--part", type=count, default=4, metavar="N", help="one page in N, by hash (default: 4)")
    parser.add_argument("--keys", type=count, default=10_000_000, metavar="N", help="lines counted (default: 10000000)")
    parser.add_argument(
        "--shuffled", type=count, default=1_000_000, metavar="N", help="and shuffled (default: 1000000)"
    )
    parser.add_argument("--memory", type=count, default=64, metavar="MB", help="that counting may hold (default: 64)")
    parser.add_argument(
        "--below", type=Path, metavar="FOLDER", help="for some GB of files, on a disk (default: TMPDIR)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
