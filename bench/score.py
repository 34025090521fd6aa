"""Comparison of an answer with a gold body: words as multisets, labelled lines, segments that must or must not stay.

Nothing here is shared with training, so that a change there cannot change the measure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

#: Kana and Han characters: scripts without spaces, counted character by character.
_CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
#: Two classes that exclude each other, one of them alone repeated: linear.
_WORD = re.compile(f"[{_CJK}]|[^\\W{_CJK}]+")

#: A page that lost more than this share of its gold words is counted as hurt.
HURT_SHARE = 0.05

#: Drop probabilities are rounded to this many steps where lines of many pages are ranked together.
PROBABILITY_STEPS = 1000


def words_of(text: str) -> list[str]:
    """The lower-case words of a text; a CJK character is a word."""
    return _WORD.findall(text.lower())


def share(part: float, whole: float) -> float:
    """``part`` of ``whole``, 0 where there is nothing."""
    return part / whole if whole else 0.0


def mean(values: Collection[float]) -> float:
    """The mean, 0 of nothing."""
    return share(sum(values), len(values))


@dataclass(frozen=True, slots=True)
class Match:
    """Word counts of an answer, its gold body, both together, the gold words that the page shows, and the page."""

    answer: int
    gold: int
    hit: int
    shown: int
    page: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 when there is nothing to find and nothing was found."""
        return 2 * self.hit / (self.answer + self.gold) if self.answer + self.gold else 1.0

    @property
    def precision(self) -> float:
        """Share of the answer that is gold; that of an empty answer is 0 unless the gold is empty, too."""
        return self.hit / self.answer if self.answer else float(not self.gold)

    @property
    def recall(self) -> float:
        """Share of the gold that the answer holds; of an empty gold it is 1 for an empty answer only."""
        return self.hit / self.gold if self.gold else float(not self.answer)

    @property
    def lost(self) -> int:
        """Gold words that the page shows and the answer lacks."""
        return max(0, self.shown - self.hit)

    @property
    def residue(self) -> int:
        """Words that the page shows and the gold body lacks."""
        return self.page - self.shown

    @property
    def removed(self) -> int:
        """Those of them that the answer lacks."""
        return max(0, self.residue - (self.answer - self.hit))

    @property
    def hurt(self) -> bool:
        """True when more than one gold word in twenty went."""
        return self.lost > HURT_SHARE * self.shown


def match(answer: str, gold: str, page: str) -> Match:
    """Compare an answer with its gold body, as multisets of words; ``page`` is all text that the page shows."""
    mine, theirs, there = (Counter(words_of(text)) for text in (answer, gold, page))
    shown = (theirs & there).total()
    return Match(mine.total(), theirs.total(), (mine & theirs).total(), shown, there.total())


@dataclass(frozen=True, slots=True)
class Removal:
    """The result on one flattened page, in words: gold and residue on it, gold and residue removed; and word F1."""

    f1: float
    gold: int
    lost: int
    residue: int
    removed: int

    @property
    def hurt(self) -> bool:
        """True when more than one gold word in twenty went."""
        return self.lost > HURT_SHARE * self.gold


def removal(lines: Sequence[str], labels: Sequence[Sequence[int]], keep: Sequence[bool], gold: str) -> Removal:
    """Score kept and dropped lines.

    ``labels`` holds, per line, its words and how many of them the gold body has at that place.
    """
    kept = "\n".join(line for line, stays in zip(lines, keep, strict=True) if stays)
    gone = [label for label, stays in zip(labels, keep, strict=True) if not stays]
    return Removal(
        match(kept, gold, "").f1,
        sum(hit for _, hit in labels),
        sum(hit for _, hit in gone),
        sum(words - hit for words, hit in labels),
        sum(words - hit for words, hit in gone),
    )


@dataclass(frozen=True, slots=True)
class Segments:
    """How many segments had to stay and did, had to go and did not."""

    required: int
    found: int
    forbidden: int
    leaked: int


def segments(answer: str, required: Iterable[str], forbidden: Iterable[str]) -> Segments:
    """Look for segments in an answer; runs of whitespace count as one space, case does not count."""
    folded = _folded(answer)
    stays = [_folded(one) in folded for one in required]
    goes = [_folded(one) in folded for one in forbidden]
    return Segments(len(stays), sum(stays), len(goes), sum(goes))


def _folded(text: str) -> str:
    return " ".join(text.lower().split())


def segment_scores(pages: Collection[Segments]) -> dict[str, float]:
    """F1, precision and recall over the segments of all pages: kept ones that must stay are the hits."""
    required, found = sum(p.required for p in pages), sum(p.found for p in pages)
    forbidden, leaked = sum(p.forbidden for p in pages), sum(p.leaked for p in pages)
    return {
        "F1": share(2 * found, found + leaked + required),
        "precision": share(found, found + leaked),
        "recall": share(found, required),
        "leaked": share(leaked, forbidden),
    }


#: Residue words and gold words of the lines at each step of drop probability.
Ranking = dict[int, tuple[int, int]]


def ranking(scored: Iterable[tuple[float, Sequence[int]]]) -> Ranking:
    """Gather lines, given as drop probability and label, by step of probability."""
    steps: Ranking = {}
    for probability, (words, hit) in scored:
        at = round(probability * PROBABILITY_STEPS)
        residue, gold = steps.get(at, (0, 0))
        steps[at] = (residue + words - hit, gold + hit)
    return steps


def removed_at(pages: Collection[Ranking], loss: float) -> float:
    """Share of residue words that go when one threshold for all pages costs at most ``loss`` of the gold words."""
    total: Counter[int] = Counter()
    content: Counter[int] = Counter()
    for page in pages:
        for at, (residue, gold) in page.items():
            total[at] += residue
            content[at] += gold
    best = gone = lost = 0
    for at in sorted(total.keys() | content.keys(), reverse=True):
        gone, lost = gone + total[at], lost + content[at]
        if lost > loss * content.total():
            break
        best = gone
    return share(best, total.total())
