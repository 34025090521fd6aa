"""The record of a code: what it means, and the examples that prove it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A code and what it means.

    ``code`` is two capitals for the family and three digits: the kind of evidence (1 words, 2 shape of the line, 3
    markup, 4 place on the page, 5 other pages), then two that number the codes of this kind. For words the last digit
    is 1 for a phrase that is the whole line and 2 for one in a longer line. ``name`` is its name in settings and
    reports. ``why`` completes "this line ...". ``goes`` is a small page in which the code fires on the lines that begin
    with "> " (anywhere, when none does) and ``stays`` a near miss on which it must not; both are HTML when they begin
    with "<".

    The other fields are optional. ``keeps`` is true for evidence for keeping a line. ``weight``, in log-odds, is used
    as long as no weight was measured for the code; without it the code has the mean weight of its kind, or 0 when it
    ``keeps``. ``resembles`` is the code under which the model drops lines like these (LM101 to LM107; "" for LM109).
    ``promise``, in log-odds, is set by policy and added to the model's: above 0 the least weight of residue that the
    product promises to remove, below 0 the weight of lines that it keeps.
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
