"""Labels: the answers of people on removed lines, one JSON row each, identified by code and content.

A later answer on the same line under the same code replaces the earlier one. Rows are sorted and hold no time, so the
file can be committed, and merged by hand.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from cleaner.errors import InputError
from cleaner.files.atomic import read_file, replace_file, snapshot_if_there

Answer = Literal["keep", "drop"]

#: Code and hash of a line (``settings.line_hash``).
LabelKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Label:
    """One answer: the line should have stayed ("keep"), or was rightly removed ("drop").

    ``score`` is the probability that it is boilerplate, ``pages`` the number of pages of the report from which it was
    removed. The rest describes one of these places, for the reader.
    """

    code: str
    line: str
    answer: Answer
    score: float
    text: str
    why: str
    source: str
    site: str
    language: str
    kind: str
    pages: int

    @property
    def key(self) -> LabelKey:
        """The code and the hash of the line, which identify the label."""
        return self.code, self.line


_TYPES: Mapping[str, type | tuple[type, ...]] = {"score": (int, float), "pages": int}


def read_labels(path: Path) -> dict[LabelKey, Label]:
    """Read the labels of a file; there are none when there is no such file.

    Raises InputError, which names the first damaged row.
    """
    if not os.path.lexists(path):
        return {}
    found: dict[LabelKey, Label] = {}
    for number, row in enumerate(read_file(path)[0].splitlines(), 1):
        if row.strip():
            label = _label(row, f"{path}:{number}")
            found[label.key] = label
    return found


def write_labels(path: Path, labels: Iterable[Label]) -> None:
    """Replace a file of labels, in one step. Raises InputError."""
    ordered = sorted(labels, key=lambda label: (label.code, label.text, label.line))
    rows = (json.dumps(asdict(label), ensure_ascii=False) + "\n" for label in ordered)
    data = "".join(rows).encode("utf-8", "backslashreplace")
    replace_file(path, data, snapshot_if_there(path))


def _label(row: bytes, place: str) -> Label:
    try:
        values: dict[str, Any] = json.loads(row)
        label = Label(**values)
    except (ValueError, TypeError, RecursionError) as error:
        raise InputError(f"{place}: is not a label ({error}); correct or delete the row", source=place) from error
    wrong = [f.name for f in fields(Label) if not isinstance(values[f.name], _TYPES.get(f.name, str))]
    if wrong or label.answer not in get_args(Answer):
        what = wrong[0] if wrong else f"answer: expected keep or drop, got {label.answer!r}"
        raise InputError(f"{place}: is not a label (wrong value of {what}); correct or delete the row", source=place)
    return label
