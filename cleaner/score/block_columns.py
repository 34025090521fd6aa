"""Columns of the blocks around a line, for HTML; for text, of its paragraph and of the lines shaped like it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cleaner.score.columns import FAR, RINGS, SHARES
from cleaner.score.facts import Facts
from cleaner.score.spans import Floats, Ints, Means, before

Column = tuple[str, Floats]

Span = tuple[Ints, Ints]


class Blocks:
    """The blocks of a page over its filled lines: ``first`` and ``last`` bound each, ``rings`` those around a line.

    The last block stands for the page as a whole.
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
        ring = self.of
        self.rings = [ring]
        for _ in range(RINGS - 1):
            ring = wider[ring]
            self.rings.append(ring)

    def _walk(self, facts: Facts) -> tuple[Ints, Ints]:
        """The depth of each block, and the next block out that holds more lines."""
        count = len(facts.page.blocks)
        sizes = (self.last - self.first).tolist()
        depth: list[int] = []
        wider: list[int] = []
        for number, block in enumerate(facts.page.blocks):
            parent = block.parent if block.parent >= 0 else count
            depth.append(depth[parent] + 1 if parent < count else 1)
            wider.append(parent if parent == count or sizes[parent] > sizes[number] else wider[parent])
        return np.array([*depth, 0]), np.array([*wider, count])

    def span(self, ring: Ints) -> Span:
        """The lines of each line's block."""
        return self.first[ring], self.last[ring]


def rank(values: Floats, words: Floats) -> Floats:
    """Per line the share of the page's words in lines whose value is lower."""
    order = np.argsort(values, kind="stable")
    upto = before(words[order])
    low = np.searchsorted(values[order], values, side="left")
    return np.asarray(upto[low] / max(1.0, upto[-1]))


def ring_columns(facts: Facts, blocks: Blocks, joint: Floats) -> Iterator[Column]:
    """Yield what the blocks around each line are like."""
    means = facts.means(joint)
    links = Means(facts.link_share, np.maximum(1, facts.counts["chars"]))
    words, prose = before(facts.words), before(facts.prose)
    for n, ring in enumerate(blocks.rings):
        first, last = blocks.span(ring)
        inside = prose[last] - prose[first]
        size = words[last] - words[first]
        mean = means.over(first, last)
        yield f"ring_{n}_joint", mean
        yield f"ring_{n}_links", links.over(first, last)
        yield f"ring_{n}_prose", inside / max(1.0, prose[-1])
        yield f"ring_{n}_words", size / max(1.0, words[-1])
        yield f"ring_{n}_density", inside / np.maximum(1.0, size)
        yield f"ring_{n}_lines", np.minimum(last - first, FAR)
        if n in (1, 2):
            yield f"ring_{n}_rank", rank(mean, facts.words)
    yield "depth", np.minimum(blocks.depth[blocks.of], FAR)


def heart_columns(facts: Facts, blocks: Blocks, joint: Floats) -> Iterator[Column]:
    """Yield where each line stands to the smallest blocks that hold most of the content, and of the running text."""
    size = len(facts.at)
    lines = blocks.last - blocks.first
    at = np.arange(size)
    for kind, mass in (("heart", before(facts.words / (1 + np.exp(joint)))), ("core", before(facts.prose))):
        inside = mass[blocks.last] - mass[blocks.first]
        for share in SHARES:
            enough = np.flatnonzero(inside * 100 >= share * mass[-1])
            best = int(enough[np.argmin(lines[enough])]) if mass[-1] else len(lines) - 1
            first, last = int(blocks.first[best]), int(blocks.last[best])
            name = f"{kind}_{share}"
            yield f"{name}_inside", ((at >= first) & (at < last)).astype(float)
            yield f"{name}_after", np.clip(at - last + 1, 0, FAR)
            yield f"{name}_place", np.clip((at - first) / max(1, last - first), -1, 2)
            yield f"{name}_depth", np.clip(blocks.depth[blocks.of] - blocks.depth[best], -FAR, FAR)
            yield f"{name}_size", np.full(size, (last - first) / max(1, size))


