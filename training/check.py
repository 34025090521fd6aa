"""Figures of the final model on two corpora that nothing was learned from: news sites, and segments of pages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from bench.score import segment_scores, segments
from cleaner.score.scorer import shrink_to_rules
from training.corpus import Sample, html_samples
from training.learn import Learned
from training.rows import sample_features
from training.rules import extra_log_odds, with_policy_weights
from training.scored import Scored, figures, grouped

#: A corpus of whole gold bodies, and one of segments that must and must not stay.
BODIES, SEGMENTS = "sites", "snippets"


def check_tables(data: Path, part: int, found: Learned) -> dict[str, dict[str, dict[str, float]]]:
    """Return the tables of both corpora at the bounds of ``balanced``."""
    return {
        f"html, {BODIES}, not learned from, by language": _bodies(data, part, found),
        f"html, {SEGMENTS}, not learned from": {"all": _segments(data, part, found)},
    }


def score_samples(samples: Iterator[Sample], found: Learned) -> list[Scored]:
    """Score samples with the final model."""
    made = []
    for sample in samples:
        _, table = sample_features(sample, found.first)
        measured = found.first.rules.scores(sample) - found.first.rules.bias
        odds = found.model.log_odds(table) * found.slope + found.offset
        odds = shrink_to_rules(odds, measured, np.array(sample.counted, float))
        extra = with_policy_weights(found.extra, {code for codes in sample.codes for code in codes})
        made.append(Scored(sample, odds + extra_log_odds(extra, sample, odds)))
    return made


def _bodies(data: Path, part: int, found: Learned) -> dict[str, dict[str, float]]:
    pages = score_samples(html_samples(data, BODIES, part), found)
    groups: Mapping[str, Sequence[Scored]] = grouped(pages, lambda page: page.sample.source.group)
    bounds, guard = found.drop_at["balanced"], found.guard
    return {name: figures(some, bounds, guard) for name, some in {**groups, "all": pages}.items()}


def _segments(data: Path, part: int, found: Learned) -> dict[str, float]:
    index = json.loads((data / SEGMENTS / "index.json").read_text("utf-8"))
    bounds, guard = found.drop_at["balanced"], found.guard
    rows = []
    for page in score_samples(html_samples(data, SEGMENTS, part), found):
        row, lines = index[page.sample.source.page], page.sample.page.lines
        stays = page.keep(bounds, guard).tolist()
        answer = "\n".join(lines[n].text for n, keep in zip(page.sample.at.tolist(), stays, strict=True) if keep)
        rows.append(segments(answer, row["with"], row["without"]))
    return {"pages": len(rows), **{name: round(value, 4) for name, value in segment_scores(rows).items()}}
