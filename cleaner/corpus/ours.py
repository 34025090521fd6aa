"""Outputs that we wrote ourselves, known by the hashes in the report beside them."""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cleaner.corpus.inputs import REPORT
from cleaner.corpus.opening import read_regular
from cleaner.errors import CleanScrapeError


def is_ours(path: Path) -> bool:
    """True when the file is, byte for byte, an output named in a report of a folder above it."""
    for folder in path.resolve().parents:
        report = folder / REPORT / "pages.jsonl"
        if report.is_file():
            try:
                data = read_regular(path, path.name)
                return sha256(data).hexdigest() in _hashes(report, report.stat().st_mtime_ns)
            except (CleanScrapeError, OSError):
                return False
    return False


@lru_cache(maxsize=16)
def _hashes(report: Path, _written: int) -> frozenset[str]:
    found = set()
    with report.open("rb") as rows:
        for row in rows:
            try:
                found.add(json.loads(row)["output_sha256"])
            except (ValueError, KeyError, TypeError, RecursionError):
                continue  # a failed page, or a report that somebody edited
    return frozenset(found)
