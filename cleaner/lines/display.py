"""Text of pages and names of files in a form that is safe on a terminal: no character controls it or hides text."""

from __future__ import annotations

import unicodedata


def make_visible(text: str) -> str:
    """Return the text with its control characters and invisible characters written as code points.

    Control characters, bidirectional marks, zero-width characters and lone surrogates become ``<U+001B>`` and the like;
    tabs and the spaces of other scripts become plain spaces.

    >>> make_visible("red\\x1b[31m")
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
    """Return a file name as valid Unicode: bytes that are no UTF-8 become ``%FF``.

    >>> display_name("a\\udcff.html")
    'a%FF.html'
    """
    return "".join(f"%{ord(c) - 0xDC00:02X}" if 0xDC80 <= ord(c) <= 0xDCFF else c for c in name)
