"""The examples of the documentation, as scripts: each writes what the Arrow core says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runs import ROOT, page

pa = pytest.importorskip("pyarrow", reason="the extra arrow is not installed")
pq = pytest.importorskip("pyarrow.parquet")

from cleaner.engines.arrow import TableOptions, Templates, clean_batches, cleaned_schema, count_batches, merge_counts  # noqa: E402

PAGES = [{"id": f"p{n}", "url": f"http://{'ab'[n % 2]}.example/{n}", "html": page(n)} for n in range(10)]
ALONE = TableOptions(limits=None)


def examples(heading: str) -> list[str]:
    """The blocks of Python below a heading."""
    text = (ROOT / "docs/engines.md").read_text("utf-8")
    section = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^```python\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)


def written(folder: Path, script: str) -> list[dict[str, object]]:
    """What a script writes, run in a folder that holds the pages."""
    pq.write_table(pa.Table.from_pylist(PAGES), folder / "pages.parquet")
    (folder / "script.py").write_text(script, "utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HF_HOME": str(folder / "hf"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return pq.read_table(folder / "clean.parquet").select(["id", "text", "report"]).to_pylist()


def expected(profile: Templates | None = None) -> list[dict[str, object]]:
    batches = clean_batches([pa.Table.from_pylist(PAGES)], profile, ALONE)
    return pa.Table.from_batches(batches, cleaned_schema()).select(["id", "text", "report"]).to_pylist()


def templates() -> Templates:
    return Templates(merge_counts(count_batches([pa.Table.from_pylist(PAGES)], ALONE)))


def test_the_core(tmp_path: Path) -> None:
    two_passes, options, bounds = examples("The Arrow core")
    assert written(tmp_path, two_passes) == expected(templates())
    again = "\nassert dict(templates.items()) == before and bounds == {}\n"
    assert written(tmp_path, f"{two_passes}\n{options}\nbefore = dict(templates.items())\n{bounds}{again}")


@pytest.mark.parametrize(
    ("package", "heading"), [("datasets", "Hugging Face datasets"), ("duckdb", "DuckDB"), ("polars", "Polars")]
)
def test_the_example_of(package: str, heading: str, tmp_path: Path) -> None:
    pytest.importorskip(package, reason=f"{package} is not installed: make test-engines")
    [example] = examples(heading)
    assert written(tmp_path, example) == expected()


def test_a_dataset_in_two_processes(tmp_path: Path) -> None:
    pytest.importorskip("datasets", reason="datasets is not installed: make test-engines")
    [example] = examples("Hugging Face datasets")
    assert written(tmp_path, example.replace("batched=True", "batched=True, num_proc=2")) == expected()
