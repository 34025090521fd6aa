"""ProfileFile that do something to the worker that asks them; apart from the tests, as each worker imports it."""

from __future__ import annotations

from dataclasses import dataclass

from cleaner.sites.profile import Template
from tests.poisoned import POISONS


@dataclass(frozen=True)
class Poisoned:
    """Does what the site is called: ``kill.example`` kills."""

    def find(self, site: str) -> Template | None:
        poison = POISONS.get(site.partition(".")[0])
        if poison:
            poison()
        return None
