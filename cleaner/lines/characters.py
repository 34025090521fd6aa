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

#: The bits: blanks, capital letters, decimal digits, Chinese and Japanese signs, ``SEPARATORS``, letters.
BLANK, CAPITAL, DIGIT, CJK, SEPARATOR, LETTER = (1 << bit for bit in range(6))

SEPARATORS = (
    "|\u2502\uff5c\u00a6\u2022\u00b7\u2027\u2219\u25cf\u25aa\u25a0\u203a\u2039\u00bb\u00ab>/\u2192\u2190\u25b6\u25ba"
)
CJK_RANGES = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f"

# Linear: one class each.
_PATTERNS = (
    *((BLANK, r"\s+"), (DIGIT, r"\d+"), (CJK, f"[{CJK_RANGES}]+")),
    *((SEPARATOR, f"[{SEPARATORS}]+"), (LETTER, r"[^\W\d_]+")),
)

#: No code point from here on is a capital, and none is of any kind.
_CASED_END, _END = 0x20000, 0x40000

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


def letter_runs(text: str) -> list[str]:
    """The words of a text that is not long: its longest runs of letters, without digits and signs."""
    points = _points(text)
    letters = np.where(_table().take(points, mode="clip") & LETTER, points, ord(" ")).astype("<u4")
    return letters.tobytes().decode("utf-32-le", "surrogatepass").split()


def _kinds(text: str) -> NDArray[np.uint8]:
    pieces = (_points(text[at : at + _PIECE]) for at in range(0, len(text), _PIECE))
    return np.concatenate([_table().take(points, mode="clip") for points in pieces])


def _points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint8]:
    """The kinds of each code point; what lies beyond the end has those of the last entry, none."""
    table = np.zeros(_END + 1, np.uint8)
    signs = np.arange(_END, dtype="<u4").tobytes().decode("utf-32-le", "surrogatepass")
    for kind, pattern in _PATTERNS:
        for run in re.finditer(pattern, signs):
            table[run.start() : run.end()] |= kind
    table[:_CASED_END] |= np.fromiter(map(str.isupper, signs[:_CASED_END]), np.uint8, _CASED_END) * CAPITAL
    return table
