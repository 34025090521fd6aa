"""Items in batches of a bounded number and a bounded number of bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

SizedT = TypeVar("SizedT")


def split_into_batches(
    items: Iterable[SizedT], max_items: int, max_bytes: int, size_of: Callable[[SizedT], int]
) -> Iterator[list[SizedT]]:
    """Yield lists of at most ``max_items`` items and ``max_bytes`` bytes, or of one larger item, in order.

    ``size_of`` returns the size of an item in bytes.
    """
    batch: list[SizedT] = []
    filled = 0
    for item in items:
        size = size_of(item)
        if batch and (len(batch) == max_items or filled + size > max_bytes):
            yield batch
            batch, filled = [], 0
        batch.append(item)
        filled += size
    if batch:
        yield batch
