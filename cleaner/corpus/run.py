"""A run: every input becomes an output and a row of the report, or a row that says why not."""

from __future__ import annotations

import base64
import errno
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, Literal

from cleaner.corpus.inputs import REPORT, Input, find, read_input
from cleaner.corpus.outputs import Folder, Names
from cleaner.corpus.workers import Failure, ordered
from cleaner.errors import InputError
from cleaner.hunks import git_patch
from cleaner.pipeline import clean
from cleaner.report.layer import layer_encoding
from cleaner.report.rows import Row, failure_row, page_row, to_json
from cleaner.report.summary import Summary
from cleaner.score.weights import identity
from cleaner.settings import Settings

Format = Literal["text", "jsonl"]

#: Pages of the form "jsonl" stand in this file of the output folder.
SHARD = "pages-00000.jsonl"

#: Names of standard input whose output is stdin.txt.
_STDIN = {"html": "stdin", "text": "stdin.txt"}


@dataclass(frozen=True, slots=True)
class Job:
    """What to clean and how. ``source`` is a folder or a file, None for standard input.

    ``left_out`` says which files below ``source`` are passed over.
    """

    source: Path | None
    out: Path
    settings: Settings
    jobs: int = 1
    format: Format = "text"
    left_out: Callable[[Path], bool] | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A page cleaned: its row, its body, the hunks of its patch, and its text for ``jsonl``."""

    row: Row
    body: bytes
    hunks: bytes
    text: str


def inputs(job: Job) -> Iterator[Input]:
    """Yield the inputs of a job in order."""
    if job.source is None:
        yield Input("stdin")
    else:
        found = find(job.source, job.out)
        yield from (item for item in found if not (job.left_out and item.path and job.left_out(item.path)))


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


def process(item: Input, settings: Settings) -> Done:
    """Read, clean and prove one input; this is what a worker does.

    Raises CleanScrapeError.
    """
    cleaned = clean(read_input(item), source=item.source, settings=settings)
    row, body, hunks = page_row(cleaned)
    return Done(row, body, hunks, cleaned.text)


def run(job: Job, seen: Callable[[Row], None]) -> Summary:
    """Clean all inputs of a job and write its report; ``seen`` is called with each row, in order.

    Raises InputError when input and output get in each other's way, OSError when the disk refuses.
    """
    check_places(job)
    summary = Summary()
    work = partial(process, settings=job.settings)
    writer = Writer(job)
    with writer:
        for item, result in ordered(work, inputs(job), job.jobs):
            row = writer.add(item, result)
            summary.add(row)
            seen(row)
        writer.finish(summary)
    return summary


class Writer:
    """Writes bodies, rows and patches as results come in; the report appears when all are in."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._names = Names()
        self._open = ExitStack()
        self._files: dict[str, IO[bytes]] = {}

    def __enter__(self) -> Writer:
        self._folder = Folder(self._job.out)
        # A report of an earlier run would not fit the pages that are written from here on.
        for name in ("pages.jsonl", "summary.json", "changes.diff", "html-changes.diff"):
            (self._job.out / REPORT / name).unlink(missing_ok=True)
        for name in ("pages.jsonl", "changes.diff", "html-changes.diff"):
            self._files[name] = self._open.enter_context(self._folder.open(f"{REPORT}/{name}"))
        if self._job.format == "jsonl":
            self._files[SHARD] = self._open.enter_context(self._folder.open(SHARD))
        return self

    def __exit__(self, *error: Any) -> None:
        self._open.__exit__(*error)
        self._folder.close()

    def add(self, item: Input, result: Done | Failure) -> Row:
        """Write what belongs to one input; its report row."""
        try:
            row = self._write(item, result)
        except InputError as error:
            row = failure_row(item.source, error.reason, str(error))
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            message = "its output would have a longer path than the system allows; choose a shorter output folder"
            row = failure_row(item.source, "name-too-long", message)
        self._files["pages.jsonl"].write(to_json(row))
        return row

    def _write(self, item: Input, result: Done | Failure) -> Row:
        if isinstance(result, Failure):
            return failure_row(item.source, result.reason, result.message)
        kind = result.row["kind"]
        name = self._names.take(item.name if item.path else _STDIN[kind], kind)
        if self._job.format == "jsonl":
            self._files[SHARD].write(to_json(record(result)))
            return result.row | {"output": SHARD}
        self._folder.write(name, result.body, item.path)
        patch = "html-changes.diff" if kind == "html" else "changes.diff"
        self._files[patch].write(git_patch(name, result.hunks))
        return result.row | {"output": name}

    def finish(self, summary: Summary) -> None:
        """Write the sums, after all rows."""
        sums = summary.to_dict(self._job.settings, version("clean-scrape"), identity())
        self._folder.write(f"{REPORT}/summary.json", _pretty(sums))


def record(done: Done) -> Row:
    """A page as a record of ``pages-00000.jsonl``: see ``docs/report.md``."""
    row = done.row
    names = ("url", "title", "language", "confidence", "notes", "lines", "words", "removed")
    found = {"id": row["source"], "text": done.text, **{name: row[name] for name in names}}
    encoding = layer_encoding(row["kind"], row["encoding"])
    return found | raw_of(done.body, done.text, encoding)


def raw_of(body: bytes, text: str, encoding: str) -> Row:
    """``{"raw": base64}`` when the text does not encode to the body, which restoring needs."""
    try:
        same = text.encode(encoding) == body
    except (UnicodeError, LookupError):
        same = False
    return {} if same else {"raw": base64.b64encode(body).decode("ascii")}


def _pretty(value: Row) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True).encode("utf-8", "backslashreplace") + b"\n"
