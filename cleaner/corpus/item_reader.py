"""The items of a run, in order. Files that hold many pages are read in a process of their own.

So a file that is crafted to crash or to exhaust its reader costs what was not read of it, and is named.
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
from cleaner.corpus.inputs.formats import form_of, items_of
from cleaner.corpus.items import Fields, Item, Raw
from cleaner.corpus.task import content, opened
from cleaner.errors import CleanScrapeError, InputError, UnreadableError
from cleaner.files.opening import PAGE_CAP
from cleaner.sites.files import is_profile
from cleaner.workers import limits as limiting
from cleaner.workers.limits import Limits
from cleaner.workers.processes import changing, context, end_with_parent

#: Seconds that a reader may take for the next items of a file; unpacking 64 MB takes one or two.
PATIENCE = 120.0

#: Items handed over at once, and about how many bytes of them.
AT_ONCE, BYTES_AT_ONCE = 64, 1024 * 1024


def inputs(source: Path | None, out: Path, left_out: Callable[[Path], bool] | None) -> Iterator[Input]:
    """Yield the inputs below ``source`` in order; the one of standard input when that is None."""
    if source is None:
        yield Input("stdin")
        return
    for item in find(source, out):
        if left_out and item.path and left_out(item.path):
            continue
        if item.path and not item.reason and is_profile(item.path):
            item = replace(item, reason="profile", message="is a file of profiles of sites, which holds no page")  # noqa: PLW2901
        yield item


def one_page(path: Path, number: int | None, fields: Fields) -> Raw:
    """The page of a file that somebody named, or the one of its record ``number``.

    Raises InputError and UnreadableError.
    """
    found = named(path)
    form = form_of(found.name)
    if form == "page" or found.reason:
        item = Item(found.name, found.name, path=found.path, reason=found.reason, message=found.message, skipped=True)
        return opened(item, content(item), fields)
    wanted = f"{found.name}#{number or 1}"
    for item in items_of(form, path.resolve(), found.name, found.name, fields):
        if item.source == wanted:
            return opened(item, content(item), fields)
    raise InputError(f"{path} has no page {number or 1}", source=str(path), reason="missing")


class Reader:
    """Makes items of inputs; a context manager, as it may have a process to end."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._process: Any = None
        self._connection: Connection | None = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def items(self, found: Iterator[Input]) -> Iterator[Item]:
        """Yield the items of each input."""
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
        """The records of a file; the last is one that says so when its reader failed."""
        read = 0
        try:
            connection = self._started()
            connection.send((form_of(one.name), one.path, one.source, one.name, self._fields))
            while True:
                if not connection.poll(PATIENCE):
                    raise TimeoutError
                items = connection.recv()
                if items is None:
                    break
                read += len(items)
                yield from items
        except (EOFError, ConnectionError, TimeoutError) as error:
            self._end()
            what = f"took more than {PATIENCE:g} seconds" if isinstance(error, TimeoutError) else "died"
            message = f"its reader {what} behind record {read:,}; what comes after that was not read"
            yield Item(f"{one.source}#rest", f"{one.name}/rest", reason="reader-died", message=message)
            return
        if not read:
            yield Item(one.source, one.name, reason="no-pages", message="holds no page", skipped=True)

    def _started(self) -> Connection:
        if self._connection is None:
            starting = context()
            self._connection, theirs = starting.Pipe()
            self._process = starting.Process(target=_serve, args=(theirs,), daemon=True)
            with changing:
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
    """Read one file after the other for the parent, until it is gone."""
    import signal  # noqa: PLC0415

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends us
    end_with_parent()
    limiting.begin(Limits())
    with suppress(EOFError, ConnectionError):
        while True:
            _hand_over(connection, connection.recv())


def _hand_over(connection: Connection, request: tuple[Any, ...]) -> None:
    form, path, source, name, fields = request
    for items in _gathered(_guarded(items_of(form, path, source, name, fields), source, name)):
        connection.send(items)
    connection.send(None)


def _gathered(items: Iterator[Item]) -> Iterator[list[Item]]:
    """Items in lists, so that handing them over costs little."""
    while gathered := list(islice(items, 1)):
        filled = gathered[0].size
        while len(gathered) < AT_ONCE and filled < BYTES_AT_ONCE and (more := next(items, None)):
            gathered.append(more)
            filled += more.size
        yield gathered


def _guarded(items: Iterator[Item], source: str, name: str) -> Iterator[Item]:
    """The items, and one that says so when reading them failed."""
    try:
        yield from items
    except CleanScrapeError as error:
        skipped = not isinstance(error, UnreadableError)
        yield Item(source, f"{name}/rest", reason=error.reason, message=str(error), skipped=skipped)
    except Exception as error:  # whatever a library does with a crafted file, the run goes on
        message = f"reading it failed with {type(error).__name__}: {error}; what comes after that was not read"
        yield Item(f"{source}#rest", f"{name}/rest", reason="reader-failed", message=message)
