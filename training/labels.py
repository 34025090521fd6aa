"""Which words of a page belong to its gold body: an order-aware alignment of two word lists.

The method is the patience diff (Cohen 2003): word runs that are unique on both sides anchor the
alignment, the longest increasing chain of anchors is kept, anchors grow as far as the words agree, and the
gaps between them are treated the same way with shorter runs.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

#: A word; in scripts without spaces each character is one.
WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")

#: Lengths of the runs that serve as anchors, tried in turn.
_SIZES = (6, 3, 1)

#: Single words anchor only in gaps where the page is at most this many times longer than the gold.
_SPARSE = 40


def words_of(text: str) -> list[str]:
    """Return the lower-case words of a text."""
    return WORD.findall(text.lower())


def matched_words(lines: Sequence[str], gold: str) -> list[tuple[int, int]]:
    """Return per line how many words it has, and how many of them the gold body holds at that place."""
    per_line = [words_of(line) for line in lines]
    flat = [word for words in per_line for word in words]
    hits = _align(flat, words_of(gold))
    counted, at = [], 0
    for words in per_line:
        counted.append((len(words), sum(hits[at : at + len(words)])))
        at += len(words)
    return counted


def _align(page: list[str], gold: list[str]) -> bytearray:
    hits = bytearray(len(page))
    todo = [(0, len(page), 0, len(gold), 0)]
    while todo:
        p0, p1, g0, g1, level = todo.pop()
        chain: list[tuple[int, int]] = []
        while p1 > p0 and g1 > g0 and level < len(_SIZES) and not chain:
            size = _SIZES[level]
            if size == 1 and p1 - p0 > _SPARSE * (g1 - g0) + 200:
                break
            chain = _chain(page, gold, (p0, p1, g0, g1), size)
            level += not chain
        at_p, at_g = p0, g0
        for p, g in chain:
            if p < at_p or g < at_g:
                continue
            first_p, first_g, last_p, last_g = _grow(page, gold, (p, g), (at_p, p1, at_g, g1))
            hits[first_p:last_p] = b"\x01" * (last_p - first_p)
            todo.append((at_p, first_p, at_g, first_g, level))
            at_p, at_g = last_p, last_g
        if chain:
            todo.append((at_p, p1, at_g, g1, level))
    return hits


def _chain(page: list[str], gold: list[str], box: tuple[int, int, int, int], size: int) -> list[tuple[int, int]]:
    """The longest chain, rising on both sides, of runs that are unique on both sides of the box."""
    p0, p1, g0, g1 = box
    there = _unique(gold, g0, g1, size)
    pairs = sorted((p, there[run]) for run, p in _unique(page, p0, p1, size).items() if run in there)
    tails: list[int] = []
    ends: list[int] = []
    back = [-1] * len(pairs)
    for n, (_, g) in enumerate(pairs):
        at = bisect_left(tails, g)
        tails[at : at + 1] = [g]
        ends[at : at + 1] = [n]
        back[n] = ends[at - 1] if at else -1
    chain, n = [], ends[-1] if ends else -1
    while n >= 0:
        chain.append(pairs[n])
        n = back[n]
    return chain[::-1]


def _unique(words: list[str], first: int, last: int, size: int) -> dict[tuple[str, ...], int]:
    seen: dict[tuple[str, ...], int] = {}
    for n in range(first, last - size + 1):
        run = tuple(words[n : n + size])
        seen[run] = -1 if run in seen else n
    return {run: n for run, n in seen.items() if n >= 0}


def _grow(
    page: list[str], gold: list[str], pair: tuple[int, int], box: tuple[int, int, int, int]
) -> tuple[int, int, int, int]:
    p0, p1, g0, g1 = box
    first_p, first_g = pair
    last_p, last_g = pair
    while first_p > p0 and first_g > g0 and page[first_p - 1] == gold[first_g - 1]:
        first_p, first_g = first_p - 1, first_g - 1
    while last_p < p1 and last_g < g1 and page[last_p] == gold[last_g]:
        last_p, last_g = last_p + 1, last_g + 1
    return first_p, first_g, last_p, last_g
