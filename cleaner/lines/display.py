"""The one way by which text of pages reaches a terminal."""

from __future__ import annotations

import unicodedata


def shown(text: str) -> str:
    """``text`` in which no character can steer a terminal or hide: those stand as code points.

    Controls, bidirectional marks, zero-width signs and lone surrogates become ``<U+001B>`` and the
    like; tabs and the blanks of other scripts become plain blanks.

    >>> shown("red\\x1b[31m")
    'red<U+001B>[31m'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _visible(c) for c in text)


def _visible(char: str) -> str:
    if char == "\t" or unicodedata.category(char) == "Zs":
        return " "
    return f"<U+{ord(char):04X}>"


def display_name(name: str) -> str:
    """A file name as valid Unicode: bytes that are no UTF-8 stand as ``%FF``.

    >>> display_name("a\\udcff.html")
    'a%FF.html'
    """
    return "".join(f"%{ord(c) - 0xDC00:02X}" if 0xDC80 <= ord(c) <= 0xDCFF else c for c in name)
