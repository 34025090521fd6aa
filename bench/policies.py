"""``python -m bench.policies``: what each policy keeps and loses on the development pages.

Text: every flattened form, cleaned by the product until nothing goes, beside leaving it alone. HTML: the pages
themselves. Figures: word F1 against the gold body (mean over pages, multisets), share of gold words lost, share
of residue words removed, pages that lost over 5% of their gold words, pages that a second pass changes.
The weights were measured on these pages: out-of-fold figures are printed by ``python -m training``.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

import cleaner
from cleaner.records import Kind
from cleaner.settings import Policy
from training.labels import matched_words, words_of

FORMS = ("html_text", "inscriptis", "bs4nl", "crop", "resili_main", "traf_recall", "readability")
POLICIES: tuple[Policy, ...] = ("safe", "balanced", "strict")


@dataclass(frozen=True, slots=True)
class Score:
    """What one policy did to one page."""

    f1: float
    gold: int
    lost: int
    residue: int
    removed: int
    again: bool


def f1(text: str, gold: str) -> float:
    """Word F1 of two texts as multisets."""
    mine, theirs = words_of(text), words_of(gold)
    if not mine or not theirs:
        return float(not mine and not theirs)
    return 2 * sum((Counter(mine) & Counter(theirs)).values()) / (len(mine) + len(theirs))


def score(data: bytes, gold: str, kind: Kind, policy: Policy) -> Score:
    """Clean one page and hold it against its gold body."""
    settings = cleaner.Settings(policy=policy)
    done = cleaner.clean(data, kind=kind, settings=settings)
    labels = matched_words([v.line.text for v in done.verdicts], gold)
    lost = sum(hit for v, (_, hit) in zip(done.verdicts, labels, strict=True) if not v.keep)
    removed = sum(n - hit for v, (n, hit) in zip(done.verdicts, labels, strict=True) if not v.keep)
    body = done.to_bytes()
    again = kind == "text" and cleaner.clean(body, kind="text", settings=settings).to_bytes() != body
    return Score(f1(done.text, gold), sum(h for _, h in labels), lost, sum(n - h for n, h in labels), removed, again)


@dataclass(frozen=True, slots=True)
class PageScores:
    """The scores of one page under every policy, and its F1 when left alone."""

    alone: float
    under: dict[Policy, Score]


def page_scores(page: tuple[bytes, str], kind: Kind) -> PageScores | None:
    """Score one page; None when it cannot be read."""
    data, gold = page
    try:
        under = {policy: score(data, gold, kind, policy) for policy in POLICIES}
    except cleaner.CleanScrapeError:
        return None
    return PageScores(f1(data.decode("utf-8", "replace"), gold) if kind == "text" else 0.0, under)


def pages(data: Path, form: str, part: int) -> Iterator[tuple[bytes, str]]:
    """Yield every ``part``-th page of a form (or "html") with its gold body."""
    root = data / "wcxb"
    texts = {}
    if form != "html":
        with gzip.open(data / "text" / "flat" / "dev" / f"{form}.json.gz", "rt", encoding="utf-8") as stored:
            texts = json.load(stored)
    for name in sorted(json.loads((root / "index.json").read_text("utf-8")))[::part]:
        gold = (root / "gold" / f"{name}.txt").read_text("utf-8")
        if form == "html":
            yield gzip.decompress((root / "html" / f"{name}.html.gz").read_bytes()), gold
        elif texts.get(name):
            yield texts[name].encode(), gold


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--part", type=int, default=1, help="every n-th page only")
    parser.add_argument("--forms", default="html," + ",".join(FORMS))
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    with ProcessPoolExecutor(options.jobs) as pool:
        for form in options.forms.split(","):
            kind: Kind = "html" if form == "html" else "text"
            work = pages(options.data, form, options.part)
            rows = [row for row in pool.map(page_scores, work, repeat(kind), chunksize=8) if row]
            report(form, rows)


def report(form: str, rows: list[PageScores]) -> None:
    """Print the figures of one form."""
    if form != "html":
        print(f"{form:12} {'alone':9} F1 {sum(row.alone for row in rows) / len(rows):.4f}")
    for policy in POLICIES:
        scores = [row.under[policy] for row in rows]
        gold, lost = sum(s.gold for s in scores), sum(s.lost for s in scores)
        residue, removed = sum(s.residue for s in scores), sum(s.removed for s in scores)
        hurt = sum(s.lost > 0.05 * s.gold for s in scores)
        print(
            f"{form:12} {policy:9} F1 {sum(s.f1 for s in scores) / len(scores):.4f}  content lost {lost / gold:.4f}  "
            f"residue removed {removed / residue:.4f}  pages lost >5% {hurt / len(scores):.3f}  "
            f"changed again {sum(s.again for s in scores)}  pages {len(scores)}",
            flush=True,
        )


if __name__ == "__main__":
    main()
