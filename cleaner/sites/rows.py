"""The rows of files of profiles: written in one way, and read with every value checked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from cleaner.errors import ProfileError
from cleaner.sites.keys import MAX_SITE_CHARS
from cleaner.sites.profile import MAX_KEY_CHARS, MAX_PAGE_LINES, MAX_SITE_PAGES, MIN_OTHER_PAGES, fingerprint

Row = dict[str, Any]

#: Bytes of a row, of a profile and of a shard: well above the most that their values take.
MAX_ROW_BYTES, MAX_PAGE_ROW_BYTES = 4_096, 16 * 1024 * 1024

# What follows a cut key or name: one sign and a hash.
_TAIL = 17

# Signs that a terminal would obey or not show; a file that people review names them. A fixed list, as the Unicode
# version of an interpreter must not show in a file.
_UNSEEN = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")

# Linear: fixed length.
_PRINT = re.compile("[0-9a-f]{16}")


def to_row(values: Mapping[str, object]) -> bytes:
    """Values as one row."""
    text = json.dumps(values, ensure_ascii=False)
    if not text.isascii() or "\x7f" in text:
        text = _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return text.encode() + b"\n"


def printed(print_: int) -> str:
    """A fingerprint as it stands in a row."""
    return f"{print_:016x}"


class Lines:
    """Rows with their numbers, read one after the other; ``place`` is what errors call them."""

    def __init__(self, raw: Iterable[bytes], place: str, longest: int = MAX_ROW_BYTES) -> None:
        self._raw, self._place, self._longest = iter(raw), place, longest
        self.number = 0

    def __iter__(self) -> Iterator[Row]:
        for raw in self._raw:
            self.number += 1
            yield self._parsed(raw)

    def _parsed(self, raw: bytes) -> Row:
        if len(raw) > self._longest:
            raise self.wrong(f"is longer than {self._longest:,} bytes")
        if not raw.endswith(b"\n"):
            raise self.wrong("is cut off")
        try:
            row = json.loads(raw.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise self.wrong("is no UTF-8") from error
        except (ValueError, RecursionError) as error:
            raise self.wrong("is no JSON") from error
        if not isinstance(row, dict):
            raise self.wrong("is no JSON object")
        return row

    def wrong(self, what: str) -> ProfileError:
        """The error for the row read last."""
        return wrong(self._place, self.number, what)


def wrong(place: str, number: int, what: str) -> ProfileError:
    """The error for a row of a file."""
    message = f"{place}, line {number:,}: {what}; restore the file, or count again with `clean-scrape profile`"
    return ProfileError(message, source=place)


Wrong = Callable[[str], ProfileError]


def site_of(row: Row, wrong: Wrong) -> str:
    """The site of a row."""
    return _text(row, "site", MAX_SITE_CHARS + _TAIL, wrong)


def pages_of(row: Row, wrong: Wrong) -> int:
    """The number of pages of a row ``site``, ``pages``."""
    _only(row, ("site", "pages"), wrong)
    return _number(row, 1, MAX_SITE_PAGES, wrong)


def count_of(row: Row, pages: int, wrong: Wrong) -> tuple[str, int]:
    """Key and number of a row ``site``, ``line``, ``pages`` of a site with so many pages."""
    _only(row, ("site", "line", "pages"), wrong)
    return _text(row, "line", MAX_KEY_CHARS + _TAIL, wrong), _number(row, MIN_OTHER_PAGES + 1, pages, wrong)


def page_of(row: Row, wrong: Wrong) -> tuple[int, tuple[str, ...]]:
    """Fingerprint and keys of a row ``site``, ``page``, ``lines``."""
    _only(row, ("site", "page", "lines"), wrong)
    print_, keys = row["page"], row["lines"]
    if not isinstance(print_, str) or not _PRINT.fullmatch(print_):
        raise wrong('"page" is not 16 hex digits')
    if not isinstance(keys, list) or not 1 <= len(keys) <= MAX_PAGE_LINES:
        raise wrong(f'"lines" is not a list of 1 to {MAX_PAGE_LINES:,} lines')
    if not all(_is_text(key, MAX_KEY_CHARS + _TAIL) for key in keys) or not _rising(keys):
        raise wrong('"lines" are not different texts, in order')
    number = int(print_, 16)
    if fingerprint(keys) != number:
        raise wrong('"page" is not the fingerprint of "lines"')
    return number, tuple(keys)


def _only(row: Row, names: tuple[str, ...], wrong: Wrong) -> None:
    if tuple(row) != names:
        raise wrong(f"has not the fields {', '.join(names)}, but {', '.join(map(ascii, list(row)[:5])) or 'none'}")


def _number(row: Row, least: int, most: int, wrong: Wrong) -> int:
    number = row["pages"]
    if type(number) is not int or not least <= number <= most:  # also True, which Python holds to be 1
        raise wrong(f'"pages" is not a number from {least} to {most}')
    return number


def _text(row: Row, name: str, longest: int, wrong: Wrong) -> str:
    text = row.get(name)
    if not _is_text(text, longest):
        raise wrong(f'"{name}" is not a text of 1 to {longest} signs')
    return str(text)


def _is_text(text: object, longest: int) -> bool:
    if not isinstance(text, str) or not 1 <= len(text) <= longest:
        return False
    return text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text)


def _rising(values: list[str]) -> bool:
    return all(one < next_ for one, next_ in pairwise(values))
