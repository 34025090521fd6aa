"""``python -m training.sites``: fit the trees for other pages of a site, on the development sites.

The model of single pages comes from ``cleaner/data/weights`` and saw none of these sites. Boosting starts from its
log-odds, with the features of ``cleaner.score.features.site``; folds go by site.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import lightgbm
import numpy as np

from cleaner.lines.table import LineTable
from cleaner.records import Kind
from cleaner.score.features.facts import Facts, index_codes
from cleaner.score.features.registry import feature_names
from cleaner.score.features.site import SITE_FEATURES, site_features
from cleaner.score.features.table import feature_table, first_stage_scores
from cleaner.score.model.ensemble import FeatureTable, Trees, quantize
from cleaner.score.model.stored import SiteTrees, load_scorer
from cleaner.score.scorer import cap_on_outsized_pages, shrink_to_rules
from cleaner.score.site import site_evidence
from cleaner.score.spans import Floats
from cleaner.score.weights import load_weights
from cleaner.sites.profile import MIN_OTHER_PAGES, SiteProfile, Template
from training.__main__ import OUT
from training.corpus import FOLDS, UNSEEN_FORMS, Sample, site_samples
from training.export import trees as stored_trees
from training.learn import StageTimer
from training.rows import tree_weight
from training.rules import extra_log_odds
from training.scored import Scored, figures
from training.second_stage import SETTINGS, export_trees

#: LightGBM's settings: few small trees, each over most of the features, monotone in each of them. A line that more
#: pages share is never likelier to stay.
SITE_SETTINGS = {
    **SETTINGS,
    "learning_rate": 0.07,
    "num_leaves": 12,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.8,
    "num_threads": 1,
}
ROUNDS = 80

#: Prefixes of features that may only raise the log-odds of residue when they rise, and that may only lower them.
RISING, FALLING = ("seen", "share"), ("new", "ring", "stretch")

#: Each page is shown with all other pages of its site, and with smaller sets of them, drawn at random.
DRAW_SIZES, DRAWS_PER_PAGE = (2, 3, 5, 8, 12), 2

#: Sizes of sites that the tables tell apart: from so many pages on.
SIZES = {"3 to 4 pages": (3, 4), "5 to 9 pages": (5, 9), "10 and more pages": (10, 10**9)}


@dataclass(frozen=True)
class PageWithSite:
    """A page with other pages of its site.

    ``odds`` are the log-odds of its filled lines from the page alone, ``article`` the probability that it is an
    article, ``table`` the feature table of the site. ``pages`` is the number of the site's pages; ``whole`` tells
    whether the template comes from all of them.
    """

    sample: Sample
    facts: Facts
    odds: Floats
    article: float
    template: Template
    table: FeatureTable
    pages: int
    whole: bool


def main() -> int:
    """Fit the trees of both kinds and write ``sites.json.gz`` and ``sites-card.json``."""
    parser = argparse.ArgumentParser(prog="python -m training.sites", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with sites/")
    parser.add_argument("--part", type=int, default=1, help="use every n-th site only")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for the weights")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    found, tables = dict[str, object](), dict[str, object]()
    kinds: tuple[Kind, ...] = ("html", "text")
    for kind in kinds:
        report = StageTimer(kind)
        pages = list(pages_beside_others(options.data, kind, options.part))
        report(f"reading {len(pages):,} pages beside others")
        trees = grow(pages)
        found[kind] = {"features": list(feature_names(kind, SITE_FEATURES)), "trees": stored_trees(trees)}
        tables |= {f"{kind}, sites, {group}": rows for group, rows in _tables(pages, kind).items()}
        report("trees and tables")
    _write(options.out, found, tables)
    return 0


def _write(out: Path, found: Mapping[str, object], tables: Mapping[str, object]) -> None:
    packed = json.dumps(found, separators=(",", ":"), sort_keys=True).encode() + b"\n"
    (out / "sites.json.gz").write_bytes(gzip.compress(packed, 9, mtime=0))
    card = {
        "what": "what other pages of a site add to the log-odds of a line: trees",
        "data": "news pages of the corpus of DAnIEL (waddle), development half: 35 sites of 5 pages and more",
        "parameters": {**SITE_SETTINGS, "rounds": ROUNDS},
        "out_of_fold": tables,
    }
    (out / "sites-card.json").write_text(json.dumps(card, indent=1, sort_keys=True) + "\n", "utf-8")
    for title, table in tables.items():
        print(f"\n{title}", json.dumps(table, indent=1), sep="\n", file=sys.stderr)


def pages_beside_others(data: Path, kind: Kind, part: int) -> Iterator[PageWithSite]:
    """Yield each page of the sites of more than MIN_OTHER_PAGES pages with others; for text once per form."""
    sites = defaultdict[tuple[str, str], list[Sample]](list)
    for sample in site_samples(data, kind, part):
        sites[sample.source.form, sample.source.domain].append(sample)
    for samples in sites.values():
        if len(samples) <= MIN_OTHER_PAGES:
            continue
        profiles = [SiteProfile.of(sample.page) for sample in samples]
        for at, sample in enumerate(samples):
            facts, odds, article = _alone(sample)
            for chosen in _draws(sample, len(samples), at):
                template = sum((profiles[n] for n in chosen), SiteProfile()).template()
                if template.others >= MIN_OTHER_PAGES:
                    table = quantize(np.array([values for _, values in site_features(facts, odds, template)]).T)
                    alone = len(chosen) == len(samples)
                    yield PageWithSite(sample, facts, odds, article, template, table, len(samples), alone)


def _draws(sample: Sample, pages: int, at: int) -> Iterator[list[int]]:
    """Yield the indexes of all pages of a site, then of the page at ``at`` with some of the others."""
    yield list(range(pages))
    drawn = random.Random(f"site {sample.source.form} {sample.source.page}")
    others = [n for n in range(pages) if n != at]
    for size in drawn.sample(DRAW_SIZES, DRAWS_PER_PAGE):
        if size < len(others):
            yield [at, *drawn.sample(others, size)]


def _alone(sample: Sample) -> tuple[Facts, Floats, float]:
    """Return what the product computes from a page alone: facts, log-odds, and the probability of an article."""
    kind = sample.source.kind
    weights, scorer = load_weights(kind), load_scorer(kind)
    codes = index_codes(sample.codes)
    measured = codes.sums(weights.codes)
    facts = Facts(LineTable(sample.page), codes, measured + weights.bias)
    table = feature_table(facts, first_stage_scores(facts, scorer.vocabulary, scorer.names), scorer.features)
    odds = cap_on_outsized_pages(shrink_to_rules(scorer.log_odds(table), measured, facts.words), measured, facts)
    return facts, odds, scorer.model.article_share(table) if kind == "html" else 1.0


def grow(pages: Sequence[PageWithSite], without: int | None = None) -> Trees:
    """Fit trees on the pages of all folds but one."""
    shown = [p for p in pages if p.sample.source.fold != without and p.sample.source.form not in UNSEEN_FORMS]
    names = feature_names(shown[0].sample.source.kind, SITE_FEATURES)
    weight = np.concatenate([tree_weight(page.sample) / np.sqrt(page.pages) for page in shown])
    rows = lightgbm.Dataset(
        np.concatenate([page.table for page in shown]).astype(np.float32),
        np.concatenate([page.sample.residue for page in shown]),
        weight=weight / weight.mean(),
        init_score=np.concatenate([page.odds for page in shown]),
        feature_name=list(names),
    )
    ways = [1 if name.startswith(RISING) else -1 if name.startswith(FALLING) else 0 for name in names]
    booster = lightgbm.train({**SITE_SETTINGS, "monotone_constraints": ways}, rows, ROUNDS)
    return export_trees(booster.dump_model())


def _tables(pages: Sequence[PageWithSite], kind: Kind) -> dict[str, dict[str, dict[str, float]]]:
    """Return figures out of fold at the bounds of ``balanced``, for pages alone and with the others of their site."""
    weights = load_weights(kind)
    folds = [SiteTrees(feature_names(kind, SITE_FEATURES), grow(pages, fold)) for fold in range(FOLDS)]
    groups = defaultdict[str, list[tuple[Scored, Scored]]](list)
    for page in pages:
        if not page.whole:
            continue
        sample, alone = page.sample, extra_log_odds(weights.extra, page.sample, page.odds)
        gains, _ = site_evidence(page.facts, page.odds, page.article, page.template, folds[sample.source.fold])
        beside = page.odds + gains + extra_log_odds(weights.extra, sample, page.odds + gains)
        pair = Scored(sample, page.odds + alone), Scored(sample, beside)
        for group in _groups(page):
            groups[group].append(pair)
    bounds, guard = weights.drop_at["balanced"], weights.guard
    return {
        group: {
            "alone": figures([one for one, _ in pairs], bounds, guard),
            "with its site": figures([other for _, other in pairs], bounds, guard),
        }
        for group, pairs in sorted(groups.items())
    }


def _groups(page: PageWithSite) -> Iterator[str]:
    form = "" if page.sample.source.kind == "html" else f"{page.sample.source.form}, "
    yield from (f"{form}{name}" for name, (low, high) in SIZES.items() if low <= page.pages <= high)
    if page.pages >= SIZES["5 to 9 pages"][0]:
        yield f"{form}5 and more pages"
        yield f"{form}5 and more pages, {page.sample.source.group}"


if __name__ == "__main__":
    sys.exit(main())
