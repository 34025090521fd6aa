"""CPU time on the development pages, in one process; parsing with lxml is the yardstick, since machines differ.

Every page goes through all tools in turn, so that a machine that slows down slows down all of them.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from unittest.mock import patch

from lxml import etree

import cleaner.pipeline
from bench import ours
from bench.pages import FORMS, flats, items
from bench.peers import html_peers
from bench.score import mean, share
from bench.tables import Table
from cleaner.errors import CleanScrapeError
from cleaner.score import scorer

YARDSTICK = "lxml parsing"
REST = "rest of cleaning"

#: The stage that a function belongs to which the pipeline calls: by the module it comes from.
STAGES = {
    "cleaner.read": "read",
    "cleaner.detectors": "detect",
    "cleaner.score": "score",
    "cleaner.decide": "decide",
}


def parse(page: bytes) -> None:
    """Parse a page with lxml, as extractors do before they begin."""
    etree.fromstring(page, etree.HTMLParser(encoding="utf-8"))


def tables(data: Path, part: int) -> list[Table]:
    """Cost on HTML pages, beside peers and by stage, and on each form of text."""
    pages = [item.html(data) for item in items(data, "wcxb", part)]
    for page in pages[:3]:  # what is loaded once is loaded before
        _clean(page)
    return [_against_peers(pages), _by_stage(pages), _on_text(data, part)]


def _clean(page: bytes) -> None:
    with suppress(CleanScrapeError):
        ours.clean(page)


def _against_peers(pages: Sequence[bytes]) -> Table:
    peers = {name: peer for name, peer in html_peers().items() if name in ("trafilatura", "resiliparse")}
    runs: dict[str, Callable[[bytes], object]] = {YARDSTICK: parse, ours.NAME: _clean}
    runs |= {name: lambda page, peer=peer: peer(page, "") for name, peer in peers.items()}  # type: ignore[misc]
    spent: dict[str, list[float]] = {name: [] for name in runs}
    for page in pages:
        for name, run in runs.items():
            spent[name].append(_milliseconds(run, page))
    whole = sum(spent[YARDSTICK])
    rows = {name: {**spread(times), "of parsing": share(sum(times), whole)} for name, times in spent.items()}
    return Table(f"Speed on HTML: CPU milliseconds a page, {len(pages)} pages", rows)


def _milliseconds(run: Callable[[bytes], object], page: bytes) -> float:
    start = time.process_time()
    with suppress(Exception):  # the quality tables count failures
        run(page)
    return (time.process_time() - start) * 1000


def spread(times: Sequence[float]) -> dict[str, float]:
    """Mean, median and 99th percentile."""
    ranked = sorted(times)
    return {"mean": mean(ranked), "median": ranked[len(ranked) // 2], "p99": ranked[int(len(ranked) * 0.99)]}


class Stopwatch:
    """Charges CPU time to the innermost open stage."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self._open = ["outside"]
        self._since = time.process_time_ns()

    def _charge(self) -> None:
        now = time.process_time_ns()
        self.spent[self._open[-1]] += now - self._since
        self._since = now

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Charge what runs inside to a stage."""
        self._charge()
        self._open.append(name)
        try:
            yield
        finally:
            self._charge()
            self._open.pop()

    def around(self, stage: str, call: Callable[..., object]) -> Callable[..., object]:
        """A function that does the same, timed."""

        def timed(*args: object, **named: object) -> object:
            with self.stage(stage):
                return call(*args, **named)

        return timed


def stage_of(name: str, value: object) -> str | None:
    """The stage of a name that the pipeline knows, None when it is no function of a stage."""
    if not callable(value) or isinstance(value, type):
        return None
    module = ".".join(getattr(value, "__module__", "").split(".")[:2])
    return "detect" if name == "detect" else STAGES.get(module)


def _by_stage(pages: Sequence[bytes]) -> Table:
    watch = Stopwatch()
    with ExitStack() as patched:
        for name, value in sorted(vars(cleaner.pipeline).items()):
            if stage := stage_of(name, value):
                patched.enter_context(patch.object(cleaner.pipeline, name, watch.around(stage, value)))
        # the pipeline imports the model with the first page, as numpy takes time to load
        timed = watch.around("score", scorer.learned_evidence)
        patched.enter_context(patch.object(scorer, "learned_evidence", timed))
        for page in pages:
            with watch.stage(YARDSTICK):
                parse(page)
            with watch.stage(REST):
                _clean(page)
    order = [YARDSTICK, *STAGES.values(), REST]
    rows = {
        stage: {
            "ms a page": watch.spent[stage] / 1e6 / max(1, len(pages)),
            "of parsing": share(watch.spent[stage], watch.spent[YARDSTICK]),
        }
        for stage in order
        if watch.spent[stage]
    }
    note = "Generators count where they are consumed; what has no function of its own in the pipeline is the rest."
    return Table("Speed on HTML: by stage", rows, note)


def _on_text(data: Path, part: int) -> Table:
    rows = {}
    for form in FORMS:
        texts = [flat.text.encode() for flat in flats(data, form, part)]
        start = time.process_time()
        for text in texts:
            ours.clean(text, kind="text")
        seconds = time.process_time() - start
        size = sum(map(len, texts)) / 1e6
        rows[form] = {"MB": size, "MB/s": share(size, seconds), "ms a page": share(seconds * 1000, len(texts))}
    return Table("Speed on text: MB a CPU second, by form", rows)
