"""``python -m training``: from the development data to ``cleaner/data/weights/rules.json``."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cleaner.pipeline import rules
from training.corpus import CHECKED_FORMS, FOLDS, Sample, samples
from training.evaluate import Scored, by_form, doubtful, figures, policies, score
from training.fit import LISTENS, PROMISED, PROTECTED, Model, expected, fit, fit_second_opinion, published

OUT = Path(__file__).parents[1] / "cleaner" / "data" / "weights" / "rules.json"

CARD = {
    "what": "log-odds that a line is residue, by rule code; kinds of page apart",
    "data": [
        "development pages of the WCXB benchmark (Murrough Foley), CC-BY-4.0, and flattened forms of them",
        "HTML: test pages of flairNLP/fundus (MIT) with their bodies, some 40 countries",
    ],
    "method": "logistic regression over codes with a pull to the mean of their kind; see training/fit.py",
    "protected": {"why": "titles, bylines, captions keep by policy: set, not measured", "weights": PROTECTED},
    "promised": {"why": "residue the product promises to remove: at least this much", "weights": PROMISED},
}


def main() -> int:
    """Measure the weights and write them."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with wcxb/ and text/")
    parser.add_argument("--part", type=int, default=1, help="use every n-th page only")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    table: dict[str, Any] = {"card": CARD}
    for kind in ("text", "html"):
        found = list(samples(options.data, kind, options.part))
        table[kind] = measure(found, kind)
    options.out.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n", "utf-8")
    return 0


def measure(found: Sequence[Sample], kind: str) -> dict[str, Any]:
    """Weights from all pages; thresholds and figures from folds by domain."""
    held: list[Scored] = []
    shown = [s for s in found if s.source.form not in CHECKED_FORMS]
    for fold in range(FOLDS):
        model = fit([s for s in shown if s.source.fold != fold])
        held += score(model, [s for s in found if s.source.fold == fold])
    drop_at, guard = policies(held, kind)
    for form, pages in by_form(held).items():
        for policy, bounds in [*drop_at.items(), ("leave alone", (2.0, 2.0))]:
            print(kind, form, policy, bounds, guard, figures(pages, bounds, guard), file=sys.stderr)
    model = fit(shown)
    asked = doubtful(held, drop_at["balanced"], guard)
    model.codes |= fit_second_opinion(model, asked)
    print(kind, "second opinion on", len(asked), "of", len(found), "pages", file=sys.stderr)
    return _table(model, shown, kind) | {"drop_at": drop_at, "guard": guard}


def _table(model: Model, found: Sequence[Sample], kind: str) -> dict[str, Any]:
    seen: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for sample in found:
        for codes, words, content in zip(sample.codes, sample.words, sample.content, strict=True):
            for code in codes:
                seen[code] += 1
                right[code] += content * 2 < words or not words
    rows: dict[str, dict[str, float]] = {
        code: {
            "weight": published(model, code),
            "lines": seen[code],
            "residue": round(right[code] / seen[code], 3),
        }
        for code in sorted(seen)
    }
    for code in sorted(rules().keys() - seen.keys()):
        weight = expected(model, code)
        if weight:
            rows[code] = {"weight": round(weight, 3), "lines": 0}
    return {
        "bias": round(model.bias, 3),
        "codes": rows,
        "neighbours": {name: round(value, 3) for name, value in model.neighbours.items()} | {"named": LISTENS[kind]},
        "pages": len({s.source.page for s in found}),
    }


if __name__ == "__main__":
    sys.exit(main())
