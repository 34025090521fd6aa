"""Quality on HTML pages, peers beside the product on the same pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import ours
from bench.pages import Corpus, Item, items, visible_text
from bench.peers import decoded, html_peers
from bench.score import Match, Segments, match, mean, segment_scores, segments, share
from bench.tables import Table
from bench.work import Pool
from cleaner.errors import CleanScrapeError
from cleaner.settings.record import Policy

_SEEN = "In sample for clean-scrape: its weights were fitted on these pages."
_UNSEEN = "No weights were fitted on these pages."

#: The corpora that are read, the groups of their pages, and what a reader must know of them.
CORPORA: dict[Corpus, tuple[str, str]] = {
    "wcxb": ("type", _SEEN),
    "news": ("country", _SEEN),
    "sites": ("language", _UNSEEN),
    "snippets": ("", _UNSEEN),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of one tool on one page. ``confidence`` is the F1 that the product expects, None for others."""

    tool: str
    group: str
    match: Match
    segments: Segments
    failed: bool = False
    confidence: float | None = None


def answers(item: Item, data: Path, policies: Sequence[Policy] = ours.POLICIES, peers: bool = True) -> list[Answer]:
    """Run the product under some policies, and the peers, on one page."""
    page, gold = item.html(data), item.gold(data)
    there = visible_text(decoded(page).encode("utf-8", "replace"))

    def answer(tool: str, text: str | None, confidence: float | None = None) -> Answer:
        found = segments(text or "", item.required, item.forbidden)
        return Answer(tool, item.group, match(text or "", gold, there), found, text is None, confidence)

    made = []
    for policy in policies:
        try:
            done = ours.clean(page, policy, url=item.url)
        except CleanScrapeError:
            made.append(answer(ours.row(policy), None))
        else:
            made.append(answer(ours.row(policy), done.text, done.confidence))
    for tool, peer in html_peers().items() if peers else ():
        try:
            text: str | None = peer(page, item.language)
        except Exception:  # a benchmark counts failures of others, it does not stop
            text = None
        made.append(answer(tool, text))
    return made


def tables(data: Path, part: int, pool: Pool) -> Iterator[Table]:
    """All tables of HTML quality, on one page in ``part``, as they get ready."""
    for corpus, (groups, note) in CORPORA.items():
        todo = items(data, corpus, part)
        # Other policies are measured on the main corpus only.
        policies = ours.POLICIES if corpus == "wcxb" else ("balanced",)
        found = [a for page in pool.map(partial(answers, data=data, policies=policies), todo) for a in page]
        title = f"HTML, {corpus}, {len(todo)} pages"
        if corpus == "snippets":
            yield segment_table(title, note, found)
            continue
        yield overall_table(title, note, found)
        yield from group_tables(f"HTML, {corpus}", groups, found)
        if corpus == "wcxb":
            yield calibration(f"HTML, {corpus}", found)


Figure = Callable[[Collection[Answer]], float]

FIGURES: dict[str, Figure] = {
    "F1": lambda pages: mean([p.match.f1 for p in pages]),
    "precision": lambda pages: mean([p.match.precision for p in pages]),
    "recall": lambda pages: mean([p.match.recall for p in pages]),
    "content lost": lambda pages: share(sum(p.match.lost for p in pages), sum(p.match.shown for p in pages)),
    "residue removed": lambda pages: share(sum(p.match.removed for p in pages), sum(p.match.residue for p in pages)),
    "pages losing >5%": lambda pages: mean([float(p.match.hurt) for p in pages]),
}


def overall_table(title: str, note: str, found: Collection[Answer]) -> Table:
    """All figures of all tools."""
    rows: dict[str, dict[str, object]] = {}
    for tool, pages in _by_tool(found).items():
        rows[tool] = {name: figure(pages) for name, figure in FIGURES.items()}
        if any(p.segments.required for p in pages):
            done = segment_scores([p.segments for p in pages])
            rows[tool] |= {"required found": done["recall"], "forbidden leaked": done["leaked"]}
        rows[tool]["failed"] = sum(p.failed for p in pages)
    return Table(title, rows, note)


def group_tables(title: str, groups: str, found: Collection[Answer]) -> list[Table]:
    """One table a figure: tools by group of pages, with the number of pages."""
    tools = _by_tool(found)
    sizes = Counter(a.group for a in next(iter(tools.values()), []))
    made = []
    for name, figure in FIGURES.items():
        rows = {
            tool: {f"{g} ({sizes[g]})": figure([a for a in pages if a.group == g]) for g in sorted(sizes)}
            for tool, pages in tools.items()
        }
        made.append(Table(f"{title}: {name} by {groups}", rows))
    return made


def segment_table(title: str, note: str, found: Collection[Answer]) -> Table:
    """How many segments stay that must, and go that must."""
    rows: dict[str, dict[str, object]] = {}
    for tool, pages in _by_tool(found).items():
        rows[tool] = {**segment_scores([p.segments for p in pages]), "failed": sum(p.failed for p in pages)}
    return Table(title, rows, note)


def _by_tool(found: Collection[Answer]) -> dict[str, list[Answer]]:
    tools: dict[str, list[Answer]] = {}
    for answer in found:
        tools.setdefault(answer.tool, []).append(answer)
    return tools


def calibration(title: str, found: Collection[Answer]) -> Table:
    """Expected against true F1, pages grouped by what the product expects."""
    pages = [(a.confidence, a.match.f1) for a in found if a.tool == ours.NAME and a.confidence is not None]
    rows: dict[str, dict[str, object]] = {}
    for tenth in range(10):
        inside = [(mine, true) for mine, true in pages if min(int(mine * 10), 9) == tenth]
        if inside:
            expected, true = (mean([page[n] for page in inside]) for n in (0, 1))
            rows[f".{tenth} to .{tenth + 1}" if tenth < 9 else ".9 to 1"] = {
                "pages": len(inside),
                "expected F1": expected,
                "true F1": true,
            }
    return Table(f"{title}: expected and true F1 by page confidence", rows)
