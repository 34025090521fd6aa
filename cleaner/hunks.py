"""Unified diffs written from a keep-mask: nothing is compared, so the cost is linear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

#: Kept lines shown around a change, as git does.
CONTEXT = 3


def unified(old: Sequence[str], keep: Sequence[bool], name: str) -> Iterator[str]:
    """Yield the diff that deletes the lines of ``old`` whose ``keep`` is false.

    Lines carry their newlines; yields nothing when all stay.

    >>> print("".join(unified(["a\\n", "ad\\n"], [True, False], "p")), end="")
    --- a/p
    +++ b/p
    @@ -1,2 +1,1 @@
     a
    -ad
    """
    runs = list(_runs(keep))
    if runs:
        yield f"--- a/{name}\n+++ b/{name}\n"
    gone = 0
    for first, last in runs:
        dropped = sum(not k for k in keep[first:last])
        new = last - first - dropped
        start = first - gone
        yield f"@@ -{first + 1},{last - first} +{start + 1 if new else start},{new} @@\n"
        for line, kept in zip(old[first:last], keep[first:last], strict=True):
            yield _marked(" " if kept else "-", line)
        gone += dropped


def _runs(keep: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield half-open ranges of lines that belong into one hunk."""
    first = last = -1
    for index, kept in enumerate(keep):
        if kept:
            continue
        if first >= 0 and index - CONTEXT <= last:
            last = min(len(keep), index + 1 + CONTEXT)
            continue
        if first >= 0:
            yield first, last
        first, last = max(0, index - CONTEXT), min(len(keep), index + 1 + CONTEXT)
    if first >= 0:
        yield first, last


def _marked(sign: str, line: str) -> str:
    if line.endswith("\n"):
        return sign + line
    return f"{sign}{line}\n\\ No newline at end of file\n"
