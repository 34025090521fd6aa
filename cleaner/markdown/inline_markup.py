"""The inline markup of lines and the cells of tables, read in a second parse of the page.

Cleaning does not need it and does not pay for it. The reader is a subclass of the flattener, so the lines are the same.
It also records where elements begin and end in the text of a line, and makes runs of text of it when a line is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cleaner.markdown.text_runs import PLAIN, Cell, InlineMarkup, InlineStyle, LinePart, TextRun, collapse_runs
from cleaner.read import parse_again
from cleaner.read.blocks import Frame
from cleaner.read.elements import CELL_TAGS
from cleaner.read.flatten import CELL_MARK, Attributes, Flattener
from cleaner.records import Page

#: Characters of the address of a link; one with a longer address is written as text.
MAX_HREF_CHARS = 2_000

#: Columns of a table in which cells may span rows, and columns that one cell may span, as in browsers.
MAX_SPANNED_COLUMNS, MAX_CELL_COLUMNS = 100, 1_000

#: The largest number that Markdown allows for a list item.
MAX_ITEM_NUMBER = 999_999_999

# Linear: each begins with a literal or a boundary or is matched as a whole, and its repeats are bounded.
_LANGUAGE = re.compile(r"(?:^|\s)(?:lang(?:uage)?-|highlight-source-|brush:\s?)([\w+#.-]{1,30})", re.IGNORECASE)
_HIGHLIGHT = re.compile(r"(?:^|\s)highlight-([\w+#.-]{1,30})", re.IGNORECASE)
_NAME = re.compile(r"[\w+#.-]{1,30}")
_NUMBER = re.compile(r"\s{0,9}(-?[0-9]{1,9})")

#: Names that are not languages, although they stand in the place of one.
_NO_LANGUAGES = frozenset(("default", "none", "auto", "source", "text", "plain", "plaintext", "txt", "code"))

_MAX_CLASS_CHARS = 1_000


class _Grid:
    """An open table: the place of the next cell, and the cells of earlier rows that reach into this row."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.row = -1
        self.column = 0
        self._reaching: dict[int, int] = {}  # rows to go, by column

    def next_row(self) -> None:
        self.row += 1
        self.column = 0
        self._reaching = {column: left - 1 for column, left in self._reaching.items() if left > 1}

    def next_cell(self, attrs: Attributes, header: bool) -> Cell:
        self.row = max(self.row, 0)
        while self.column in self._reaching:
            self.column += 1
        column = self.column
        self.column += min(max(_number(attrs.get("colspan"), 1), 1), MAX_CELL_COLUMNS)
        rows = _number(attrs.get("rowspan"), 1)
        if rows > 1:  # this row goes out of the count when the next one begins
            columns = range(column, min(self.column, MAX_SPANNED_COLUMNS))
            self._reaching.update(dict.fromkeys(columns, rows))
        return Cell(self.number, self.row, column, header)


class _Change(NamedTuple):
    """The style and the cell of all text from a place in the buffer on."""

    place: int
    style: InlineStyle
    cell: Cell | None


