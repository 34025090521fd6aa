"""The account of a run: what comes back from the workers is written in the order of the inputs.

At a checkpoint the rows are on disk first, then the state says so, then bodies get their names. Whenever a run is
killed, what the state knows can be finished, and the rest is done again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple, cast
from zlib import crc32

from cleaner.corpus.finished.html_pages import Browsed, about_of, write_browsed
from cleaner.corpus.items import Item
from cleaner.corpus.journal.parts import Finished, Parts, Record
from cleaner.corpus.journal.start import GROWING, finished_folders, settle
from cleaner.corpus.journal.state import Entry, State
from cleaner.corpus.outputs import Folder
from cleaner.corpus.outputs.names import Names
from cleaner.corpus.report_files import ROWS_FILE, SUMMARY_FILE, shard_name
from cleaner.corpus.task import SHARDS, Done, Format, Known, Same, Task, content, fingerprint
from cleaner.diff import git_patch
from cleaner.errors import CleanScrapeError, InputError
from cleaner.files.opening import hash_of
from cleaner.records import Kind
from cleaner.report.rows import Row, failure_row, to_json
from cleaner.report.summary import NOT_PAGE_REASONS
from cleaner.workers.pool import Failure
from cleaner.workers.processes import context, end_with_parent

#: Seconds between checkpoints; what was done since the last one is done again after a kill.
CHECK_EVERY = 1.0

#: Inputs that fail for these reasons were not opened, or gave nothing that could be a page.
SKIPPED = NOT_PAGE_REASONS | {"symlink", "fifo", "socket", "device", "not-a-file", "missing", "unreadable"}

#: The name of standard input.
_STDIN = "stdin"

Result = Done | Same | Failure


class DivergedError(Exception):
    """From ``position`` on the inputs, or their outputs, are not those that this run has done."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


