"""Escaping text with backslashes, so that Markdown shows it unchanged."""

from __future__ import annotations

import re

# Linear: one character each, with look-around that is bounded. A "_" between letters or digits, and a backslash before
# one, have no meaning and stay readable.
_SPECIAL = re.compile(r"\\(?![0-9A-Za-z ])|[`*\[\]<~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?[0-9A-Za-z]{1,40};)")

# Text that begins a block at the beginning of a line. Linear: anchored, and repeats are bounded or run once.
_OPENS = re.compile(r"(?:#{1,6}(?=\ |$)|>|[-+](?=\ |$))|([0-9]{1,9})(?=[.)](?:\ |$))")
_RULE = re.compile(r"[-=:| ]+")

# Linear: a run of "#" is tried from its beginning only.
_CLOSES = re.compile(r"(?:^|(?<= ))(?=#+$)")


def escape_text(text: str) -> str:
    r"""Escape what would be inline markup in ``text``.

    >>> print(escape_text("a * b, [c], snake_case, <d> & &amp; C:\\dir"))
    a \* b, \[c\], snake_case, \<d> & \&amp; C:\dir
    """
    return _SPECIAL.sub(r"\\\g<0>", text)


def escape_line_start(line: str) -> str:
    r"""Escape the beginning of a line of a paragraph, so that it begins no other block.

    >>> escape_line_start("1986. A great year"), escape_line_start("- a"), escape_line_start("---")
    ('1986\\. A great year', '\\- a', '\\---')
    """
    found = _OPENS.match(line)
    if found and found[1]:
        return f"{found[1]}\\{line[found.end() :]}"
    return "\\" + line if found or _RULE.fullmatch(line) else line


def escape_heading_end(line: str) -> str:
    r"""Escape the end of a heading, so that no "#" there is lost.

    >>> escape_heading_end("F #"), escape_heading_end("F#")
    ('F \\#', 'F#')
    """
    return _CLOSES.sub(r"\\", line)
