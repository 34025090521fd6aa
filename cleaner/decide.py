"""The only judge: evidence becomes one verdict per line.

Log-odds add up. Within one group of codes (their first four signs) only the strongest voice counts,
so that two paywall phrases are not two proofs. Then each line listens to its surroundings, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate
from math import exp

from cleaner.records import Cleaned, Evidence, Line, Note, Page, Rule, Verdict, Weights
from cleaner.settings import Settings, line_hash

#: A neighbour's log-odds are heard up to this much, so that one certain line does not shout down
#: all others.
LOUDEST = 3.0

#: Lines on each side that count as near, and as wide surroundings.
NEAR, WIDE = 4, 12

#: The page guard: below this share of kept words, a page stays whole unless the mean drop
#: probability of its words reaches the second figure.
LEAST_KEPT, SURE = 0.05, 0.85

#: What a line hears of its surroundings, in the order of ``parts``.
PARTS = ("low", "high", "wide", "page")

#: What deciding itself has to say.
RULES = (
    Rule(
        "NB201",
        "company-of-residue",
        "stands among lines that go",
        goes="Home\n> The gate\nContact us\nPrivacy Policy",
        stays="The vote is on Monday, said the mayor of the town, and nobody was surprised.",
    ),
    Rule(
        "NB202",
        "company-of-text",
        "stands among lines that stay",
        goes="The vote is on Monday, said the mayor of the town.\n> The gate\nNobody on the quay was surprised.",
        stays="Home\nContact us\nPrivacy Policy",
    ),
    Rule(
        "NB401",
        "leftover-blank",
        "is a blank line left over by removed lines",
        goes="The vote is on Monday.\n>\nShare on Facebook",
        stays="The vote is on Monday.\n\nNobody was surprised.",
    ),
    Rule(
        "SY103",
        "page-guard",
        "would leave hardly anything, on weak evidence: the page stays whole",
        goes="> The gate\n> The lock\n> The wall",
        stays="The vote is on Monday, said the mayor of the town.",
    ),
)
_WHY = {rule.code: rule.why for rule in RULES}


def decide(
    page: Page, evidence: Iterable[Evidence], notes: tuple[Note, ...], weights: Weights, settings: Settings
) -> Cleaned:
    """Give every line of ``page`` its verdict under ``settings``."""
    heard = _heard(page, evidence, settings)
    filled = [n for n, line in enumerate(page.lines) if not line.blank]
    base = [weights.bias + sum(e.weight for e in heard[n]) for n in filled]
    around = surroundings(base, [page.shapes[n].words for n in filled], weights)
    drop_at = weights.drop_at[settings.policy]
    verdicts = {}
    for n, own, near in zip(filled, base, around, strict=True):
        voices = [*heard[n], _neighbours(n + 1, near)]
        verdicts[n] = _verdict(page.lines[n], voices, own + near, drop_at, settings)
    if _hardly_anything_left(page, verdicts):
        notes += (Note("SY103", f"what is found {_WHY['SY103']}"),)
        verdicts = {n: replace(v, keep=True) for n, v in verdicts.items()}
    settled = with_blanks(page, [verdicts.get(n) for n in range(len(page.lines))])
    return Cleaned(page, settled, expected_f1(page, settled), (*page.notes, *notes))


def surroundings(base: Sequence[float], words: Sequence[int], weights: Weights) -> list[float]:
    """What the lines around each filled line, and its page, add to its log-odds ``base``."""
    low, high, wide, page = (weights.neighbours.get(name, 0.0) for name in PARTS)
    return [low * a + high * b + wide * c + page * d for a, b, c, d in parts(base, words)]


def parts(base: Sequence[float], words: Sequence[int]) -> list[tuple[float, float, float, float]]:
    """Per filled line: the lower and the higher mean of the near lines before and after it, the mean of
    its wide surroundings, and the page's mean over words."""
    quiet = [max(-LOUDEST, min(LOUDEST, value)) for value in base]
    before = [0.0, *accumulate(quiet)]
    page = sum(v * n for v, n in zip(quiet, words, strict=True)) / max(1, sum(words))
    last = len(base)

    def mean(first: int, end: int) -> float:
        first, end = max(0, first), min(last, end)
        return (before[end] - before[first]) / (end - first) if end > first else 0.0

    found = []
    for n in range(last):
        left, right = mean(n - NEAR, n), mean(n + 1, n + 1 + NEAR)
        far = (mean(n - WIDE, n) + mean(n + 1, n + 1 + WIDE)) / 2
        found.append((min(left, right), max(left, right), far, page))
    return found


