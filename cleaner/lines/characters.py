"""Counts of the characters of each kind on every line, made for all lines of a page at once.

Searching each of the few hundred lines of a page several times would cost more than reading the page. So a table gives
for each character one byte, whose bits are the kinds of the character, and all lines are counted in one pass over these
bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

#: The bits: whitespace, capital letters, decimal digits, Chinese and Japanese characters, ``SEPARATORS``, letters.
WHITESPACE, CAPITAL, DIGIT, CJK, SEPARATOR, LETTER = (1 << bit for bit in range(6))

SEPARATORS = (
    "|\u2502\uff5c\u00a6\u2022\u00b7\u2027\u2219\u25cf\u25aa\u25a0\u203a\u2039\u00bb\u00ab>/\u2192\u2190\u25b6\u25ba"
)
CJK_RANGES = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f"

# Linear: one class each.
_PATTERNS = (
    *((WHITESPACE, r"\s+"), (DIGIT, r"\d+"), (CJK, f"[{CJK_RANGES}]+")),
    *((SEPARATOR, f"[{SEPARATORS}]+"), (LETTER, r"[^\W\d_]+")),
)

#: No code point from here on is a capital, and none is of any kind.
_CASED_END, _END = 0x20000, 0x40000

#: Characters that are looked up together, which bounds the memory for their code points.
_PIECE_CHARS = 1 << 20


def count_characters(texts: Sequence[str]) -> dict[int, list[int]]:
    """Count the characters of each kind in each text; capitals count only where they begin a word.

    There must be at least one text. The result has a list for each of CAPITAL, DIGIT, CJK and SEPARATOR.
    """
    kinds = _kinds("\n" + "\n".join(texts))  # so whitespace comes before every text, and no text is empty
    sizes = np.fromiter(map(len, texts), np.intp, len(texts)) + 1
    starts = np.cumsum(sizes) - sizes
    kinds[1:] &= (kinds[:-1] << 1) | (0xFF ^ CAPITAL)  # WHITESPACE, moved by a bit, is CAPITAL
    return {
        kind: np.add.reduceat((kinds & kind) != 0, starts, dtype=np.intp).tolist()
        for kind in (CAPITAL, DIGIT, CJK, SEPARATOR)
    }


def letter_runs(text: str) -> list[str]:
    """The words of a text that is not long: its longest runs of letters, without digits and punctuation."""
    points = _points(text)
    letters = np.where(_table().take(points, mode="clip") & LETTER, points, ord(" ")).astype("<u4")
    return letters.tobytes().decode("utf-32-le", "surrogatepass").split()


def _kinds(text: str) -> NDArray[np.uint8]:
    pieces = (_points(text[at : at + _PIECE_CHARS]) for at in range(0, len(text), _PIECE_CHARS))
    return np.concatenate([_table().take(points, mode="clip") for points in pieces])


def _points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint8]:
    """The kinds of each code point; the last entry, without any kind, stands for all later code points."""
    table = np.zeros(_END + 1, np.uint8)
    characters = np.arange(_END, dtype="<u4").tobytes().decode("utf-32-le", "surrogatepass")
    for kind, pattern in _PATTERNS:
        for run in re.finditer(pattern, characters):
            table[run.start() : run.end()] |= kind
    table[:_CASED_END] |= np.fromiter(map(str.isupper, characters[:_CASED_END]), np.uint8, _CASED_END) * CAPITAL
    return table
