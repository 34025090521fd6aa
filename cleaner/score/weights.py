"""Measured weights of the rules: ``data/weights/rules.json``, made by ``training/``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

from cleaner.records import Evidence, Kind


@dataclass(frozen=True, slots=True)
class Weights:
    """Log-odds for one kind of page.

    ``bias`` is the log-odds of a line of which nothing is known, ``codes`` what each code adds,
    ``neighbours`` the weights of the surroundings, ``drop_at`` the probability from which a line
    goes, by policy.
    """

    bias: float = -0.5
    codes: Mapping[str, float] = field(default_factory=dict)
    neighbours: Mapping[str, float] = field(default_factory=dict)
    drop_at: Mapping[str, float] = field(default_factory=dict)


@lru_cache(maxsize=2)
def load_weights(kind: Kind) -> Weights:
    """The measured weights for pages of this kind."""
    stored = files("cleaner") / "data" / "weights" / "rules.json"
    table = json.loads(stored.read_text("utf-8"))[kind]
    codes = {code: row["weight"] for code, row in table["codes"].items()}
    return Weights(table["bias"], codes, table["neighbours"], table["drop_at"])


def weigh(found: Iterable[tuple[int, str, str]], weights: Weights, fallback: Mapping[str, float]) -> Iterator[Evidence]:
    """Turn (line, code, why) into evidence; codes without a measured weight use ``fallback``."""
    for line, code, why in found:
        yield Evidence(line, code, weights.codes.get(code, fallback.get(code, 0.0)), why)
