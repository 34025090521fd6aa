"""``python -m bench.scale``: what 1e9 pages cost, from what is measured here; docs/scale.md explains."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

from bench.options import count, parser_of
from bench.scale import cost
from bench.tables import Table, show
from bench.work import quiet

SECTIONS: dict[str, Callable[[argparse.Namespace], Iterator[Table]]] = {
    "cost": lambda options: cost.tables(options.data, options.part),
}


def main() -> None:
    """Print the tables asked for."""
    options = _options()
    if not options.data.is_dir():
        raise SystemExit(f"no development data in {options.data}; --data names their folder (docs/benchmarks.md)")
    quiet()
    show((table for section in options.only for table in SECTIONS[section](options)), options.json)


def _options() -> argparse.Namespace:
    parser = parser_of("python -m bench.scale", __doc__, SECTIONS)
    parser.add_argument("--part", type=count, default=4, metavar="N", help="one page in N, by hash (default: 4)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
