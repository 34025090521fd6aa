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
    """Clean the clean text of ``first`` again until no more lines go, and return the page with the final verdicts.

    ``read_again`` reads the text that is left, ``judge`` gives its lines their verdicts. Every pass but the last
    removes lines, so the passes end. A text that loses a few lines with every pass would take as many passes as it has
    lines; after PASSES_BEFORE_FORCING passes, more and more lines are dropped at once. When all passes together would
    judge too many lines, the whole page is kept.
    """
    page, judged = first.page, len(LineTable(first.page).at)
    verdicts: list[Verdict] = list(first.verdicts)
    notes = first.notes
    last = first
    passes = 1
    while last.dropped:
        left = [at for at, verdict in enumerate(verdicts) if verdict.keep]
        table = LineTable(read_again(last))
        if len(table.page.lines) != len(left):  # what is left reads as another encoding: no more lines are dropped
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
    """Drop ``times`` as many further lines as were dropped already, the likeliest residue first.

    No further line is dropped where none was dropped, where the settings do not allow NB403 to drop lines, or where the
    allow-list keeps a line under NB403.
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
    """The verdict on a line of the text that is left, as a verdict on the same line of the whole page."""
    if verdict.line is line:
        return verdict
    return verdict._replace(line=line, evidence=tuple([one._replace(line=line.number) for one in verdict.evidence]))
