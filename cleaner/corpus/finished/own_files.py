"""Files that we wrote ourselves: outputs, recognised by the hashes in their report, and profiles of sites."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cleaner.corpus.report_files import REPORT_FOLDER, ROWS_FILE, SUMMARY_FILE, is_report
from cleaner.files.opening import hash_of
from cleaner.sites.files import is_profile


def is_own_file(path: Path) -> bool:
    """Return True for a profile, for a file of a report, and for an unchanged output of a report in a folder above."""
    if is_profile(path):
        return True
    for folder in path.resolve().parents:
        if is_report(folder):
            return True
        report = folder / REPORT_FOLDER / ROWS_FILE
        if report.is_file():
            try:
                known = _hashes(report, report.stat().st_mtime_ns)
            except OSError:
                return False
            found = hash_of(path)
            return found is not None and found in known
    return False


@lru_cache(maxsize=16)
def _hashes(report: Path, _written: int) -> frozenset[bytes]:
    """Return the sha256 of all bodies and shards that a report names."""
    found = set()
    with suppress(ValueError, LookupError, TypeError, AttributeError, OSError, RecursionError):
        shards = json.loads(report.with_name(SUMMARY_FILE).read_bytes())["shards"]
        found = {bytes.fromhex(one) for one in shards.values()}
    with report.open("rb") as rows:
        for row in rows:
            try:
                found.add(bytes.fromhex(json.loads(row)["output_sha256"]))
            except (ValueError, KeyError, TypeError, RecursionError):
                continue  # a failed page, or a report that somebody edited
    return frozenset(found)
