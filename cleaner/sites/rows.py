"""The rows of files of profiles: writing them, and reading them with a check of every value."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from cleaner.errors import ProfileError
from cleaner.sites.keys import MAX_SITE_CHARS
from cleaner.sites.profile import MAX_KEY_CHARS, MAX_PAGE_LINES, MAX_SITE_PAGES, MIN_OTHER_PAGES, fingerprint_keys

ProfileRow = dict[str, Any]

#: Most bytes of a row of a profile and of a row of a shard; no values need so many.
MAX_ROW_BYTES, MAX_PAGE_ROW_BYTES = 4_096, 16 * 1024 * 1024

# Characters after a cut key or name: one character and a hash.
_TAIL_CHARS = 17

# Control characters and invisible characters; a file that people review has their code points instead. The list is
# fixed, so that files do not depend on the Unicode version of the interpreter.
_UNSEEN = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")

# Linear: fixed length.
_FINGERPRINT = re.compile("[0-9a-f]{16}")


def to_row(values: Mapping[str, object]) -> bytes:
    """Encode values as one row."""
    text = json.dumps(values, ensure_ascii=False)
    if not text.isascii() or "\x7f" in text:
        text = _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return text.encode() + b"\n"


def format_fingerprint(fingerprint: int) -> str:
    """A fingerprint in the form of rows: 16 hexadecimal digits."""
    return f"{fingerprint:016x}"


class RowReader:
    """Reads rows one after the other and counts them; errors name the file ``place`` and the number of the row."""

    def __init__(self, raw: Iterable[bytes], place: str, max_bytes: int = MAX_ROW_BYTES) -> None:
        self._raw, self._place, self._max_bytes = iter(raw), place, max_bytes
        self.number = 0

    def __iter__(self) -> Iterator[ProfileRow]:
        for raw in self._raw:
            self.number += 1
            yield self._parsed(raw)

    def _parsed(self, raw: bytes) -> ProfileRow:
        if len(raw) > self._max_bytes:
            raise self.error(f"is longer than {self._max_bytes:,} bytes")
        if not raw.endswith(b"\n"):
            raise self.error("is cut off")
        try:
            row = json.loads(raw.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise self.error("is no UTF-8") from error
        except (ValueError, RecursionError) as error:
            raise self.error("is no JSON") from error
        if not isinstance(row, dict):
            raise self.error("is no JSON object")
        return row

    def error(self, what: str) -> ProfileError:
        """The error for the row read last."""
        return row_error(self._place, self.number, what)


def row_error(place: str, number: int, what: str) -> ProfileError:
    """The error for a row of a file."""
    message = f"{place}, line {number:,}: {what}; restore the file, or count again with `clean-scrape profile`"
    return ProfileError(message, source=place)


MakeError = Callable[[str], ProfileError]


def read_site(row: ProfileRow, error: MakeError) -> str:
    """The site of a row."""
    return _text(row, "site", MAX_SITE_CHARS + _TAIL_CHARS, error)


def read_page_count(row: ProfileRow, error: MakeError) -> int:
    """The number of pages of a row ``site``, ``pages``."""
    _only(row, ("site", "pages"), error)
    return _number(row, 1, MAX_SITE_PAGES, error)


def read_line_count(row: ProfileRow, pages: int, error: MakeError) -> tuple[str, int]:
    """Key and number of a row ``site``, ``line``, ``pages`` of a site with so many pages."""
    _only(row, ("site", "line", "pages"), error)
    return _text(row, "line", MAX_KEY_CHARS + _TAIL_CHARS, error), _number(row, MIN_OTHER_PAGES + 1, pages, error)


def read_page_keys(row: ProfileRow, error: MakeError) -> tuple[int, tuple[str, ...]]:
    """Fingerprint and keys of a row ``site``, ``page``, ``lines``."""
    _only(row, ("site", "page", "lines"), error)
    fingerprint, keys = row["page"], row["lines"]
    if not isinstance(fingerprint, str) or not _FINGERPRINT.fullmatch(fingerprint):
        raise error('"page" is not 16 hex digits')
    if not isinstance(keys, list) or not 1 <= len(keys) <= MAX_PAGE_LINES:
        raise error(f'"lines" is not a list of 1 to {MAX_PAGE_LINES:,} lines')
    if not all(_is_text(key, MAX_KEY_CHARS + _TAIL_CHARS) for key in keys) or not _rising(keys):
        raise error('"lines" are not different texts, in order')
    number = int(fingerprint, 16)
    if fingerprint_keys(keys) != number:
        raise error('"page" is not the fingerprint of "lines"')
    return number, tuple(keys)


def _only(row: ProfileRow, names: tuple[str, ...], error: MakeError) -> None:
    if tuple(row) != names:
        raise error(f"has not the fields {', '.join(names)}, but {', '.join(map(ascii, list(row)[:5])) or 'none'}")


def _number(row: ProfileRow, least: int, most: int, error: MakeError) -> int:
    number = row["pages"]
    if type(number) is not int or not least <= number <= most:  # also for True, which is an int in Python
        raise error(f'"pages" is not a number from {least} to {most}')
    return number


def _text(row: ProfileRow, name: str, max_chars: int, error: MakeError) -> str:
    text = row.get(name)
    if not _is_text(text, max_chars):
        raise error(f'"{name}" is not a text of 1 to {max_chars} characters')
    return str(text)


def _is_text(text: object, max_chars: int) -> bool:
    if not isinstance(text, str) or not 1 <= len(text) <= max_chars:
        return False
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _rising(values: list[str]) -> bool:
    return all(one < next_ for one, next_ in pairwise(values))
