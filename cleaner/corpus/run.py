"""A run: every input becomes an output and a row of the report, or a row with the reason why it has no output."""

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
from cleaner.corpus.item_reader import ItemReader, find_run_inputs
from cleaner.corpus.items import Fields
from cleaner.corpus.journal.start import open_journal
from cleaner.corpus.journal.state import RunState
from cleaner.corpus.journal.writer import InputsChangedError, ItemResult, Writer
from cleaner.corpus.outputs import Folder
from cleaner.corpus.task import CleanOrder, CleanTask, OutputFormat, Unchanged, process_task
from cleaner.corpus.two_pass import FirstPass, count_run, delete_first_pass
from cleaner.errors import InputError
from cleaner.report.rows import Row
from cleaner.report.summary import Summary, to_json_value
from cleaner.score.weights import identity
from cleaner.settings.record import Settings
from cleaner.sites.finder import TemplateFinder, open_templates
from cleaner.sites.keys import SiteOf
from cleaner.workers.limits import Limits
from cleaner.workers.pool import WorkerPool, map_in_order


@dataclass(frozen=True, slots=True)
class Job:
    """The input, the output and all options of a run.

    ``source`` is a folder or a file, None for standard input. Files below it for which ``is_excluded`` returns True are
    passed over. ``restart`` cleans again what an earlier run has cleaned. Without ``limits`` pages are cleaned in this
    process, and a page that crashes or hangs stops the run. Pages are compared with the other pages of their site in
    the file ``profile``, or in what a first pass over ``source`` counts by the site key ``two_pass``; at most one of
    them is given. With ``html_report`` the report gets HTML pages as well.
    """

    source: Path | None
    out: Path
    settings: Settings
    jobs: int = 1
    format: OutputFormat = "text"
    fields: Fields = field(default_factory=Fields)
    metadata: bool = False
    restart: bool = False
    is_excluded: Callable[[Path], bool] | None = None
    limits: Limits | None = field(default_factory=Limits)
    profile: Path | None = None
    two_pass: str = ""
    html_report: bool = True

    @property
    def clean_order(self) -> CleanOrder:
        """How its items are cleaned."""
        return CleanOrder(self.settings, self.format, self.fields, self.metadata, self.limits)

    @property
    def first_pass(self) -> FirstPass:
        """How its pages are counted."""
        key = {
            "version": version("clean-scrape"),
            "site key": self.two_pass,
            "fields": to_json_value(self.fields),
        }
        order = CountOrder(SiteOf(self.two_pass), self.fields, self.limits)
        return FirstPass(order, self.jobs, json.dumps(key, sort_keys=True), self.source)

    def configuration(self, sites: TemplateFinder | None = None) -> dict[str, Any]:
        """Return all that outputs depend on besides the inputs, as JSON values; ``sites`` are those of ``profile``.

        A run resumes only when it is the same as before.
        """
        found = {
            "version": version("clean-scrape"),
            "weights": identity(),
            "format": self.format,
            "fields": to_json_value(self.fields),
            "metadata": self.metadata,
            "settings": to_json_value(self.settings),
        }
        if sites:
            found["profile"] = sites.source_digest
        if self.two_pass:
            found["two-pass by"] = self.two_pass
        return found


def find_inputs(job: Job) -> Iterator[Input]:
    """Yield the inputs of a job in order."""
    return find_run_inputs(job.source, job.out, job.is_excluded)


def count_expected_pages(job: Job) -> int | None:
    """Return how many pages there will be; None when an input is a file of many pages, whose pages cannot be counted
    without reading it.
    """
    number = 0
    for found in find_inputs(job):
        if form_of(found.name) != "page":
            return None
        number += 1
    return number


def check_output_folder(job: Job) -> None:
    """Raise InputError when the output folder would overwrite or contain the input."""
    if job.out.exists() and not job.out.is_dir():
        raise InputError(f"the output {job.out} is a file; name a folder", source=str(job.out))
    if job.source is None or not job.source.is_dir():
        return
    source, out = job.source.resolve(), job.out.resolve()
    if source == out:
        raise InputError(f"input and output are the same folder, {source}; name another output folder")
    if out in source.parents:
        raise InputError(f"the input lies inside the output folder {out}; name an output folder of its own")


def run_job(job: Job, on_row: Callable[[Row], None], on_counted: Callable[[], None] = lambda: None) -> Summary:
    """Clean all inputs of a job, write its report, and return the sums.

    ``on_row`` is called with the fields of each row that the sums need, in order; ``on_counted`` is called after each
    item of the first of two passes. A run that was interrupted resumes, and what an earlier run has cleaned is taken
    from it. Raises InputError when the output folder would overwrite or contain the input, another run is writing into
    the folder, or the earlier run had another configuration; ProfileError when the profile is wrong; OSError when
    writing fails.
    """
    check_output_folder(job)
    if job.format == "parquet" and find_spec("pyarrow") is None:
        raise InputError('--format parquet needs pyarrow: pip install "clean-scrape[arrow]"', reason="extra")
    with (
        open_templates(job.profile) as given,
        open_journal(Folder(job.out), job.configuration(given), job.restart) as (folder, state),
    ):
        if job.restart or not job.two_pass:
            delete_first_pass(folder)
        sites = _count_sites(job, folder, on_counted) if job.two_pass else given
        while True:
            try:
                return _clean_all(replace(job.clean_order, sites=sites), job, (folder, state), on_row)
            except InputsChangedError as change:
                state.forget_from(change.position)


def _count_sites(job: Job, folder: Folder, on_counted: Callable[[], None]) -> TemplateFinder:
    """Return the profile that a first pass over all inputs makes."""
    with ItemReader(job.fields) as reader:
        return count_run(job.first_pass, folder, reader.items(find_inputs(job)), on_counted)


def _clean_all(order: CleanOrder, job: Job, place: tuple[Folder, RunState], on_row: Callable[[Row], None]) -> Summary:
    """Clean all inputs once. Raises InputsChangedError where they differ from those that this run has recorded."""
    summary = Summary()
    folder, state = place
    with ItemReader(job.fields) as reader, Writer(folder, state, job.format, html_report=job.html_report) as writer:
        items = enumerate(reader.items(find_inputs(job)))
        tasks = (CleanTask(position, item, writer.previous(position, item)) for position, item in items)
        number = -1
        for task, result, retry in _results(order, job.jobs, tasks):
            number = task.position
            row = writer.add(task, result, retry)
            summary.add(row)
            summary.pages["unchanged"] += isinstance(result, Unchanged)
            on_row(row)
        if number + 1 < state.count:
            raise InputsChangedError(number + 1)
        sums = summary.to_dict(job.settings, version("clean-scrape"), identity())
        writer.finish(sums | (profile_sums(order.sites) if order.sites else {}))
    return summary


def profile_sums(sites: TemplateFinder) -> dict[str, Any]:
    """Return the facts about the profile that the sums of a run contain."""
    return {"profile": {"digest": sites.source_digest, "site_key": sites.site_key}}


def _results(
    order: CleanOrder, jobs: int, tasks: Iterator[CleanTask]
) -> Iterator[tuple[CleanTask, ItemResult, Callable[[CleanTask], ItemResult]]]:
    """Yield each task with its result, and a function that cleans a task again."""
    work = partial(process_task, order=order)
    if order.limits is None:
        for task, result in map_in_order(work, tasks):
            yield task, result, lambda one: next(map_in_order(work, [one]))[1]
        return
    with WorkerPool(work, jobs, order.limits) as pool:
        for task, result in pool.map(tasks):
            yield task, result, pool.run_one
