"""``python -m bench.timed``: measure CPU time against its bounds; the exit code is 1 when one is exceeded.

The groups are measured on inputs made here, without any data; docs/benchmarks.md explains the figures.
"""

from __future__ import annotations

from bench.options import parser_of
from bench.tables import show
from bench.timed.groups import GROUPS, tables
from bench.work import silence_peers


def main() -> None:
    """Print the tables asked for."""
    options = parser_of("python -m bench.timed", __doc__, GROUPS).parse_args()
    silence_peers()
    show(tables(options.only), options.json)


if __name__ == "__main__":
    main()
