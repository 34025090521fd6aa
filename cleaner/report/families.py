"""What the families of codes are about, in a few words: the beginning of what their detectors say of themselves."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

from cleaner.detectors.run import detectors

#: Families that no detector brings.
_OWN = {"LM": "the learned voice", "NB": "lines that other lines leave over", "SY": "the page as a whole"}

# Linear: two letters and a colon, then up to the first sign that ends a clause.
_SAYS = re.compile(r"([A-Z]{2}): ([^,.;:\n]+)")


def families() -> Mapping[str, str]:
    """By family, the two letters that its codes begin with, what it is about."""
    names: dict[str, str] = {}
    for one in detectors():
        module = sys.modules.get(one.module)
        said = _SAYS.match((module.__doc__ if module else None) or "")
        for family in {rule.code[:2] for rule in one.rules}:
            if said and said[1] == family:
                names.setdefault(family, said[2])
    return names | _OWN
