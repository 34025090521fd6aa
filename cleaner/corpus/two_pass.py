"""The first of two passes: the pages of a run are counted, and make the profile that the second compares them with."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from cleaner.corpus.counting import Counted, CountOrder, counted
from cleaner.corpus.items import Item
from cleaner.corpus.journal.counts import COUNTS, Counts
from cleaner.corpus.journal.start import GROWING_FOLDER
from cleaner.corpus.outputs import Folder
from cleaner.corpus.report_files import PROFILE_FILE, REPORT_FOLDER
from cleaner.corpus.task import Unchanged, fingerprint_item, read_item
from cleaner.sites.files import Head, write_profile
from cleaner.sites.finder import TemplateFinder
from cleaner.sites.keys import FOLDER
from cleaner.sites.lookup import ProfileFile
from cleaner.workers.pool import map_with_limits

#: Seconds between commits; what was counted since the last one is counted again after a kill.
COMMIT_EVERY = 1.0


@dataclass(frozen=True, slots=True)
class FirstPass:
    """How the pages of a run are counted. Those counted under another ``configuration`` are counted again."""

    order: CountOrder
    jobs: int
    configuration: str
    source: Path | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """An item, and the fingerprint that its content had when it was counted."""

    item: Item
    known: bytes | None


@dataclass(frozen=True, slots=True)
class Done:
    """The fingerprint of an item's content, and what was counted of it."""

    print: bytes
    found: Counted


def profile_of(first: FirstPass, folder: Folder, items: Iterator[Item], seen: Callable[[], None]) -> TemplateFinder:
    """Count all items; the profile that they make, which lies with the report that grows.

    ``seen`` is called behind each item. What cannot be read does not count; the pass that cleans names it. Raises
    OSError when the disk refuses.
    """
    path = folder.state / GROWING_FOLDER / PROFILE_FILE
    path.parent.mkdir(exist_ok=True)
    counts = Counts(folder.state / COUNTS, first.configuration)
    try:
        _count(first, counts, items, seen)
        write_profile(path, head_of(first, folder), counts.sites())
    finally:
        counts.close()
    return TemplateFinder.of(ProfileFile.open(path))


def forget(folder: Folder) -> None:
    """Take away what a first pass left in a folder."""
    (folder.state / GROWING_FOLDER / PROFILE_FILE).unlink(missing_ok=True)
    for ending in ("", "-wal", "-shm"):
        (folder.state / f"{COUNTS}{ending}").unlink(missing_ok=True)


def _count(first: FirstPass, counts: Counts, items: Iterator[Item], seen: Callable[[], None]) -> None:
    tasks = (Task(item, counts.known(item.source)) for item in items)
    committed = time.monotonic()
    work = partial(count, order=first.order)
    for task, result in map_with_limits(first.order.limits, work, tasks, _size, first.jobs):
        if isinstance(result, Unchanged):
            counts.keep(task.item.source)
        elif isinstance(result, Done):
            counts.add(task.item.source, result.print, result.found.site, result.found.profile)
        if time.monotonic() - committed > COMMIT_EVERY:
            counts.commit()
            committed = time.monotonic()
        seen()
    counts.finish()


def count(task: Task, order: CountOrder) -> Done | Unchanged:
    """Count one item; this is what a worker does. Raises CleanScrapeError when it is no page."""
    data = read_item(task.item)
    print_ = fingerprint_item(task.item, data)
    if print_ == task.known:
        return Unchanged()
    return Done(print_, counted(replace(task.item, data=data), order))


def head_of(first: FirstPass, folder: Folder) -> Head:
    """The head of the profile, which users find beside the report."""
    key = first.order.site_of.key
    if key != FOLDER or first.source is None:
        return Head(key)
    root = os.path.relpath(first.source.resolve(), folder.root.resolve() / REPORT_FOLDER)
    return Head(key, root=Path(root).as_posix())


def _size(task: Task) -> int:
    return task.item.size
