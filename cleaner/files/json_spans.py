"""The positions of the members of a JSON object in the text of a row, found in linear time."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from json.decoder import scanstring  # type: ignore[attr-defined]

from cleaner.errors import UnreadableError

#: The usual names of the fields for the page, its id and its URL; the first that a row has is used.
TEXT_FIELDS = ("html", "text", "content", "raw_content", "body", "raw_html")
ID_FIELDS = ("id", "_id", "doc_id")
URL_FIELDS = ("url", "uri", "link", "source_url", "warc-target-uri")

#: Levels of nesting in a row; deeper rows are refused. The limit of json itself depends on the stack of its caller.
MAX_NESTING_LEVELS = 200

# Linear: single characters, searched from left to right.
_BRACKET = re.compile(r'["{}\[\]]')
_BLANK = re.compile(r"[ \t\r\n]*+")
_SCALAR = re.compile(r"[^,}\s]++")


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a row: its name as JSON, with quotes, and the offsets of its value."""

    name: str
    start: int
    end: int


def row_span(line: bytes, field: str | None = None) -> tuple[int, int]:
    """Return the byte range of the string, with its quotes, in a field at the top level of a JSON line.

    Without a ``field`` it is the first of TEXT_FIELDS that holds a string. Strings may contain any bytes. Raises
    UnreadableError (``bad-row``) for a line that is no JSON object, holds a name twice, or has no such string.
    """
    text = line.decode("latin-1")  # one character for each byte, so the offsets are those of the line
    every = members(text)
    found = {_utf8_name(member.name): member for member in every}
    if len(found) < len(every):
        _refuse_twice([_utf8_name(member.name) for member in every])
    name = text_name({name: text[one.start] == '"' for name, one in found.items()}, field)
    return found[name].start, found[name].end


def _utf8_name(name: str) -> str:
    return str(json.loads(name.encode("latin-1").decode("utf-8", "replace")))


def text_name(is_string: dict[str, bool], field: str | None) -> str:
    """Return the name of the field with the page; ``is_string`` has the fields of a row, true for strings."""
    for name in (field,) if field is not None else TEXT_FIELDS:
        if is_string.get(name):
            return name
    there = listed(is_string)
    if field is not None and field in is_string:
        raise bad_row(f"the field {field!r} holds no string; name another with --text-field (fields: {there})")
    wanted = repr(field) if field is not None else f"of the usual names ({', '.join(TEXT_FIELDS)}) with a string"
    raise bad_row(f"has no field {wanted}; name the field of the page with --text-field (fields: {there})")


def listed(names: Iterable[str]) -> str:
    """A few names for a message, shortened, and without control characters."""
    first = islice(names, 20)
    return ", ".join(name if name.isprintable() else repr(name) for name in (one[:50] for one in first)) or "none"


def members(text: str) -> list[Member]:
    """The members of the JSON object ``text``, in order.

    Raises UnreadableError (``bad-row``) when it is no JSON object, nests deeper than MAX_NESTING_LEVELS, or
    holds a name twice.
    """
    try:
        found = list(_members(text))
        pairs = _names_checked(text)
    except (ValueError, RecursionError, IndexError) as error:
        raise bad_row(f"is no JSON object ({_why(error)}); each line must be one object") from error
    _refuse_twice(pairs)
    return found


def _refuse_twice(names: Sequence[str]) -> None:
    name, times = Counter(names).most_common(1)[0] if names else ("", 1)
    if times > 1:
        raise bad_row(f"holds the field {name[:100]!r} twice; keep one of them")


def _names_checked(text: str) -> Sequence[str]:
    """The names at the top level, after json has parsed the whole text; numbers stay text, however long they are."""
    last: list[str] = []

    def note(pairs: list[tuple[str, object]]) -> None:
        last[:] = [name for name, _ in pairs]  # the object at the top level ends last

    json.loads(text, object_pairs_hook=note, parse_int=str, parse_float=str)
    return last


def _members(text: str) -> Iterator[Member]:
    at = _blank(text, 0)
    if text[at : at + 1] != "{":
        raise ValueError(f"it begins with {text[at : at + 1]!r}")
    at = _blank(text, at + 1)
    while text[at] != "}":
        name = at
        at = _blank(text, after := _string_end(text, at))
        if text[at] != ":":
            raise ValueError(f"no colon at character {at:,}")
        start = _blank(text, at + 1)
        end = _value_end(text, start)
        yield Member(text[name:after], start, end)
        at = _blank(text, end)
        if text[at] == ",":
            at = _blank(text, at + 1)
        elif text[at] != "}":
            raise ValueError(f"no comma at character {at:,}")


def _blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _string_end(text: str, at: int) -> int:
    if text[at] != '"':
        raise ValueError(f"no name at character {at:,}")
    end: int = scanstring(text, at + 1, True)[1]
    return end


def _value_end(text: str, at: int) -> int:
    """The offset after the value that starts at ``at``. Only brackets are counted; json has checked the rest."""
    if text[at] == '"':
        return _string_end(text, at)
    if text[at] not in "{[":
        found = _SCALAR.match(text, at)
        return found.end() if found else at
    depth = 0
    while True:
        found = _BRACKET.search(text, at)
        if not found:
            raise ValueError("it is cut")
        at = found.end()
        if found[0] == '"':
            at = _string_end(text, at - 1)
            continue
        depth += 1 if found[0] in "{[" else -1
        if depth > MAX_NESTING_LEVELS:
            raise ValueError(f"it nests deeper than {MAX_NESTING_LEVELS} levels")
        if not depth:
            return at


def _why(error: Exception) -> str:
    if isinstance(error, IndexError):
        return "it is cut"
    return str(error) if isinstance(error, ValueError) else "it nests too deep"


def bad_row(message: str, source: str = "") -> UnreadableError:
    """The error for a row without a page."""
    return UnreadableError(message, source=source, reason="bad-row")
