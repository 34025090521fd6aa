"""The report as pages for a browser, written from the rows of a report and the bodies beside them.

Nothing is cleaned for it. The rows are gone through twice: once for the sums and to choose the pages to show, once for
those pages.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cleaner.corpus.finished.report import Bodies, parsed, report_of, rows_of
from cleaner.corpus.outputs import Folder
from cleaner.corpus.report_files import INDEX_FILE, PAGES_FOLDER, REPORT_FOLDER, SUMMARY_FILE, shard_number
from cleaner.errors import CleanScrapeError

#: Pages that get a file of their own, unless another number is asked for.
SHOWN = 100

_PAGE = re.compile(r"[0-9]{7,12}\.html")


@dataclass(frozen=True, slots=True)
class Browsed:
    """What to write where.

    ``rows`` is the report, ``out`` the folder of the bodies, ``growing`` that of shards that are not finished; it is
    None when they lie in ``out``. ``target`` gets the files. ``about`` is what the footer says, such as the version.
    """

    rows: Path
    out: Path
    target: Path
    growing: Path | None = None
    shown: int = SHOWN
    about: Mapping[str, str] = field(default_factory=dict)


def rebuilt(out: Path, shown: int = SHOWN) -> int:
    """Write the pages of the report of an output folder anew, in place of those there. How many pages are shown.

    Raises InputError when there is no report, and as ``write_browsed`` does.
    """
    rows = report_of(out)
    folder = Folder(out)
    target = folder.temporary / "report"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    try:
        about = about_of(_sums(rows.with_name(SUMMARY_FILE)))
        number = write_browsed(Browsed(rows, out, target, shown=shown, about=about))
        drop_browsed(out / REPORT_FOLDER)
        move_browsed(target, folder)
    finally:
        shutil.rmtree(target, ignore_errors=True)
        folder.close()
    return number


def move_browsed(source: Path, folder: Folder) -> None:
    """Give pages that are complete their names, the overview last; may be repeated. Raises OSError."""
    made = sorted((source / PAGES_FOLDER).iterdir()) if (source / PAGES_FOLDER).is_dir() else []
    for file in (*made, source / INDEX_FILE):
        if file.exists():
            folder.move(file, f"{REPORT_FOLDER}/{file.relative_to(source).as_posix()}")


def drop_browsed(report: Path) -> None:
    """Take the pages of an earlier report away: they speak of rows that are no longer there. Raises OSError."""
    for file in (report / INDEX_FILE, *old_pages(report)):
        with suppress(FileNotFoundError, NotADirectoryError):
            file.unlink()


def about_of(sums: Mapping[str, Any]) -> dict[str, str]:
    """What the footer says of the program, from the sums of a report."""
    settings = sums.get("settings")
    policy = settings.get("policy", "") if isinstance(settings, dict) else ""
    pairs = {"clean-scrape": sums.get("version", ""), "policy": policy, "weights": str(sums.get("weights", ""))[:12]}
    return {name: str(value) for name, value in pairs.items() if value}


def _sums(summary: Path) -> dict[str, Any]:
    """The sums of a report, none when they cannot be read."""
    try:
        return parsed(summary.read_bytes(), "summary")
    except (OSError, CleanScrapeError):
        return {}


def old_pages(report: Path) -> Iterator[Path]:
    """The files of pages that an earlier report left."""
    folder = report / PAGES_FOLDER
    if folder.is_dir() and not folder.is_symlink():
        yield from sorted(file for file in folder.iterdir() if _PAGE.fullmatch(file.name))


def write_browsed(wanted: Browsed) -> int:
    """Write overview and pages; how many pages are shown. One row at a time is in memory.

    Raises CleanScrapeError when the report cannot be read, OSError when the disk refuses.
    """
    from cleaner.report.catalogue import describe_families  # noqa: PLC0415
    from cleaner.report.html.overview import Overview  # noqa: PLC0415
    from cleaner.report.html.render import index_html  # noqa: PLC0415
    from cleaner.report.html.selection import PageSelection  # noqa: PLC0415
    from cleaner.rules import rules  # noqa: PLC0415 (with templates and detectors, which the run may not need)

    overview = Overview(PageSelection(wanted.shown))
    for number, data in enumerate(rows_of(wanted.rows), 1):
        try:
            row = parsed(data, "row of the report")
            overview.add(number, row, shard_number(str(row["output"])) is not None)
        except (CleanScrapeError, LookupError, TypeError, AttributeError, ValueError):
            overview.damaged += 1
    names = {"families": describe_families(), "rules": rules()}
    shown = overview.selection.shown()
    shutil.rmtree(wanted.target / PAGES_FOLDER, ignore_errors=True)  # of a run that was killed here, over other inputs
    (wanted.target / PAGES_FOLDER).mkdir()
    _write_pages(wanted, shown, names)
    (wanted.target / INDEX_FILE).write_bytes(index_html(overview, shown, wanted.about, names))
    return len(shown)


def _write_pages(wanted: Browsed, shown: Any, names: Mapping[str, Any]) -> None:
    """Write the files of the pages to show."""
    from cleaner.report.html.render import failed_html, page_html, page_name  # noqa: PLC0415

    places = {brief.number: at for at, brief in enumerate(shown)}
    bodies = Bodies(wanted.out, wanted.growing)
    for number, data in enumerate(rows_of(wanted.rows), 1):
        at = places.get(number)
        if at is None:
            continue
        around = (shown[at - 1] if at else None, shown[at + 1] if at + 1 < len(shown) else None)
        try:
            row = parsed(data, "row of the report")
            made = page_html((row, bodies.plain(row, shown[at].place)), around, names)
        except (CleanScrapeError, LookupError, TypeError, AttributeError, ValueError, OSError) as error:
            made = failed_html(shown[at], around, str(error))
        (wanted.target / PAGES_FOLDER / page_name(number)).write_bytes(made)
