"""The allow-list: lines that stay although a code would drop them, identified by their content, never by number.

A TOML file of ``[[allow]]`` tables, each with a ``code`` ("*" for any), the hash of a ``line`` (``settings.line_hash``)
and the beginning of its ``text``, for readers only. ``[[silence]]`` tables name a ``code``, or the
beginning of codes, under which no line of a ``site`` goes.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cleaner.errors import SettingsError
from cleaner.files.atomic import replace_file, snapshot_if_there
from cleaner.records import Cleaned
from cleaner.settings.record import line_hash

#: Characters of a line that its entry shows.
SHOWN_CHARS = 60

_HEAD = "# Lines that clean-scrape leaves alone. Written by `clean-scrape check --update-allow-list` and `review`.\n"

# The form of the values of each kind of table. Linear: one class after the other.
_Shapes = Mapping[str, tuple[re.Pattern[str], str]]
_ALLOW: _Shapes = {
    "code": (re.compile(r"[A-Z]{2}[0-9]{3}|\*"), 'a code such as RL111, or "*"'),
    "line": (re.compile(r"[0-9a-f]{16}"), "the first 16 hex digits of a hash"),
    "text": (re.compile(r".*", re.DOTALL), "a string"),
}
_SILENCE: _Shapes = {
    "site": (re.compile(r"[^\s/:@?#]+"), "the host alone, such as courier.example"),
    "code": (re.compile(r"[A-Z]{2}[0-9]{0,3}"), "a code or the beginning of codes, such as RL111 or RL"),
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """An entry: lines with the hash ``line`` stay under ``code``. Entries sort in the order of the file."""

    code: str
    line: str
    text: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Silenced:
    """No line of ``site`` goes under a code that begins with ``code``."""

    site: str
    code: str


@dataclass(frozen=True, slots=True)
class AllowList:
    """The entries of an allow-list, in its order."""

    allowed: tuple[Allowed, ...] = ()
    silenced: tuple[Silenced, ...] = ()


def read_allow_list(path: Path) -> AllowList:
    """Read an allow-list; it is empty when there is no such file. Sites are in lower case, without "www.".

    Raises SettingsError with all mistakes, one a line.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return AllowList()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}", source=str(path)) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{path}: is not valid TOML: {error}", source=str(path)) from error
    tables = {name: data.pop(name, []) for name in ("allow", "silence")}
    mistakes = [f"{path}: unknown key {key!r}; there are only [[allow]] and [[silence]] tables here" for key in data]
    for name, shapes in (("allow", _ALLOW), ("silence", _SILENCE)):
        mistakes += [f"{path}: {mistake}" for mistake in _mistakes(name, tables[name], shapes)]
    if mistakes:
        raise SettingsError("\n".join(mistakes), source=str(path))
    silenced = (Silenced(entry["site"].lower().removeprefix("www."), entry["code"]) for entry in tables["silence"])
    return AllowList(tuple(Allowed(**entry) for entry in tables["allow"]), tuple(silenced))


def _mistakes(name: str, entries: object, shapes: _Shapes) -> Iterator[str]:
    """Yield the mistakes in the tables of one kind."""
    if not isinstance(entries, list):
        yield f"write [[{name}]], with two brackets"
        return
    entry_of = "entry" if name == "allow" else f"{name} entry"
    for number, entry in enumerate(entries, 1):
        yield from (f"{entry_of} {number}: {mistake}" for mistake in _wrong(entry, shapes))


def _wrong(entry: object, shapes: _Shapes) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f"expected a table, got {entry!r}"
        return
    for key in entry.keys() - shapes.keys():
        yield f"unknown key {key!r}; an entry has {', '.join(shapes)}"
    for key, (shape, words) in shapes.items():
        value = entry.get(key, "")
        if not (isinstance(value, str) and shape.fullmatch(value)):
            yield f"{key}: expected {words}, got {value!r}"


def entries_for(cleaned: Cleaned) -> tuple[set[Allowed], set[str]]:
    """Return an entry for each line of a page that would go, and the hashes of all its filled lines."""
    wanted: set[Allowed] = set()
    seen: set[str] = set()
    for verdict in cleaned.verdicts:
        if verdict.line.blank:
            continue
        key = line_hash(verdict.line.text)
        seen.add(key)
        if not verdict.keep:
            wanted.add(Allowed(verdict.code, key, shorten_text(verdict.line.text)))
    return wanted, seen


def shorten_text(text: str) -> str:
    """Return the beginning of a line, as an entry shows it."""
    # Characters that cannot be printed are not allowed in TOML, or could hide the text of a line.
    return "".join(char if char.isprintable() else "\ufffd" for char in " ".join(text.split())[:SHOWN_CHARS])


def merge_entries(old: Iterable[Allowed], new: Iterable[Allowed]) -> tuple[Allowed, ...]:
    """Return old and new entries as they are written: one for each code and hash, sorted by code and text.

    Where both have a line the old text stays, so that an update changes as little as possible. Lines that
    differ only in case or spacing share an entry, which shows the first in order of text.
    """
    entries: dict[tuple[str, str], Allowed] = {}
    for entry in (*old, *sorted(new, key=_order)):
        entries.setdefault((entry.code, entry.line), entry)
    return tuple(sorted(entries.values(), key=_order))


def add_entries(path: Path, new: Iterable[Allowed]) -> tuple[AllowList, tuple[Allowed, ...]]:
    """Add entries to an allow-list, and return the list as it was, and the entries that it did not have.

    Raises SettingsError for mistakes in the list, InputError when it cannot be written.
    """
    before = snapshot_if_there(path)
    old = read_allow_list(path)
    entries = merge_entries(old.allowed, new)
    known = {(entry.code, entry.line) for entry in old.allowed}
    added = tuple(entry for entry in entries if (entry.code, entry.line) not in known)
    if added:
        replace_file(path, render(entries, old.silenced).encode(), before)
    return old, added


def _order(entry: Allowed) -> tuple[str, str, str]:
    return entry.code, entry.text, entry.line


def _quote(text: str) -> str:
    return json.dumps(shorten_text(text), ensure_ascii=False)


def render(entries: Iterable[Allowed], silenced: Iterable[Silenced] = ()) -> str:
    """Return the text of an allow-list with these entries; those that silence a code come last, sorted, each once.

    >>> print(render([Allowed("RL111", "0123456789abcdef", "See also")]).partition("\\n\\n")[2], end="")
    [[allow]]
    code = "RL111"
    line = "0123456789abcdef"
    text = "See also"
    """
    tables = (f'\n[[allow]]\ncode = "{e.code}"\nline = "{e.line}"\ntext = {_quote(e.text)}\n' for e in entries)
    silence = (f'\n[[silence]]\nsite = {json.dumps(s.site)}\ncode = "{s.code}"\n' for s in sorted({*silenced}))
    return _HEAD + "".join(tables) + "".join(silence)
