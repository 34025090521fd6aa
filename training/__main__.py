"""``python -m training``: from the development data to ``cleaner/data/weights/rules.json``."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.corpus import FOLDS, Sample, samples
from training.evaluate import Scored, by_form, doubtful, figures, score, thresholds
from training.fit import PROTECTED, Model, fit, fit_second_opinion

OUT = Path(__file__).parents[1] / "cleaner" / "data" / "weights" / "rules.json"

CARD = {
    "what": "log-odds that a line is residue, by rule code; kinds of page apart",
    "data": "development pages of the WCXB benchmark (Murrough Foley), CC-BY-4.0, and flattened forms of them",
    "method": "logistic regression over codes with a pull to the mean of their kind; see training/fit.py",
    "protected": "codes of the families TI, BY, CP keep by policy; their weights are set, not measured",
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
    for fold in range(FOLDS):
        model = fit([s for s in found if s.fold != fold])
        held += score(model, [s for s in found if s.fold == fold])
    drop_at = thresholds(held, kind)
    for form, pages in by_form(held).items():
        for policy, at in drop_at.items():
            print(kind, form, policy, at, figures(pages, at), file=sys.stderr)
        print(kind, form, "leave alone", figures(pages, 2.0), file=sys.stderr)
    model = fit(found)
    asked = doubtful(held, drop_at["balanced"])
    model.codes |= fit_second_opinion(model, asked)
    print(kind, "second opinion on", len(asked), "of", len(found), "pages", file=sys.stderr)
    return _table(model, found, drop_at)


def _table(model: Model, found: Sequence[Sample], drop_at: dict[str, float]) -> dict[str, Any]:
    seen: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for sample in found:
        for codes, words, content in zip(sample.codes, sample.words, sample.content, strict=True):
            for code in codes:
                seen[code] += 1
                right[code] += content * 2 < words or not words
    codes = {
        code: {
            "weight": round(PROTECTED.get(code[:2], model.codes.get(code, 0.0)), 3),
            "lines": seen[code],
            "residue": round(right[code] / seen[code], 3),
        }
        for code in sorted(seen)
    }
    return {
        "bias": round(model.bias, 3),
        "codes": codes,
        "neighbours": {name: round(value, 3) for name, value in model.neighbours.items()},
        "drop_at": drop_at,
        "pages": len({s.page for s in found}),
    }


if __name__ == "__main__":
    sys.exit(main())
