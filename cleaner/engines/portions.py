"""A run over files in portions: each has some of the inputs, and gives shards and a part of the report.

The result of a portion depends on its inputs only, and inputs are divided by their names and sizes. So the files of a
run are the same for any number of machines, for any order of the portions, and when a portion is done twice.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import partial
from hashlib import blake2b
from operator import attrgetter
from pathlib import Path
from typing import Any, cast

from cleaner.corpus.counting import CountOrder, CountTask, PageCounts, count_items
from cleaner.corpus.inputs import Input
from cleaner.corpus.item_reader import ItemReader
from cleaner.corpus.task import CleanedItem, CleanOrder, CleanTask, item_failure_row, process_task
from cleaner.engines.counts import counts_schema, counts_to_batches
from cleaner.engines.files import PortionFiles
from cleaner.engines.rows import arrow
from cleaner.files.atomic import atomic_path
from cleaner.report.rows import Row
from cleaner.report.summary import Summary
from cleaner.sites.counting import ProfileSum
from cleaner.workers.batches import split_into_batches
from cleaner.workers.pool import Failure, map_in_order

#: Most files, and most bytes, of a portion; a larger file is a portion by itself.
MAX_PORTION_FILES, MAX_PORTION_BYTES = 128, 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Portion:
    """Some inputs of a run, in order."""

    number: int
    inputs: tuple[Input, ...]

    def fingerprint(self, profile_digest: str) -> str:
        """A fingerprint of the inputs (names, sizes, times of change) and of the profile they are compared with."""
        found = [[one.source, one.reason, *_status(one.path)] for one in self.inputs]
        return blake2b(json.dumps([profile_digest, found]).encode(), digest_size=16).hexdigest()


def _status(path: Path | None) -> tuple[int, int]:
    with suppress(OSError):
        if path is not None:
            status = path.lstat()
            return status.st_size, status.st_mtime_ns
    return 0, 0


def divide_inputs(inputs: Iterable[Input]) -> Iterator[Portion]:
    """Yield the portions of inputs."""
    groups = split_into_batches(inputs, MAX_PORTION_FILES, MAX_PORTION_BYTES, attrgetter("size"))
    for number, group in enumerate(groups):
        yield Portion(number, tuple(group))


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a portion: its shards with their sha256, the sums, and the rows of failures."""

    shards: dict[str, str]
    summary: Summary
    failures: tuple[Row, ...]


def clean_portion(portion: Portion, order: CleanOrder, place: Path) -> Outcome:
    """Clean the inputs of a portion; shards and the part of the report appear in the folder ``place``.

    A portion that was done before is not done again. Raises OSError when writing fails.
    """
    marker = place / f"{portion.number:05}.json"
    fingerprint = portion.fingerprint(order.sites.source_digest if order.sites else "")
    known = _read_outcome(marker, fingerprint)
    if known:
        return known
    summary, failures = Summary(), []
    with (
        tempfile.TemporaryDirectory(prefix="clean-scrape-") as scratch,
        ItemReader(order.fields) as reader,
        PortionFiles(Path(scratch), place, portion.number) as part,
    ):
        tasks = (CleanTask(number, item) for number, item in enumerate(reader.items(iter(portion.inputs))))
        for task, result in map_in_order(partial(process_task, order=order), tasks, limits=order.limits):
            if isinstance(result, Failure):
                row = part.failure(item_failure_row(task.item, result))
                failures.append(row)
            else:  # tasks have no earlier result here, so none is unchanged
                row = part.page(cast(CleanedItem, result))
            summary.add(row)
        shards = part.finish()
    outcome = Outcome(shards, summary, tuple(failures))
    with atomic_path(marker) as new:
        sums = {one.name: getattr(summary, one.name) for one in fields(summary)}
        found = {"print": fingerprint, "shards": shards, "summary": sums, "failures": failures}
        new.write_text(json.dumps(found), "utf-8")
    return outcome


def _read_outcome(marker: Path, fingerprint: str) -> Outcome | None:
    """The result of a portion that was done before, else None."""
    with suppress(OSError, ValueError, LookupError, TypeError):
        found = json.loads(marker.read_bytes())
        if found["print"] != fingerprint or not all((marker.parent / name).is_file() for name in found["shards"]):
            return None
        sums = found["summary"]
        look = [(source, why) for source, why in sums.pop("look")]
        summary = Summary(**{name: Counter(values) for name, values in sums.items()}, look=look)
        summary.pages["unchanged"] = summary.pages["seen"]
        return Outcome(found["shards"], summary, tuple(found["failures"]))
    return None


def count_portion(portion: Portion, order: CountOrder) -> tuple[tuple[int, int], Any]:
    """Count the inputs of a portion: how many items there were, the bytes of the counts, and their table.

    It has the columns of ``counts_schema``. Items that cannot be read are not counted; cleaning reports them.
    """
    sums, number = ProfileSum(), 0
    with ItemReader(order.fields) as reader:
        tasks = map(CountTask, reader.items(iter(portion.inputs)))
        for number, (_, result) in enumerate(count_items(tasks, order), 1):  # noqa: B007
            if isinstance(result, PageCounts) and result.site:
                sums.add(result.site, result.profile)
    table = arrow().Table.from_batches([*counts_to_batches(sums.sites())], counts_schema())
    return (number, table.nbytes), table


def add_summaries(summaries: Iterable[Summary], most: int) -> Summary:
    """The sum of sums, of which at most ``most`` pages are named."""
    whole = Summary()
    for one in summaries:
        for name in ("pages", "lines", "words", "code_lines", "code_words", "notes", "failures"):
            getattr(whole, name).update(getattr(one, name))
        whole.look.extend(one.look[: most - len(whole.look)])
    return whole


def count_unnamed_pages(outcome: Outcome) -> int:
    """How many rows of a portion are not among its failures."""
    return outcome.summary.pages["seen"] - len(outcome.failures)


def is_visible(path: Path) -> bool:
    """Tell whether a file that another machine has written is visible on this machine."""
    with suppress(OSError):
        os.listdir(path.parent)  # network folders look again then  # noqa: PTH208
    return path.is_file()