def alike_columns(facts: Facts, alike: Ints, joint: Floats) -> Iterator[Column]:
    """Yield what the lines of the same signature are like: ``alike`` numbers the signatures."""
    kinds = int(alike.max()) + 1 if len(alike) else 1

    def summed(values: Floats) -> Floats:
        return np.asarray(np.bincount(alike, values, kinds), float)

    count, weight, words = summed(np.ones(len(alike))), summed(facts.weight), summed(facts.words)
    mean = words / np.maximum(1, count)
    spread = np.sqrt(np.maximum(0, summed(facts.words**2) / np.maximum(1, count) - mean**2))
    yield "alike", np.minimum(count, FAR)[alike]
    yield "alike_joint", (summed(joint * facts.weight) / np.maximum(1e-9, weight))[alike]
    yield "alike_words", (words / max(1.0, float(facts.words.sum())))[alike]
    yield "alike_length", np.minimum(mean, 8000)[alike]
    yield "alike_spread", np.minimum(spread / (mean + 1), FAR)[alike]
    yield "alike_prose", (summed(facts.prose) / np.maximum(1, words))[alike]
    yield "alike_prose_share", (summed(facts.prose) / max(1.0, float(facts.prose.sum())))[alike]
    first = np.full(kinds, len(alike))
    np.minimum.at(first, alike, np.arange(len(alike)))
    last = np.zeros(kinds, int)
    np.maximum.at(last, alike, np.arange(len(alike)))
    yield "alike_span", ((last - first) / max(1, len(alike)))[alike]
    yield "alike_rank", (np.arange(len(alike)) - first[alike]) / np.maximum(1, last - first)[alike]


def block_signatures(facts: Facts, blocks: Blocks) -> Ints:
    """A number for each line's block: the same for the same tag and names, also of the parent."""
    found: dict[tuple[object, ...], int] = {}
    numbers = []
    for block in facts.page.blocks:
        parent = facts.page.blocks[block.parent] if block.parent >= 0 else block
        key = (block.tag, block.tokens, parent.tag, parent.tokens)
        numbers.append(found.setdefault(key, len(found)))
    return np.array([*numbers, len(found)])[blocks.of]


def shape_signatures(facts: Facts) -> Ints:
    """A number for each line's shape: length, end, capitals, digits, separators, first sign where it is no letter."""
    some = facts.counts
    key = np.searchsorted([1, 2, 3, 5, 8, 12, 20, 40], facts.words).astype(np.int64)
    for flag in (some["ends"] > 0, some["capitals"] >= facts.words * 0.7, some["digits"] > 0, some["separators"] > 0):
        key = key * 2 + flag
    first = [shape.folded[:1] for shape in facts.shapes]
    signs = np.array([0 if sign.isalnum() else ord(sign or " ") for sign in first], np.int64)
    return np.asarray(np.unique(key * 0x110000 + signs, return_inverse=True)[1]).reshape(-1)


def paragraphs(facts: Facts) -> Span:
    """The span of the lines between blank lines around each line."""
    size = len(facts.at)
    starts = np.ones(size, bool)
    starts[1:] = np.diff(facts.at) > 1
    number = np.cumsum(starts) - 1
    edge = np.append(np.flatnonzero(starts), size)
    return edge[number], edge[number + 1]


def paragraph_columns(facts: Facts, joint: Floats) -> Iterator[Column]:
    """Yield what the lines between the blank lines around each line are like."""
    first, last = paragraphs(facts)
    at = np.arange(len(joint))
    yield "par_lines", np.minimum(last - first, FAR)
    yield "par_joint", facts.means(joint).over(first, last)
    yield "par_prose", facts.means((facts.prose > 0).astype(float)).over(first, last)
    yield "par_place", (at - first) / np.maximum(1, last - first)
    yield "par_page", np.full(len(joint), float((first == at).sum()) / max(1, len(joint)))
