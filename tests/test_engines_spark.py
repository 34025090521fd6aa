"""Spark: a row for every row, evidence from other pages without a shuffle of all lines, and errors before a job."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from cleaner.corpus.items import Fields
from cleaner.errors import InputError
from cleaner.sites.profile import MAX_SITE_PAGES
from tests.engines import Row, digest, made_pages, outcomes_of, spark_session
from tests.shown import blocks

pa = pytest.importorskip("pyarrow", reason="tables need pyarrow: make test-engines")

from cleaner.engines import arrow  # noqa: E402
from cleaner.engines.arrow import TableOptions  # noqa: E402
from cleaner.engines.spark import clean, templates  # noqa: E402

HERE = TableOptions(limits=None)

pytestmark = [
    pytest.mark.filterwarnings(f"ignore::{kind}") for kind in ("FutureWarning", "ResourceWarning", "DeprecationWarning")
]


@pytest.fixture(scope="module")
def spark() -> Any:
    return spark_session()


@pytest.fixture(scope="module")
def pages(spark) -> Any:
    return spark.createDataFrame(made_pages(4), list(Row._fields)).repartition(3)


def table(rows: list[Row]) -> Any:
    return pa.Table.from_pylist([row._asdict() for row in rows])


def alone(rows: list[Row]) -> str:
    """The digest of pages that are compared with no others."""
    return digest(outcomes_of(arrow.clean_batches([table(rows)], None, HERE)))


def together(rows: list[Row]) -> str:
    """The digest of pages that are compared with each other."""
    known = arrow.Templates(arrow.merge_counts(arrow.count_batches([table(rows)], HERE)))
    return digest(outcomes_of(arrow.clean_batches([table(rows)], known, HERE)))


def test_the_examples(spark, tmp_path):
    import pyarrow.parquet as pq  # noqa: PLC0415

    rows = made_pages(4)
    pq.write_table(table(rows), tmp_path / "pages.parquet")
    examples = [block for _, block in blocks("docs/engines.md", "python") if "pyspark" in block]
    assert len(examples) == 2
    for example in examples:
        assert len(example.strip().splitlines()) <= 10
        # Java does not follow the folder of this process.
        here = re.sub(r'parquet\("(.*?)"\)', lambda name: f"parquet({str(tmp_path / name[1])!r})", example)
        exec(compile(here, "docs/engines.md", "exec"), {})
    assert digest(outcomes_of([pq.read_table(tmp_path / "clean")])) == alone(rows)
    assert digest(outcomes_of([pq.read_table(tmp_path / "clean-by-site")])) == together(rows)


def test_a_row_for_every_row(spark):
    rows = [("a", made_pages(1)[0].html.encode()), ("b", None), ("c", b"\x89PNG\r\n\x1a\n" + bytes(99)), ("d", b"")]
    df = spark.createDataFrame(rows, "name string, page binary")
    found = clean(df, TableOptions(fields=Fields(text="page", id="name"))).toArrow()
    assert found.schema.names == arrow.cleaned_schema().names
    reasons = {row["id"]: row["error"] and row["error"]["reason"] for row in found.to_pylist()}
    assert sorted(reasons) == ["a", "b", "c", "d"]
    assert (reasons["a"], reasons["b"], reasons["c"]) == (None, "bad-row", "binary")


def test_templates_are_those_of_the_arrow_core(spark):
    """One site is larger than its sample, so that bounds cut its counts."""
    many = (f"<p>The large one</p><p>Letters of {chr(n)}</p>" for n in range(0x4E00, 0x4E00 + MAX_SITE_PAGES + 50))
    rows = [*made_pages(4), *(Row(str(n), "http://big.example/", page) for n, page in enumerate(many))]
    found = templates(spark.createDataFrame(rows, list(Row._fields)).repartition(5))
    expected = arrow.Templates(arrow.merge_counts(arrow.count_batches([table(rows)], HERE)))
    assert list(found.items()) == list(expected.items())
    assert found.find("big.example").pages == MAX_SITE_PAGES


def test_given_templates(spark, pages):
    rows = made_pages(4)
    assert digest(outcomes_of([clean(pages, profile=templates(pages)).toArrow()])) == together(rows)


def test_a_file_of_profiles(spark, pages, tmp_path):
    from cleaner.sites.files import Head, write_profile  # noqa: PLC0415
    from cleaner.sites.lookup import ProfileFile  # noqa: PLC0415

    path = Path(tmp_path / "sites.profile.jsonl")
    write_profile(path, Head(), templates(pages).items())
    assert digest(outcomes_of([clean(pages, profile=ProfileFile.open(path)).toArrow()])) == together(made_pages(4))


def test_wrong_columns_are_told_before_a_job(pages):
    with pytest.raises(InputError, match="no column"):
        clean(pages.drop("html"))
    with pytest.raises(InputError, match="'body'"):
        templates(pages, TableOptions(fields=Fields(text="body")))
    with pytest.raises(InputError, match="either that or a profile"):
        clean(pages, profile={}, two_pass=True)


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(InputError, match=r'pip install "clean-scrape\[spark\]"') as caught:
        clean(None)
    assert caught.value.reason == "missing-extra"
