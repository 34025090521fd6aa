"""All rules by code: those of the detectors, of reading, of deciding, and of the model."""

from __future__ import annotations

from functools import lru_cache

from cleaner.decide.too_many_lines import RULES as TOO_MANY_LINES
from cleaner.decide.verdicts import RULES as DECIDING
from cleaner.detectors.run import RULES as DETECTING
from cleaner.detectors.run import detector_rules
from cleaner.read import RULES as READING
from cleaner.records import Rule
from cleaner.score.likeness import RULES as LEARNED

#: The rules that belong to no detector.
RULES: tuple[Rule, ...] = (*DETECTING, *READING, *DECIDING, *TOO_MANY_LINES, *LEARNED)


@lru_cache(maxsize=1)
def rules() -> dict[str, Rule]:
    """All rules of this installation by code, third-party detectors included."""
    return {rule.code: rule for rule in (*detector_rules(), *RULES)}
