"""Figures on pages that the weights were not fitted on, as training wrote them into the model card."""

from __future__ import annotations

import json
from importlib.resources import files

from bench.tables import Table

TITLE = "Out of fold"


def tables() -> list[Table]:
    """The tables of the model card, or one that says why there are none."""
    card = files("cleaner") / "data" / "weights" / "card.json"
    if not card.is_file():
        return [Table(TITLE, {}, "The weights came without a model card: `make weights` writes one.")]
    found = json.loads(card.read_text("utf-8")).get("out_of_fold")
    if not found:
        return [Table(TITLE, {}, 'The model card has no "out_of_fold": `make weights` writes it.')]
    return [Table(f"{TITLE}: {title}", rows) for title, rows in found.items()]
