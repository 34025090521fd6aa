"""From events of the HTML parser to lines: where a line ends, and which text is left out.

All open elements are on one explicit stack, so depth costs memory only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cleaner.lines.fold import collapse_whitespace
from cleaner.read import facts
from cleaner.read.blocks import Frame, LayerBuilder
from cleaner.read.elements import CELL_TAGS, LIST_TAGS, LOOSE_TAGS, SKIPPED, STATEFUL, TIGHT_TAGS, VOID, State, describe

#: Stands between the cells of a row until the line is written; the text itself holds no NUL.
CELL_MARK = "\0"

# One class, no repeat: linear. Controls, surrogates and non-characters show nothing.
INVISIBLE_CHARACTERS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NEWLINE = re.compile(r"\r\n|\r|\n")

Attributes = Mapping[str, str]


class Flattener:
    """The parser target: fills ``layer``, ``title``, ``lang``, and facts of the page: ``facts``, ``types``, ``free``.

    ``data`` is the method ``append`` of a list, so text costs no call of Python code. Text that must not show is
    removed from the list when its element ends.
    """

    def __init__(self) -> None:
        self.layer = LayerBuilder()
        self.facts: dict[str, Any] = {}
        self.types: set[str] = set()
        self.free = True
        self.title = self.lang = ""
        self._buffer: list[str] = []
        self.data: Callable[[str], None] = self._buffer.append
        self._texts = self.layer.texts
        # For each open element: a frame, "a" for a plain link, the kind of a skipped element, None for all others.
        self._stack: list[Frame | str | None] = []
        self._frame = Frame("", "", None, State(), 0)
        self._skip = self._mark = -1  # depth and buffer place of the skipped element
        self._gap = 0  # 2: a blank line comes before the next line
        self._broken = False
        self._tight_at = -1
        self._links = self._link_from = self._link_chars = 0
        self._seen = 0
        self._covers: list[tuple[Frame, int]] = []

    def start(self, tag: str, attrs: Attributes) -> None:
        """Open an element."""
        if self._skip >= 0:
            self._stack.append(None)
            return
        _STARTS.get(tag, _INLINE)(self, tag, attrs)

    def end(self, tag: str) -> None:
        """Close the innermost element: the parser balances the tags."""
        frame = self._stack.pop()
        if frame is None:
            return
        if isinstance(frame, Frame):
            if frame.flows:
                self._end_flowing(frame)
            else:
                self._end_block(frame)
        elif self._skip < 0:
            self._end_link()
        else:
            self._end_skipped(frame)

    def close(self) -> None:
        """Write the last line, when the data end or the parser stops early."""
        if self._skip >= 0:
            del self._buffer[self._mark :]
        self._flush()
        for frame in self._stack:
            if isinstance(frame, Frame):
                self.layer.close(frame)
        self._stack.clear()

    # -- elements that begin

    def _start_root(self, tag: str, attrs: Attributes) -> None:
        self._flush()
        self._gap = 2
        self.lang = self.lang or attrs.get("lang") or attrs.get("xml:lang") or ""
        self._stack.append(None)

    def _start_meta(self, tag: str, attrs: Attributes) -> None:
        (facts.note_meta if tag == "meta" else facts.note_link)(self.facts, attrs)
        self._stack.append(None)

    def _start_skipped(self, tag: str, attrs: Attributes) -> None:
        self._skip, self._mark = len(self._stack), len(self._buffer)
        self._stack.append((attrs.get("type") or "")[:40].strip().lower() if tag == "script" else tag)

    def _start_void(self, tag: str, attrs: Attributes) -> None:
        self._stack.append(None)

    def _start_break(self, tag: str, attrs: Attributes) -> None:
        self._stack.append(None)
        if self._frame.state.preformatted:
            self._buffer.append("\n")
            return
        wrote = self._flush()
        # A second break in a row shows as an empty line, so it separates paragraphs.
        self._gap = 2 if self._broken and not wrote else max(self._gap, 1)
        self._broken = True

    def _start_loose(self, tag: str, attrs: Attributes) -> None:
        if self._buffer:
            self._flush()
        if self._gap < 2:
            self._request_blank_line(tag)
        self._open(tag, attrs)

    def _start_tight(self, tag: str, attrs: Attributes) -> None:
        if self._buffer:
            self._flush()
        self._gap = self._gap or 1
        self._tight_at = len(self._texts)
        self._open(tag, attrs)

    def _start_cell(self, tag: str, attrs: Attributes) -> None:
        leads = not self._filled()
        if not leads:
            self._buffer.append(CELL_MARK)
        self._tight_at = len(self._texts)
        frame = self._open(tag, attrs)
        frame.flows, frame.leads = True, leads

    def _start_link(self, tag: str, attrs: Attributes) -> None:
        if not self._links:
            self._link_from = len(self._buffer)
        self._links += 1
        self._start_inline(tag, attrs)

    def _start_inline(self, tag: str, attrs: Attributes) -> None:
        names, hidden = describe(attrs) if attrs else ("", False)
        if not (names or hidden):
            self._stack.append(tag if tag == "a" else None)
            return
        frame = self._push(tag, names, hidden)
        frame.flows, frame.leads = True, not (self._buffer and self._filled())

    def _open(self, tag: str, attrs: Attributes) -> Frame:
        names, hidden = describe(attrs) if attrs else ("", False)
        return self._push(tag, names, hidden)

    def _push(self, tag: str, names: str, hidden: bool) -> Frame:
        outer = self._frame
        state = outer.state
        if hidden or tag in STATEFUL:
            state = state.inside(tag, hidden)
        self._frame = frame = Frame(tag, names, outer, state, len(self._texts))
        self._stack.append(frame)
        return frame

    def _request_blank_line(self, tag: str) -> None:
        """Request a blank line before the next line; not at the start of an item, nor around a list inside a list."""
        inner = tag in LIST_TAGS and self._frame.state.lists
        self._gap = max(self._gap, 1 if inner or self._tight_at == len(self._texts) else 2)

    # -- elements that end

    def _end_block(self, frame: Frame) -> None:
        if self._buffer:
            self._flush()
        self._frame = frame.parent or frame
        if frame.tag not in LOOSE_TAGS:
            self._end_item(frame)
        elif self._gap < 2:
            self._request_blank_line(frame.tag)
        if frame.block >= 0:
            self.layer.close(frame)

    def _end_flowing(self, frame: Frame) -> None:
        tag = frame.tag
        if tag == "a":
            self._end_link()
        holds_line = len(self._texts) > frame.line
        if holds_line and tag in CELL_TAGS:
            self._flush()
        elif (holds_line or frame.leads) and self._filled():
            self._covers.append((frame, len(self._buffer)))
        self._frame = frame.parent or frame
        if tag in CELL_TAGS:
            self._end_item(frame)
        if frame.block >= 0:
            self.layer.close(frame)

    def _end_item(self, frame: Frame) -> None:
        """End an item: there is no blank line between items unless one holds several paragraphs."""
        if len(self._texts) > frame.line:
            self._gap = 2 if self.layer.blank_at > frame.line else 1

    def _end_link(self) -> None:
        self._links -= 1
        if not self._links:
            self._link_chars += len(collapse_whitespace("".join(self._buffer[self._link_from :])))

    def _end_skipped(self, kind: str) -> None:
        text = "".join(self._buffer[self._mark :])
        if kind == "title" and not self.title:
            self.title = facts.shorten(text)
        elif kind == "application/ld+json":
            self.types |= facts.json_ld_types(text)
            self.free = self.free and not facts.states_not_free(text)
        del self._buffer[self._mark :]
        self._skip = -1

    # -- lines

    def _filled(self) -> bool:
        """True when the current line shows something; each piece of text is examined once."""
        buffer, at = self._buffer, self._seen
        while at < len(buffer) and buffer[at].isspace():
            at += 1
        self._seen = at
        return at < len(buffer)

    def _flush(self) -> bool:
        """End the current line; true when it held something."""
        if not self._buffer:
            return False
        text = "".join(self._buffer)
        wrote = not text.isspace() and self._write(text)
        self._buffer.clear()
        self._covers.clear()
        self._seen = self._link_from = self._link_chars = 0
        return wrote

    def _write(self, text: str) -> bool:
        rows = _rows(text) if self._frame.state.preformatted else [_shown(text)]
        if not (rows and rows[0]):
            return False
        if self._links:
            self._link_chars += len(collapse_whitespace("".join(self._buffer[self._link_from :])))
        frame, covering = self._covering()
        if self._gap == 2:
            self.layer.add_blank_line()
        for row in rows:
            self.layer.write(row, frame, min(self._link_chars, len(row)))
        for one in covering:
            self.layer.close(one)
        self._gap = 0
        self._broken = False
        if CELL_MARK in text and not text.rpartition(CELL_MARK)[2].strip():  # the next text is the first of its cell
            self._tight_at = len(self._texts)
        return True

    def _covering(self) -> tuple[Frame, Sequence[Frame]]:
        """The innermost element that holds the whole current line, and the flowing elements in the line that ended."""
        if self._covers:
            end = len(self._buffer)
            while end and self._buffer[end - 1].isspace():
                end -= 1
            closed = [frame for frame, at in self._covers if at >= end]
            if closed:
                return closed[0], closed
        frame = self._frame
        while frame.flows and frame.line == len(self._texts) and not frame.leads and frame.parent is not None:
            frame = frame.parent
        return frame, ()


def _rows(text: str) -> list[str]:
    """The lines of preformatted text without the empty ones around them."""
    rows = [row.rstrip() for row in _NEWLINE.split(INVISIBLE_CHARACTERS.sub("", text))]
    filled = [number for number, row in enumerate(rows) if row]
    return rows[filled[0] : filled[-1] + 1] if filled else []


def _shown(text: str) -> str:
    """Return text as a browser shows it: whitespace collapsed, cells separated, nothing invisible."""
    if CELL_MARK in text:
        return " | ".join(filter(None, [_shown(cell) for cell in text.split(CELL_MARK)]))
    shown = collapse_whitespace(text)
    return shown if shown.isprintable() else collapse_whitespace(INVISIBLE_CHARACTERS.sub("", shown))


_INLINE = Flattener._start_inline
_STARTS: dict[str, Callable[[Flattener, str, Attributes], None]] = {
    **dict.fromkeys(LOOSE_TAGS, Flattener._start_loose),
    **dict.fromkeys(TIGHT_TAGS, Flattener._start_tight),
    **dict.fromkeys(CELL_TAGS, Flattener._start_cell),
    **dict.fromkeys(SKIPPED, Flattener._start_skipped),
    **dict.fromkeys(VOID, Flattener._start_void),
    **dict.fromkeys(("html", "body", "head"), Flattener._start_root),
    **dict.fromkeys(("meta", "link"), Flattener._start_meta),
    "br": Flattener._start_break,
    "a": Flattener._start_link,
}
