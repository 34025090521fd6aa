"""The record of a code: what it means, and the examples that prove it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A code and what it means.

    ``code`` is two capitals for the family and three digits: the kind of evidence (1 words, 2 shape of the line,
    3 markup, 4 place on the page, 5 other pages), then two that number the codes of this kind. For words the last digit
    is 1 for a phrase that is the whole line and 2 for one in a longer line.
    ``name`` reads as "allow <name>". ``why`` completes "this line ...". ``goes`` is a small page in which the code
    fires on the lines that begin with "> " (anywhere, when none does) and ``stays`` a near miss on which it must not;
    both are HTML when they begin with "<".

    The others are for codes that need them. ``weight`` in log-odds counts as long as no weight was measured; without it
    such a code weighs the mean of its kind, or nothing when it ``keeps``: when it is evidence for keeping a line.
    ``resembles`` is the code by which the model names lines like these (LM101 to LM107; "" for LM109). ``promise`` is
    what policy sets beside the model, in log-odds: above 0 the least weight of residue that the product promises to
    remove, below 0 the weight of what it keeps.
    """

    code: str
    name: str
    why: str
    goes: str
    stays: str
    weight: float = 0.0
    keeps: bool = False
    resembles: str = ""
    promise: float = 0.0
