"""A run over files on Ray: the same records and the same report as a run on this machine gives, as Parquet.

Each task of Ray does one portion of the inputs. It reads them as a local run does, cleans them in a process of their
own under the same limits, and writes shards into the output folder, which all nodes must share, as they must the
input. Only counts and sums are sent through Ray itself.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from heapq import merge
from importlib.metadata import version
from operator import itemgetter
from pathlib import Path
from typing import Any

from cleaner.corpus.finished.html_pages import rebuild_html_report
from cleaner.corpus.journal.start import GROWING_FOLDER, finish_report, open_journal
from cleaner.corpus.journal.state import RunState
from cleaner.corpus.outputs import Folder
from cleaner.corpus.report_files import PROFILE_FILE, TABLE_FILE
from cleaner.corpus.run import Job, check_output_folder, find_inputs, profile_sums
from cleaner.corpus.two_pass import profile_head
from cleaner.engines.arrow import merge_counts
from cleaner.engines.counts import templates_from_batch, templates_schema
from cleaner.engines.files import join_reports, report_part_name
from cleaner.engines.portions import (
    Outcome,
    Portion,
    add_summaries,
    clean_portion,
    count_portion,
    count_unnamed_pages,
    divide_inputs,
    is_visible,
)
from cleaner.engines.ray import merge_dataset
from cleaner.engines.ray.session import MAX_RETRIES, hide_main_module, session, translate_error
from cleaner.engines.rows import arrow
from cleaner.errors import CleanScrapeError, EngineError, InputError
from cleaner.report.rows import Row
from cleaner.report.summary import MAX_NAMED_PAGES, Summary
from cleaner.score.weights import identity
from cleaner.sites.files import write_profile
from cleaner.sites.finder import TemplateFinder
from cleaner.sites.lookup import ProfileFile
from cleaner.sites.profile import Template

#: Portions under way for each core: enough that none waits while the first in order is slow.
PORTIONS_PER_CORE = 4

#: Counts of so many bytes are added up here: Ray takes ten seconds to begin a shuffle.
LOCAL_SUM_BYTES = 64 * 1024 * 1024

#: The row with which ``on_row`` is called for a page that was cleaned.
_CLEANED: Row = {"status": "written"}


def run_job_on_ray(
    job: Job, address: str | None, on_row: Callable[[Row], None], on_counted: Callable[[], None] = lambda: None
) -> Summary:
    """Clean all inputs of a job on Ray; ``on_row`` is called once an input, with the rows of those that failed.

    ``address`` is that of a cluster; without, Ray is started here with ``job.jobs`` cores, and ended. A run that was
    interrupted resumes after the portions that were done. Raises as the local run does, and EngineError when Ray
    failed.
    """
    job = _absolute(job)
    check_output_folder(job)
    folder = Folder(job.out)
    with _given(job) as given, open_journal(folder, _configuration(job, given), job.restart) as (_, state):
        place = folder.state / GROWING_FOLDER
        if job.restart:
            shutil.rmtree(place, ignore_errors=True)
        place.mkdir(exist_ok=True)
        _check_free(folder, state)
        with session(address, job.jobs) as ray:
            engine = _Engine(ray, place)
            sites = _counted(engine, job, on_counted) if job.two_pass else given
            outcomes = list(_cleaned(engine, job, sites, on_row))
        summary = add_summaries((outcome.summary for outcome in outcomes), MAX_NAMED_PAGES)
        _finish(job, summary, sites, outcomes, (folder, state))
    if job.html_report:
        rebuild_html_report(job.out)
    return summary


def _absolute(job: Job) -> Job:
    """The job with paths that mean the same on every node."""
    if job.source is None:
        raise InputError("the engine ray reads folders and files, not standard input; leave --engine out for that")
    return replace(job, source=job.source.absolute(), out=job.out.absolute(), format="parquet")


def _configuration(job: Job, given: TemplateFinder | None) -> dict[str, Any]:
    return job.configuration(given) | {"engine": "ray"}


@contextmanager
def _given(job: Job) -> Iterator[TemplateFinder | None]:
    """The profile that a job names, unpacked where all nodes find it."""
    if job.profile is None:
        yield None
        return
    with tempfile.TemporaryDirectory(dir=Folder(job.out).state) as scratch:
        yield TemplateFinder.of(ProfileFile.open(job.profile.absolute(), Path(scratch)))


def _check_free(folder: Folder, state: RunState) -> None:
    """Raise InputError when there are tables in the output folder that no run of ours wrote."""
    ours = set(json.loads(state.read_note("shards") or "[]"))
    for path in folder.root.glob("*.parquet"):
        if path.name not in ours:
            message = f"{path} was not written by clean-scrape, or its state is gone; name an empty folder"
            raise InputError(message, reason="in-the-way")


@dataclass(frozen=True, slots=True)
class _Engine:
    """Ray, and the folder for the results of portions."""

    ray: Any
    place: Path

    def done(self, work: Callable[..., Any], found: Iterable[Portion], doing: str, results: int = 1) -> Iterator[Any]:
        """What ``work`` makes of each portion, in order: values or, where there are more ``results``, references
        to all but the first of them."""
        remote = self.ray.remote(num_cpus=1, max_retries=MAX_RETRIES, num_returns=results)(_task)
        known = self.ray.put(work)
        most = PORTIONS_PER_CORE * max(2, int(self.ray.cluster_resources().get("CPU", 1)))
        waiting: deque[Any] = deque()
        code_identity = _identity()
        for portion in found:
            waiting.append((portion, remote.remote(known, portion, code_identity)))
            if len(waiting) >= most:
                yield self._result(doing, *waiting.popleft())
        while waiting:
            yield self._result(doing, *waiting.popleft())

    def _result(self, doing: str, portion: Portion, found: Any) -> Any:
        first, *rest = found if isinstance(found, list) else [found]
        try:
            value = self.ray.get(first)
        except self.ray.exceptions.RayError as error:
            raise translate_error(error, f"{doing} {portion.inputs[0].source} and what follows it") from error
        return portion, value, *rest


def _task(work: Callable[[Portion], Any], portion: Portion, code_identity: list[str]) -> Any:
    hide_main_module()
    if _identity() != code_identity:
        message = (
            f"a node has {_identity()[0]} where this one has {code_identity[0]} (or other weights); install the same"
        )
        raise EngineError(message, reason="versions")
    return work(portion)


def _identity() -> list[str]:
    return [f"clean-scrape {version('clean-scrape')}", identity()]


def _cleaned(
    engine: _Engine, job: Job, sites: TemplateFinder | None, on_row: Callable[[Row], None]
) -> Iterator[Outcome]:
    work = partial(clean_portion, order=replace(job.clean_order, sites=sites), place=engine.place)
    for portion, outcome in engine.done(work, divide_inputs(find_inputs(job)), "cleaning"):
        if not is_visible(engine.place / report_part_name(portion.number)):
            message = f"what a node wrote into {job.out} is not seen from here; name a folder that all nodes share"
            raise EngineError(message, reason="not-shared")
        for row in outcome.failures:
            on_row(row)
        for _ in range(count_unnamed_pages(outcome)):
            on_row(_CLEANED)
        yield replace(outcome, failures=())


def _counted(engine: _Engine, job: Job, on_counted: Callable[[], None]) -> TemplateFinder:
    """The profile that a first pass over all inputs makes."""
    work = partial(count_portion, order=job.first_pass.order)
    tables, size = [], 0
    for _, (number, input_bytes), table in engine.done(work, divide_inputs(find_inputs(job)), "counting", 2):
        tables.append(table)
        size += input_bytes
        for _ in range(number):
            on_counted()
    path = engine.place / PROFILE_FILE
    runs = engine.place / "runs"
    shutil.rmtree(runs, ignore_errors=True)
    runs.mkdir()
    try:
        _added(engine.ray, tables, size, runs)
        found = merge(*map(_templates, sorted(runs.iterdir())), key=itemgetter(0))
        write_profile(path, profile_head(job.first_pass, Folder(job.out)), found)
    finally:
        shutil.rmtree(runs, ignore_errors=True)
    return TemplateFinder.of(ProfileFile.open(path))


def _added(ray: Any, tables: list[Any], size: int, runs: Path) -> None:
    """Add counts up; each file in the folder ``runs`` holds the templates of some sites, sorted."""
    try:
        if size > LOCAL_SUM_BYTES:
            counts = merge_dataset(ray.data.from_arrow_refs(tables))
            for number, table in enumerate(counts.iter_batches(batch_size=None, batch_format="pyarrow")):
                _write(runs / f"{number:08}", [table])
        else:
            _write(runs / "0", merge_counts(map(ray.get, tables)))
    except CleanScrapeError:
        raise
    except Exception as error:  # of Ray, and of what it is made of
        raise translate_error(error, "shuffling counts") from error


def _write(path: Path, tables: Iterable[Any]) -> None:
    with arrow().ipc.new_file(str(path), templates_schema()) as file:
        for table in tables:
            file.write(table)


def _templates(path: Path) -> Iterator[tuple[str, Template]]:
    with arrow().ipc.open_file(str(path)) as file:
        for number in range(file.num_record_batches):
            yield from templates_from_batch(file.get_batch(number))


def _finish(
    job: Job, summary: Summary, sites: TemplateFinder | None, outcomes: list[Outcome], where: tuple[Folder, RunState]
) -> None:
    """Write report and sums, and give all files their names."""
    folder, state = where
    place = folder.state / GROWING_FOLDER
    join_reports((place / report_part_name(number) for number in range(len(outcomes))), place / TABLE_FILE)
    shards = {name: sha for outcome in outcomes for name, sha in outcome.shards.items()}
    sums = summary.to_dict(job.settings, version("clean-scrape"), identity()) | {"shards": shards}
    sums |= profile_sums(sites) if sites else {}
    finish_report(folder, state, sums)
