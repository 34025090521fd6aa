"""The measured weights of the rules: ``data/weights/rules.json``, made by ``training/``."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from itertools import repeat

from cleaner.records import Evidence, Kind, Page, Rule, Weights
from cleaner.settings.record import PageSettings

#: The files of weights, in the order in which they are hashed.
FILES = ("rules.json", "score.json.gz", "sites.json.gz")


def stored(name: str) -> bytes:
    """The content of a file of weights, as bytes."""
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
    kinds = {name: (row["weight"], row["extra"]) for name, row in table["kinds"].items()}
    return Weights(table["bias"], codes, extra, drop_at, (least, sure), (slope, offset), kinds)


@lru_cache(maxsize=1)
def identity() -> str:
    """The first 12 characters of the hash of all weights, which every report contains."""
    return sha256(b"".join(map(stored, FILES))).hexdigest()[:12]


def evidence_kind(code: str) -> str:
    """The kind of evidence that a code stands for, by its digits.

    A phrase that is the whole line (1 first and last), a phrase in a longer line (1 first), the shape of a line (2), a
    block by its name (301), other markup (3), place on the page (4), other pages of the site (5).
    """
    if code[2] == "1":
        return "whole-line" if code[4] == "1" else "phrase"
    return "block" if code[2:] == "301" else _KINDS.get(code[2], "")


_KINDS = {"2": "shape", "3": "markup", "4": "position", "5": "site"}


def complete(weights: Weights, rules: Iterable[Rule]) -> Weights:
    """The weights with what the ``rules`` of detectors say, once for a page.

    Codes that were not measured get the declared weight, else the mean of their kind; codes of lines that resemble
    something get what they resemble.

    A declared weight is added to the model's log-odds. The mean of a kind counts as a measured weight does: the model
    sees it among the weights of the rules. A rule that keeps lines and declares no weight weighs nothing.
    """
    listed = list(rules)
    unmeasured = [rule for rule in listed if rule.code not in weights.codes and rule.code not in weights.extra]
    codes, extra = dict[str, float](), dict[str, float]()
    for rule in unmeasured:
        if rule.weight:
            extra[rule.code] = rule.weight
        elif not rule.keeps:
            codes[rule.code], extra[rule.code] = weights.kinds.get(evidence_kind(rule.code), (0.0, 0.0))
    return replace(
        weights,
        codes={**weights.codes, **codes},
        extra={**weights.extra, **extra},
        resembles={rule.code: rule.resembles for rule in listed if rule.resembles},
    )


def weigh(found: Iterable[tuple[int, str, str]], weights: Weights) -> Iterator[Evidence]:
    """Turn (line, code, why) into evidence: each code once on a line, sorted by code so that detectors may run in any
    order.

    A code that the weights do not hold weighs nothing.
    """
    lines = defaultdict[str, dict[int, str]](dict)
    for line, code, why in found:
        lines[code].setdefault(line, why)
    for code, whys in sorted(lines.items()):
        weight = weights.codes.get(code, 0.0) + weights.extra.get(code, 0.0)
        yield from map(Evidence._make, zip(whys, repeat(code), repeat(weight), whys.values(), strict=False))


def evidence_by_line(page: Page, evidence: Iterable[Evidence], settings: PageSettings) -> list[list[Evidence]]:
    """The evidence on each line of a page, by index; evidence for keeping that the settings ignore is left out."""
    lines: list[list[Evidence]] = [[] for _ in page.lines]
    ignoring = bool(settings.ignore)
    for one in evidence:
        if ignoring and one.weight <= 0 and not settings.may_keep(one.code):
            continue
        lines[one[0] - 1].append(one)
    return lines
