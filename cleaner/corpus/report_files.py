"""The names of the files that a run writes: its report, its shards, and its own folder for unfinished files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from cleaner.records import Kind

#: The folder of the report, below the output folder.
REPORT_FOLDER = "_report"

#: The folder with the journal and with files that are not finished yet, below the output folder.
STATE_FOLDER = ".clean-scrape"

#: One row of JSON for each input.
ROWS_FILE = "pages.jsonl"

#: The same rows as a Parquet table, written by runs on an engine.
TABLE_FILE = "pages.parquet"

#: The patches of each kind of page.
PATCH_FILES: Mapping[Kind, str] = {"text": "changes.diff", "html": "html-changes.diff"}

#: The profile that a run of two passes made.
PROFILE_FILE = "sites.profile.jsonl"

#: The sums of a run.
SUMMARY_FILE = "summary.json"

#: All data files of a report. The sums are written last: a report with them is complete.
REPORT_FILES = (ROWS_FILE, TABLE_FILE, *PATCH_FILES.values(), PROFILE_FILE, SUMMARY_FILE)

#: The overview of the HTML report, below the folder of the report, and the folder of its other pages.
INDEX_FILE, PAGES_FOLDER = "index.html", "pages"

# Linear: bounded numbers and fixed words.
_SHARD = re.compile(r"pages-(\d{5,9})(?:-\d{1,9})?\.(?:jsonl|parquet)")


def shard_name(number: int, ending: str = "jsonl") -> str:
    """Return the name of the shard with this number, from 0.

    >>> shard_name(12)
    'pages-00012.jsonl'
    """
    return f"pages-{number:05}.{ending}"


def shard_number(name: str) -> int | None:
    """Return the number of a shard, None when the name is not one of a shard.

    >>> shard_number("pages-00012.parquet"), shard_number("pages.jsonl")
    (12, None)
    """
    found = _SHARD.fullmatch(name)
    return int(found[1]) if found else None


def is_report(folder: Path) -> bool:
    """Return True for a folder with the report of a run that came to its end."""
    if folder.name != REPORT_FOLDER or not (folder / SUMMARY_FILE).is_file():
        return False
    return any((folder / rows).is_file() for rows in (ROWS_FILE, TABLE_FILE))
