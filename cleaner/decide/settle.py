"""Cleaning a text until a second clean changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from cleaner.decide.too_many_lines import exceeds_work_limit, keep_whole_page
from cleaner.decide.verdicts import NOTE_REASONS, expected_f1
from cleaner.lines.table import LineTable
from cleaner.records import Cleaned, Evidence, Line, Page, Verdict, Weights
from cleaner.settings.record import PageSettings

#: Passes that a text may take to settle before more and more lines are dropped at once; of 230 development texts one
#: in twenty took 4 to 7.
PASSES_BEFORE_FORCING = 8


def settle(
    first: Cleaned,
    read_again: Callable[[Cleaned], Page],
    judge: Callable[[LineTable], Cleaned],
    settings: PageSettings,
    weights: Weights,
) -> Cleaned:
    """Clean the clean text of ``first`` again until nothing goes; lines only ever leave, so this ends.

    ``read_again`` reads the text that was left, ``judge`` gives its lines their verdicts. A text that loses a few lines
    with every pass would take as many passes as it has lines; after PASSES_BEFORE_FORCING of them more and more lines
    go at once. A page whose passes would judge too many lines in all stays as it is.
    """
    page, judged = first.page, len(LineTable(first.page).at)
    verdicts: list[Verdict] = list(first.verdicts)
    notes = first.notes
    last = first
    passes = 1
    while last.dropped:
        left = [at for at, verdict in enumerate(verdicts) if verdict.keep]
        table = LineTable(read_again(last))
        if len(table.page.lines) != len(left):  # the rest reads as another encoding: what went is all that may go
            break
        judged += len(table.at)
        if exceeds_work_limit(page, judged):
            return keep_whole_page(page, weights)
        last = judge(table)
        passes += 1
        if passes > PASSES_BEFORE_FORCING:
            times = 4 ** (passes - PASSES_BEFORE_FORCING)
            last = replace(last, verdicts=drop_likeliest(last.verdicts, times, settings))
        for at, verdict in zip(left, last.verdicts, strict=True):
            verdicts[at] = verdict
        notes += tuple(note for note in last.notes if note.code in ("SY103", "SY104") and note not in notes)
    settled = tuple([_on_line(verdict, line) for verdict, line in zip(verdicts, page.lines, strict=True)])
    return Cleaned(page, settled, expected_f1(page, settled, weights.confidence), notes)


def drop_likeliest(verdicts: Sequence[Verdict], times: int, settings: PageSettings) -> tuple[Verdict, ...]:
    """Drop more lines, the likeliest residue first: ``times`` as many as went already.

    Nothing more goes where nothing went, where the settings do not let NB403 drop lines, or where the allow-list keeps
    a line under it.
    """
    filled = [v for v in verdicts if not v.line.blank]
    stays = sorted((v for v in filled if v.keep), key=lambda v: (-v.drop_probability, v.line.number))
    gone = len(filled) - len(stays)
    if not settings.may_drop("NB403"):
        return tuple(verdicts)
    stays = [v for v in stays if not settings.is_allowed("NB403", v.line.text)]
    chosen = {v.line.number for v in stays[: gone * times]}
    return tuple([_unsettled(v) if v.line.number in chosen else v for v in verdicts])


def _unsettled(verdict: Verdict) -> Verdict:
    reason = Evidence(verdict.line.number, "NB403", 0.0, NOTE_REASONS["NB403"])
    evidence = (reason, *verdict.evidence)
    return verdict._replace(keep=False, code=reason.code, why=reason.why, evidence=evidence)


def _on_line(verdict: Verdict, line: Line) -> Verdict:
    """A verdict on what was left of a page, as one on the page's own line."""
    if verdict.line is line:
        return verdict
    return verdict._replace(line=line, evidence=tuple([one._replace(line=line.number) for one in verdict.evidence]))
