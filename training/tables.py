"""The tables of the model card: figures on pages of domains that the models did not see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from cleaner.score.spans import Floats
from training.calibration import calibrate
from training.corpus import Sample
from training.learn import Learned, OutOfFold, all_codes
from training.rules import PROMISED, PROTECTED, extra_log_odds
from training.scored import KEEP_ALL, Bounds, Scored, by_form, figures, grouped

Table = dict[str, dict[str, float]]

#: Groups with fewer pages are not shown.
MIN_PAGES = 5

#: Shares of the content that may go, at which the ranking of lines is measured.
LOSSES = (0.001, 0.005, 0.01, 0.02, 0.05)

#: Edges of the bins of expected F1.
BINS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.01)

#: Forms that are whole pages.
WHOLE = ("html_text", "bs4nl", "inscriptis")


def tables(found: Learned, held: OutOfFold) -> dict[str, Table]:
    """Return all tables of one kind of page by title."""
    kind = held.samples[0].source.kind
    pages, bounds, guard = held.scored(), found.drop_at["balanced"], found.guard
    some = pages if kind == "html" else [page for page in pages if page.sample.source.form in WHOLE]
    unit = "corpus" if kind == "html" else "form"

    def balanced(name: Callable[[Scored], str]) -> Table:
        groups = grouped(some, name).items()
        return {key: figures(group, bounds, guard) for key, group in groups if len(group) >= MIN_PAGES}

    made = {f"{kind}, {policy}, by {unit}": _forms(pages, at, guard) for policy, at in found.drop_at.items()}
    made[f"{kind}, left alone, by {unit}"] = _forms(pages, KEEP_ALL, guard)
    made[f"{kind}, balanced, by kind of page or country"] = balanced(_group)
    made[f"{kind}, balanced, by language"] = balanced(lambda page: page.sample.page.language or "unknown")
    made[f"{kind}, residue removed at a given loss of content"] = ranks(pages)
    made[f"{kind}, F1 by F1 expected"] = curve(some, found)
    made[f"{kind}, balanced, what rules add to the model"] = rule_contributions(found, held)
    return made


def _forms(pages: Sequence[Scored], bounds: Bounds, guard: Bounds) -> Table:
    return {form: figures(some, bounds, guard) for form, some in by_form(pages).items()}


def _group(page: Scored) -> str:
    return f"{page.sample.source.corpus} {page.sample.source.group}"


def ranks(pages: Sequence[Scored]) -> Table:
    """Return the share of residue that one threshold for all pages removes at a given loss of content, by form."""
    made: Table = {f"{loss:.1%} lost": {} for loss in LOSSES}
    for form, some in by_form(pages).items():
        at = np.concatenate([page.probability for page in some])
        order = np.argsort(-at, kind="stable")
        content = np.concatenate([page.sample.content for page in some])[order]
        words = np.concatenate([page.sample.words for page in some])[order]
        lost, gone = np.cumsum(content), np.cumsum(words - content)
        last = np.append(np.diff(at[order]) != 0, True)  # lines of the same probability go together
        for loss in LOSSES:
            fits = np.flatnonzero(last & (lost <= loss * content.sum()))
            best = float(gone[fits[-1]]) if len(fits) else 0.0
            made[f"{loss:.1%} lost"][form] = round(best / max(1.0, float((words - content).sum())), 4)
    return made


def curve(pages: Sequence[Scored], found: Learned) -> Table:
    """Return the mean expected F1 and the mean true F1 of the pages in each bin of expected F1, and of all.

    ``promised`` follows from the probabilities of the lines, ``expected`` is the same calibrated for pages.
    """
    bounds, guard = found.drop_at["balanced"], found.guard
    promised = np.array([page.expected(bounds, guard) for page in pages])
    expected = calibrate(promised, found.confidence)
    true = np.array([page.outcome(bounds, guard).f1 for page in pages])
    bins = [
        (f"{low:.2f} to {min(1.0, high):.2f}", (expected >= low) & (expected < high)) for low, high in pairwise(BINS)
    ]
    return {
        name: {
            "pages": int(inside.sum()),
            "promised": _mean(promised[inside]),
            "expected": _mean(expected[inside]),
            "F1": _mean(true[inside]),
        }
        for name, inside in [*bins, ("all", np.ones(len(pages), bool))]
        if inside.any()
    }


def _mean(values: np.ndarray) -> float:
    return round(float(values.mean()), 4)


def rule_contributions(found: Learned, held: OutOfFold) -> Table:
    """Return the figures without extra weights of rules, with the fitted ones, and with each group set by policy."""
    bounds, guard = found.drop_at["balanced"], found.guard
    steps: dict[str, Sequence[Floats]] = {"model alone": held.odds, "fitted extra weights": held.fitted}
    for step, extra in policy_contributions(held.samples):
        steps[step] = [z + extra_log_odds(extra, s, z) for z, s in zip(held.fitted, held.samples, strict=True)]
    steps["all"] = held.final
    return {
        f"{form}, {step}": figures(some, bounds, guard)
        for step, odds in steps.items()
        for form, some in by_form(held.scored(odds)).items()
    }


def policy_contributions(samples: Sequence[Sample]) -> Iterator[tuple[str, Mapping[str, float]]]:
    """Yield the weights that policy sets: all promises together, then one protected family at a time."""
    yield "fitted and promised", PROMISED
    codes = all_codes(samples)
    for family, weight in PROTECTED.items():
        yield f"fitted and {family} protected", {code: weight for code in codes if code.startswith(family)}
