"""NV: navigation by its words, by the shape of its lines, and by where they stand."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain, compress, count

from cleaner.detectors import Context, Found, Rule, detector, each
from cleaner.records import Page

_TEN = "In winter and in spring the boats of both families lay at the old quay."

#: Upper bounds in words of the classes of short lines.
_LABELS = (1, 2, 3, 7, 11)
_OF_WORDS = [f"NV20{1 + bisect_left(_LABELS, words)}" for words in range(_LABELS[-1] + 1)]

#: Words that a row of separated labels has at most.
_ROW = 40

#: Lines to the nearest running text: upper bounds of near and middling.
_NEAR, _MIDDLING = 2, 10

#: Last figure of the code for the lines nearest to the running text: before it, after it, in a gap of it.
_BEFORE, _AFTER, _GAP = 1, 4, 6

#: Lengths of runs of short lines from which they count as a list, a long list and a menu.
_RUNS = (5, 10, 25)


@detector(
    Rule(
        "NV101",
        "navigation-label",
        "is a label of navigation",
        goes="> Contact us\nThe vote is on Monday.",
        stays="Contact was lost at noon.",
    ),
    Rule(
        "NV102",
        "mentions-navigation",
        "holds a label of navigation in a longer line",
        goes="> Harbour Post, Little Harbour, the islands, the quay, the boats, back to homepage",
        stays="The homepage of the club shows a boat.",
    ),
    Rule(
        "NV111",
        "breadcrumb",
        "is a breadcrumb or a line of tags",
        goes="> Tags: harbour\nThe vote is on Monday.",
        stays="Tags hung from every rope.",
    ),
    Rule(
        "NV112",
        "mentions-tags",
        "opens with the words of a breadcrumb or of tags",
        goes="> Filed under: harbour, boats, islands, winter, bread, weather, council, vote",
        stays="The plan was filed under the wrong letter.",
    ),
    Rule("NV201", "label-of-1-word", "is a single word", goes="> Harbour", stays="The vote is on Monday."),
    Rule("NV202", "label-of-2-words", "is a label of two words", goes="> Harbour Post", stays="The vote is on Monday."),
    Rule(
        "NV203",
        "label-of-3-words",
        "is a label of three words",
        goes="> Little Harbour Post",
        stays="The vote is on Monday.",
    ),
    Rule(
        "NV204",
        "label-of-4-7-words",
        "is a short line without a stop",
        goes="> Boats and bread on Monday",
        stays="The vote is on Monday.",
    ),
    Rule(
        "NV205",
        "label-of-8-11-words",
        "is a line of a headline's length without a stop",
        goes="> Council of Little Harbour votes on boats and on bread",
        stays="The vote is on Monday.",
    ),
    Rule(
        "NV206",
        "cry-of-1-3-words",
        "is a very short line with a stop",
        goes="> Hello there!",
        stays="The vote is on Monday.",
    ),
    Rule("NV207", "no-words", "holds signs only", goes="> ***", stays="The vote is on Monday."),
    Rule(
        "NV211",
        "separated-labels",
        "is a row of labels set apart by signs",
        goes="> Home | Boats | Bread",
        stays="The vote | is on Monday.",
    ),
    Rule(
        "NV221",
        "capitalised-words",
        "begins every word with a capital",
        goes="> Harbour Post Media Group",
        stays="The vote is on Monday.",
    ),
    Rule("NV231", "mostly-digits", "holds mostly digits", goes="> 12/2031", stays="The vote is on Monday 12."),
)
def labels(page: Page, context: Context) -> Iterator[Found]:
    """Navigation by words and by the shape of single lines."""
    yield from context.hits("NV")
    columns = context.columns(page)
    for number, shape, bare in zip(columns.numbers, columns.shapes, columns.cores, strict=True):
        words = shape.words
        if not bare:
            yield number, "NV207", ""
        elif words <= _LABELS[-1] and not shape.ends_sentence:
            yield number, _OF_WORDS[words], ""
        elif words <= 3:
            yield number, "NV206", ""
        if words >= 3 and shape.capitals >= words:
            yield number, "NV221", ""
        if shape.separators >= 2 and words <= _ROW and shape.separators * 6 >= words:
            yield number, "NV211", ""
        if shape.digits and shape.digits * 2 > len(shape.folded) + shape.digits:
            yield number, "NV231", ""


@detector(
    Rule(
        "NV401",
        "just-before-text",
        "stands just before the running text",
        goes=f"> The gate\n{_TEN}",
        stays=f"{_TEN}\nThe gate",
    ),
    Rule(
        "NV402",
        "before-text",
        "stands before the running text",
        goes=f"> Gate\n> Wall\nLock\nDyke\n{_TEN}",
        stays=f"{_TEN}\nGate\nWall\nLock\nDyke",
    ),
    Rule(
        "NV403",
        "long-before-text",
        "stands long before the running text",
        goes="> Gate\n" * 3 + "Wall\n" * 10 + _TEN,
        stays=f"Gate\n{_TEN}",
    ),
    Rule(
        "NV404",
        "just-after-text",
        "stands just after the running text",
        goes=f"{_TEN}\n> The gate",
        stays=f"The gate\n{_TEN}",
    ),
    Rule(
        "NV405",
        "after-text",
        "stands after the running text",
        goes=f"{_TEN}\nLock\nWall\n> Dyke\n> Gate",
        stays=f"Gate\n{_TEN}",
    ),
    Rule(
        "NV406",
        "long-after-text",
        "stands long after the running text",
        goes=f"{_TEN}\n" + "Wall\n" * 10 + "> Gate\n> Lock",
        stays=f"Gate\n{_TEN}",
    ),
    Rule(
        "NV407",
        "gap-in-text",
        "stands in a gap of the running text",
        goes=f"{_TEN}\nLock\nWall\n> Gate\nDyke\nBoat\n{_TEN}",
        stays=f"{_TEN}\nGate\n{_TEN}",
    ),
    Rule(
        "NV408",
        "wide-gap-in-text",
        "stands in a wide gap of the running text",
        goes=f"{_TEN}\n" + "Wall\n" * 10 + "> Gate\n" * 3 + "Lock\n" * 10 + _TEN,
        stays=f"{_TEN}\nGate\n{_TEN}",
    ),
    Rule(
        "NV411",
        "list-of-short-lines",
        "stands in a run of short lines",
        goes="> Gate\n> Lock\n> Wall\n> Dyke\n> Boat",
        stays=f"Gate\nLock\n{_TEN}\nWall",
    ),
    Rule(
        "NV412",
        "long-list-of-short-lines",
        "stands in a long run of short lines",
        goes="> Gate\n" * 12,
        stays="Gate\n" * 5,
    ),
    Rule(
        "NV413", "menu", "stands in a run of short lines as long as a menu", goes="> Gate\n" * 30, stays="Gate\n" * 12
    ),
)
def places(page: Page, context: Context) -> Iterator[Found]:
    """Where a short line stands: before, after or in gaps of the running text, in runs of its like."""
    columns = context.columns(page)
    numbers, prose = columns.numbers, columns.prose
    last_prose = len(prose) - 1 - prose[::-1].index(True) if any(prose) else -1
    for first, last in _runs(prose):
        size = bisect_right(_RUNS, last - first)
        if size:
            yield from each(numbers[first:last], f"NV41{size}")
        if last_prose < 0:
            return
        if first == 0:
            yield from _distances(numbers[first:last][::-1], _BEFORE)
        elif first > last_prose:
            yield from _distances(numbers[first:last], _AFTER)
        elif last - first > 2 * _NEAR:
            half = (first + last + 1) // 2
            yield from _distances(numbers[first:half], _GAP)
            yield from _distances(numbers[half:last][::-1], _GAP)


def _distances(numbers: Sequence[int], nearest: int) -> Iterator[Found]:
    """How far lines stand from the running text, given from the nearest on; in gaps the nearest are silent."""
    return chain(
        each(numbers[: 0 if nearest == _GAP else _NEAR], f"NV40{nearest}"),
        each(numbers[_NEAR:_MIDDLING], f"NV40{nearest + 1}"),
        each(numbers[_MIDDLING:], f"NV40{nearest + 2}"),
    )


def _runs(prose: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield half-open ranges of consecutive lines that are no prose."""
    done = 0
    for at in [*compress(count(), prose), len(prose)]:
        if at > done:
            yield done, at
        done = at + 1
