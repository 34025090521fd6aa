"""The catalogue of codes as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import indent

from cleaner.detectors import Rule
from cleaner.lines.display import shown


def catalogue(rules: Mapping[str, Rule], prefix: str = "") -> Iterator[str]:
    """Yield the lines of the catalogue, of codes that begin with ``prefix`` only."""
    for code in sorted(rules):
        if code.startswith(prefix):
            yield from _entry(rules[code])
            yield ""


def _entry(rule: Rule) -> Iterator[str]:
    yield f"{rule.code} {rule.name}"
    yield f"  This line {rule.why}."
    yield from _example("goes", rule.goes)
    yield from _example("stays", rule.stays)


def _example(word: str, example: str) -> Iterator[str]:
    rows = [shown(row) for row in example.split("\n")]
    yield f"  {word + ':':<7}{rows[0]}"
    if len(rows) > 1:
        yield from indent("\n".join(rows[1:]), " " * 9).split("\n")
