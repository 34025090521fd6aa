"""The allow-list: lines that stay although a code would take them, known by content, never by number.

A TOML file of ``[[allow]]`` tables, each with a ``code``, the hash of a ``line`` (``settings.line_hash``)
and the beginning of its ``text``, which is there for the reader only.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cleaner.errors import SettingsError
from cleaner.records import Cleaned
from cleaner.settings import line_hash

#: Characters of a line that its entry shows.
SHOWN = 60

_HEAD = "# Lines that clean-scrape leaves alone. Written by `clean-scrape check --update-allow-list`.\n"
_SHAPES = {
    "code": (re.compile(r"[A-Z]{2}[0-9]{3}"), "a code such as RL111"),
    "line": (re.compile(r"[0-9a-f]{16}"), "the first 16 hex digits of a hash"),
    "text": (re.compile(r".*", re.DOTALL), "a string"),
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """Lines with the hash ``line`` stay under ``code``; sorts as it is written."""

    code: str
    line: str
    text: str = ""


def read_allow_list(path: Path) -> tuple[Allowed, ...]:
    """The entries of an allow-list, in its order; none when there is no such file.

    Raises SettingsError with all mistakes, one a line.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}", source=str(path)) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{path}: is not valid TOML: {error}", source=str(path)) from error
    entries = data.pop("allow", [])
    mistakes = [f"{path}: unknown key {key!r}; there are only [[allow]] tables here" for key in data]
    if not isinstance(entries, list):
        entries, mistakes = [], [*mistakes, f"{path}: write [[allow]], with two brackets"]
    for number, entry in enumerate(entries, 1):
        mistakes += [f"{path}: entry {number}: {mistake}" for mistake in _wrong(entry)]
    if mistakes:
        raise SettingsError("\n".join(mistakes), source=str(path))
    return tuple(Allowed(**entry) for entry in entries)


def _wrong(entry: object) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f"expected a table, got {entry!r}"
        return
    for key in entry.keys() - _SHAPES.keys():
        yield f"unknown key {key!r}; an entry has {', '.join(_SHAPES)}"
    for key, (shape, words) in _SHAPES.items():
        value = entry.get(key, "")
        if not (isinstance(value, str) and shape.fullmatch(value)):
            yield f"{key}: expected {words}, got {value!r}"


def entries_for(pages: Iterable[Cleaned]) -> tuple[set[Allowed], set[str]]:
    """An entry for each line that would go, and the hashes of all lines there are."""
    wanted: set[Allowed] = set()
    seen: set[str] = set()
    for page in pages:
        for verdict in page.verdicts:
            if verdict.line.blank:
                continue
            key = line_hash(verdict.line.text)
            seen.add(key)
            if not verdict.keep:
                wanted.add(Allowed(verdict.code, key, _shown(verdict.line.text)))
    return wanted, seen


def _shown(text: str) -> str:
    # Signs that cannot be printed cannot stand in TOML either, or hide what a line says.
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in " ".join(text.split())[:SHOWN])


def merged(old: Iterable[Allowed], new: Iterable[Allowed]) -> tuple[Allowed, ...]:
    """Old and new entries as they are written: one for each code and hash, sorted by code and text.

    Where both know a line the old text stays, so that an update changes nothing it need not; lines
    that differ in case or spacing only share an entry, which shows the first in order of text.
    """
    entries: dict[tuple[str, str], Allowed] = {}
    for entry in (*old, *sorted(new, key=_order)):
        entries.setdefault((entry.code, entry.line), entry)
    return tuple(sorted(entries.values(), key=_order))


def _order(entry: Allowed) -> tuple[str, str, str]:
    return entry.code, entry.text, entry.line


def render(entries: Iterable[Allowed]) -> str:
    """The text of an allow-list with these entries.

    >>> print(render([Allowed("RL111", "0123456789abcdef", "See also")]).partition("\\n\\n")[2], end="")
    [[allow]]
    code = "RL111"
    line = "0123456789abcdef"
    text = "See also"
    """
    tables = (
        f'\n[[allow]]\ncode = "{e.code}"\nline = "{e.line}"\ntext = {json.dumps(_shown(e.text), ensure_ascii=False)}\n'
        for e in entries
    )
    return _HEAD + "".join(tables)
