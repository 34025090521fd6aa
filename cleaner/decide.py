"""The only judge: evidence becomes one verdict per line.

Log-odds add up. Within one group of codes (their first four signs) only the strongest voice counts,
so that two paywall phrases are not two proofs. Then each line listens to its surroundings, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from math import exp

from cleaner.records import Cleaned, Evidence, Line, Note, Page, Rule, Verdict, Weights
from cleaner.settings import Settings, line_hash

#: A neighbour's log-odds are heard up to this much, so that one certain line does not shout down
#: all others.
LOUDEST = 3.0

#: Lines on each side that count as near, and as wide surroundings.
NEAR, WIDE = 4, 12

#: Codes that speak of what stands around a line. A line goes under a reason of its own where it has one that weighs
#: this much, for that is what a reader can check.
_AROUND, TELLING = ("NB", "NV4"), 0.25

#: Families whose phrases do not tell residue.
_NOT_RESIDUE = ("BY", "CP", "KP", "NV", "TI")

#: Lines as likely as the last one kept stay with it, whatever the last bit says.
TIE = 1e-9

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
    words = [page.shapes[n].words for n in filled]
    base = [weights.bias + sum(e.weight for e in heard[n]) for n in filled]
    around = surroundings(base, words, [says_what_it_is(heard[n]) for n in filled], weights)
    sure = [1 / (1 + exp(-max(-30.0, min(30.0, own + near)))) for own, near in zip(base, around, strict=True)]
    keep = kept(sure, words, weights.drop_at[settings.policy])
    if hardly_anything_left(sure, words, keep, weights.guard):
        notes += (Note("SY103", f"what is found {_WHY['SY103']}"),)
        keep = [True] * len(keep)
    verdicts: list[Verdict | None] = [None] * len(page.lines)
    for n, near, probability, spared in zip(filled, around, sure, keep, strict=True):
        voices = _loud_first(e for e in (*heard[n], _neighbours(n + 1, near)) if e.weight)
        stays, code, why = _reason(page.lines[n], voices, spared, settings)
        verdicts[n] = Verdict(page.lines[n], probability, stays, code, why, tuple(voices))
    settled = with_blanks(page, verdicts)
    return Cleaned(page, settled, expected_f1(page, settled), (*page.notes, *notes))


def kept(probabilities: Sequence[float], words: Sequence[int], bounds: tuple[float, float]) -> list[bool]:
    """Which lines stay: those below the threshold within ``bounds`` that promises the best word F1.

    The expected F1 of keeping a set of lines is 2 kept content / (kept words + all content), and its best set is
    always one of the k lines least likely to be residue (Lewis 1995; Nan et al. 2012).
    """
    order = sorted(range(len(words)), key=lambda n: probabilities[n])
    everything = sum(w * (1 - p) for w, p in zip(words, probabilities, strict=True))
    content = size = best = 0.0
    threshold = bounds[0]
    for n in order:
        content += words[n] * (1 - probabilities[n])
        size += words[n]
        if size + everything and content / (size + everything) > best:
            best = content / (size + everything)
            threshold = probabilities[n] + TIE
    threshold = max(bounds[0], min(bounds[1], threshold))
    return [p < threshold for p in probabilities]


def hardly_anything_left(
    probabilities: Sequence[float], words: Sequence[int], keep: Sequence[bool], guard: tuple[float, float]
) -> bool:
    """True when less than the least share of the words would stay, and they do not look bad enough for that."""
    total, (least, sure) = sum(words), guard
    left = sum(n for n, stays in zip(words, keep, strict=True) if stays)
    return left < least * total and sum(n * p for n, p in zip(words, probabilities, strict=True)) < sure * total


def says_what_it_is(heard: Iterable[Evidence]) -> bool:
    """True for a line that is a phrase of residue, whatever stands around it."""
    return any(names_residue(voice.code) for voice in heard)


def names_residue(code: str) -> bool:
    """True for the codes of phrases that are their line; labels of navigation may be headings, too."""
    return code[2] == "1" and code[-1] == "1" and code[:2] not in _NOT_RESIDUE


def surroundings(base: Sequence[float], words: Sequence[int], named: Sequence[bool], weights: Weights) -> list[float]:
    """What the lines around each filled line, and its page, add to its log-odds ``base``.

    A line that says what it is listens less, by the weight ``named``: in text, "Loading, please wait..." goes amid
    prose too.
    """
    low, high, wide, page = (weights.neighbours.get(name, 0.0) for name in PARTS)
    less = weights.neighbours.get("named", 1.0)
    heard = zip(parts(base, words), named, strict=True)
    return [(less if alone else 1.0) * (low * a + high * b + wide * c + page * d) for (a, b, c, d), alone in heard]


def parts(base: Sequence[float], words: Sequence[int]) -> list[tuple[float, float, float, float]]:
    """Per filled line: the lower and the higher mean of the near lines before and after it, the mean of
    its wide surroundings, and the page's mean over words."""
    quiet = [max(-LOUDEST, min(LOUDEST, value)) for value in base]
    before = [0.0, *accumulate(quiet)]
    page = sum(v * n for v, n in zip(quiet, words, strict=True)) / max(1, sum(words))
    return [
        (min(left, right), max(left, right), (far_left + far_right) / 2, page)
        for (left, right), (far_left, far_right) in zip(_means(before, NEAR), _means(before, WIDE), strict=True)
    ]


def _means(before: Sequence[float], reach: int) -> Iterator[tuple[float, float]]:
    """Yield per line the means over ``reach`` lines before and after it, from the sums before each line."""
    last = len(before) - 1
    for n in range(last):
        first, end = max(0, n - reach), min(last, n + 1 + reach)
        left = (before[n] - before[first]) / (n - first) if n else 0.0
        yield left, (before[end] - before[n + 1]) / (end - n - 1) if end > n + 1 else 0.0


def loudest(evidence: Iterable[Evidence]) -> list[Evidence]:
    """The strongest voice of each group of codes, strongest first."""
    best: dict[str, Evidence] = {}
    for voice in evidence:
        group = voice.code[:4]
        rival = best.get(group)
        if rival is None or (-abs(voice.weight), voice.code) < (-abs(rival.weight), rival.code):
            best[group] = voice
    return _loud_first(best.values())


def _loud_first(voices: Iterable[Evidence]) -> list[Evidence]:
    return sorted(voices, key=lambda e: (-e.weight, e.code))


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


def _reason(line: Line, heard: list[Evidence], stays: bool, settings: Settings) -> tuple[bool, str, str]:
    """Whether the line stays, and its reason; one against which nothing speaks, or whose code may not, stays."""
    if not heard or heard[0].weight <= 0:
        return True, "", ""
    lead = next((e for e in heard if e.weight >= TELLING and not e.code.startswith(_AROUND)), heard[0])
    spared = not settings.active(lead.code)
    if settings.allow and not spared:
        spared = (lead.code, line_hash(line.text)) in settings.allow
    return spared or stays, lead.code, lead.why


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
