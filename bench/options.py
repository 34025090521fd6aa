"""Options that the benchmarks share."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection
from pathlib import Path


def parser_of(prog: str, description: str | None, sections: Collection[str]) -> argparse.ArgumentParser:
    """A parser with --data, --only and --json."""
    parser = argparse.ArgumentParser(
        prog=prog, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the development data")
    names = ", ".join(sections)
    parser.add_argument("--only", type=_among(sections), default=[*sections], metavar="NAME,..", help=names)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    return parser


def count(text: str) -> int:
    """A number from 1 on."""
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{number} is no count: 1 or more")
    return number


def _among(sections: Collection[str]) -> Callable[[str], list[str]]:
    def named(text: str) -> list[str]:
        names = text.split(",")
        if unknown := [name for name in names if name not in sections]:
            raise argparse.ArgumentTypeError(f"no section {', '.join(unknown)}; there are {', '.join(sections)}")
        return names

    return named
