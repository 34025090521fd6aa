"""The shape of lines: counts that need no language, made once for all detectors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

from cleaner.phrases import fold
from cleaner.records import Shape

BLANK = Shape("", 0, 0, False, 0, 0, 0)

_STOPS = tuple(".!?\u2026\u3002\uff01\uff1f\uff0e\u061f\u06d4\u0964\u203d\u2047\u2048\u2049")
_CLOSERS = (
    " \t\u00a0\u3000\"')]}*_\u2019\u201d\u00bb\u203a\u201c\u300d\u300f\u300b\u3011\uff09\uff3d\u3009\u200b\u200e\u200f"
)
_SEPARATORS = re.compile(
    "[|\u2502\uff5c\u00a6\u2022\u00b7\u2027\u2219\u25cf\u25aa\u25a0\u203a\u2039\u00bb\u00ab>/\u2192\u2190\u25b6\u25ba]"
)
_LONE_SIGNS = frozenset("|-\u2013\u2014\u2022\u00b7/&+*><\u00bb\u00ab\u203a\u2039:,.=#\u2192\u2190\u2502")
_DIGIT = re.compile(r"\d")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f]")


def shapes_of(texts: Sequence[str], known: Mapping[str, Shape] | None = None) -> tuple[Shape, ...]:
    """One shape for each text, in order; texts that are ``known`` or stand twice are looked at once."""
    shapes = dict(known or {})
    fresh = [text for text in dict.fromkeys(texts) if text not in shapes]
    common = all_function_words()
    for text, folded in zip(fresh, fold_all(fresh), strict=True):
        shapes[text] = _shape(text, folded, common) if folded else BLANK
    return tuple([shapes[text] for text in texts])


def fold_all(texts: Sequence[str]) -> list[str]:
    """``phrases.fold`` of every text, made in one go: NUL, which folding leaves alone, joins them."""
    joined = "\0".join(texts)
    if not texts or joined.count("\0") != len(texts) - 1:
        return [fold(text) for text in texts]
    return [part.strip() for part in fold(joined).split("\0")]


@lru_cache(maxsize=1)
def function_words() -> dict[str, frozenset[str]]:
    """The function words by language, from the data files."""
    root = files("cleaner") / "data" / "function_words"
    listed = sorted((entry for entry in root.iterdir() if entry.name.endswith(".txt")), key=lambda entry: entry.name)
    return {entry.name[:-4]: frozenset(entry.read_text("utf-8").split()) for entry in listed}


@lru_cache(maxsize=1)
def all_function_words() -> frozenset[str]:
    """The function words of all languages."""
    return frozenset().union(*function_words().values())


def _shape(text: str, folded: str, common: frozenset[str]) -> Shape:
    words = folded.split()
    separators = len(_SEPARATORS.findall(text))
    count = len(words) - _count(words, _LONE_SIGNS)
    if not text.isascii() and _CJK.search(text):
        signs = len(_CJK.findall(text))
        count = (signs + 1) // 2 + len(_CJK.sub(" ", folded).split())
    return Shape(
        folded,
        count,
        _count(words, common),
        text.rstrip(_CLOSERS).endswith(_STOPS),
        sum([word[0].isupper() for word in text.split()]),
        len(_DIGIT.findall(text)) if "0" in folded or not text.isascii() else 0,
        separators,
    )


def _count(words: Iterable[str], known: frozenset[str]) -> int:
    return sum(map(known.__contains__, words))