class InlineMarkupReader(Flattener):
    """A flattener that also records what ``InlineMarkup`` holds."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: dict[int, tuple[LinePart, ...]] = {}
        self._addresses: list[str] = []
        self._base = ""
        self._now = PLAIN
        self._cell: Cell | None = None
        self._grid: _Grid | None = None
        self._grids = 0
        self._head = False  # in the head of a table
        self._list: Frame | None = None  # the innermost list, when it is an ordered one
        self._counts: dict[Frame, int] = {}
        self._numbers: dict[Frame, int] = {}
        self._language = ""  # of the code inside
        self._pre: Frame | None = None
        self._languages: dict[Frame, str] = {}
        self._changes = [_Change(0, PLAIN, None)]
        # For each open element the context before it, None when the element did not change the context.
        self._before: list[tuple[object, ...] | None] = []

    def markup(self, texts: Sequence[str]) -> InlineMarkup | None:
        """Return what was recorded; None when the lines are not ``texts``."""
        if texts != self.layer.texts:
            return None
        numbers = {frame.block: number for frame, number in self._numbers.items()}
        languages = {frame.block: language for frame, language in self._languages.items()}
        return InlineMarkup(self._parts, self._addresses, self._base, numbers, languages)

    def start(self, tag: str, attrs: Attributes) -> None:
        """Open an element."""
        skipped = self._skip >= 0
        super().start(tag, attrs)
        noted = tag in _STYLES or tag in _STRUCTURE
        if skipped or not (noted or attrs):
            self._before.append(None)
            return
        before = self._context()
        if tag in _STYLES:
            self._now = _with_style(self._now, tag)
        elif tag == "a":
            self._link(attrs.get("href") or "")
        elif tag == "base":
            self._base = self._base or (attrs.get("href") or "")[:MAX_HREF_CHARS]
        elif noted:
            self._open_structure(tag, attrs)
        if attrs and tag in _CODE:
            self._note_language(tag, attrs)
        self._note_if_changed(before)
        self._before.append(before if self._context() != before else None)

    def end(self, tag: str) -> None:
        """Close the innermost element."""
        super().end(tag)
        before = self._before.pop()
        if before is not None:
            self._now, self._cell, *rest = before  # type: ignore[assignment]
            self._grid, self._head, self._list, self._language, self._pre = rest  # type: ignore[assignment]
            self._note_change()

    def _context(self) -> tuple[object, ...]:
        return self._now, self._cell, self._grid, self._head, self._list, self._language, self._pre

    def _note_if_changed(self, before: tuple[object, ...]) -> None:
        if (self._now, self._cell) != before[:2]:
            self._note_change()

    def _note_change(self) -> None:
        change = _Change(len(self._buffer), self._now, self._cell)
        if self._changes[-1].place == change.place:
            self._changes[-1] = change
        else:
            self._changes.append(change)

    # -- the elements

    def _link(self, href: str) -> None:
        number = 0
        if href and len(href) <= MAX_HREF_CHARS:
            self._addresses.append(href)
            number = len(self._addresses)
        self._now = self._now._replace(link=number)

    def _open_structure(self, tag: str, attrs: Attributes) -> None:
        if tag == "table":
            self._grids += 1
            self._grid, self._cell, self._head = _Grid(self._grids), None, False
        elif tag == "tr":
            self._cell = None
            if self._grid is not None:
                self._grid.next_row()
        elif tag in CELL_TAGS:
            self._cell = self._grid.next_cell(attrs, tag == "th" or self._head) if self._grid is not None else None
        elif tag == "thead":
            self._head = True
        elif tag == "li":
            self._item(attrs)
        elif tag == "pre":
            self._pre = self._frame
            if self._language:
                self._languages[self._frame] = self._language
        else:
            self._list = self._frame if tag == "ol" else None
            if tag == "ol":
                self._counts[self._frame] = _number(attrs.get("start"), 1)

    def _item(self, attrs: Attributes) -> None:
        if self._list is None:
            return
        number = _number(attrs.get("value"), self._counts[self._list])
        self._counts[self._list] = number + 1
        if 0 <= number <= MAX_ITEM_NUMBER:
            self._numbers[self._frame] = number

    def _note_language(self, tag: str, attrs: Attributes) -> None:
        names = (attrs.get("class") or "")[:_MAX_CLASS_CHARS]
        found = _LANGUAGE.search(names) or (tag == "div" and _HIGHLIGHT.search(names))
        language = found[1] if found else (attrs.get("data-lang") or attrs.get("data-language") or "")[:30]
        if not language or language.lower() in _NO_LANGUAGES or not _NAME.fullmatch(language):
            return
        if tag == "div":
            self._language = language.lower()
        elif self._pre is not None:
            self._languages.setdefault(self._pre, language.lower())

    # -- lines

    def _flush(self) -> bool:
        wrote = super()._flush()
        self._changes = [_Change(0, self._now, self._cell)]
        return wrote

    def _write(self, text: str) -> bool:
        wrote = super()._write(text)
        plain = len(self._changes) == 1 and self._changes[0][1:] == (PLAIN, None)
        if wrote and not plain and not self._frame.state.preformatted:
            at = len(self._texts) - 1
            parts = tuple(self._line_parts())
            if len(parts) > 1 or any(run.style != PLAIN for part in parts for run in part.runs) or parts[0].cell:
                shown = " | ".join("".join(run.text for run in part.runs) for part in parts)
                if shown == self._texts[at]:  # else the line is only text
                    self._parts[at] = parts
        return wrote

    def _line_parts(self) -> Iterator[LinePart]:
        """The cells of the current line that show something, or the whole line."""
        pieces: list[TextRun] = []
        cell: Cell | None = None
        ends = [change.place for change in self._changes[1:]]
        for change, end in zip(self._changes, [*ends, len(self._buffer)], strict=True):
            texts = "".join(self._buffer[change.place : end]).split(CELL_MARK)
            for number, text in enumerate(texts):
                if number:
                    if cell_runs := collapse_runs(pieces):
                        yield LinePart(cell_runs, cell)
                    pieces, cell = [], None
                if not text:
                    continue
                pieces.append(TextRun(text, change.style))
                cell = cell or (change.cell if not text.isspace() else None)
        if cell_runs := collapse_runs(pieces):
            yield LinePart(cell_runs, cell)


def _with_style(style: InlineStyle, tag: str) -> InlineStyle:
    return style._replace(**{_STYLES[tag]: True})


def _number(text: str | None, default: int) -> int:
    found = _NUMBER.match(text or "")
    return int(found[1]) if found else default


_STYLES = {
    **dict.fromkeys(("b", "strong"), "strong"),
    **dict.fromkeys(("i", "em"), "em"),
    **dict.fromkeys(("s", "del", "strike"), "strike"),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), "code"),
}
_STRUCTURE = frozenset(("table", "thead", "tr", "li", "pre", "ol", "ul", "menu", "dir", *CELL_TAGS))
_CODE = frozenset(("pre", "code", "div"))


def read_inline_markup(page: Page) -> InlineMarkup | None:
    """Read the inline markup of an HTML page; return None when that gives other lines than the page has."""
    reader = InlineMarkupReader()
    parse_again(page, reader)
    markup = reader.markup([line.text for line in page.lines])
    vars(reader).clear()  # as in read_html
    return markup
