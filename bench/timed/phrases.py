"""The patterns among the phrases, on lines made to make regular expressions slow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import cleaner
from bench.timed.bounds import Call, TimeBound, duration
from cleaner.lines.phrases import MAX_PATTERN_CHARS, parse

PHRASES = Path(cleaner.__file__).parent / "data" / "phrases"

#: Runs of what quantifiers repeat, and no end that fits.
HOSTILE = tuple(
    (piece * MAX_PATTERN_CHARS)[: MAX_PATTERN_CHARS - 1] + end
    for end in ("\x00", "!")
    for piece in ("a", "a ", "0 ", "by a ", "reply ", "home | ", "facebook ", "/ap ", ". read more ", "photo: ", "読む")
)

#: What a pattern may take on all hostile lines together; the slowest that was measured takes a tenth of it.
MAX_PATTERN_MS = 1.0


def bounds() -> Iterator[TimeBound]:
    """Yield one bound per pattern."""
    for path in sorted(PHRASES.glob("*/*.txt")):
        patterns = [phrase.text for phrase in parse(path.read_text("utf-8"), path.name) if phrase.pattern]
        for number, text in enumerate(patterns, 1):
            name = f"{path.parent.name}/{path.stem} {number}: {text[:40]}"
            yield duration(name, _searches(text), at_most_ms=MAX_PATTERN_MS)


def _searches(text: str) -> Call:
    pattern = re.compile(text)
    return lambda: [pattern.search(line) for line in HOSTILE]
