"""The text layer: the bytes that body and removed lines make up together.

For a text page the layer is the source, byte for byte. For an HTML page it is the flattened page in
UTF-8. The row of a removed line holds its offset in the layer, so that rebuilding needs no guess about
line ends.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from cleaner.diff import Span
from cleaner.errors import RestoreError
from cleaner.records import Cleaned


@dataclass(frozen=True, slots=True)
class TextLayer:
    """The bytes of the layer, and the byte ranges of the removed lines, in order."""

    data: bytes
    removed: list[Span]


def text_layer(cleaned: Cleaned) -> TextLayer:
    """Return the text layer of a page."""
    page = cleaned.page
    if page.kind == "text" and isinstance(page.data, bytes):
        return TextLayer(page.data, [(v.line.start, v.line.end) for v in cleaned.dropped])
    lines = [(v.line.text + v.line.newline).encode("utf-8", "surrogatepass") for v in cleaned.verdicts]
    ends = accumulate(map(len, lines), initial=0)
    removed = [span for span, verdict in zip(pairwise(ends), cleaned.verdicts, strict=True) if not verdict.keep]
    return TextLayer(b"".join(lines), removed)


def add_place(row: Mapping[str, Any], span: Span, layer: TextLayer, encoding: str) -> dict[str, Any]:
    """Return the row of a removed line with its place in the layer.

    Adds ``start``, the offset in bytes, and, only when text and newline do not encode to the bytes
    that stood there, ``raw``: those bytes in base64.
    """
    raw = layer.data[slice(*span)]
    placed = {**row, "start": span[0]}
    if _encoded(row, encoding) != raw:
        placed["raw"] = base64.b64encode(raw).decode("ascii")
    return placed


def rebuild_layer(body: bytes, removed: Iterable[Mapping[str, Any]], encoding: str) -> bytes:
    """Rebuild the text layer from a body and the rows of the lines that were removed from it.

    Raises RestoreError when a row cannot be read or does not fit.
    """
    parts: list[bytes] = []
    size = used = 0
    for row in removed:
        start = row.get("start")
        if not isinstance(start, int) or not 0 <= start - size <= len(body) - used:
            raise RestoreError(f"the removed line {row.get('line')} does not fit into the output")
        kept, raw = start - size, _removed(row, encoding)
        parts += (body[used : used + kept], raw)
        used, size = used + kept, start + len(raw)
    parts.append(body[used:])
    return b"".join(parts)


def layer_encoding(kind: str, encoding: str) -> str:
    """Return the encoding of a page's text layer."""
    return "utf-8" if kind == "html" else encoding


def _removed(row: Mapping[str, Any], encoding: str) -> bytes:
    if "raw" in row:
        try:
            return base64.b64decode(row["raw"], validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise RestoreError(f"the bytes of the removed line {row.get('line')} are damaged: {error}") from error
    raw = _encoded(row, encoding)
    if raw is None:
        raise RestoreError(f"the removed line {row.get('line')} cannot be written in {encoding}")
    return raw


def _encoded(row: Mapping[str, Any], encoding: str) -> bytes | None:
    try:
        return f"{row['text']}{row['newline']}".encode(encoding)
    except (UnicodeError, LookupError, KeyError):
        return None