def loudest(evidence: Iterable[Evidence]) -> list[Evidence]:
    """The strongest voice of each group of codes, strongest first."""
    best: dict[str, Evidence] = {}
    for voice in evidence:
        rival = best.get(voice.code[:4])
        if rival is None or (-abs(voice.weight), voice.code) < (-abs(rival.weight), rival.code):
            best[voice.code[:4]] = voice
    return sorted(best.values(), key=lambda e: (-e.weight, e.code))


def _heard(page: Page, evidence: Iterable[Evidence], settings: Settings) -> list[list[Evidence]]:
    """The evidence that counts, by index of the line; a keeping voice that is ignored is not heard."""
    voices: list[list[Evidence]] = [[] for _ in page.lines]
    for voice in evidence:
        if voice.weight > 0 or settings.hears(voice.code):
            voices[voice.line - 1].append(voice)
    return [loudest(some) for some in voices]


def _neighbours(number: int, weight: float) -> Evidence:
    code = "NB201" if weight > 0 else "NB202"
    return Evidence(number, code, weight, _WHY[code])


def _verdict(line: Line, voices: list[Evidence], total: float, drop_at: float, settings: Settings) -> Verdict:
    probability = 1 / (1 + exp(-max(-30.0, min(30.0, total))))
    heard = tuple(sorted((e for e in voices if e.weight), key=lambda e: (-e.weight, e.code)))
    if not heard or heard[0].weight <= 0:
        return Verdict(line, probability, True, evidence=heard)
    code = heard[0].code
    allowed = not settings.active(code) or (code, line_hash(line.text)) in settings.allow
    return Verdict(line, probability, allowed or probability < drop_at, code, heard[0].why, heard)


def _hardly_anything_left(page: Page, verdicts: dict[int, Verdict]) -> bool:
    words = {n: page.shapes[n].words for n in verdicts}
    total = sum(words.values())
    kept = sum(words[n] for n, v in verdicts.items() if v.keep)
    if not total or kept >= LEAST_KEPT * total:
        return False
    return sum(words[n] * v.drop_probability for n, v in verdicts.items()) < SURE * total


def with_blanks(page: Page, verdicts: Sequence[Verdict | None]) -> tuple[Verdict, ...]:
    """Fill in the verdicts of blank lines: those that a removed line leaves over go with it."""
    settled: list[Verdict] = []
    lonely = True  # the last kept line is blank, or there is none
    gone = False  # a line went since the last kept line that is not blank
    cut = ""
    for line, verdict in zip(page.lines, verdicts, strict=True):
        if verdict is not None:
            settled.append(verdict)
            gone = gone or not verdict.keep
            if verdict.keep:
                lonely, gone, cut = False, False, line.newline
            continue
        # a lone "\r" and "\n" that meet would become one line end
        goes = gone and (lonely or (cut == "\r" and line.newline == "\n"))
        settled.append(_blank(line.number, page, not goes))
        if not goes:
            lonely, cut = True, line.newline
    return tuple(_without_tail(page, settled))


def _without_tail(page: Page, settled: list[Verdict]) -> list[Verdict]:
    """Let the blank lines between the last kept line and a removed tail go too."""
    at = len(settled) - 1
    tail = False
    while at >= 0 and (settled[at].line.blank or not settled[at].keep):
        tail = tail or not settled[at].line.blank
        at -= 1
    if tail:
        rest = [v if not v.line.blank else _blank(v.line.number, page, False) for v in settled[at + 1 :]]
        settled[at + 1 :] = rest
    return settled


def _blank(number: int, page: Page, keep: bool) -> Verdict:
    line = page.lines[number - 1]
    if keep:
        return Verdict(line, 0.0, True)
    leftover = Evidence(number, "NB401", 0.0, _WHY["NB401"])
    return Verdict(line, 1.0, False, leftover.code, leftover.why, (leftover,))


def expected_f1(page: Page, verdicts: Sequence[Verdict]) -> float:
    """The word F1 to expect if the probabilities are right: 2 kept content / (kept + all content)."""
    words = [shape.words for shape in page.shapes]
    kept = sum(words[v.line.number - 1] for v in verdicts if v.keep)
    sure = sum(words[v.line.number - 1] * (1 - v.drop_probability) for v in verdicts if v.keep)
    content = sum(words[v.line.number - 1] * (1 - v.drop_probability) for v in verdicts)
    return 2 * sure / (kept + content) if kept + content else 0.0
