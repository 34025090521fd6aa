"""Lines with their numbers and ranges, and the number of lines that a page may have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, count, repeat

from cleaner.errors import TooManyLinesError
from cleaner.records import Line, Markup

#: Lines that a page may have, blank ones included, and filled lines among them. A worker process has 2 GB for a page:
#: 5,000,000 blank lines took 1.4 GB with their verdicts, 1,000,000 filled lines 0.7 GB (1.1 GB in HTML with a link on
#: each), and a text at both bounds 1.9 GB.
MAX_LINES, MAX_FILLED_LINES = 5_500_000, 1_100_000


def check_line_count(lines: int, count_filled: Callable[[], int], source: str) -> None:
    """Raise TooManyLinesError for a page of more lines, or filled lines, than fit into the memory for a page.

    ``count_filled`` is called only where the number of filled lines matters.
    """
    if lines > MAX_LINES:
        raise _too_many(lines, "lines", MAX_LINES, source)
    if lines > MAX_FILLED_LINES and (filled := count_filled()) > MAX_FILLED_LINES:
        raise _too_many(filled, "lines that are not blank", MAX_FILLED_LINES, source)


def _too_many(number: int, what: str, most: int, source: str) -> TooManyLinesError:
    return TooManyLinesError(
        f"{source} has {number:,} {what}; a page may have {most:,}: split it and clean its parts as pages",
        source=source,
    )


def lines_from(
    texts: Sequence[str],
    sizes: Iterable[int],
    newlines: Iterable[str],
    start: int = 0,
    markups: Sequence[Markup | None] | None = None,
) -> tuple[Line, ...]:
    """Make lines of texts: their numbers rise from 1, and their ranges follow each other from ``start``.

    ``sizes`` are the lengths of the texts with their newlines; ``newlines`` may be endless.
    """
    bounds = list(accumulate(sizes, initial=start))
    rows = zip(count(1), texts, bounds, bounds[1:], newlines, markups or repeat(None), strict=False)
    return tuple(map(Line._make, rows))
