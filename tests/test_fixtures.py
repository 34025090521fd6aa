"""Pages on disk: the tags their family's detectors must give, and the clean body."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.make_fixture import ROOT, body, cases, tags

CASES = [pytest.param(case, id=str(case.relative_to(ROOT))) for case in cases()]
HINT = "review with: make fixture CASE="


@pytest.mark.parametrize("case", [c for c in CASES if (Path(str(c.values[0])) / "expected.tags").exists()])
def test_tags(case: Path) -> None:
    wanted = (case / "expected.tags").read_text("utf-8")
    assert tags(case).split("\n") == wanted.split("\n"), f"{HINT}{case.relative_to(ROOT)}"


@pytest.mark.parametrize("case", [c for c in CASES if (Path(str(c.values[0])) / "expected.txt").exists()])
def test_body(case: Path) -> None:
    wanted = (case / "expected.txt").read_bytes().decode("utf-8")
    assert body(case) == wanted, f"{HINT}{case.relative_to(ROOT)}"


def test_every_case_has_tags() -> None:
    assert [str(case.relative_to(ROOT)) for case in cases() if not (case / "expected.tags").exists()] == []
