"""Text to lines: split at \\n, \\r\\n and \\r only, with exact ranges in the source.

Text is cleaned by deleting such ranges, so they must cover everything after the byte order mark.
"""

from __future__ import annotations

import codecs
import re
from array import array
from collections.abc import Iterable, Iterator
from itertools import repeat
from operator import add

from cleaner.lines.numbered import lines_from
from cleaner.read.decode import Decoded
from cleaner.records import Line

# Linear: the class runs possessively up to the newline or the end, never back.
_PIECE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")


# Linear: each line is visited once, up to its first character and then to its end.
_FILLED = re.compile(r"\S[^\r\n]*+")


def count_lines(text: str) -> int:
    """Count the line ends of a text."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def count_filled_lines(text: str) -> int:
    """Count the lines of a text that hold more than whitespace."""
    return sum(1 for _ in _FILLED.finditer(text))


def lines_of(data: bytes | str, decoded: Decoded) -> tuple[Line, ...]:
    """Return the lines of a text, with ranges in bytes of ``data`` (in characters when it is a ``str``)."""
    newline = _one_newline(decoded.text) if decoded.is_utf8 else ""
    if newline:
        return _even_lines(data, decoded, newline)
    if isinstance(data, str):
        return _number_lines(_pieces(_PIECE.findall(data)))
    if decoded.encoding.startswith(("utf-16", "utf-32")):
        return _number_lines(_wide_pieces(data, decoded), decoded.bom)
    return _number_lines(_byte_pieces(data[decoded.bom :], decoded.encoding), decoded.bom)


def _one_newline(text: str) -> str:
    """Return the newline that ends all lines of a text, "" when it mixes several."""
    returns = text.count("\r")
    if not returns:
        return "\n"
    return "\r\n" if returns == text.count("\n") == text.count("\r\n") else ""


def _even_lines(data: bytes | str, decoded: Decoded, newline: str) -> tuple[Line, ...]:
    """Return the lines of a text with only one kind of newline, by one split of the text and one of its bytes."""
    texts = decoded.text.split(newline)
    rows = texts if isinstance(data, str) else data[decoded.bom :].split(newline.encode())
    ends = [*repeat(newline, len(texts) - 1), ""]
    if not texts[-1]:  # behind the last newline
        del texts[-1], rows[len(texts) :]
    sizes = map(add, map(len, rows), map(len, ends))
    return lines_from(texts, sizes, ends, decoded.bom)


def _number_lines(pieces: Iterable[tuple[str, int, str]], start: int = 0) -> tuple[Line, ...]:
    texts, sizes, newlines = [], array("q"), []
    for text, size, newline in pieces:
        texts.append(text)
        sizes.append(size)
        newlines.append(newline)
    return lines_from(texts, sizes, newlines, start)


def _pieces(rows: Iterable[str]) -> Iterator[tuple[str, int, str]]:
    for row in rows:
        yield (row[:-1], len(row), "\n") if row[-2:-1] != "\r" and row[-1] == "\n" else _split(row, len(row))


def _split(row: str, size: int) -> tuple[str, int, str]:
    text = row.rstrip("\r\n")
    return text, size, row[len(text) :]


def _byte_pieces(data: bytes, encoding: str) -> Iterator[tuple[str, int, str]]:
    """Cut the bytes at line ends, which are never part of a multi-byte character, and decode each piece."""
    if encoding == "iso2022_jp":  # its shift states last beyond line ends, so one decoder reads all pieces
        reader = codecs.getincrementaldecoder(encoding)("replace")
        for row in data.splitlines(keepends=True):
            body = row.rstrip(b"\r\n")
            yield reader.decode(body), len(row), row[len(body) :].decode("ascii")
        return
    for row in data.splitlines(keepends=True):
        body = row.rstrip(b"\r\n")
        yield body.decode(encoding, "replace"), len(row), row[len(body) :].decode("ascii")


def _wide_pieces(data: bytes, decoded: Decoded) -> Iterator[tuple[str, int, str]]:
    """Cut the text; the size of each piece is the number of bytes of its characters, replaced ones included."""
    left = len(data) - decoded.bom
    rows = _PIECE.findall(decoded.text)
    for index, row in enumerate(rows, 1):
        size = len(row.encode(decoded.encoding)) if index < len(rows) else left
        left -= size
        yield _split(row, size)
