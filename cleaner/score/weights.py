"""Measured weights of the rules: ``data/weights/rules.json``, made by ``training/``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files

from cleaner.records import Evidence, Kind, Weights


@lru_cache(maxsize=2)
def load_weights(kind: Kind) -> Weights:
    """The measured weights for pages of this kind."""
    stored = files("cleaner") / "data" / "weights" / "rules.json"
    table = json.loads(stored.read_text("utf-8"))[kind]
    codes = {code: row["weight"] for code, row in table["codes"].items()}
    drop_at = {policy: (low, high) for policy, (low, high) in table["drop_at"].items()}
    least, sure = table["guard"]
    return Weights(table["bias"], codes, table["neighbours"], drop_at, (least, sure))


def weigh(found: Iterable[tuple[int, str, str]], weights: Weights, declared: Mapping[str, float]) -> Iterator[Evidence]:
    """Turn (line, code, why) into evidence; a code that was never measured has its declared weight."""
    known = {**declared, **weights.codes}
    for line, code, why in found:
        yield Evidence(line, code, known.get(code, 0.0), why)
