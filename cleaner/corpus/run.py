"""A run: every input becomes an output and a row of the report, or a row that says why not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cleaner.corpus.counting import CountOrder
from cleaner.corpus.inputs import Input
from cleaner.corpus.inputs.formats import form_of
from cleaner.corpus.item_reader import Reader
from cleaner.corpus.item_reader import inputs as found_inputs
from cleaner.corpus.items import Fields
from cleaner.corpus.journal.start import opened
from cleaner.corpus.journal.state import State
from cleaner.corpus.journal.writer import DivergedError, Writer
from cleaner.corpus.outputs import Folder
from cleaner.corpus.task import Done, Format, Order, Same, Task, do
from cleaner.corpus.two_pass import FirstPass, forget, profile_of
from cleaner.errors import InputError
from cleaner.report.rows import Row
from cleaner.report.summary import Summary, to_json_value
from cleaner.score.weights import identity
from cleaner.settings.record import Settings
from cleaner.sites.finder import Sites, opened_sites
from cleaner.sites.keys import SiteOf
from cleaner.workers.limits import Limits
from cleaner.workers.pool import Failure, Pool, ordered


@dataclass(frozen=True, slots=True)
class Job:
    """What to clean and how. ``source`` is a folder or a file, None for standard input.

    ``left_out`` says which files below ``source`` are passed over. ``restart`` cleans again what an earlier run has
    done. Without ``limits`` the work is done in this process, and a page that crashes or hangs is the end of it.
    Pages are compared with the other pages of their site in the file ``profile``, or in what a first pass over
    ``source`` counts by the site key ``two_pass``; one of them at most is given. The report gets pages for a browser
    when it is to be ``browsed``.
    """

    source: Path | None
    out: Path
    settings: Settings
    jobs: int = 1
    format: Format = "text"
    fields: Fields = field(default_factory=Fields)
    metadata: bool = False
    restart: bool = False
    left_out: Callable[[Path], bool] | None = None
    limits: Limits | None = field(default_factory=Limits)
    profile: Path | None = None
    two_pass: str = ""
    browsed: bool = True

    @property
    def order(self) -> Order:
        """What its workers are told."""
        return Order(self.settings, self.format, self.fields, self.metadata, self.limits)

    @property
    def first_pass(self) -> FirstPass:
        """How its pages are counted."""
        told = {"version": version("clean-scrape"), "site key": self.two_pass, "fields": to_json_value(self.fields)}
        order = CountOrder(SiteOf(self.two_pass), self.fields, self.limits)
        return FirstPass(order, self.jobs, json.dumps(told, sort_keys=True), self.source)

    def configuration(self, sites: Sites | None = None) -> dict[str, Any]:
        """All that outputs depend on, besides the inputs, as JSON values; ``sites`` are those of ``profile``."""
        told = {
            "version": version("clean-scrape"),
            "weights": identity(),
            "format": self.format,
            "fields": to_json_value(self.fields),
            "metadata": self.metadata,
            "settings": to_json_value(self.settings),
        }
        if sites:
            told["profile"] = sites.profiles.digest
        if self.two_pass:
            told["two-pass by"] = self.two_pass
        return told


def inputs(job: Job) -> Iterator[Input]:
    """Yield the inputs of a job in order."""
    return found_inputs(job.source, job.out, job.left_out)


def expected(job: Job) -> int | None:
    """How many pages there will be; None when only reading files of many pages can tell."""
    number = 0
    for found in inputs(job):
        if form_of(found.name) != "page":
            return None
        number += 1
    return number


def check_places(job: Job) -> None:
    """Raise InputError when the output folder would harm the input."""
    if job.out.exists() and not job.out.is_dir():
        raise InputError(f"the output {job.out} is a file; name a folder", source=str(job.out))
    if job.source is None or not job.source.is_dir():
        return
    source, out = job.source.resolve(), job.out.resolve()
    if source == out:
        raise InputError(f"input and output are the same folder, {source}; name another output folder")
    if out in source.parents:
        raise InputError(f"the input lies inside the output folder {out}; name an output folder of its own")


def run(job: Job, seen: Callable[[Row], None], counted: Callable[[], None] = lambda: None) -> Summary:
    """Clean all inputs of a job and write its report; ``seen`` is called with each row, in order.

    A run that was interrupted goes on where it was, and what an earlier run has done is taken from it. ``counted`` is
    called behind each item of the first of two passes. Raises InputError when input and output get in each other's
    way, another run is at work, or the earlier run had another configuration; ProfileError when the profile is wrong;
    OSError when the disk refuses.
    """
    check_places(job)
    if job.format == "parquet" and find_spec("pyarrow") is None:
        raise InputError('--format parquet needs pyarrow: pip install "clean-scrape[arrow]"', reason="extra")
    with (
        opened_sites(job.profile) as given,
        opened(Folder(job.out), job.configuration(given), job.restart) as (folder, state),
    ):
        if job.restart or not job.two_pass:
            forget(folder)
        sites = _counted(job, folder, counted) if job.two_pass else given
        while True:
            try:
                return _through(replace(job.order, sites=sites), job, (folder, state), seen)
            except DivergedError as change:
                state.cut(change.position)


def _counted(job: Job, folder: Folder, seen: Callable[[], None]) -> Sites:
    """The profile that a first pass over all inputs makes."""
    with Reader(job.fields) as reader:
        return profile_of(job.first_pass, folder, reader.items(inputs(job)), seen)


def _through(order: Order, job: Job, place: tuple[Folder, State], seen: Callable[[Row], None]) -> Summary:
    """Go through all inputs once. Raises DivergedError where they differ from those that this run has seen."""
    summary = Summary()
    folder, state = place
    with Reader(job.fields) as reader, Writer(folder, state, job.format, browsed=job.browsed) as writer:
        items = enumerate(reader.items(inputs(job)))
        tasks = (Task(position, item, writer.known(position, item)) for position, item in items)
        number = -1
        for task, result, again in _results(order, job.jobs, tasks):
            number = task.position
            row = writer.add(task, result, again)
            summary.add(row)
            summary.pages["unchanged"] += isinstance(result, Same)
            seen(row)
        if number + 1 < state.count:
            raise DivergedError(number + 1)
        sums = summary.to_dict(job.settings, version("clean-scrape"), identity())
        writer.finish(sums | (told(order.sites) if order.sites else {}))
    return summary


def told(sites: Sites) -> dict[str, Any]:
    """What the sums say about the profile that pages were compared with."""
    return {"profile": {"digest": sites.profiles.digest, "site_key": sites.profiles.head.site_key}}


def _results(
    order: Order, jobs: int, tasks: Iterator[Task]
) -> Iterator[tuple[Task, Done | Same | Failure, Callable[[Task], Done | Same | Failure]]]:
    """Each task with its result, and how to do it once more."""
    work = partial(do, order=order)
    if order.limits is None:
        for task, result in ordered(work, tasks, 1):
            yield task, result, lambda one: next(ordered(work, iter([one]), 1))[1]
        return
    with Pool(work, jobs, order.limits, _size) as pool:
        for task, result in pool.ordered(tasks):
            yield task, result, pool.one


def _size(task: Task) -> int:
    return task.item.size
