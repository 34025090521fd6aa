"""Figures on pages that the weights were not fitted on, as training wrote them into the model card."""

from __future__ import annotations

import json
from importlib.resources import files

from bench.tables import Table

TITLE = "Out of fold"


#: The cards: of the model of single pages, and of what their sites add.
CARDS = ("card.json", "sites-card.json")


def tables() -> list[Table]:
    """Return the tables of the model cards, and a note in place of a card that is missing."""
    return [table for name in CARDS for table in _of(name)]


def _of(name: str) -> list[Table]:
    card = files("cleaner") / "data" / "weights" / name
    if not card.is_file():
        return [Table(TITLE, {}, f"The weights came without a model card {name}: `make weights` writes one.")]
    found = json.loads(card.read_text("utf-8")).get("out_of_fold")
    if not found:
        return [Table(TITLE, {}, f'The model card {name} has no "out_of_fold": `make weights` writes it.')]
    return [Table(f"{TITLE}: {title}", rows) for title, rows in found.items()]
