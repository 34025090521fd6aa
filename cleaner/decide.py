"""The only judge: evidence becomes one verdict per line."""

from __future__ import annotations

from collections.abc import Iterable
from math import exp

from cleaner.records import Cleaned, Evidence, Note, Page, Verdict
from cleaner.score.weights import Weights
from cleaner.settings import Settings


def decide(page: Page, evidence: Iterable[Evidence], notes: tuple[Note, ...], weights: Weights, settings: Settings) -> Cleaned:
    """STUB: sum and compare."""
    voices: dict[int, list[Evidence]] = {}
    for e in evidence:
        voices.setdefault(e.line, []).append(e)
    verdicts = []
    for line in page.lines:
        mine = tuple(sorted(voices.get(line.number, ()), key=lambda e: (-e.weight, e.code)))
        p = 1 / (1 + exp(-(weights.bias + sum(e.weight for e in mine))))
        keep = line.blank or p < weights.drop_at[settings.policy] or not mine
        verdicts.append(Verdict(line, 0.0 if line.blank else p, keep, mine[0].code if mine else "", mine[0].why if mine else "", mine))
    return Cleaned(page, tuple(verdicts), 1.0, (*page.notes, *notes))
