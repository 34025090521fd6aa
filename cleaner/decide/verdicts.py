"""From evidence to one verdict for each line: the log-odds of the evidence add up to those of the line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from math import exp, log
from operator import itemgetter, mul

from cleaner.lines.table import LineTable
from cleaner.records import Cleaned, Evidence, Line, Note, Page, Rule, Verdict, Weights
from cleaner.settings.record import PageSettings

#: The family of the model's evidence. A line goes under the code of a rule, which a reader can check, where a rule
#: weighs at least this much, in log-odds.
MODEL_FAMILY, MIN_REASON_WEIGHT = "LM", 0.25

#: Added to the probability of the last line that stays, so that lines of the same probability stay as well, whatever
#: rounding does to the last bit.
TIE_PROBABILITY = 1e-9

#: Less expected content than so many words, on a page of at least so many, is scraps: error pages, empty frames. On the
#: development pages with empty gold bodies this brought .002 word F1; 5 words of content brought the same.
SCRAP_WORDS, MIN_SCRAP_PAGE_WORDS = 8, 100

#: An expected F1 is never nearer to 0 or 1 than this.
F1_MARGIN = 1e-6

#: The codes of deciding itself.
RULES = (
    Rule(
        "NB401",
        "leftover-blank",
        "is a blank line left over by removed lines",
        goes="The vote is on Monday.\n>\nShare on Facebook",
        stays="The vote is on Monday.\n\nNobody was surprised.",
    ),
    Rule(
        "NB402",
        "scrap",
        "is a scrap on a page without content",
        goes="(a page of a hundred words of menus and messages)\n> You are here",
        stays="The vote is on Monday.",
    ),
    Rule(
        "NB403",
        "unsettled",
        "is among the most likely residue of a text that loses some lines with every pass",
        goes="(a text of thousands of lines that are all alike)\n> ab",
        stays="The vote is on Monday.",
    ),
    Rule(
        "SY103",
        "page-guard",
        "would leave hardly anything, on weak evidence: the page stays whole",
        goes="> The gate\n> The lock\n> The wall",
        stays="The vote is on Monday, said the mayor of the town.",
    ),
    Rule(
        "SY104",
        "no-content",
        "holds nothing but scraps: the body is empty",
        goes="(a page of a hundred words of menus and messages, and nothing else)",
        stays="The vote is on Monday, said the mayor of the town.",
    ),
)
_CODE, _WEIGHT = itemgetter(1), itemgetter(2)
NOTE_REASONS = {rule.code: rule.why for rule in RULES}


def decide(
    table: LineTable,
    evidence: Sequence[Sequence[Evidence]],
    notes: tuple[Note, ...],
    weights: Weights,
    settings: PageSettings,
) -> Cleaned:
    """Give every line of a page its verdict under ``settings``.

    ``evidence`` holds what was found on each line of the page, blank lines included; ``notes`` are those of the page.
    """
    page, filled = table.page, table.at
    words = [shape.words for shape in table.shapes]
    odds = [sum(map(_WEIGHT, evidence[n])) for n in filled]
    probabilities = [1 / (1 + exp(-max(-30.0, min(30.0, value)))) for value in odds]
    keep = choose_kept(probabilities, words, weights.drop_at[settings.policy])
    if leaves_too_little(probabilities, words, keep, weights.guard):
        notes += (Note("SY103", f"what is found {NOTE_REASONS['SY103']}"),)
        keep = [True] * len(keep)
    scraps = has_only_scraps(probabilities, words, keep)
    if scraps:
        notes += (Note("SY104", f"the page {NOTE_REASONS['SY104']}"),)
    verdicts: list[Verdict | None] = [None] * len(page.lines)
    for n, probability, spared in zip(filled, probabilities, keep, strict=True):
        ordered = strongest_first(evidence[n])
        if scraps and spared:
            ordered.insert(0, Evidence(n + 1, "NB402", 0.0, NOTE_REASONS["NB402"]))
        stays, code, why = _reason(page.lines[n], ordered, spared and not scraps, settings)
        verdicts[n] = Verdict(page.lines[n], probability, stays, code, why, tuple(ordered))
    settled = decide_blank_lines(page, verdicts)
    return Cleaned(page, settled, expected_f1(page, settled, weights.confidence), (*page.notes, *notes))


def choose_kept(probabilities: Sequence[float], words: Sequence[int], bounds: tuple[float, float]) -> list[bool]:
    """Choose the lines that stay: those below the threshold within ``bounds`` with the highest expected word F1.

    The expected F1 of keeping a set of lines is 2 kept content / (kept words + all content), and its best set is
    always one of the k lines least likely to be residue (Lewis 1995; Nan et al. 2012).
    """
    order = sorted(range(len(words)), key=probabilities.__getitem__)
    everything = sum(w * (1 - p) for w, p in zip(words, probabilities, strict=True))
    content = size = best = 0.0
    threshold = bounds[0]
    for n in order:
        content += words[n] * (1 - probabilities[n])
        size += words[n]
        if size + everything and content / (size + everything) > best:
            best = content / (size + everything)
            threshold = probabilities[n] + TIE_PROBABILITY
    threshold = max(bounds[0], min(bounds[1], threshold))
    return [p < threshold for p in probabilities]


def leaves_too_little(
    probabilities: Sequence[float], words: Sequence[int], keep: Sequence[bool], guard: tuple[float, float]
) -> bool:
    """Tell whether the page guard must act: too few words would stay, on weak evidence.

    ``guard`` is the least share of the words that must stay, and the mean drop probability from which fewer may stay.
    """
    total, (min_share, min_probability) = sum(words), guard
    left = sum(compress(words, keep))
    return left < min_share * total and sum(map(mul, words, probabilities)) < min_probability * total


def has_only_scraps(probabilities: Sequence[float], words: Sequence[int], keep: Sequence[bool]) -> bool:
    """Tell whether a page of some length holds no more than a few scattered words that may be content."""
    content = sum(n * (1 - p) for n, p, stays in zip(words, probabilities, keep, strict=True) if stays)
    return any(keep) and content < SCRAP_WORDS and sum(words) >= MIN_SCRAP_PAGE_WORDS


def strongest_first(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence on a line: the strongest for dropping it first, evidence of weight 0 last."""
    ordered = sorted(filter(_WEIGHT, evidence), key=_CODE)
    ordered.sort(key=_WEIGHT, reverse=True)
    if len(ordered) < len(evidence):
        ordered += sorted((one for one in evidence if not one.weight), key=_CODE)
    return ordered


