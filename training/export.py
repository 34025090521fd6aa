"""Writing of the fitted weights as the data files of the product, and of the model card."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from cleaner.rules import rules
from cleaner.score.model.ensemble import Trees
from cleaner.score.model.structure import NameWeights
from cleaner.score.model.words import LINE_END_ID, PAIR_BASE, Vocabulary
from training.first_stage import NAME_DOMAINS, NAME_PULL, WORD_DOMAINS, WORD_PULL
from training.learn import Learned
from training.rules import EXTRA_PULL, PROMISED, PROTECTED, PULL, kind_weights, with_policy_weights
from training.second_stage import ARTICLE_ROUNDS, ROUNDS, SETTINGS

#: Tools whose version the fit depends on.
TOOLS = ("lightgbm", "numpy", "scipy", "html_text", "inscriptis", "resiliparse", "readability-lxml", "trafilatura")

DATA = [
    {
        "name": "WCXB, web content extraction benchmark, development pages; also flattened",
        "by": "Murrough Foley",
        "licence": "CC-BY-4.0",
    },
    {"name": "test pages of fundus with their bodies; also flattened", "by": "flairNLP/fundus", "licence": "MIT"},
]


def write(out: Path, learned: Mapping[str, Learned], tables: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """Write ``rules.json``, ``score.json.gz`` and ``card.json`` into a folder."""
    score = scores(learned)
    packed = _packed(score)
    (out / "score.json.gz").write_bytes(packed)
    (out / "rules.json").write_text(
        _json({kind: rule_weights(found, kind) for kind, found in learned.items()}), "utf-8"
    )
    (out / "card.json").write_text(_json(card(learned, packed, score, options) | {"out_of_fold": tables}), "utf-8")


def _json(table: Any, indent: int | None = 1) -> str:
    gap = None if indent else (",", ":")
    return json.dumps(table, indent=indent, separators=gap, sort_keys=True, ensure_ascii=False) + "\n"


def _packed(table: Any) -> bytes:
    return gzip.compress(_json(table, indent=None).encode(), 9, mtime=0)


def scores(learned: Mapping[str, Learned]) -> dict[str, Any]:
    """Return the content of ``score.json.gz``: words and names, which both kinds of page share, and trees by kind."""
    first = learned["html"].first
    return {
        "words": words(first.vocabulary),
        "names": names(first.names),
        **{kind: model(found) for kind, found in learned.items()},
    }


def words(found: Vocabulary) -> dict[str, Any]:
    """Words in the order of their ids, from the first after the line end; ``pairs`` as left ids and right ids."""
    listed = sorted((number, word) for word, number in found.ids.items() if number > LINE_END_ID)
    return {
        "words": [word for _, word in listed],
        "single": found.single[LINE_END_ID + 1 :].tolist(),
        "pairs": [(found.pairs // PAIR_BASE).tolist(), (found.pairs % PAIR_BASE).tolist()],
        "paired": found.paired.tolist(),
        "bias": found.bias,
    }


def names(found: NameWeights) -> dict[str, Any]:
    """The names' weights by word."""
    return {"own": dict(found.own), "around": dict(found.around), "bias": found.bias}


def model(found: Learned) -> dict[str, Any]:
    """The model of a kind, see ``cleaner.score.model.ensemble.Model``."""
    table = {
        "features": list(found.features),
        "general": trees(found.model.general),
        "slope": found.slope,
        "offset": found.offset,
    }
    gate = found.model.gate
    if gate is None or found.model.articles is None:
        return table
    weights = {found.features[at]: weight for at, weight in zip(gate.features, gate.weights, strict=True)}
    return {**table, "articles": trees(found.model.articles), "gate": {"weights": weights, "bias": gate.bias}}


def trees(found: Trees) -> dict[str, Any]:
    """The nodes of all trees as flat lists, see ``cleaner.score.model.ensemble.Trees``."""
    arrays = {name: getattr(found, name).tolist() for name in ("roots", "feature", "cut", "left", "right", "value")}
    return {**arrays, "depth": found.depth}


def rule_weights(found: Learned, kind: str) -> dict[str, Any]:
    """The weights of the rules, with their support and their extra weights beside the model, and the policies."""
    seen = found.seen
    codes = {**dict.fromkeys(seen, 0.0), **found.first.rules.codes}
    unseen = rules().keys() - codes.keys()
    extra = with_policy_weights(found.extra, codes.keys() | unseen)
    rows: dict[str, dict[str, float]] = {}
    for code in sorted(codes.keys() | unseen | extra.keys()):
        lines, residue = seen.get(code, (0, 0.0))
        row = {"weight": codes[code] if code in codes else found.first.rules.expected(code), "lines": lines}
        row |= {"residue": residue} if lines else {}
        row |= {"extra": extra[code]} if extra.get(code) else {}
        if lines or row["weight"] or "extra" in row:
            rows[code] = row
    drop_at = {policy: list(bounds) for policy, bounds in found.drop_at.items()}
    return {
        "bias": found.first.rules.bias,
        "codes": rows,
        "kinds": kind_weights(rows, kind),
        "drop_at": drop_at,
        "guard": list(found.guard),
        "confidence": list(found.confidence),
    }


def card(
    learned: Mapping[str, Learned], packed: bytes, score: Mapping[str, Any], options: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the model card without its tables: data, options, versions, parameters and sizes."""
    return {
        "what": "log-odds that a line is residue: a linear word score, a linear structure score, rules, and trees",
        "data": DATA,
        "options": dict(options),
        "tools": {tool: version(tool) for tool in TOOLS},
        "parameters": {
            "words": {"domains": WORD_DOMAINS, "pull": WORD_PULL},
            "names": {"domains": NAME_DOMAINS, "pull": NAME_PULL},
            "rules": {"pull": PULL, "extra pull": EXTRA_PULL},
            "trees": {**SETTINGS, "rounds": ROUNDS, "rounds on articles": ARTICLE_ROUNDS},
        },
        "protected": {"why": "titles, bylines, captions keep by policy: set, not measured", "weights": PROTECTED},
        "promised": {"why": "residue the product promises to remove: at least this much", "weights": PROMISED},
        "score.json.gz": {
            "sha256": sha256(packed).hexdigest(),
            "bytes": len(packed),
            "bytes by part": {part: len(_packed(table)) for part, table in score.items()},
        },
        "size": {kind: _size(found) for kind, found in learned.items()},
        "gain": {kind: _gains(found) for kind, found in learned.items()},
    }


def _size(found: Learned) -> dict[str, int]:
    return {
        **found.size,
        "features": len(found.features),
        "trees": len(found.model.general.roots),
        "nodes": len(found.model.general.value),
        "features used": len(np.unique(found.model.general.feature)),
        "words": len(found.first.vocabulary.ids),
        "pairs": len(found.first.vocabulary.pairs),
        "names": len(found.first.names.own) + len(found.first.names.around),
    }


def _gains(found: Learned) -> list[tuple[str, float]]:
    """Features with their share of the gain, greatest first."""
    ranked = sorted(found.gain.items(), key=lambda item: (-item[1], item[0]))
    return [(name, round(gain, 5)) for name, gain in ranked]