class Writer:
    """Writes bodies, rows and patches as results come in; the report appears when all are in.

    It has pages for a browser, too, when it is to be ``browsed``.
    """

    def __init__(self, folder: Folder, state: State, form: Format, *, browsed: bool = True) -> None:
        self._folder, self._state, self._form, self._browsed = folder, state, form, browsed
        self._ending = ".md" if form == "md" else ".txt"
        self._names = Names(state.taken(folder=False), state.taken(folder=True), self._ending)
        self._resumed = state.count
        shard = state.shard() if form in SHARDS else None
        self._parts = Parts(folder.state / GROWING, state.ends(), shard)
        self._before = Finished(*finished_folders(folder))
        self._pending: list[tuple[Path, str]] = []
        self._checked = 0.0

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *error: object) -> None:
        self._parts.close()
        self._before.close()

    def known(self, position: int, item: Item) -> Known | None:
        """What this run, before it was interrupted, or the run before it made of an item."""
        if position < self._resumed:
            entry = self._state.at(position)
            usable = entry is not None and entry.source == item.source
        else:
            entry = self._state.before(item.source)
            usable = entry is not None and entry.kind != ""  # what failed is tried again
        if entry is None or not usable:
            return None
        body = self._folder.root / entry.output if entry.output else None
        return Known(entry.print, body, entry.sha, entry.site or "")

    def add(self, task: Task, result: Result, again: Callable[[Task], Result]) -> Row:
        """Account for one item; what its row tells for the sums. ``again`` does it once more.

        Raises DivergedError, and OSError when the disk refuses.
        """
        if task.position < self._resumed:
            return self._confirmed(task, result)
        if isinstance(result, Same):
            row = self._taken_over(task)
            if row is not None:
                return row
            result = again(Task(task.position, task.item))
        if isinstance(result, Done):
            return self._written(task, result)
        return self._failed(task, cast(Failure, result))

    def finish(self, sums: Row) -> None:
        """Write the sums, and give the files of the report their names.

        Raises OSError.
        """
        growing = self._folder.state / GROWING
        self._check()
        self._parts.close()
        shards = [self._shard(number) for number in range(self._parts.shards)]
        if self._form == "parquet":
            for number, name in enumerate(shards):
                _as_table(growing / shard_name(number), growing / name)
        rows, own = growing / ROWS_FILE, growing if self._form in SHARDS else None
        if self._browsed:
            write_browsed(Browsed(rows, self._folder.root, growing, own, about=about_of(sums)))
        sums = sums | {"shards": {name: (hash_of(growing / name) or b"").hex() for name in shards}}
        data = json.dumps(sums, ensure_ascii=False, indent=2, sort_keys=True).encode("utf-8", "backslashreplace")
        (growing / SUMMARY_FILE).write_bytes(data + b"\n")
        self._state.note("finishing", json.dumps(shards))
        self._state.commit()
        settle(self._folder, self._state)

    def _confirmed(self, task: Task, result: Result) -> Row:
        """The row of an item that this run did before it was interrupted."""
        entry = self._state.at(task.position)
        if entry is None or entry.source != task.item.source:
            raise DivergedError(task.position)
        row = cast(Row, json.loads(self._parts.read_row((entry.row_start, entry.row_end))))
        if isinstance(result, Same):
            return row
        if isinstance(result, Failure) and row.get("error", {}).get("reason") == result.reason:
            return row
        raise DivergedError(task.position)

    def _written(self, task: Task, done: Done) -> Row:
        """Write a page that was cleaned."""
        if self._form in SHARDS:
            record = self._parts.record(done.body)
            self._add(
                task, _Found(done.print, done.kind, site=done.site), done.row(self._shard(record[0])), done.body, record
            )
            return done.brief
        output = self._names.free(self._stem(task.item, done.kind), done.kind)
        try:
            self._folder.check_free(output, self._state.written(output), done.sha)
        except InputError as error:
            return self._failed(task, Failure(error.reason, str(error)))
        self._names.keep(output)
        part = self._folder.temporary / str(task.position)
        part.write_bytes(done.body)
        self._pending.append((part, output))
        found = _Found(done.print, done.kind, done.sha, output, done.site)
        self._add(task, found, done.row(output), git_patch(output, done.hunks))
        return done.brief

    def _failed(self, task: Task, failure: Failure) -> Row:
        """Write the row of an input that gave no output."""
        item = task.item
        status = "skipped" if item.skipped or failure.reason in SKIPPED else "quarantined"
        row = failure_row(item.source, failure.reason, failure.message, status)
        try:
            seen = fingerprint(item, content(item))
        except CleanScrapeError:
            seen = b""
        self._add(task, _Found(seen), to_json(row), b"")
        return row

    def _taken_over(self, task: Task) -> Row | None:
        """Copy an unchanged page from the run before; None when it must be done after all."""
        entry = self._state.before(task.item.source)
        if entry is None:
            return None
        kind = cast(Kind, entry.kind)
        old, data = self._before.page(entry, self._form)
        if crc32(data, crc32(old)) != entry.check_sum:  # somebody changed the report
            return None
        row = cast(Row, json.loads(old))
        if self._form in SHARDS:
            record = self._parts.record(data)
            row["output"] = self._shard(record[0])
            self._add(task, _Found(entry.print, kind, site=entry.site), to_json(row), data, record)
        elif self._names.free(self._stem(task.item, kind), kind) != entry.output:
            return None
        else:
            self._names.keep(entry.output)
            self._add(task, _Found(entry.print, kind, entry.sha, entry.output, entry.site), old, data)
        return row

    def _add(self, task: Task, found: _Found, row: bytes, data: bytes, record: Record = (0, 0, 0, 0)) -> None:
        """Append row and patch, and note where they lie. ``data`` is the patch, or the record that was appended."""
        patch = self._parts.patch(found.kind, data) if found.kind and self._form == "text" else (0, 0)
        span = self._parts.row(row)
        values = (task.position, task.item.source, found.print, found.kind, found.output, found.sha)
        self._state.add(Entry(*values, crc32(data, crc32(row)), *span, *patch, *record, found.site))
        if time.monotonic() - self._checked > CHECK_EVERY:
            self._check()

    def _check(self) -> None:
        """Make all that was done last."""
        self._parts.sync()
        self._state.commit()
        for part, output in self._pending:
            self._folder.move(part, output)
        self._pending.clear()
        self._checked = time.monotonic()

    def _stem(self, item: Item, kind: Kind) -> str:
        """What an output is named after; records and standard input have no ending of their own."""
        if item.form == "page" and item.path:
            return item.name
        name = item.name if item.form != "page" else _STDIN
        return name if kind == "html" else name + self._ending

    def _shard(self, number: int) -> str:
        return shard_name(number, "jsonl" if self._form == "jsonl" else "parquet")


def _as_table(records: Path, shard: Path) -> None:
    """Make a shard of Parquet, in a process that ends then: it takes more memory than this one may have."""
    from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor  # noqa: PLC0415 (few need it)

    from cleaner.corpus.outputs.parquet_shards import convert  # noqa: PLC0415 (pyarrow, an extra)

    part = shard.with_suffix(".part")
    with ProcessPoolExecutor(1, context(), end_with_parent) as pool:
        try:
            pool.submit(convert, records, part).result()
        except BrokenProcessPool as error:
            raise OSError(f"the process that writes {shard.name} was ended from outside") from error
    part.replace(shard)


class _Found(NamedTuple):
    """What is noted of an input: its fingerprint, of its output the kind, the hash and the name, and its site."""

    print: bytes
    kind: Kind | Literal[""] = ""
    sha: bytes = b""
    output: str = ""
    site: str = ""
