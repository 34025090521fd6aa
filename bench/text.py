"""Quality on flattened text, rules for lines and extractors on wrapped lines beside the product."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import ours
from bench.pages import FORMS, Flat, flats
from bench.peers import text_peers
from bench.score import Ranking, Removal, mean, ranking, removal, removed_at, share
from bench.tables import Table
from bench.work import Pool
from cleaner.errors import CleanScrapeError
from cleaner.settings.record import Policy

#: Shares of the gold words that may go, at which the ranking of lines is measured.
LOSSES = (0.001, 0.005, 0.01, 0.02, 0.05)


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of one tool on one flattened page.

    ``alone`` is the F1 of the page as it was; ``settled`` tells whether a second clean changes nothing.
    """

    tool: str
    form: str
    done: Removal
    alone: float
    failed: bool = False
    settled: bool = True
    ranking: Ranking = field(default_factory=dict)


def answers(flat: Flat, policies: Sequence[Policy] = ours.POLICIES, peers: bool = True) -> list[Answer]:
    """Run the product under some policies, and the peers, on one flattened page."""
    lines = flat.text.split("\n")
    alone = removal(lines, flat.labels, [True] * len(lines), flat.gold).f1
    made = [_ours(flat, lines, policy, alone) for policy in policies]
    for tool, peer in text_peers().items() if peers else ():
        try:
            keep, failed = peer(lines), False
        except Exception:  # a benchmark counts failures of others, it does not stop
            keep, failed = [False] * len(lines), True
        made.append(Answer(tool, flat.form, removal(lines, flat.labels, keep, flat.gold), alone, failed))
    return made


def _ours(flat: Flat, lines: Sequence[str], policy: Policy, alone: float) -> Answer:
    try:
        done = ours.clean(flat.text.encode(), policy, kind="text")
    except CleanScrapeError:
        gone = removal(lines, flat.labels, [False] * len(lines), flat.gold)
        return Answer(ours.row(policy), flat.form, gone, alone, True)
    score = removal(lines, flat.labels, ours.kept(done, len(lines)), flat.gold)
    ranked = ranking((v.drop_probability, flat.labels[v.line.number - 1]) for v in done.verdicts)
    return Answer(ours.row(policy), flat.form, score, alone, False, ours.settled(done, policy), ranked)


def tables(data: Path, part: int, pool: Pool) -> list[Table]:
    """All tables of text quality, on one page in ``part``."""
    found = [a for form in FORMS for page in pool.map(answers, flats(data, form, part)) for a in page]
    return form_tables(found)


_NOTE = "In sample for clean-scrape: its weights were fitted on some forms of these pages."

Figure = Callable[[Collection[Answer]], float]

FIGURES: dict[str, Figure] = {
    "F1": lambda pages: mean([p.done.f1 for p in pages]),
    "gain of F1 over leaving alone": lambda pages: mean([p.done.f1 - p.alone for p in pages]),
    "residue removed": lambda pages: share(sum(p.done.removed for p in pages), sum(p.done.residue for p in pages)),
    "content lost": lambda pages: share(sum(p.done.lost for p in pages), sum(p.done.gold for p in pages)),
    "pages losing >5%": lambda pages: mean([float(p.done.hurt) for p in pages]),
    "failed pages": lambda pages: sum(p.failed for p in pages),
    "pages that a second clean changes": lambda pages: sum(not p.settled for p in pages),
}


def form_tables(found: Collection[Answer]) -> list[Table]:
    """One table per figure, tools by form; and how well the product ranks lines."""
    cells: dict[tuple[str, str], list[Answer]] = {}
    for answer in found:
        cells.setdefault((answer.tool, answer.form), []).append(answer)
    tools, forms = (list(dict.fromkeys(cell[n] for cell in cells)) for n in (0, 1))
    made = []
    for name, figure in FIGURES.items():
        rows = {tool: {form: figure(cells[tool, form]) for form in forms} for tool in tools}
        if not name.startswith(("failed", "pages that")) or any(any(row.values()) for row in rows.values()):
            made.append(Table(f"Text: {name} by form", rows, _NOTE if name == "F1" else ""))
    ranks = {
        f"{loss:.1%} lost": {form: removed_at([a.ranking for a in cells[ours.NAME, form]], loss) for form in forms}
        for loss in LOSSES
        if all((ours.NAME, form) in cells for form in forms)
    }
    return [*made, Table("Text: residue that one threshold removes at a given loss of content, by form", ranks)]
