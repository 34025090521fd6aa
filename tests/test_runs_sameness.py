"""The same pages give the same bodies, however they are packed and however many workers clean them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from cleaner.read.decode import decode
from tests.runs import SOAK, cleaned, development_pages, digest, linked, rows, small_corpus, unpacked


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> list[Path]:
    if SOAK:
        return development_pages()
    made = small_corpus(tmp_path_factory.mktemp("pages") / "in", 100)
    found = (path for path in made.rglob("*.html") if not path.read_bytes().startswith(b"%PDF"))  # JSON holds text only
    return sorted(found, key=lambda path: path.name)


@pytest.fixture(scope="module")
def bodies(pages, tmp_path_factory) -> list[str]:
    """The hashes of the bodies of the pages as files."""
    root = tmp_path_factory.mktemp("files")
    source = linked(pages, root / "in")
    cleaned(source, root / "out")
    return outcomes(root / "out")


def outcomes(out: Path) -> list[str]:
    """What became of each page, in order: the hash of its body, or the reason why it has none."""
    return [row["output_sha256"] if row["status"] == "written" else row["error"]["reason"] for row in rows(out)]


def warc(pages: list[Path], path: Path) -> None:
    with path.open("wb") as file:
        for number, page in enumerate(pages):
            body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + unpacked(page)
            head = (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number:032}>\r\n"
                "WARC-Date: 2024-01-01T00:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
                f"WARC-Target-URI: http://example.org/{number}\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            file.write(head.encode() + body + b"\r\n\r\n")


def jsonl(pages: list[Path], path: Path) -> None:
    lines = [json.dumps({"html": decode(unpacked(page)).text}) for page in pages]
    path.write_bytes(zstandard.ZstdCompressor().compress(("\n".join(lines) + "\n").encode()))


def parquet(pages: list[Path], path: Path) -> None:
    pq.write_table(pa.table({"html": pa.array([unpacked(page) for page in pages], pa.binary())}), path)


@pytest.mark.parametrize(("pack", "name"), [(warc, "p.warc"), (jsonl, "p.jsonl.zst"), (parquet, "p.parquet")])
def test_packed_or_not(pack: Callable[[list[Path], Path], None], name, pages, bodies, tmp_path):
    pack(pages, tmp_path / name)
    cleaned(tmp_path / name, tmp_path / "out")
    found = outcomes(tmp_path / "out")
    assert len(found) == len(bodies) == len(pages)
    assert [page.name for page, one, other in zip(pages, found, bodies, strict=True) if one != other] == []


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_shards_hold_the_same_bodies_for_any_jobs(form, pages, bodies, tmp_path):
    source = linked(pages, tmp_path / "in")
    for jobs in (1, 2, 7):
        cleaned(source, tmp_path / f"out{jobs}", "--format", form, "--jobs", jobs)
    assert outcomes(tmp_path / "out1") == bodies
    assert digest(tmp_path / "out1") == digest(tmp_path / "out2") == digest(tmp_path / "out7")


def test_one_digest_for_any_jobs(pages, tmp_path):
    source = linked(pages, tmp_path / "in")
    for jobs in (1, 2, 7):
        cleaned(source, tmp_path / f"out{jobs}", "--jobs", jobs)
    assert digest(tmp_path / "out1") == digest(tmp_path / "out2") == digest(tmp_path / "out7")
