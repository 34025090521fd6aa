"""What has been reached on development data must not be lost; figures of all pages come from ``make bench``."""

from __future__ import annotations

import pytest

from bench.floors import BOUNDS, floors, holds, measure
from bench.pages import FORMS
from cleaner import clean
from tests.runs import SHARED, SOAK

DATA = SHARED / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no development data in {DATA}")


#: Flattened forms whose pages are cleaned here; all of them in the long tests.
TRIED = FORMS if SOAK else ("html_text", "crop")


@pytest.fixture(scope="module")
def figures() -> dict[str, float]:
    return measure(DATA, TRIED)


def is_measured(name: str) -> bool:
    """True for a figure of HTML, of the seeds, or of a form that is tried here."""
    return not name.startswith("text ") or name.split()[1].rstrip(":") in TRIED


def test_floors_hold(figures: dict[str, float]) -> None:
    bounds = [(name, bound, value) for bound, values in floors().items() for name, value in values.items()]
    broken = [
        f"{name}: {figures[name]:.4f}, {bound} {value}"
        for name, bound, value in bounds
        if is_measured(name) and not holds(name, figures[name], value)
    ]
    assert broken == []


def test_every_figure_has_a_floor(figures: dict[str, float]) -> None:
    named = {name for values in floors().values() for name in values}
    assert set(filter(is_measured, named)) == set(figures), "python -m bench.floors writes bench/floors.json"
    assert tuple(floors()) == BOUNDS


def test_the_one_seed_page_that_is_cut_off_is_called_so() -> None:
    for path in sorted((DATA / "seeds").glob("*.txt")):
        notes = clean(path.read_bytes(), source=path.name, kind="text").notes
        assert any(note.code == "SY201" for note in notes) == path.name.startswith("002")
