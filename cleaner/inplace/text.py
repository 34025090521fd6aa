"""Checks and fixes text files in place.

A file is rewritten completely or not at all. Only whole lines are deleted, and a file that another program changed in
the meantime stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cleaner.corpus.inputs.formats import form_of
from cleaner.errors import InputError, UnreadableError
from cleaner.files.atomic import read_file, refuse_read_only, replace_file
from cleaner.files.unpacking import unpacked
from cleaner.pipeline import clean
from cleaner.records import Cleaned
from cleaner.settings.allow_list import Allowed, add_entries, entries_for, read_allow_list
from cleaner.settings.record import Settings
from cleaner.sites.finder import TemplateFinder

#: Forms of files of many pages that only a run reads.
ARCHIVE_FORMS = frozenset({"warc", "wet", "parquet"})


@dataclass(frozen=True, slots=True)
class AllowListUpdate:
    """The entries that an update of the allow-list added, and those that match no line of the files checked."""

    added: tuple[Allowed, ...]
    unused: tuple[Allowed, ...]


def check_file(path: Path, settings: Settings, sites: TemplateFinder | None = None) -> Cleaned:
    """Clean a file without writing; the ``dropped`` verdicts are the findings. ``sites`` is a profile of sites.

    Raises UnreadableError, and InputError, also for archives, links and everything else that is not a regular file.
    """
    return _cleaned(path, read_file(path)[0], settings, sites)


def patchable(path: Path, cleaned: Cleaned) -> bool:
    """Return whether the lines of a page are lines of its file, as they are not in HTML and in compressed files.

    Raises InputError.
    """
    return cleaned.page.kind == "text" and read_file(path)[0] == cleaned.page.data


def fix_file(path: Path, settings: Settings, sites: TemplateFinder | None = None) -> Cleaned | None:
    """Delete the residue from a text file in place; returns None when there was nothing to do.

    Encoding, byte order mark, newlines and permissions stay. An unchanged file is not touched. Raises
    InputError with reason ``html``, ``compressed``, ``read-only``, ``changed`` (by another program, after it was
    read) or those of ``check_file``; the file is then as it was.
    """
    data, before = read_file(path)
    cleaned = _cleaned(path, data, settings, sites)
    _refuse_unfit(path, data, cleaned)
    body = cleaned.to_bytes()
    if body == data:
        return None
    refuse_read_only(path, before.status)
    replace_file(path, body, before)
    return cleaned


def _cleaned(path: Path, data: bytes, settings: Settings, sites: TemplateFinder | None) -> Cleaned:
    if form_of(path.name) in ARCHIVE_FORMS:
        raise InputError(
            f"holds pages of a crawl, and check and fix read text, HTML and JSONL; clean it: clean-scrape {path} OUT",
            source=str(path),
            reason="archive",
        )
    page, damage = unpacked(data, str(path))
    if damage:
        reason = "cut-gzip" if data.startswith(b"\x1f\x8b") else "cut-zstd"
        raise UnreadableError(f"{damage}; fetch the page again", source=str(path), reason=reason)
    site = sites.for_file(path) if sites else None
    return clean(page, source=path.as_posix(), settings=settings, site=site)


def _refuse_unfit(path: Path, data: bytes, cleaned: Cleaned) -> None:
    """Raise InputError when lines of the file cannot be deleted in place."""
    page, source = cleaned.page, str(path)
    elsewhere = f"write a cleaned copy instead: clean-scrape {path} OUT"
    if page.kind == "html":
        raise InputError(
            f"is HTML, and fix deletes lines of text files only; {elsewhere}", source=source, reason="html"
        )
    if page.data != data:
        raise InputError(f"is compressed; {elsewhere}", source=source, reason="compressed")
    end = page.bom
    for line in page.lines:
        if line.start != end:
            break
        end = line.end
    if end != len(data):  # a file is only rewritten when every byte belongs to a line
        raise InputError(f"its lines and bytes do not match; {elsewhere}", source=source, reason="tally")


def update_allow_list(path: Path, pages: Iterable[Cleaned]) -> AllowListUpdate:
    """Add an entry for every line that would be removed from ``pages``; no entry is ever deleted.

    Entries are sorted and hold no time, so the same findings give the same file. Raises SettingsError for mistakes in
    the list, InputError when it cannot be written.
    """
    lines = {entry.line for entry in read_allow_list(path).allowed}
    wanted: set[Allowed] = set()
    seen: set[str] = set()
    for page in pages:
        new, there = entries_for(page)
        wanted |= new
        seen |= there & lines  # all lines of a corpus would not fit into memory
    old, added = add_entries(path, wanted)
    return AllowListUpdate(added, tuple(entry for entry in old.allowed if entry.line in lines - seen))
