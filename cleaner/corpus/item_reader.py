"""The items of a run, in order. Files that hold many pages are read in a process of their own.

When a file makes its reader crash or use up its memory, only the rest of its own pages is lost, and a row of the report
states that.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from cleaner.corpus.inputs import Input, find, named
from cleaner.corpus.inputs.formats import extract_page, form_of, read_items
from cleaner.corpus.items import ExtractedPage, Fields, Item
from cleaner.corpus.task import read_item
from cleaner.errors import CleanScrapeError, InputError, UnreadableError
from cleaner.files.opening import PAGE_CAP
from cleaner.sites.files import is_profile
from cleaner.workers import limits as limiting
from cleaner.workers.limits import Limits
from cleaner.workers.multiprocessing_patches import WORKER_NAME
from cleaner.workers.processes import end_with_parent, process_lock, worker_context

#: How long a reader may take for the next items of a file; unpacking 64 MB takes one or two seconds.
READER_SECONDS = 120.0

#: Most items, and about the most bytes, of a list that a reader sends.
MAX_LIST_ITEMS, MAX_LIST_BYTES = 64, 1024 * 1024


def find_run_inputs(source: Path | None, out: Path, is_excluded: Callable[[Path], bool] | None) -> Iterator[Input]:
    """Yield the inputs below ``source`` in order, but for excluded ones; standard input when ``source`` is None.

    Files of profiles are yielded with the reason why they are not opened.
    """
    if source is None:
        yield Input("stdin")
        return
    for item in find(source, out):
        if is_excluded and item.path and is_excluded(item.path):
            continue
        if item.path and not item.reason and is_profile(item.path):
            item = replace(item, reason="profile", message="is a file of profiles of sites, which holds no page")  # noqa: PLW2901
        yield item


def extract_one_page(path: Path, number: int | None, fields: Fields) -> ExtractedPage:
    """Return the page of a file, or of its record ``number``, from 1, in a file that holds many.

    Raises InputError and UnreadableError.
    """
    found = named(path)
    form = form_of(found.name)
    if form == "page" or found.reason:
        item = Item(found.name, found.name, path=found.path, reason=found.reason, message=found.message, skipped=True)
        return extract_page(replace(item, data=read_item(item)), fields)
    wanted = f"{found.name}#{number or 1}"
    for item in read_items(form, path.resolve(), found.name, found.name, fields):
        if item.source == wanted:
            return extract_page(replace(item, data=read_item(item)), fields)
    raise InputError(f"{path} has no page {number or 1}", source=str(path), reason="missing")


class ItemReader:
    """Makes the items of inputs. A context manager, since it may have a process to end."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._process: Any = None
        self._connection: Connection | None = None

    def __enter__(self) -> ItemReader:
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def items(self, found: Iterator[Input]) -> Iterator[Item]:
        """Yield the items of all inputs, in order."""
        for one in found:
            if one.path is None:
                yield _stdin(one)
            elif one.reason:
                yield Item(one.source, one.name, reason=one.reason, message=one.message, skipped=True)
            elif form_of(one.name) == "page":
                yield Item(one.source, one.name, path=one.path, size=one.size)
            else:
                yield from self._records(one)

    def _records(self, one: Input) -> Iterator[Item]:
        """Yield the records of a file, and a last item with the reason when its reader failed."""
        read = 0
        try:
            connection = self._connect()
            connection.send((form_of(one.name), one.path, one.source, one.name, self._fields))
            while True:
                if not connection.poll(READER_SECONDS):
                    raise TimeoutError
                items = connection.recv()
                if items is None:
                    break
                read += len(items)
                yield from items
        except (EOFError, ConnectionError, TimeoutError) as error:
            self._end()
            what = f"took more than {READER_SECONDS:g} seconds" if isinstance(error, TimeoutError) else "died"
            message = f"its reader {what} after record {read:,}; what comes after that was not read"
            yield Item(f"{one.source}#rest", f"{one.name}/rest", reason="reader-died", message=message)
            return
        if not read:
            yield Item(one.source, one.name, reason="no-pages", message="holds no page", skipped=True)

    def _connect(self) -> Connection:
        if self._connection is None:
            starting = worker_context()
            self._connection, theirs = starting.Pipe()
            self._process = starting.Process(target=_serve, args=(theirs,), name=WORKER_NAME, daemon=True)
            with process_lock:
                self._process.start()
            theirs.close()
        return self._connection

    def _end(self) -> None:
        if self._connection is not None:
            self._process.kill()
            self._process.join()
            self._connection.close()
            self._connection = None


def _stdin(one: Input) -> Item:
    data = sys.stdin.buffer.read(PAGE_CAP + 1)
    if len(data) > PAGE_CAP:
        message = f"is larger than {PAGE_CAP // 2**20} MB; cut it into pages"
        return Item(one.source, one.name, reason="too-big", message=message)
    return Item(one.source, one.name, data=data, size=len(data))


def _serve(connection: Connection) -> None:
    """Read files for the parent process, one after the other, until the parent ends."""
    import signal  # noqa: PLC0415

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends this process
    end_with_parent()
    limiting.limit_memory(Limits())
    with suppress(EOFError, ConnectionError):
        while True:
            _hand_over(connection, connection.recv())


def _hand_over(connection: Connection, request: tuple[Any, ...]) -> None:
    form, path, source, name, fields = request
    for items in _list_items(_catch_errors(read_items(form, path, source, name, fields), source, name)):
        connection.send(items)
    connection.send(None)


def _list_items(items: Iterator[Item]) -> Iterator[list[Item]]:
    """Yield items in lists, so that sending them costs little."""
    while chunk := list(islice(items, 1)):
        filled = chunk[0].size
        while len(chunk) < MAX_LIST_ITEMS and filled < MAX_LIST_BYTES and (more := next(items, None)):
            chunk.append(more)
            filled += more.size
        yield chunk


def _catch_errors(items: Iterator[Item], source: str, name: str) -> Iterator[Item]:
    """Yield the items, and a last one with the reason when reading them failed."""
    try:
        yield from items
    except CleanScrapeError as error:
        skipped = not isinstance(error, UnreadableError)
        yield Item(source, f"{name}/rest", reason=error.reason, message=str(error), skipped=skipped)
    except Exception as error:  # whatever a library raises for a crafted file, the run goes on
        message = f"reading it failed with {type(error).__name__}: {error}; what comes after that was not read"
        yield Item(f"{source}#rest", f"{name}/rest", reason="reader-failed", message=message)
