"""Pages per second beside a peer, what the runner adds to the bare library, and how soon there is something."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.runs.commands import Run, bare, folder, in_turn, middle, ours, spread, trafilatura
from bench.runs.corpora import Corpus, head
from bench.runs.measured import Spent
from bench.score import share
from bench.tables import Table

OURS, PEER = "clean-scrape", "trafilatura"

#: Pages that the first output is awaited over: enough for all workers.
FIRST_OUTPUT_PAGES = 60


def throughput(corpora: Sequence[Corpus], jobs: Sequence[int], rounds: int, below: Path) -> Table:
    """Pages and MB a second of whole commands, by input and number of workers, beside the peer."""
    rows: dict[str, dict[str, object]] = {}
    for corpus in corpora:
        runs = [Run(OURS, ours, corpus, number) for number in jobs]
        if corpus.html and corpus.is_folder:
            runs += [Run(PEER, trafilatura, corpus, number) for number in jobs]
        seen = [run.once(below, memory=True) for run in runs]  # also brings the input into memory, for all alike
        times = in_turn(runs, rounds, below)
        by_run = {(run.name, run.jobs): those for run, those in zip(runs, times, strict=True)}
        for run, (looked, files), those in zip(runs, seen, times, strict=True):
            row = rows[f"{corpus.name}: {run.name}, {run.jobs} at work"] = _pace(corpus, those)
            row["x 1 at work"] = _ratio(by_run[run.name, jobs[0]], those)
            if (PEER, run.jobs) in by_run:
                row[f"x {PEER}"] = _ratio(by_run[PEER, run.jobs], those)
            row |= {"files": files, "parent MB": looked.memory.parent, "worker MB": looked.memory.worker}
            row["all MB"] = looked.memory.together
    sizes = "; ".join(f"{one.name}: {one.pages:,} pages, {one.bytes / 1e6:.1f} MB" for one in corpora)
    note = (
        f"{sizes}. Medians of {rounds} rounds, all in turn, start included; +- is half the spread. x: how many times as"
        " fast, round by round. Memory from a run of its own: RSS of the parent and the largest worker, PSS of all."
    )
    return Table("Whole runs: pages a second", rows, note)


def _pace(corpus: Corpus, those: Sequence[Spent]) -> dict[str, object]:
    seconds = [one.seconds for one in those]
    time = middle(seconds)
    pace = {"pages/s": share(corpus.pages, time), "MB/s": share(corpus.bytes / 1e6, time)}
    return {"seconds": time, "+-": spread(seconds), **pace, "CPU s": middle([one.cpu for one in those])}


def _ratio(slow: Sequence[Spent], fast: Sequence[Spent]) -> float:
    return middle([share(one.seconds, other.seconds) for one, other in zip(slow, fast, strict=True)])


def overhead(corpora: Sequence[Corpus], rounds: int, below: Path) -> Table:
    """What a run with one worker costs above reading, cleaning and writing the same files in a loop.

    The loop reads files; for a file of many pages, those of the folder before it.
    """
    rows: dict[str, dict[str, object]] = {}
    plain = corpora[0]
    for corpus in corpora:
        plain = corpus if corpus.is_folder else plain  # a file of many pages holds those of the folder before it
        rows[corpus.name] = _overhead(corpus, plain, rounds, below)
    note = (
        f"Medians of {rounds} rounds, run and loop in turn. The start (a run over one page) is taken off. Overhead is"
        " what the parent does beyond its start, and what all others do beyond the loop: that can be less than nothing,"
        " as the loop writes too. Least and most are single rounds; the quickest run, start and loop are those that"
        " other work on the machine disturbed least."
    )
    return Table("Overhead of the runner: CPU time of all processes, 1 at work, against the bare library", rows, note)


def _overhead(corpus: Corpus, plain: Corpus, rounds: int, below: Path) -> dict[str, object]:
    one, whole = Run(OURS, ours, head(corpus, 1, below), 1), Run(OURS, ours, corpus, 1)
    loops, starts, runs = [], [], []
    for _ in range(rounds):
        loops.append(bare(plain, below))
        starts.append(one.once(below)[0])
        runs.append(whole.once(below)[0])
    rest = 1 - share(1, corpus.pages)  # one page was done with the start
    bases = [loop["cpu"] * rest for loop in loops]
    start, own = middle([run.cpu for run in starts]), middle([run.parent_cpu for run in starts])
    above = [share(run.cpu - start, base) - 1 for run, base in zip(runs, bases, strict=True)]
    parents = [share(run.parent_cpu - own, base) for run, base in zip(runs, bases, strict=True)]
    begin = middle([run.seconds for run in starts])
    clock = [share(run.seconds - begin, loop["seconds"] * rest) - 1 for run, loop in zip(runs, loops, strict=True)]
    return {
        "ms a page": share(middle(bases) * 1000, corpus.pages - 1),
        "loop s": middle([loop["cpu"] for loop in loops]),
        "start s": start,
        "run s": middle([run.cpu for run in runs]),
        "overhead": middle(above),
        "least": min(above),
        "most": max(above),
        "of quickest": share(min(run.cpu for run in runs) - min(run.cpu for run in starts), min(bases)) - 1,
        "parent": middle(parents),
        "others": middle([every - parent for every, parent in zip(above, parents, strict=True)]),
        "on the clock": middle(clock),
    }


def first(corpora: Sequence[Corpus], rounds: int, below: Path) -> Table:
    """Seconds until the first file has its final name, and for the whole command over a single page."""
    rows: dict[str, dict[str, object]] = {}
    for corpus in corpora:
        few, alone = head(corpus, FIRST_OUTPUT_PAGES, below), head(corpus, 1, below)
        tools = [(OURS, ours), *([(PEER, trafilatura)] if corpus.html else [])]
        runs = [(Run(name, command, few, 2), Run(name, command, alone, 2)) for name, command in tools]
        found = [[(many.once(below, first=True)[0], one.once(below)[0]) for many, one in runs] for _ in range(rounds)]
        for (name, _), those in zip(tools, zip(*found, strict=True), strict=True):
            rows[f"{corpus.name}: {name}"] = {
                "first output": middle([many.first for many, _ in those if many.first is not None]),
                "single page": middle([one.seconds for _, one in those]),
                "single page, CPU": middle([one.cpu for _, one in those]),
            }
    pages = FIRST_OUTPUT_PAGES
    note = f"Medians of {rounds} rounds, all in turn; the first output is awaited over {pages} pages, 2 at work."
    return Table("Start: seconds until the first output, and for a command over a single page", rows, note)


def again(corpora: Sequence[Corpus], jobs: int, below: Path) -> Table:
    """A second run over an unchanged input."""
    rows: dict[str, dict[str, object]] = {}
    for corpus in corpora:
        with folder(below) as out:
            run = Run(OURS, ours, corpus, jobs)
            (one, _), (two, _) = run.into(out), run.into(out)
        rows[corpus.name] = {"first s": one.seconds, "second s": two.seconds, "of the first": two.seconds / one.seconds}
        rows[corpus.name] |= {"first CPU s": one.cpu, "second CPU s": two.cpu}
    return Table(f"A second run over an unchanged input, {jobs} at work", rows)
