"""JSON Lines: one object on each line, with the page in one of its fields."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from cleaner.corpus.inputs.formats.item_maker import ItemMaker
from cleaner.corpus.items import ExtractedPage, Fields, Item
from cleaner.files.json_lines import LineSplitter, NumberedLine
from cleaner.files.json_rows import Verbatim
from cleaner.files.json_spans import bad_row, members, text_name
from cleaner.files.members import Gap
from cleaner.files.unpacking import pieces_of

_BOM = b"\xef\xbb\xbf"
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_items(path: Path, source: str, name: str, fields: Fields) -> Iterator[Item]:
    """Yield an item for each line that is not blank. Only a newline ends a line; ``#12`` is line 12."""
    del fields  # the worker reads the rows
    maker = ItemMaker(source, name)
    lines = LineSplitter()
    for piece in maker.catch_errors(pieces_of(path, source)):
        if isinstance(piece, Item):
            yield piece
            continue
        # The line before a gap ends there.
        yield from _items(maker, lines.add(piece if isinstance(piece, bytes) else b"\n"))
        if isinstance(piece, Gap):
            yield maker.gap(piece)
    yield from _items(maker, lines.rest())


def _items(maker: ItemMaker, lines: Iterator[NumberedLine]) -> Iterator[Item]:
    for number, _, data, _ in lines:
        line = (data.removeprefix(_BOM) if number == 1 else data).removesuffix(b"\n")
        if line.strip(b" \t\r\n"):
            yield maker.record(number, line)


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
