"""``python -m bench``: what the product reaches on development pages, beside its peers; docs/benchmarks.md explains.

Quality on HTML and on text, out-of-fold figures from the model card, speed, growth with page size, start, and bounds
on CPU time ("timed"); the exit code is 1 when one of these bounds is exceeded by more than a third.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

from bench import folds, growth, quality, sites, speed, text
from bench.options import count, parser_of
from bench.peers import missing
from bench.tables import Table, show
from bench.timed import groups
from bench.work import silence_peers, workers


def main() -> None:
    """Print the tables asked for."""
    options = _options()
    if not options.data.is_dir() and set(options.only) - WITHOUT_DATA:
        raise SystemExit(f"no development data in {options.data}; --data names their folder (docs/benchmarks.md)")
    for name in missing():
        print(f"{name} is not installed and left out: pip install 'clean-scrape[bench]'\n")
    silence_peers()
    show((table for section in options.only for table in SECTIONS[section](options)), options.json)


def _quality(options: argparse.Namespace) -> Iterator[Table]:
    with workers(options.jobs) as pool:
        yield from quality.tables(options.data, options.part, pool)


def _text(options: argparse.Namespace) -> Iterator[Table]:
    with workers(options.jobs) as pool:
        yield from text.tables(options.data, options.part, pool)


def _sites(options: argparse.Namespace) -> Iterator[Table]:
    with workers(options.jobs) as pool:
        yield from sites.tables(options.data, options.part, pool)


SECTIONS: dict[str, Callable[[argparse.Namespace], Iterator[Table]]] = {
    "quality": _quality,
    "text": _text,
    "sites": _sites,
    "folds": lambda _: iter(folds.tables()),
    "speed": lambda options: iter(speed.tables(options.data, options.part)),
    "growth": lambda _: iter(growth.tables()),
    "start": lambda _: iter(growth.start_tables()),
    "timed": lambda _: groups.tables(),
}

#: Sections that need no development data.
WITHOUT_DATA = {"folds", "growth", "start", "timed"}


def _options() -> argparse.Namespace:
    parser = parser_of("python -m bench", __doc__, SECTIONS)
    parser.add_argument("--part", type=count, default=1, metavar="N", help="one page in N, by hash of its name")
    parser.add_argument("--jobs", type=count, default=2, help="processes for quality; speed takes one (default: 2)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
