"""HTML made to be slow to read, and lines made to be slow to search for dates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

from bench.timed.bounds import TimeBound, duration, growth
from cleaner.lines.dates import find_timestamp
from cleaner.read import read_page

#: Elements of a page; the other one has a fourth as many.
SIZE = 16_000

#: HTML by its number of elements.
BOMBS: dict[str, Callable[[int], str]] = {
    "deep": lambda n: "<div class=a>" * n + "x",
    "deep names": lambda n: (
        "".join(f"<div class='a{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}'>" for i in range(n)) + "x"
    ),
    "deep lines": lambda n: "<div>x" * n,
    "deep inline": lambda n: "<p>" + "<b class=a>x<br>" * n,
    "inline names": lambda n: "<p>" + "<b class=a>x</b>" * n,
    "empty names": lambda n: "<p>" + "<b class=a></b>" * n + "x",
    "links": lambda n: "<p>" + "<a href=/>x</a>" * n,
    "unclosed links": lambda n: "<a class=b href=/>x" * n,
    "cells": lambda n: "<table><tr>" + "<td class=a>x" * n,
    "breaks": lambda n: "x<br>" * n,
    "deep lists": lambda n: "<ul><li>x" * n,
    "long class": lambda n: "<p class='" + "aB " * n + "'>x",
    "attributes": lambda n: "<p " + " ".join(f"a{i}=1" for i in range(n)) + ">x",
    "ampersands": lambda n: "<p>" + "&" * n,
    "opening": lambda n: "<!--" * n,
}

#: Lines of at most 160 characters, full of beginnings of dates.
DATES = ("1 " * 80, "1/1/" * 40, "may " * 40, "an " * 50, "1. 1. " * 26, "12:12:" * 26, "a " * 79 + "1")

#: Lines for one measurement.
COUNT = 200


def bounds() -> Iterator[TimeBound]:
    """Yield one bound per page and one per line."""
    for name, shape in BOMBS.items():
        yield growth(name, lambda n, shape=shape: _reading(shape(n)), SIZE, at_most=10.0)  # type: ignore[misc]
    for line in DATES:
        yield duration(f"dates in {line[:6]!r}", _dating(line[:156]), at_most_ms=50.0)


def _reading(page: str) -> Callable[[], object]:
    return lambda: read_page(page, kind="html")


def _dating(line: str) -> Callable[[], object]:
    numbers = count()  # no line twice, in all rounds: answers are cached
    return lambda: [find_timestamp(f"{line} {next(numbers)}") for _ in range(COUNT)]
