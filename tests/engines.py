"""Pages of several sites for the tests of engines, what became of them, and one Spark for all tests."""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

import pytest

from cleaner.read.decode import decode
from tests.runs import SHARED, SOAK, unpacked

#: Lines that each page of a site has, and no list of phrases.
_TEMPLATES = {
    "lantern.example": [
        "The Lantern of Wickby, since 1871",
        "Tides and trains of the day",
        "Printed at Quay 4",
    ],
    "barges.example": ["Barges and bargemen", "All boats of the canal, 214 in number", "Kept by the guild of Lowmere"],
    "garden.example": ["The walled garden of Elm", "Seeds by post: ask at the lodge", "Closed while it freezes"],
}

_WORDS = """
harbour lock barge keeper council river winter stone bridge ledger gate engineer summer boat crew field tide market
"""


class Row(NamedTuple):
    """A page to clean."""

    id: str
    url: str
    html: str


class Outcome(NamedTuple):
    """What became of a page: its body, and what its row of the report says of its lines."""

    id: str
    text: str
    lines: Mapping[str, int]
    codes: Mapping[str, Mapping[str, int]]
    removed: list[tuple[int, str, float]]
    others: int


def made_pages(count: int = 12) -> list[Row]:
    """Pages of three sites, made up: an article each, and the lines of the site around it."""
    rows = []
    for host, template in _TEMPLATES.items():
        for number in range(count):
            dice = random.Random(f"{host} {number}")
            articles = [f"The {' '.join(dice.choices(_WORDS.split(), k=18))} was told in {number}." for _ in range(4)]
            lines = [template[0], f"{number + 1} letters", template[1], *articles, *template[1:]]
            body = "".join(f"<p>{line}</p>" for line in lines)
            page = f"<!DOCTYPE html><html lang=en><title>Story {number}</title><body>{body}</body></html>"
            rows.append(Row(f"{host}/{number}", f"https://www.{host}/{number}", page))
    return rows


@lru_cache
def real_pages(most: int = 60 if SOAK else 24) -> tuple[Row, ...]:
    """Pages of the sites with the most of them; none where there are none."""
    folder = SHARED / "data" / "sites"
    if not (folder / "index.json").is_file():
        return ()
    index = json.loads((folder / "index.json").read_bytes())
    pages = Counter(of["site"] for of in index.values())
    first = sorted(index, key=lambda name: (-pages[index[name]["site"]], index[name]["site"], name))[:most]
    html = (decode(unpacked(folder / "html" / f"{name}.html.gz")).text for name in first)
    return tuple(
        Row(name, f"http://{index[name]['site']}/{name}", text) for name, text in zip(first, html, strict=True)
    )


def outcome(name: str, text: str, report: Mapping[str, Any]) -> Outcome:
    """What became of a page, given its row of the report."""
    removed = [(gone["line"], gone["code"], gone["score"]) for gone in report["removed"]]
    return Outcome(name, text, report["lines"], report["codes"], removed, report.get("others", 0))


def outcomes_of(tables: Iterable[Any]) -> list[Outcome]:
    """What tables of cleaned records tell."""
    rows = [row for table in tables for row in table.select(["id", "text", "report"]).to_pylist()]
    return [outcome(row["id"], row["text"], json.loads(row["report"])) for row in rows]


def digest(found: Iterable[Outcome]) -> str:
    """One hash over what became of pages, whatever their order."""
    rows = sorted(json.dumps(one, sort_keys=True) for one in found)
    return sha256("\n".join(rows).encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache
def spark_session() -> Any:
    """A Spark on this machine, started once; the test that asks for it is skipped where there is none."""
    pytest.importorskip("pyspark", reason="Spark is not installed: make test-engines")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java 17, and there is no java")
    from pyspark.sql import SparkSession  # noqa: PLC0415

    os.environ["PYSPARK_PYTHON"] = sys.executable
    how = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "3", "spark.log.level": "ERROR"}
    builder = SparkSession.builder.master("local[2]").config("spark.driver.bindAddress", "127.0.0.1")
    for name, value in how.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
