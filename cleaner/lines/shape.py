"""The shape of lines: counts that need no language, made once for all detectors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import repeat

import numpy as np

from cleaner.lines.characters import CAPITAL, CJK, CJK_RANGES, DIGIT, SEPARATOR, count_characters
from cleaner.lines.fold import fold, fold_words, pieces
from cleaner.records import Shape

#: Texts that are counted together, and characters in them: more than most pages have, and few enough to bound the
#: memory for their words.
BATCH_TEXTS, BATCH_CHARS = 5_000, 2_000_000

_COMMON, _LONE, _CLOSED = 1, 2, 3

BLANK_SHAPE = Shape("", 0, 0, False, 0, 0, 0)

_STOPS = tuple(".!?\u2026\u3002\uff01\uff1f\uff0e\u061f\u06d4\u0964\u203d\u2047\u2048\u2049")
_CLOSERS = (
    " \t\u00a0\u3000\"')]}*_\u2019\u201d\u00bb\u203a\u201c\u300d\u300f\u300b\u3011\uff09\uff3d\u3009\u200b\u200e\u200f"
)
_LAST = frozenset((*_STOPS, *_CLOSERS))  # for most lines the last character alone shows that no sentence ends there
_LONE_CHARACTERS = frozenset("|-\u2013\u2014\u2022\u00b7/&+*><\u00bb\u00ab\u203a\u2039:,.=#\u2192\u2190\u2502")
_CJK = re.compile(f"[{CJK_RANGES}]")


def shapes_of(texts: Sequence[str], known: Mapping[str, Shape] | None = None) -> tuple[Shape, ...]:
    """One shape for each text, in order; ``known`` has shapes that were counted before, by text."""
    shapes = dict(known or {})
    fresh = [text for text in dict.fromkeys(texts) if text not in shapes]
    for part in _batches([text for text in fresh if len(text) <= BATCH_CHARS]):
        shapes.update(zip(part, _shapes(part), strict=True))
    for text in fresh:
        if len(text) > BATCH_CHARS:
            shapes[text] = _long(text)
    return tuple([shapes[text] for text in texts])


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if len(batch) == BATCH_TEXTS or size > BATCH_CHARS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _long(text: str) -> Shape:
    """The shape of a text of megabytes, summed over its pieces; each piece may round its CJK words up by one."""
    parts = [shape for batch in _batches(pieces(text)) for shape in _shapes(batch) if shape.folded]
    if not parts:
        return BLANK_SHAPE
    folded, words, function, _, capitals, digits, separators = zip(*parts, strict=True)
    return Shape(" ".join(folded), sum(words), sum(function), _ends(text), sum(capitals), sum(digits), sum(separators))


def fold_all(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Fold every text. Return the folded texts, and the words of all texts as one list, with NUL after each text.

    All are folded as one text with NUL between them, which folding does not change; a NUL inside a text becomes \\1.
    """
    joined = " \0 ".join(texts)
    if joined.count("\0") < len(texts):
        words = fold_words(f"{joined} \0")
        return [line.strip() for line in " ".join(words)[:-1].split("\0")], words
    return [fold(text) for text in texts], fold_words("".join([text.replace("\0", "\1") + " \0 " for text in texts]))


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


@lru_cache(maxsize=1)
def _word_kinds() -> dict[str, int]:
    """The kinds of single words: ``_COMMON`` function words, ``_LONE`` characters, and ``_CLOSED`` for the end of a
    text.
    """
    return {**dict.fromkeys(all_function_words(), _COMMON), **dict.fromkeys(_LONE_CHARACTERS, _LONE), "\0": _CLOSED}


def _shapes(texts: list[str]) -> Iterable[Shape]:
    """The shapes of texts, counted by numpy for all lines at once, since Python is slow for single words."""
    folded, tokens = fold_all(texts)
    words, function = _count_words(tokens)
    characters = count_characters(texts)
    for at, count in enumerate(characters[CJK]):
        if count:
            words[at] = (count + 1) // 2 + len(_CJK.sub(" ", folded[at]).split())
    ends = map(_ends, texts)
    counts = (characters[kind] for kind in (CAPITAL, DIGIT, SEPARATOR))
    rows = zip(folded, words, function, ends, *counts, strict=True)
    return [Shape._make(row) if row[0] else BLANK_SHAPE for row in rows]


def _ends(text: str) -> bool:
    return text[-1:] in _LAST and text.rstrip(_CLOSERS).endswith(_STOPS)


def _count_words(tokens: list[str]) -> tuple[list[int], list[int]]:
    """How many words, and how many function words, stand in each text; punctuation alone is no word."""
    kinds = np.fromiter(map(_word_kinds().get, tokens, repeat(0)), np.uint8, len(tokens))
    ends = np.flatnonzero(kinds == _CLOSED)
    starts = np.concatenate(([0], ends[:-1] + 1))
    lone, common = (np.add.reduceat(kinds == kind, starts, dtype=np.intp) for kind in (_LONE, _COMMON))
    return (ends - starts - lone).tolist(), common.tolist()
