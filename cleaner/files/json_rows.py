"""Rows of fields as JSON: reading a field as text, and writing values exactly as they were in the input."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


class Verbatim(str):
    """A value as the JSON text of the input row, byte for byte: 1e999, 1.10 or "\\u00e9"."""

    __slots__ = ()

    @property
    def value(self) -> Any:
        """The value as a Python object; numbers that Python cannot represent stay text."""
        return json.loads(self, parse_int=_whole, parse_float=_real)


def _whole(text: str) -> int | str:
    return int(text) if len(text) < 1000 else text


def _real(text: str) -> float | str:
    number = float(text)
    return text if number in (float("inf"), float("-inf")) else number


def written(row: Mapping[str, Any]) -> str:
    """A row as one line of JSON, without the newline; Verbatim values are written unchanged.

    >>> written({"id": "é", "n": Verbatim("1.10")})
    '{"id": "é", "n": 1.10}'
    """
    return "{" + ", ".join(f"{_json(name)}: {_json(value)}" for name, value in row.items()) + "}"


def text_of(row: Mapping[str, Any], name: str | None) -> str:
    """The field of a row as text; "" for a value that is neither text nor a number, and for a missing field.

    >>> text_of({"site": Verbatim('"a.example"'), "n": 7, "ok": True}, "site")
    'a.example'
    """
    value = row.get(name) if name is not None else None
    value = value.value if isinstance(value, Verbatim) else value
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _json(value: Any) -> str:
    if isinstance(value, Verbatim):
        return str(value)
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isascii() or _encodes(text) else json.dumps(value)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate, which only an escape can write
        return False
    return True
