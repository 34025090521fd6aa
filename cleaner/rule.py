"""The record of a code: what it means, and the examples that prove it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A code and what it means.

    ``name`` reads as "allow <name>". ``why`` completes "this line ...". ``goes`` is a small page in which the code
    fires on the lines that begin with "> " (anywhere, when none does) and ``stays`` a near miss on which it must not;
    both are HTML when they begin with "<". ``weight`` in log-odds counts as long as no weight was measured; without it
    such a code weighs the mean of its kind, or nothing when it ``keeps``: when it is evidence for keeping a line.
    """

    code: str
    name: str
    why: str
    goes: str
    stays: str
    weight: float = 0.0
    keeps: bool = False
