"""Numbers and names the items of a file that holds many pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from cleaner.corpus.items import Item
from cleaner.errors import UnreadableError
from cleaner.files.members import Gap
from cleaner.files.opening import PAGE_CAP

T = TypeVar("T")


class ItemMaker:
    """Makes the items of one file. ``source`` and ``name`` are those of the file."""

    def __init__(self, source: str, name: str) -> None:
        self.source, self.name = source, name
        self._gaps = 0

    def record(self, number: int, data: bytes) -> Item:
        """Return the item of a record; one that is larger than a page may be has a ``reason``."""
        if len(data) > PAGE_CAP:
            return self.fault(number, "too-big", f"is larger than {PAGE_CAP // 2**20} MB")
        return Item(f"{self.source}#{number}", f"{self.name}/{number:08}", data=data, size=len(data))

    def fault(self, number: int, reason: str, message: str, skipped: bool = False) -> Item:
        """Return the item of a record that is no page, with the ``reason``."""
        source = f"{self.source}#{number}"
        return Item(source, f"{self.name}/{number:08}", reason=reason, message=message, skipped=skipped)

    def gap(self, gap: Gap) -> Item:
        """Return the item of a damaged part of the file. It has a number of its own, so records keep theirs."""
        self._gaps += 1
        where = f"{gap.length:,} bytes at byte {gap.offset:,} could not be read, or not reliably"
        message = f"{where}: {gap.what}; fetch the file again"
        source, name = f"{self.source}#damage-{self._gaps}", f"{self.name}/damage-{self._gaps:08}"
        return Item(source, name, reason="damaged", message=message)

    def catch_errors(self, stream: Iterator[T]) -> Iterator[T | Item]:
        """Yield the stream; when it raises UnreadableError, end with an item of the whole file with the reason."""
        try:
            yield from stream
        except UnreadableError as error:
            yield Item(self.source, self.name, reason=error.reason, message=str(error))
