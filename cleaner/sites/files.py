"""Files of profiles, ``X.profile.jsonl``: see ``docs/profiles.md``.

A profile holds the template of each site, and no more, so that a person can review it. A shard holds all counted pages,
so that several shards can be merged into one profile; profiles cannot be merged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cleaner.errors import InputError, ProfileError, UnreadableError
from cleaner.files.atomic import atomic_file
from cleaner.files.codecs import codec_named, packed_file
from cleaner.files.unpacking import open_unpacked
from cleaner.sites.keys import HOST
from cleaner.sites.profile import MAX_PAGE_LINES, MAX_SITE_PAGES, SiteProfile, Template
from cleaner.sites.rows import (
    MAX_PAGE_ROW_BYTES,
    MAX_ROW_BYTES,
    ProfileRow,
    RowReader,
    format_fingerprint,
    read_line_count,
    read_page_count,
    read_page_keys,
    read_site,
    row_error,
    to_row,
)

#: The version of the format; it rises when keys or rows change their meaning.
PROFILE_VERSION = 1

#: The endings of the names of files of profiles.
PROFILE_ENDINGS = (".profile.jsonl", ".profile.jsonl.gz", ".profile.jsonl.zst")

#: Characters of a site key or of a root in a head.
_MAX_VALUE_CHARS = 4096


@dataclass(frozen=True, slots=True)
class Head:
    """The first row: what distinguishes sites, and whether the file is a shard.

    ``root`` is the folder below which folders are sites, as a path with "/" from the file's own folder; "" where
    sites are no folders, or the folders lay below several roots.
    """

    site_key: str = HOST
    whole: bool = False
    root: str = ""

    def row(self) -> ProfileRow:
        """The values of the row."""
        row: ProfileRow = {"profile": PROFILE_VERSION, "site_key": self.site_key, "whole": self.whole}
        return row | {"root": self.root} if self.root else row


def is_profile_name(name: str) -> bool:
    """Tell whether a name is that of a file of profiles."""
    return name.lower().endswith(PROFILE_ENDINGS)


def is_profile(path: Path) -> bool:
    """Tell whether a file has the name of a file of profiles, and begins with its head."""
    try:
        return is_profile_name(path.name) and bool(read_head(path))
    except (ProfileError, OSError):
        return False


def write_profile(path: Path, head: Head, sites: Iterable[tuple[str, Template]]) -> None:
    """Write a profile; ``sites`` come sorted. The file appears when it is complete.

    Raises OSError when writing fails, ProfileError when ``path`` cannot be a file.
    """
    with _write(path) as file:
        file.write(to_row(head.row()))
        for site, template in sites:
            file.write(to_row({"site": site, "pages": template.pages}))
            for key, pages in sorted(template.counts.items()):
                file.write(to_row({"site": site, "line": key, "pages": pages}))


def write_shard(path: Path, head: Head, sites: Iterable[tuple[str, SiteProfile]]) -> None:
    """Write a shard; ``sites`` come sorted. Raises as ``write_profile`` does."""
    with _write(path) as file:
        file.write(to_row(head.row()))
        for site, profile in sites:
            for fingerprint, keys in sorted(profile.pages.items()):
                file.write(to_row({"site": site, "page": format_fingerprint(fingerprint), "lines": keys}))


@contextmanager
def _write(path: Path) -> Iterator[BinaryIO]:
    """A file to write, packed when its name ends in .gz or .zst; it gets its name when the block ends well."""
    target = path.resolve()  # a link stands for its target
    if target.exists() and not target.is_file():
        raise ProfileError(f"{path} is no file; name another for the profile", source=str(path))
    with atomic_file(target) as file, packed_file(file, codec_named(path.name)) as packed:
        yield packed


def open_profile(path: Path) -> BinaryIO:
    """A profile or a shard, opened to read its rows, unpacked.

    Raises ProfileError when there is no such file or it may not be read; reading raises UnreadableError when it is
    damaged.
    """
    try:
        if not path.is_file():
            what = "is no file" if path.exists() else "does not exist"
            raise ProfileError(f"{path} {what}; name a file of profiles", source=str(path), reason="missing")
        return open_unpacked(path.open("rb"), str(path))
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror or error}); check its permissions"
        raise ProfileError(message, source=str(path), reason="unreadable") from error


def read_head(path: Path) -> Head:
    """The head of a profile or a shard. Raises ProfileError."""
    with _lines(path) as (_, head):
        return head


def read_profile(path: Path) -> tuple[Head, Iterator[tuple[str, Template]]]:
    """The head of a profile, and its sites in order, checked as they are read. Raises ProfileError, then too."""
    head = read_head(path)
    if head.whole:
        message = f"{path} is a shard; make a profile of it: `clean-scrape profile {path} -o FILE`"
        raise ProfileError(message, source=str(path))
    return head, _profile(path)


def _profile(path: Path) -> Iterator[tuple[str, Template]]:
    with _lines(path) as (lines, _):
        yield from read_templates(lines)


def read_shard(path: Path) -> tuple[Head, Iterator[tuple[str, SiteProfile]]]:
    """The head of a shard, and its sites in order, checked as they are read. Raises ProfileError, then too."""
    head = read_head(path)
    if not head.whole:
        message = f"{path} is a profile, which cannot be merged; count its pages again with --shard"
        raise ProfileError(message, source=str(path))
    return head, _shard(path)


def _shard(path: Path) -> Iterator[tuple[str, SiteProfile]]:
    with _lines(path, MAX_PAGE_ROW_BYTES) as (lines, _):
        site, pages, last = "", dict[int, tuple[str, ...]](), -1
        for row in lines:
            name = read_site(row, lines.error)
            fingerprint, keys = read_page_keys(row, lines.error)
            if name != site:
                if name < site:
                    raise lines.error("its site stands out of order")
                if pages:
                    yield site, SiteProfile(pages)
                site, pages, last = name, {}, -1
            if fingerprint <= last or len(pages) == MAX_SITE_PAGES:
                raise lines.error(f"its page stands out of order, or is one of more than {MAX_SITE_PAGES}")
            pages[fingerprint], last = keys, fingerprint
        if pages:
            yield site, SiteProfile(pages)


def read_templates(lines: RowReader) -> Iterator[tuple[str, Template]]:
    """The sites of the rows of a profile. Raises ProfileError at the first wrong row."""
    site, counted, counts, last, room = "", 0, dict[str, int](), "", 0
    for row in lines:
        name = read_site(row, lines.error)
        if "line" in row:
            if name != site:
                raise lines.error("is a line of a site that has no row before it")
            key, pages = read_line_count(row, counted, lines.error)
            room -= pages
            if key <= last or room < 0:
                raise lines.error("its line stands out of order" if key <= last else "the site has too many lines")
            counts[key], last = pages, key
            continue
        if name <= site:
            raise lines.error("its site stands out of order")
        if site:
            yield site, Template(counted, counts)
        site, counted, counts, last = name, read_page_count(row, lines.error), {}, ""
        room = counted * MAX_PAGE_LINES
    if site:
        yield site, Template(counted, counts)


@contextmanager
def _lines(path: Path, max_bytes: int = MAX_ROW_BYTES) -> Iterator[tuple[RowReader, Head]]:
    with open_profile(path) as file:
        lines = RowReader(raw_rows(file, path, max_bytes), str(path), max_bytes)
        yield lines, read_head_row(lines)


def raw_rows(
    file: BinaryIO, path: Path, max_bytes: int = MAX_ROW_BYTES, on_row: Callable[[bytes], object] | None = None
) -> Iterator[bytes]:
    """The rows of a file, none longer than ``max_bytes`` by more than a byte; ``on_row`` is called with each."""
    number = 0
    try:
        while raw := file.readline(max_bytes + 1):
            number += 1
            if on_row:
                on_row(raw)
            yield raw
    except UnreadableError as error:
        raise row_error(str(path), number + 1, f"cannot be unpacked ({error})") from error
    except InputError as error:
        raise ProfileError(f"{path} {error}", source=str(path)) from error
    except OSError as error:
        raise ProfileError(f"{path} cannot be read ({error.strerror or error})", source=str(path)) from error


def read_head_row(lines: RowReader) -> Head:
    """The head, which is the first of the rows. Raises ProfileError."""
    row = next(iter(lines), None)
    if row is None:
        lines.number = 1
        raise lines.error("is missing: the file is empty")
    version = row.get("profile")
    if type(version) is not int:  # also for True, which is an int in Python
        raise lines.error("is no head of a profile")
    if version > PROFILE_VERSION:
        raise lines.error(f"is of a later version, {version}, than this program reads, {PROFILE_VERSION}")
    key, whole, root = (row.get(name) for name in ("site_key", "whole", "root"))
    if version != PROFILE_VERSION or not _is_value(key) or not key or not isinstance(whole, bool):
        raise lines.error("is no head of a profile")
    if root is not None and not _is_value(root):
        raise lines.error('"root" is no path')
    return Head(str(key), whole, root or "")


def _is_value(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _MAX_VALUE_CHARS