def _reason(line: Line, ordered: list[Evidence], stays: bool, settings: PageSettings) -> tuple[bool, str, str]:
    """Whether the line stays, its code and its reason.

    A line without evidence for dropping it stays, and so does one whose code may drop nothing.
    """
    if not ordered or (ordered[0].weight <= 0 and ordered[0].code != "NB402"):
        return True, "", ""
    lead = ordered[0]
    if lead.code.startswith(MODEL_FAMILY):
        lead = next(
            (e for e in ordered[1:] if e.weight >= MIN_REASON_WEIGHT and not e.code.startswith(MODEL_FAMILY)), lead
        )
    spared = not settings.may_drop(lead.code) or settings.is_allowed(lead.code, line.text)
    return spared or stays, lead.code, lead.why


def decide_blank_lines(page: Page, verdicts: Sequence[Verdict | None]) -> tuple[Verdict, ...]:
    """Give blank lines their verdicts: those that a removed line leaves over go with it."""
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
    leftover = Evidence(number, "NB401", 0.0, NOTE_REASONS["NB401"])
    return Verdict(line, 1.0, False, leftover.code, leftover.why, (leftover,))


def expected_f1(page: Page, verdicts: Sequence[Verdict], scale: tuple[float, float]) -> float:
    """The word F1 to expect: 2 kept content / (kept + all content), calibrated by slope and offset of its log-odds."""
    words = [shape.words for shape in page.shapes]
    kept = sum(words[v.line.number - 1] for v in verdicts if v.keep)
    likely = sum(words[v.line.number - 1] * (1 - v.drop_probability) for v in verdicts if v.keep)
    content = sum(words[v.line.number - 1] * (1 - v.drop_probability) for v in verdicts)
    if not likely:
        return 0.0
    return calibrate_f1(2 * likely / (kept + content), scale)


def calibrate_f1(f1: float, scale: tuple[float, float]) -> float:
    """The word F1 that pages of this expected F1 reach, by slope and offset of its log-odds (Platt 1999)."""
    f1 = max(F1_MARGIN, min(1 - F1_MARGIN, f1))
    slope, offset = scale
    return 1 / (1 + exp(-slope * log(f1 / (1 - f1)) - offset))
