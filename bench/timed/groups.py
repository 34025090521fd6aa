"""All bounds on CPU time, in groups. A new bound is added to the function of its group; a new group is added here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from bench.tables import Table
from bench.timed import files, hostile, markdown, phrases, reading, scoring, whole_pages
from bench.timed.bounds import TimeBound, measured

#: Per group the function that makes its bounds.
GROUPS: dict[str, Callable[[], Iterable[TimeBound]]] = {
    "phrases": phrases.bounds,
    "lines": hostile.line_bounds,
    "structures": hostile.structure_bounds,
    "large": hostile.large_bounds,
    "scoring": scoring.bounds,
    "markdown": markdown.bounds,
    "reading": reading.bounds,
    "files": files.bounds,
    "pages": whole_pages.bounds,
}


def tables(groups: Iterable[str] = GROUPS) -> Iterator[Table]:
    """Measure the bounds of ``groups`` and yield a table for each."""
    for name in groups:
        yield measured(name, GROUPS[name]())
