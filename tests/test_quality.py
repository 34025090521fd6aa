"""What has been reached on development data must not be lost; figures of all pages come from ``make bench``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench.floors import BOUNDS, floors, holds, measure
from cleaner import clean

DATA = Path(os.environ.get("CLEAN_SCRAPE_SHARED", Path(__file__).parents[2] / "shared")) / "data"
FLOORS = [(name, bound, value) for bound, values in floors().items() for name, value in values.items()]

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no development data in {DATA}")


@pytest.fixture(scope="module")
def figures() -> dict[str, float]:
    return measure(DATA)


@pytest.mark.parametrize(("name", "bound", "floor"), FLOORS, ids=[name for name, _, _ in FLOORS])
def test_floors_hold(figures: dict[str, float], name: str, bound: str, floor: float) -> None:
    said = f"{name}: {figures[name]:.4f}, {bound} {floor}"
    print(said)
    assert holds(name, figures[name], floor), said


def test_every_figure_has_a_floor(figures: dict[str, float]) -> None:
    assert {name for name, _, _ in FLOORS} == set(figures), "python -m bench.floors writes bench/floors.json"
    assert tuple(floors()) == BOUNDS


def test_the_one_seed_page_that_is_cut_off_is_called_so() -> None:
    for path in sorted((DATA / "seeds").glob("*.txt")):
        notes = clean(path.read_bytes(), source=path.name, kind="text").notes
        assert any(note.code == "SY201" for note in notes) == path.name.startswith("002")
