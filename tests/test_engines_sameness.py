"""The same pages give the same bodies and accounts on every engine, in any order and any number of parts."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engines import Outcome, Row, digest, made_pages, outcome, outcomes_of, real_pages, spark_session
from tests.runs import cleaned, rows

pa = pytest.importorskip("pyarrow", reason="tables need pyarrow: make test-engines")

from cleaner.engines import arrow  # noqa: E402

IN_THIS_PROCESS = arrow.TableOptions(limits=None)

pytestmark = [
    pytest.mark.filterwarnings(f"ignore::{kind}") for kind in ("FutureWarning", "ResourceWarning", "DeprecationWarning")
]


@pytest.fixture(scope="module", params=["made", "real"])
def pages(request) -> list[Row]:
    found = made_pages() if request.param == "made" else list(real_pages())
    if not found:
        pytest.skip("there are no pages of sites: set CLEAN_SCRAPE_SHARED")
    return found


@pytest.fixture(scope="module")
def source(pages, tmp_path_factory) -> Path:
    return written(pages, tmp_path_factory.mktemp("pages") / "pages.parquet")


@pytest.fixture(scope="module")
def expected(source, tmp_path_factory) -> str:
    """The digest of a run in one process."""
    return digest(of_run(source, tmp_path_factory.mktemp("one") / "out", "--two-pass", "--jobs", 1))


def table_of(pages: list[Row]) -> Any:
    return pa.Table.from_pylist([page._asdict() for page in pages])


def written(pages: list[Row], path: Path) -> Path:
    import pyarrow.parquet as pq  # noqa: PLC0415

    pq.write_table(table_of(pages), path)
    return path


def of_run(source: Path, out: Path, *options: object) -> list[Outcome]:
    """What a run on the command line made of the pages."""
    done = cleaned(source, out, "--format", "jsonl", *options)
    assert done.returncode == 0, done.stderr
    records = [json.loads(line) for shard in sorted(out.glob("*.jsonl")) for line in shard.read_bytes().splitlines()]
    texts = {record["id"]: record["text"] for record in records}
    return [outcome(row["id"], texts[row["id"]], row) for row in rows(out)]


def profile_of(*inputs: object, to: Path) -> Path:
    done = cleaned("profile", *inputs, "-o", to)
    assert done.returncode == 0, done.stderr
    return to


def shuffled(pages: list[Row], seed: int = 1) -> list[Row]:
    return random.Random(seed).sample(pages, len(pages))


def test_two_workers(source, expected, tmp_path):
    assert digest(of_run(source, tmp_path / "out", "--two-pass", "--jobs", 2)) == expected


def test_other_pages_matter(source, expected, tmp_path):
    assert digest(of_run(source, tmp_path / "out")) != expected


def test_pages_in_another_order(pages, expected, tmp_path):
    other = written(shuffled(pages), tmp_path / "pages.parquet")
    assert digest(of_run(other, tmp_path / "out", "--two-pass")) == expected


def test_shards_merged_in_any_order(pages, source, expected, tmp_path):
    parts = [written(shuffled(pages)[at::3], tmp_path / f"part{at}.parquet") for at in range(3)]
    shards = [profile_of("--shard", part, to=tmp_path / f"{part.stem}.profile.jsonl.zst") for part in parts]
    whole = profile_of(source, to=tmp_path / "whole.profile.jsonl").read_bytes()
    some = profile_of("--shard", *shards[:2], to=tmp_path / "some.profile.jsonl")
    for at, order in enumerate((shards, shards[::-1], (shards[2], some), (some, shards[2], shards[0]))):
        assert profile_of(*order, to=tmp_path / f"merged{at}.profile.jsonl").read_bytes() == whole
    used = ("--profile", tmp_path / "whole.profile.jsonl")
    assert digest(of_run(source, tmp_path / "out", *used)) == expected


@pytest.mark.parametrize("rows_each", [1, 7, 1000])
def test_arrow_core_for_any_batches(rows_each, pages, expected):
    batches = table_of(shuffled(pages, rows_each)).to_batches(rows_each)
    counts = [part for batch in batches for part in arrow.count_batches([batch], IN_THIS_PROCESS)]
    random.Random(2).shuffle(counts)
    known = arrow.Templates(arrow.merge_counts(counts))
    assert digest(outcomes_of(arrow.clean_batches(batches, known, IN_THIS_PROCESS))) == expected


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    pytest.importorskip("ray.data", reason="Ray is not installed: make test-engines")
    from cleaner.engines.ray.session import session  # noqa: PLC0415

    with session(None, 2) as found:
        yield found


def test_ray(ray, pages, expected):
    from cleaner.engines.ray import clean  # noqa: PLC0415

    dataset = ray.data.from_arrow(table_of(shuffled(pages))).repartition(5)
    found = clean(dataset, two_pass=True).iter_batches(batch_size=None, batch_format="pyarrow")
    assert digest(outcomes_of(found)) == expected


def test_spark(pages, expected):
    spark = spark_session()
    from cleaner.engines.spark import clean  # noqa: PLC0415

    df = spark.createDataFrame(shuffled(pages), list(Row._fields)).repartition(4)
    assert digest(outcomes_of([clean(df, two_pass=True).toArrow()])) == expected


def test_datatrove(pages, expected, tmp_path):
    pytest.importorskip("datatrove", reason="datatrove is not installed: make test-engines")
    from datatrove.data import Document  # noqa: PLC0415

    from cleaner.adapters.datatrove import CleanScrape, CountSites  # noqa: PLC0415

    for rank in range(3):
        counted = (Document(page.html, page.id, metadata={"url": page.url}) for page in shuffled(pages)[rank::3])
        assert sum(1 for _ in CountSites(str(tmp_path / "shards")).run(counted, rank, 3)) > 0
    profile = profile_of(*sorted((tmp_path / "shards").iterdir()), to=tmp_path / "sites.profile.jsonl.zst")
    documents = (Document(page.html, page.id, metadata={"url": page.url}) for page in pages)
    found = CleanScrape(profile=profile, report=True).run(documents)
    reports = ((one, json.loads(one.metadata["clean_report"])) for one in found)
    assert digest(outcome(one.id, one.text, report) for one, report in reports) == expected
