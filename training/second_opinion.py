"""The evidence of another extractor on doubtful pages, measured on other folds than it was fitted on."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cleaner.pipeline import SECOND_OPINION_CONFIDENCE
from cleaner.read import read_page
from cleaner.read.second_opinion import kept_by_extractor
from cleaner.score.spans import Floats
from training.corpus import FOLDS, Sample, raw_page
from training.learn import Learned, OutOfFold
from training.rules import extra_log_odds, fit_second_opinion
from training.scored import Scored, figures

KEPT, LEFT_OUT = "EX102", "EX101"


@dataclass(frozen=True)
class Second:
    """The fitted weights of the extractor's evidence by code, and the figures with it and without it."""

    extra: Mapping[str, float]
    table: dict[str, dict[str, float]]


def second_opinion(data: Path, found: Learned, held: OutOfFold) -> Second:
    """Fit and measure the extractor's evidence on the pages whose expected F1 is below the bound of the pipeline."""
    bounds, guard = found.drop_at["balanced"], found.guard
    pages = held.scored()
    asked = [n for n, page in enumerate(pages) if page.expected(bounds, guard) < SECOND_OPINION_CONFIDENCE]
    if not asked:
        return Second({}, {})
    start = time.process_time()
    samples = [_with_opinion(data, held.samples[n]) for n in asked]
    cost = (time.process_time() - start) / len(asked) * 1000
    # the clock stays out of the card, whose bytes are the same every time
    print(f"html: a second opinion on {len(asked)} pages took {cost:.0f} ms of CPU each", file=sys.stderr, flush=True)
    odds = [held.final[n] for n in asked]
    with_opinion = [Scored(s, z) for s, z in zip(samples, _by_fold(samples, odds), strict=True)]
    before = [pages[n] for n in asked]
    rows = {"without": figures(before, bounds, guard), "with": figures(with_opinion, bounds, guard)}
    return Second(fit_second_opinion(samples, odds), rows)


def _with_opinion(data: Path, sample: Sample) -> Sample:
    """Return the sample with a code of the extractor on each line; unchanged where it gives no answer."""
    page = read_page(raw_page(data, sample.source.corpus, sample.source.page), kind="html")
    kept = kept_by_extractor(page)
    if kept is None:
        return sample
    found = [KEPT if n + 1 in kept else LEFT_OUT for n in sample.at.tolist()]
    return replace(sample, codes=tuple((*codes, one) for codes, one in zip(sample.codes, found, strict=True)))


def _by_fold(samples: Sequence[Sample], odds: Sequence[Floats]) -> list[Floats]:
    """Return log-odds with the weights of the extractor as fitted on the other folds."""
    pairs = list(zip(samples, odds, strict=True))
    weights = {}
    for fold in range(FOLDS):
        others = [(s, z) for s, z in pairs if s.source.fold != fold]
        weights[fold] = fit_second_opinion([s for s, _ in others], [z for _, z in others]) if others else {}
    return [z + extra_log_odds(_of_extractor(weights[s.source.fold]), s, z) for s, z in pairs]


def _of_extractor(weights: Mapping[str, float]) -> dict[str, float]:
    return {code: weights.get(code, 0.0) for code in (KEPT, LEFT_OUT)}
