"""The first of two passes: it counts the pages of a run and makes the profile for the second pass."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cleaner.corpus.counting import CountOrder, CountTask, PageCounts, count_items
from cleaner.corpus.items import Item
from cleaner.corpus.journal.counts import COUNTS_FILE, Counts
from cleaner.corpus.journal.start import GROWING_FOLDER
from cleaner.corpus.outputs import Folder
from cleaner.corpus.report_files import PROFILE_FILE, REPORT_FOLDER
from cleaner.corpus.task import Unchanged
from cleaner.sites.files import Head, write_profile
from cleaner.sites.finder import TemplateFinder
from cleaner.sites.keys import FOLDER
from cleaner.sites.lookup import ProfileFile

#: Seconds between commits; pages counted since the last one are counted again after a kill.
COMMIT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class FirstPass:
    """How the pages of a run are counted. Pages counted under another ``configuration`` are counted again."""

    order: CountOrder
    jobs: int
    configuration: str
    source: Path | None = None


def count_run(
    first: FirstPass, folder: Folder, items: Iterator[Item], on_counted: Callable[[], None]
) -> TemplateFinder:
    """Count all items, write their profile beside the growing report, and open it.

    ``on_counted`` is called after each item. Items that cannot be read are not counted; the pass that
    cleans reports them. Raises OSError when writing fails.
    """
    path = folder.state / GROWING_FOLDER / PROFILE_FILE
    path.parent.mkdir(exist_ok=True)
    counts = Counts(folder.state / COUNTS_FILE, first.configuration)
    try:
        _count(first, counts, items, on_counted)
        write_profile(path, profile_head(first, folder), counts.sites())
    finally:
        counts.close()
    return TemplateFinder.of(ProfileFile.open(path))


def delete_first_pass(folder: Folder) -> None:
    """Delete the files of a first pass from a folder."""
    (folder.state / GROWING_FOLDER / PROFILE_FILE).unlink(missing_ok=True)
    for ending in ("", "-wal", "-shm"):
        (folder.state / f"{COUNTS_FILE}{ending}").unlink(missing_ok=True)


def _count(first: FirstPass, counts: Counts, items: Iterator[Item], on_counted: Callable[[], None]) -> None:
    tasks = (CountTask(item, counts.fingerprint(item.source)) for item in items)
    committed = time.monotonic()
    for task, result in count_items(tasks, first.order, first.jobs):
        if isinstance(result, Unchanged):
            counts.keep(task.item.source)
        elif isinstance(result, PageCounts):
            counts.add(task.item.source, result.fingerprint, result.site, result.profile)
        if time.monotonic() - committed > COMMIT_SECONDS:
            counts.commit()
            committed = time.monotonic()
        on_counted()
    counts.finish()


def profile_head(first: FirstPass, folder: Folder) -> Head:
    """The head of the profile, which lies beside the report in the end."""
    key = first.order.site_of.key
    if key != FOLDER or first.source is None:
        return Head(key)
    root = os.path.relpath(first.source.resolve(), folder.root.resolve() / REPORT_FOLDER)
    return Head(key, root=Path(root).as_posix())
