"""Unified diffs, computed from the kept lines: texts are not compared, so the cost is linear.

A patch works on physical lines, those that end at a line feed byte, since that is what ``git apply``
and ``patch`` count. A line of a page may be a part of one (it ends at a lone carriage return) or
lie across two of them (UTF-16); such places are written as removed lines and added lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

#: Kept lines shown around a change, as git does.
CONTEXT_LINES = 3

Span = tuple[int, int]


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
    lines = [line.encode("utf-8", "surrogatepass") for line in old]
    spans = pairwise(accumulate((len(line) for line in lines), initial=0))
    gone = [span for span, kept in zip(spans, keep, strict=True) if not kept]
    body = hunks(b"".join(lines), gone).decode("utf-8", "surrogatepass")
    if body:
        yield f"--- a/{name}\n+++ b/{name}\n"
        yield body


def git_patch(name: str, body: bytes) -> bytes:
    """The hunks of one file with the header that ``git apply`` wants; empty for an empty ``body``."""
    if not body:
        return b""
    old, new = quoted(f"a/{name}"), quoted(f"b/{name}")
    # git closes a bare name that holds spaces with a tab, so that its end can be seen.
    tab = b"\t" if " " in name and not old.startswith(b'"') else b""
    return b"diff --git %b %b\n--- %b%b\n+++ %b%b\n" % (old, new, old, tab, new, tab) + body


def quoted(name: str) -> bytes:
    """A path as git writes it into a header: in C quotes when it holds anything but plain ASCII.

    >>> quoted('a/caf\\u00e9')
    b'"a/caf\\\\303\\\\251"'
    """
    raw = name.encode("utf-8", "surrogateescape")
    plain = b"".join(
        b"\\" + bytes([c]) if c in b'"\\' else bytes([c]) if 0x20 <= c < 0x7F else b"\\%03o" % c for c in raw
    )
    return raw if plain == raw else b'"' + plain + b'"'


def hunks(old: bytes, gone: Sequence[Span]) -> bytes:
    """The hunks that delete the byte ranges ``gone`` (sorted, apart from each other) from ``old``."""
    if not gone:
        return b""
    edits = list(_edits(old, gone))
    changed = [index for index, (mark, _) in enumerate(edits) if mark != b" "]
    taken, put, out, at = 0, 0, [], 0
    for first, last in _runs(changed, len(edits)):
        taken += first - at
        put += first - at
        part = edits[first:last]
        less, more = sum(s != b"+" for s, _ in part), sum(s != b"-" for s, _ in part)
        out.append(b"@@ -%d,%d +%d,%d @@\n" % (taken + bool(less), less, put + bool(more), more))
        out += [mark + _ended(line) for mark, line in part]
        taken, put, at = taken + less, put + more, last
    return b"".join(out)


def _edits(old: bytes, gone: Sequence[Span]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the physical lines of both sides with the mark of each: a space, "-" or "+"."""
    minus: list[bytes] = []
    plus: list[bytes] = []
    for line, kept in _kept(old, gone):
        if line == kept and not minus:
            yield b" ", line
            continue
        minus.append(line)
        if kept:
            plus.append(kept)
        # What is left of a line must be followed up to the next line feed it keeps.
        if not plus or plus[-1].endswith(b"\n"):
            yield from _replaced(minus, plus)
            minus, plus = [], []
    yield from _replaced(minus, plus)


def _replaced(minus: list[bytes], plus: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    yield from ((b"-", line) for line in minus)
    yield from ((b"+", line) for line in _physical(b"".join(plus)))


def _physical(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        end = data.find(b"\n", at) + 1 or len(data)
        yield data[at:end]
        at = end


def _kept(old: bytes, gone: Sequence[Span]) -> Iterator[tuple[bytes, bytes]]:
    """Yield each physical line with what stays of it."""
    at, which = 0, 0
    for line in _physical(old):
        end = at + len(line)
        pieces, begin = [], at
        while which < len(gone) and gone[which][0] < end:
            first, last = gone[which]
            pieces.append(old[begin : max(begin, first)])
            begin = min(max(begin, last), end)
            if last > end:
                break
            which += 1
        yield line, b"".join((*pieces, old[begin:end]))
        at = end


def _runs(changed: Sequence[int], size: int) -> Iterator[Span]:
    """Yield half-open ranges of edits that belong into one hunk."""
    first = last = -1
    for index in changed:
        if first >= 0 and index - CONTEXT_LINES > last:
            yield first, last
            first = -1
        if first < 0:
            first = max(0, index - CONTEXT_LINES)
        last = min(size, index + 1 + CONTEXT_LINES)
    if first >= 0:
        yield first, last


def _ended(line: bytes) -> bytes:
    return line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"
