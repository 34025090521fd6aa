"""The measured weights of the rules: ``data/weights/rules.json``, made by ``training/``."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from itertools import repeat

from cleaner.records import Evidence, Kind, Page, Weights
from cleaner.settings.record import PageSettings

#: The files whose weights decide.
FILES = ("rules.json", "score.json.gz", "sites.json.gz")


def stored(name: str) -> bytes:
    """A file of weights."""
    return (files("cleaner") / "data" / "weights" / name).read_bytes()


@lru_cache(maxsize=2)
def load_weights(kind: Kind) -> Weights:
    """The measured weights of the rules for pages of this kind."""
    table = json.loads(stored("rules.json"))[kind]
    codes = {code: row["weight"] for code, row in table["codes"].items()}
    extra = {code: row["extra"] for code, row in table["codes"].items() if row.get("extra")}
    drop_at = {policy: (low, high) for policy, (low, high) in table["drop_at"].items()}
    least, sure = table["guard"]
    slope, offset = table["confidence"]
    return Weights(table["bias"], codes, extra, drop_at, (least, sure), (slope, offset))


@lru_cache(maxsize=1)
def identity() -> str:
    """The first 12 signs of the hash of all weights, which goes into every report."""
    return sha256(b"".join(map(stored, FILES))).hexdigest()[:12]


def weigh(found: Iterable[tuple[int, str, str]], weights: Weights, declared: Mapping[str, float]) -> Iterator[Evidence]:
    """Turn (line, code, why) into evidence by code, each once a line, in the same order whoever found it first.

    A code that was never measured has its declared weight.
    """
    lines = defaultdict[str, dict[int, str]](dict)
    for line, code, why in found:
        lines[code].setdefault(line, why)
    for code, whys in sorted(lines.items()):
        weight = _weight(code, weights, declared)
        yield from map(Evidence._make, zip(whys, repeat(code), repeat(weight), whys.values(), strict=False))


def _weight(code: str, weights: Weights, declared: Mapping[str, float]) -> float:
    if code in weights.extra:
        return weights.codes.get(code, 0.0) + weights.extra[code]
    return weights.codes.get(code, declared.get(code, 0.0))


def evidence_by_line(page: Page, evidence: Iterable[Evidence], settings: PageSettings) -> list[list[Evidence]]:
    """The evidence on each line of a page, by index; evidence for keeping that the settings ignore is left out."""
    lines: list[list[Evidence]] = [[] for _ in page.lines]
    ignoring = bool(settings.ignore)
    for one in evidence:
        if ignoring and one.weight <= 0 and not settings.may_keep(one.code):
            continue
        lines[one[0] - 1].append(one)
    return lines
