"""Which kinds of signs stand on which line, counted for all lines of a page at once.

A page has a few hundred lines, and a handful of searches on each costs more than reading the page. So
the kinds of a sign are the bits of one byte, looked up in a table for every sign of the page, and all
lines are counted in one sweep over these bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

#: The bits: blanks, capital letters, decimal digits, Chinese and Japanese signs, and ``SEPARATORS``.
BLANK, CAPITAL, DIGIT, CJK, SEPARATOR = (1 << bit for bit in range(5))

SEPARATORS = (
    "|\u2502\uff5c\u00a6\u2022\u00b7\u2027\u2219\u25cf\u25aa\u25a0\u203a\u2039\u00bb\u00ab>/\u2192\u2190\u25b6\u25ba"
)
CJK_RANGES = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f"

#: Beyond this point there are CJK signs only, which end where the table does, less one.
_LAST_MIXED, _LAST = 0x20000, 0x31350

#: Signs looked up at a time: it bounds the memory that their code points take.
_PIECE = 1 << 20


def count_signs(texts: Sequence[str]) -> dict[int, list[int]]:
    """How many signs of each kind stand in each text, of one or more; of ``CAPITAL`` those that begin a word."""
    kinds = _kinds("\n" + "\n".join(texts))  # so a blank comes before every text, and no sweep is empty
    sizes = np.fromiter(map(len, texts), np.intp, len(texts)) + 1
    starts = np.cumsum(sizes) - sizes
    kinds[1:] &= (kinds[:-1] << 1) | (0xFF ^ CAPITAL)  # BLANK, moved by a bit, is CAPITAL
    return {
        kind: np.add.reduceat((kinds & kind) != 0, starts, dtype=np.intp).tolist()
        for kind in (CAPITAL, DIGIT, CJK, SEPARATOR)
    }


def _kinds(text: str) -> NDArray[np.uint8]:
    table = _table()
    pieces = [
        table.take(np.frombuffer(text[at : at + _PIECE].encode("utf-32-le", "surrogatepass"), "<u4"), mode="clip")
        for at in range(0, len(text), _PIECE)
    ]
    return np.concatenate(pieces)


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint8]:
    """The kinds of each code point; what lies beyond the end has those of the last entry, none."""
    table = np.zeros(_LAST + 1, np.uint8)
    table[_LAST_MIXED:_LAST] = CJK
    signs = "".join(map(chr, range(_LAST_MIXED)))
    for kind, pattern in ((BLANK, r"\s"), (DIGIT, r"\d"), (CJK, f"[{CJK_RANGES}]"), (SEPARATOR, f"[{SEPARATORS}]")):
        table[[found.start() for found in re.finditer(pattern, signs)]] |= kind
    table[:_LAST_MIXED][np.fromiter(map(str.isupper, signs), bool, _LAST_MIXED)] |= CAPITAL
    return table
