"""The catalogue of codes as text, and a description of each family of codes."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from textwrap import indent

from cleaner.detectors import Rule
from cleaner.detectors.run import detectors
from cleaner.lines.display import make_visible

#: Families of codes that no detector brings.
_OTHER_FAMILIES = {"LM": "the learned score", "NB": "lines that other lines leave over", "SY": "the page as a whole"}

# Linear: two letters and a colon, then up to the first character that ends a clause.
_FAMILY_DOCSTRING = re.compile(r"([A-Z]{2}): ([^,.;:\n]+)")


def describe_families() -> Mapping[str, str]:
    """A description of each family of codes in a few words, by the two letters with which its codes begin.

    The words are the beginning of the docstring of the module that holds the detectors of the family.
    """
    names: dict[str, str] = {}
    for detector in detectors():
        module = sys.modules.get(detector.module)
        docstring = _FAMILY_DOCSTRING.match((module.__doc__ if module else None) or "")
        for family in {rule.code[:2] for rule in detector.rules}:
            if docstring and docstring[1] == family:
                names.setdefault(family, docstring[2])
    return names | _OTHER_FAMILIES


def catalogue(rules: Mapping[str, Rule], prefix: str = "") -> Iterator[str]:
    """Yield the lines of the catalogue, limited to codes that begin with ``prefix``."""
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
    rows = [make_visible(row) for row in example.split("\n")]
    yield f"  {word + ':':<7}{rows[0]}"
    if len(rows) > 1:
        yield from indent("\n".join(rows[1:]), " " * 9).split("\n")
