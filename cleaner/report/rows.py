"""Rows of the report: one for each page, also for pages that failed. See ``docs/report.md``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from cleaner.diff import hunks
from cleaner.errors import CleanScrapeError
from cleaner.records import SCHEMA_VERSION, Cleaned
from cleaner.report.layer import TextLayer, add_place, layer_encoding, rebuild_layer, text_layer

#: The reason of a page that could not be cleaned without losing something.
UNPROVEN_REASON = "unproven"

Row = dict[str, Any]


def page_row(cleaned: Cleaned) -> tuple[Row, bytes, bytes]:
    """Return the report row of a page, its body and the hunks between text layer and body.

    The row still lacks its ``output``. Raises CleanScrapeError with the reason ``unproven`` when
    body and removed lines do not rebuild the text layer.
    """
    layer, body = text_layer(cleaned), cleaned.to_bytes()
    row = cleaned.to_dict()
    encoding = layer_encoding(row["kind"], row["encoding"])
    removed = row["removed"]
    for at, span in enumerate(layer.removed):  # in place: a page may have hundreds of thousands of them
        removed[at] = add_place(removed[at], span, layer, encoding)
    _prove(layer, body, removed, encoding, cleaned.page.source)
    row |= {
        "codes": _codes(cleaned),
        "sha256": sha256(layer.data).hexdigest(),
        "output_sha256": sha256(body).hexdigest(),
        "output": None,
        "status": "written",
    }
    if cleaned.others:
        row["others"] = cleaned.others
    return row, body, hunks(layer.data, layer.removed)


def failure_row(source: str, reason: str, message: str, status: str = "quarantined") -> Row:
    """Return the row of an input without an output: quarantined when it was read, skipped when it was not opened."""
    return {
        "schema": SCHEMA_VERSION,
        "source": source,
        "output": None,
        "status": status,
        "error": {"reason": reason, "message": message},
    }


def to_json(row: Mapping[str, Any]) -> bytes:
    """Return a row as a line of JSON in UTF-8, keys in order."""
    text = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    try:
        return text.encode("utf-8") + b"\n"
    except UnicodeEncodeError:  # lone surrogates: JSON can name them, UTF-8 cannot hold them
        return json.dumps(row, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n"


def _prove(layer: TextLayer, body: bytes, removed: list[Row], encoding: str, source: str) -> None:
    if rebuild_layer(body, removed, encoding) != layer.data:
        raise CleanScrapeError(
            "kept and removed lines do not rebuild the page, so nothing was written; please report this page",
            source=source,
            reason=UNPROVEN_REASON,
        )


def _codes(cleaned: Cleaned) -> dict[str, dict[str, int]]:
    """Return how many lines and words were removed, by code."""
    found: dict[str, dict[str, int]] = {}
    for verdict in cleaned.dropped:
        if not verdict.line.blank:
            sums = found.setdefault(verdict.code, {"lines": 0, "words": 0})
            sums["lines"] += 1
            sums["words"] += cleaned.page.shapes[verdict.line.number - 1].words
    return dict(sorted(found.items()))
