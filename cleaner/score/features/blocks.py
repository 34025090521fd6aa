"""Features of the blocks around a line, for HTML; for text, of its paragraph and of the lines shaped like it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import count, pairwise

import numpy as np

from cleaner.score.features.facts import Facts
from cleaner.score.features.registry import CONTENT_PERCENTS, MAX_COUNT, MAX_RINGS
from cleaner.score.spans import Floats, Ints, Means, NamedValues, running_sums


class BlockSpans:
    """The blocks of an HTML page as spans of its filled lines.

    Arrays with one value per block: ``first`` and ``last`` (half open, in indexes of filled lines) and ``depth``. The
    last block stands for the whole page. Arrays with one value per filled line: ``of``, the innermost block, and
    ``rings`` (MAX_RINGS rows): the innermost block, and in each further row the next block out that holds more lines.
    """

    def __init__(self, facts: Facts) -> None:
        page = facts.page
        count = len(page.blocks)
        filled = np.zeros(len(page.lines) + 1, int)
        filled[facts.at + 1] = 1
        upto = np.cumsum(filled)
        self.first = np.append(upto[np.fromiter((b.first for b in page.blocks), int, count)], 0)
        self.last = np.append(upto[np.fromiter((b.last for b in page.blocks), int, count)], len(facts.at))
        self.depth, wider = self._walk(facts)
        of = np.array([markup.block if markup else count for markup in facts.markups], int)
        self.of = np.where(of < 0, count, of)
        self.rings = np.empty((MAX_RINGS, len(of)), int)
        self.rings[0] = self.of
        for inner, ring in pairwise(self.rings):
            wider.take(inner, out=ring)

    def _walk(self, facts: Facts) -> tuple[Ints, Ints]:
        """Return the depth of each block, and the index of the next block out that holds more lines."""
        count = len(facts.page.blocks)
        sizes = (self.last - self.first).tolist()
        depth: list[int] = []
        wider: list[int] = []
        for number, block in enumerate(facts.page.blocks):
            parent = block.parent if block.parent >= 0 else count
            depth.append(depth[parent] + 1 if parent < count else 1)
            wider.append(parent if parent == count or sizes[parent] > sizes[number] else wider[parent])
        return np.array([*depth, 0]), np.array([*wider, count])


def word_rank(values: Floats, words: Floats) -> Floats:
    """Return per line the share of the page's words that stand in lines with a lower value, from 0 to 1."""
    order = np.argsort(values, kind="stable")
    upto = running_sums(words[order])
    low = np.searchsorted(values[order], values, side="left")
    return np.asarray(upto[low] / max(1.0, upto[-1]))


def ring_features(facts: Facts, blocks: BlockSpans, joint: Floats) -> Iterator[NamedValues]:
    """Yield the features of the blocks around each line, one set per ring."""
    means = facts.means(joint)
    links = Means(facts.link_share, np.maximum(1, facts.counts["chars"]))
    words, prose = running_sums(facts.words), running_sums(facts.prose_words)
    first, last = blocks.first[blocks.rings], blocks.last[blocks.rings]
    inside = prose[last] - prose[first]
    size = words[last] - words[first]
    found = {
        "joint": means.over(first, last),
        "links": links.over(first, last),
        "prose": inside / max(1.0, prose[-1]),
        "words": size / max(1.0, words[-1]),
        "density": inside / np.maximum(1.0, size),
        "lines": np.minimum(last - first, MAX_COUNT),
    }
    for name, rows in found.items():
        yield from zip([f"ring_{n}_{name}" for n in range(MAX_RINGS)], rows, strict=True)
    for n in (1, 2):
        yield f"ring_{n}_rank", word_rank(found["joint"][n], facts.words)
    yield "depth", np.minimum(blocks.depth[blocks.of], MAX_COUNT)


def heart_features(facts: Facts, blocks: BlockSpans, joint: Floats) -> Iterator[NamedValues]:
    """Yield the place of each line relative to the smallest blocks that hold most of the content or running text."""
    size = len(facts.at)
    at = np.arange(size)
    mass = running_sums(np.array([facts.words / (1 + np.exp(joint)), facts.prose_words]))
    best = np.array([[smallest_block(blocks, row, share) for share in CONTENT_PERCENTS] for row in mass]).reshape(-1, 1)
    first, last = blocks.first[best], blocks.last[best]
    found = {
        "inside": (at >= first) & (at < last),
        "after": np.clip(at - last + 1, 0, MAX_COUNT),
        "place": np.clip((at - first) / np.maximum(1, last - first), -1, 2),
        "depth": np.clip(blocks.depth[blocks.of] - blocks.depth[best], -MAX_COUNT, MAX_COUNT),
        "size": np.repeat((last - first) / max(1, size), size, axis=1),
    }
    names = [f"{kind}_{share}" for kind in ("heart", "core") for share in CONTENT_PERCENTS]
    for what, rows in found.items():
        yield from zip([f"{name}_{what}" for name in names], rows.astype(float), strict=True)


