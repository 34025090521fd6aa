"""Writing the results of the workers, in the order of the inputs, with a checkpoint every second.

A checkpoint first flushes the rows to the disk, then commits the state that records them, then renames bodies. So after
a kill at any moment, recorded work can be completed, and all other work is done again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple, cast
from zlib import crc32

from cleaner.corpus.finished.html_pages import HtmlReport, footer_of, write_html_report
from cleaner.corpus.items import Item
from cleaner.corpus.journal.parts import FinishedFiles, GrowingFiles, RecordPlace
from cleaner.corpus.journal.start import GROWING_FOLDER, finish_report, finished_folders
from cleaner.corpus.journal.state import Entry, RunState
from cleaner.corpus.outputs import Folder
from cleaner.corpus.outputs.names import Names
from cleaner.corpus.report_files import ROWS_FILE, shard_name
from cleaner.corpus.task import (
    SHARD_FORMATS,
    CleanedItem,
    CleanTask,
    OutputFormat,
    PreviousResult,
    Unchanged,
    fingerprint_item,
    item_failure_row,
    read_item,
)
from cleaner.diff import git_patch
from cleaner.errors import CleanScrapeError, InputError
from cleaner.files.opening import hash_of
from cleaner.records import Kind
from cleaner.report.rows import Row, to_json
from cleaner.workers.pool import Failure
from cleaner.workers.processes import end_with_parent, worker_context

#: Seconds between checkpoints; work since the last one is done again after a kill.
CHECKPOINT_SECONDS = 1.0

#: The name of standard input, from which the name of its output is made.
_STDIN = "stdin"

#: The place of the record of a page that has none.
_NO_RECORD: RecordPlace = (0, 0, 0, 0)

ItemResult = CleanedItem | Unchanged | Failure


class InputsChangedError(Exception):
    """From ``position`` on, the inputs or their outputs differ from the records of this run."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


