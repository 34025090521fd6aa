"""JSON Lines: one object on each line, with the page in one of its fields."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from cleaner.corpus.inputs.formats.item_maker import ItemMaker
from cleaner.corpus.items import ExtractedPage, Fields, Item
from cleaner.files.json_rows import Verbatim
from cleaner.files.json_spans import bad_row, members, text_name
from cleaner.files.members import Gap
from cleaner.files.opening import PAGE_CAP
from cleaner.files.unpacking import pieces_of

_BOM = b"\xef\xbb\xbf"
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_items(path: Path, source: str, name: str, fields: Fields) -> Iterator[Item]:
    """Yield an item for each line that is not blank. Only a newline ends a line; ``#12`` is line 12."""
    del fields  # the worker reads the rows
    maker = ItemMaker(source, name)
    lines = _Lines()
    for piece in maker.catch_errors(pieces_of(path, source)):
        if isinstance(piece, Item):
            yield piece
            continue
        # The line before a gap ends there.
        whole = lines.add(piece if isinstance(piece, bytes) else b"\n")
        for number, line in whole:
            yield maker.record(number, line)
        if isinstance(piece, Gap):
            yield maker.gap(piece)
    for number, line in lines.add(b"\n"):
        yield maker.record(number, line)


#: Blank lines, any number at once: a file of nothing but newlines would take long line by line.
# Linear: all quantifiers are possessive.
BLANK_LINES = re.compile(rb"(?:[ \t\r]*+\n)++")


class _Lines:
    """Puts lines together from pieces. Of a line over the cap only one byte more than the cap is kept."""

    def __init__(self) -> None:
        self.number = 0
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, piece: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield number and bytes of the lines that end in the piece, but for blank ones."""
        at = 0
        while at < len(piece):
            blank = BLANK_LINES.match(piece, at) if not self._size else None
            if blank:
                self.number += piece.count(b"\n", at, blank.end())
                at = blank.end()
                continue
            end = piece.find(b"\n", at)
            self._add(piece[at : end if end >= 0 else None])
            if end < 0:
                return
            line = b"".join(self._parts)
            self._parts, self._size = [], 0
            self.number += 1
            line = line.removeprefix(_BOM) if self.number == 1 else line
            if line.strip(b" \t\r\n"):
                yield self.number, line
            at = end + 1

    def _add(self, part: bytes) -> None:
        room = PAGE_CAP + 1 - self._size
        if part and room > 0:
            self._parts.append(part[:room])
            self._size += len(self._parts[-1])


def extract_page(item: Item, fields: Fields) -> ExtractedPage:
    """Return the page of a line. Raises UnreadableError (``bad-row``)."""
    line = item.data or b""
    text = line.decode("utf-8", "replace")
    lossy = text.count("\ufffd") - line.count(b"\xef\xbf\xbd") if "\ufffd" in text else 0
    try:
        found = {str(json.loads(one.name)): one for one in members(text)}
        is_string = {name: text[one.start] == '"' for name, one in found.items()}
        page = text_name(is_string, fields.text)
    except ValueError as error:
        raise bad_row(f"is no JSON object ({error})") from error
    rest = {name: Verbatim(text[one.start : one.end]) for name, one in found.items() if name != page}
    data = str(json.loads(text[found[page].start : found[page].end]))
    alone = len(_SURROGATE.findall(data)) if not data.isascii() else 0
    damage = [
        f"{lossy:,} bytes of the row are no UTF-8 and became U+FFFD" if lossy else "",
        f"{alone:,} lone surrogates stand in the text, which UTF-8 cannot hold" if alone else "",
    ]
    url, id_ = fields.url_and_id(lambda name: rest[name].value if name in rest else None)
    return ExtractedPage(data, url or None, id_, fields=rest, damage="; ".join(filter(None, damage)))