def smallest_block(blocks: BlockSpans, mass: Floats, share: int) -> int:
    """Return the index of the block with the fewest lines that holds at least ``share`` percent of a mass.

    ``mass`` has the running sums of the mass over the filled lines; the whole page is the answer when it is 0.
    """
    if not mass[-1]:
        return len(blocks.first) - 1
    enough = np.flatnonzero((mass[blocks.last] - mass[blocks.first]) * 100 >= share * mass[-1])
    return int(enough[np.argmin((blocks.last - blocks.first)[enough])])


def alike_features(facts: Facts, alike: Ints, joint: Floats) -> Iterator[NamedValues]:
    """Yield the features of the lines whose signature equals that of each line; ``alike`` has those of all lines."""
    kinds = int(alike.max()) + 1 if len(alike) else 1

    def summed(values: Floats) -> Floats:
        return np.asarray(np.bincount(alike, values, kinds), float)

    count, weight, words = summed(np.ones(len(alike))), summed(facts.weight), summed(facts.words)
    mean = words / np.maximum(1, count)
    spread = np.sqrt(np.maximum(0, summed(facts.words**2) / np.maximum(1, count) - mean**2))
    yield "alike", np.minimum(count, MAX_COUNT)[alike]
    yield "alike_joint", (summed(joint * facts.weight) / np.maximum(1e-9, weight))[alike]
    yield "alike_words", (words / max(1.0, float(facts.words.sum())))[alike]
    yield "alike_length", np.minimum(mean, 8000)[alike]
    yield "alike_spread", np.minimum(spread / (mean + 1), MAX_COUNT)[alike]
    yield "alike_prose", (summed(facts.prose_words) / np.maximum(1, words))[alike]
    yield "alike_prose_share", (summed(facts.prose_words) / max(1.0, float(facts.prose_words.sum())))[alike]
    first = np.full(kinds, len(alike))
    np.minimum.at(first, alike, np.arange(len(alike)))
    last = np.zeros(kinds, int)
    np.maximum.at(last, alike, np.arange(len(alike)))
    yield "alike_span", ((last - first) / max(1, len(alike)))[alike]
    yield "alike_rank", (np.arange(len(alike)) - first[alike]) / np.maximum(1, last - first)[alike]


def block_signatures(facts: Facts, blocks: BlockSpans) -> Ints:
    """Return per line a number for its block: equal where tag and names of the block and of its parent are equal."""
    numbers = defaultdict[tuple[str, tuple[str, ...]], int](count().__next__)
    called = np.array([numbers[tag, tokens] for tag, _, _, _, tokens in facts.page.blocks] + [len(numbers)])
    parent = np.array([block.parent for block in facts.page.blocks] + [-1])
    around = called[np.where(parent < 0, np.arange(len(parent)), parent)]
    keys = called * (len(numbers) + 1) + around
    return np.asarray(np.unique(keys[blocks.of], return_inverse=True)[1]).reshape(-1)


def shape_signatures(facts: Facts) -> Ints:
    """Return per line a number for its shape.

    Equal numbers mean the same class of length, the same sentence end, capitals, digits and separators, and the same
    first character where that is no letter or digit.
    """
    some = facts.counts
    key = np.searchsorted([1, 2, 3, 5, 8, 12, 20, 40], facts.words).astype(np.int64)
    for flag in (some["ends"] > 0, some["capitals"] >= facts.words * 0.7, some["digits"] > 0, some["separators"] > 0):
        key = key * 2 + flag
    first = [shape.folded[:1] for shape in facts.shapes]
    marks = np.array([0 if char.isalnum() else ord(char or " ") for char in first], np.int64)
    return np.asarray(np.unique(key * 0x110000 + marks, return_inverse=True)[1]).reshape(-1)


def paragraph_spans(facts: Facts) -> tuple[Ints, Ints]:
    """Return per line the span of its paragraph, the filled lines between two blank lines."""
    size = len(facts.at)
    starts = np.ones(size, bool)
    starts[1:] = np.diff(facts.at) > 1
    number = np.cumsum(starts) - 1
    edge = np.append(np.flatnonzero(starts), size)
    return edge[number], edge[number + 1]


def paragraph_features(facts: Facts, joint: Floats) -> Iterator[NamedValues]:
    """Yield the features of the paragraph of each line."""
    first, last = paragraph_spans(facts)
    at = np.arange(len(joint))
    yield "par_lines", np.minimum(last - first, MAX_COUNT)
    yield "par_joint", facts.means(joint).over(first, last)
    yield "par_prose", facts.means((facts.prose_words > 0).astype(float)).over(first, last)
    yield "par_place", (at - first) / np.maximum(1, last - first)
    yield "par_page", np.full(len(joint), float((first == at).sum()) / max(1, len(joint)))