class Writer:
    """Writes bodies, rows and patches as results come in; the report appears when all are in.

    With ``html_report`` the report gets HTML pages as well.
    """

    def __init__(self, folder: Folder, state: RunState, form: OutputFormat, *, html_report: bool = True) -> None:
        self._folder, self._state, self._form, self._html_report = folder, state, form, html_report
        self._ending = ".md" if form == "md" else ".txt"
        self._names = Names(state.taken(folder=False), state.taken(folder=True), self._ending)
        self._resumed = state.count
        shard = state.shard() if form in SHARD_FORMATS else None
        self._parts = GrowingFiles(folder.state / GROWING_FOLDER, state.ends(), shard)
        self._last_report = FinishedFiles(*finished_folders(folder))
        self._pending: list[tuple[Path, str]] = []
        self._last_checkpoint = 0.0

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *error: object) -> None:
        self._parts.close()
        self._last_report.close()

    def previous(self, position: int, item: Item) -> PreviousResult | None:
        """Return the earlier result for an item, of this run before an interruption or of the last run, None without
        one.
        """
        if position < self._resumed:
            entry = self._state.at(position)
            usable = entry is not None and entry.source == item.source
        else:
            entry = self._state.before(item.source)
            usable = entry is not None and entry.kind != ""  # a failed item is tried again
        if entry is None or not usable:
            return None
        body = self._folder.root / entry.output if entry.output else None
        return PreviousResult(entry.fingerprint, body, entry.output_hash, entry.site or "")

    def add(self, task: CleanTask, result: ItemResult, retry: Callable[[CleanTask], ItemResult]) -> Row:
        """Record the result of one item, and return the fields of its row that the sums need.

        ``retry`` cleans the item again, when it is unchanged but its earlier row no longer exists. Raises
        InputsChangedError, and OSError when writing fails.
        """
        if task.position < self._resumed:
            return self._confirm(task, result)
        if isinstance(result, Unchanged):
            row = self._copy_last(task)
            if row is not None:
                return row
            result = retry(CleanTask(task.position, task.item))
        if isinstance(result, CleanedItem):
            return self._write_page(task, result)
        return self._write_failure(task, cast(Failure, result))

    def finish(self, sums: Row) -> None:
        """Write the sums of the run, and give the files of the report their names.

        Raises OSError.
        """
        growing = self._folder.state / GROWING_FOLDER
        self._checkpoint()
        self._parts.close()
        shards = [self._shard(number) for number in range(self._parts.shards)]
        if self._form == "parquet":
            for number, name in enumerate(shards):
                _convert_to_parquet(growing / shard_name(number), growing / name)
        rows, own = growing / ROWS_FILE, growing if self._form in SHARD_FORMATS else None
        if self._html_report:
            write_html_report(HtmlReport(rows, self._folder.root, growing, own, footer=footer_of(sums)))
        sums = sums | {"shards": {name: (hash_of(growing / name) or b"").hex() for name in shards}}
        finish_report(self._folder, self._state, sums)

    def _confirm(self, task: CleanTask, result: ItemResult) -> Row:
        """Return the row of an item that this run recorded before it was interrupted, when it is still the same."""
        entry = self._state.at(task.position)
        if entry is None or entry.source != task.item.source:
            raise InputsChangedError(task.position)
        row = cast(Row, json.loads(self._parts.read_row((entry.row_start, entry.row_end))))
        if isinstance(result, Unchanged):
            return row
        if isinstance(result, Failure) and row.get("error", {}).get("reason") == result.reason:
            return row
        raise InputsChangedError(task.position)

    def _write_page(self, task: CleanTask, done: CleanedItem) -> Row:
        """Write a page that was cleaned."""
        if self._form in SHARD_FORMATS:
            record = self._parts.record(done.body)
            outcome = _Outcome(done.fingerprint, done.kind, site=done.site)
            self._add(task, outcome, done.row(self._shard(record[0])), done.body, record)
            return done.brief
        output = self._names.free(self._stem(task.item, done.kind), done.kind)
        try:
            self._folder.check_free(output, self._state.output_hash(output), done.output_hash)
        except InputError as error:
            return self._write_failure(task, Failure(error.reason, str(error)))
        self._names.keep(output)
        part = self._folder.temporary / str(task.position)
        part.write_bytes(done.body)
        self._pending.append((part, output))
        outcome = _Outcome(done.fingerprint, done.kind, done.output_hash, output, done.site)
        self._add(task, outcome, done.row(output), git_patch(output, done.hunks))
        return done.brief

    def _write_failure(self, task: CleanTask, failure: Failure) -> Row:
        """Write the row of an input that gave no output."""
        item = task.item
        row = item_failure_row(item, failure)
        try:
            fingerprint = fingerprint_item(item, read_item(item))
        except CleanScrapeError:
            fingerprint = b""
        self._add(task, _Outcome(fingerprint), to_json(row), b"")
        return row

    def _copy_last(self, task: CleanTask) -> Row | None:
        """Copy an unchanged page from the last report, and return its row; None when it must be cleaned after all."""
        entry = self._state.before(task.item.source)
        if entry is None:
            return None
        kind = cast(Kind, entry.kind)
        old, data = self._last_report.page(entry, self._form)
        if crc32(data, crc32(old)) != entry.check_sum:  # the report was changed since
            return None
        row = cast(Row, json.loads(old))
        if self._form in SHARD_FORMATS:
            record = self._parts.record(data)
            row["output"] = self._shard(record[0])
            self._add(task, _Outcome(entry.fingerprint, kind, site=entry.site), to_json(row), data, record)
        elif self._names.free(self._stem(task.item, kind), kind) != entry.output:
            return None
        else:
            self._names.keep(entry.output)
            self._add(task, _Outcome(entry.fingerprint, kind, entry.output_hash, entry.output, entry.site), old, data)
        return row

    def _add(
        self, task: CleanTask, outcome: _Outcome, row: bytes, data: bytes, record: RecordPlace = _NO_RECORD
    ) -> None:
        """Append row and patch, and record their places. ``data`` is the patch, or the record that was appended."""
        patch = self._parts.patch(outcome.kind, data) if outcome.kind and self._form == "text" else (0, 0)
        span = self._parts.row(row)
        page = (task.position, task.item.source, outcome.fingerprint, outcome.kind, outcome.output, outcome.output_hash)
        self._state.add(Entry(*page, crc32(data, crc32(row)), *span, *patch, *record, outcome.site))
        if time.monotonic() - self._last_checkpoint > CHECKPOINT_SECONDS:
            self._checkpoint()

    def _checkpoint(self) -> None:
        """Make all results so far survive a kill."""
        self._parts.sync()
        self._state.commit()
        for part, output in self._pending:
            self._folder.move(part, output)
        self._pending.clear()
        self._last_checkpoint = time.monotonic()

    def _stem(self, item: Item, kind: Kind) -> str:
        """Return the name from which the name of an output is made, with an ending for records and standard input."""
        if item.form == "page" and item.path:
            return item.name
        name = item.name if item.form != "page" else _STDIN
        return name if kind == "html" else name + self._ending

    def _shard(self, number: int) -> str:
        return shard_name(number, "jsonl" if self._form == "jsonl" else "parquet")


def _convert_to_parquet(records: Path, shard: Path) -> None:
    """Convert records to a Parquet shard, in a process of its own: the conversion takes much memory, which ends with
    it.
    """
    from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor  # noqa: PLC0415 (few need it)

    from cleaner.corpus.outputs.parquet_shards import convert  # noqa: PLC0415 (pyarrow, an extra)

    part = shard.with_suffix(".part")
    with ProcessPoolExecutor(1, worker_context(), end_with_parent) as pool:
        try:
            pool.submit(convert, records, part).result()
        except BrokenProcessPool as error:
            raise OSError(f"the process that writes {shard.name} was ended from outside") from error
    part.replace(shard)


class _Outcome(NamedTuple):
    """The recorded result of an input: its fingerprint, its output (kind, hash and name), and its site."""

    fingerprint: bytes
    kind: Kind | Literal[""] = ""
    output_hash: bytes = b""
    output: str = ""
    site: str = ""
