"""The HTML report, written from the rows of a report and the bodies beside them.

Nothing is cleaned for it. The rows are read twice: first to add up the sums and to choose the pages to show, then to
write those pages.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cleaner.corpus.finished.report import Bodies, find_rows_file, parse_object, read_report_rows
from cleaner.corpus.outputs import Folder
from cleaner.corpus.report_files import INDEX_FILE, PAGES_FOLDER, REPORT_FOLDER, SUMMARY_FILE, shard_number
from cleaner.errors import CleanScrapeError

#: Default number of pages that get a file of their own.
DEFAULT_SHOWN_PAGES = 100

_PAGE = re.compile(r"[0-9]{7,12}\.html")


@dataclass(frozen=True, slots=True)
class HtmlReport:
    """The files to read and the folder to write to.

    ``rows`` is the file with the rows, ``out`` the folder of the bodies, ``growing`` that of unfinished shards, None
    when all lie in ``out``. The files are written into ``target``, at most ``shown`` of them for single pages.
    ``footer`` names the version, the policy and the weights.
    """

    rows: Path
    out: Path
    target: Path
    growing: Path | None = None
    shown: int = DEFAULT_SHOWN_PAGES
    footer: Mapping[str, str] = field(default_factory=dict)


def rebuild_html_report(out: Path, shown: int = DEFAULT_SHOWN_PAGES) -> int:
    """Replace the HTML report of an output folder, and return how many pages it shows.

    Raises InputError when there is no report, and as ``write_html_report`` does.
    """
    rows = find_rows_file(out)
    folder = Folder(out)
    target = folder.temporary / "report"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    try:
        footer = footer_of(_sums(rows.with_name(SUMMARY_FILE)))
        number = write_html_report(HtmlReport(rows, out, target, shown=shown, footer=footer))
        delete_html_report(out / REPORT_FOLDER)
        publish_html_report(target, folder)
    finally:
        shutil.rmtree(target, ignore_errors=True)
        folder.close()
    return number


def publish_html_report(source: Path, folder: Folder) -> None:
    """Move finished HTML pages to their names, the overview last. It may be repeated. Raises OSError."""
    made = sorted((source / PAGES_FOLDER).iterdir()) if (source / PAGES_FOLDER).is_dir() else []
    for file in (*made, source / INDEX_FILE):
        if file.exists():
            folder.move(file, f"{REPORT_FOLDER}/{file.relative_to(source).as_posix()}")


def delete_html_report(report: Path) -> None:
    """Delete the HTML pages of an earlier report, whose rows are no longer there. Raises OSError."""
    for file in (report / INDEX_FILE, *find_page_files(report)):
        with suppress(FileNotFoundError, NotADirectoryError):
            file.unlink()


def footer_of(sums: Mapping[str, Any]) -> dict[str, str]:
    """Return the facts about the program that the footer shows, from the sums of a report."""
    settings = sums.get("settings")
    policy = settings.get("policy", "") if isinstance(settings, dict) else ""
    pairs = {"clean-scrape": sums.get("version", ""), "policy": policy, "weights": str(sums.get("weights", ""))[:12]}
    return {name: str(value) for name, value in pairs.items() if value}


def _sums(summary: Path) -> dict[str, Any]:
    """Return the sums of a report, none when they cannot be read."""
    try:
        return parse_object(summary.read_bytes(), "summary")
    except (OSError, CleanScrapeError):
        return {}


def find_page_files(report: Path) -> Iterator[Path]:
    """Yield the files of single pages in an HTML report."""
    folder = report / PAGES_FOLDER
    if folder.is_dir() and not folder.is_symlink():
        yield from sorted(file for file in folder.iterdir() if _PAGE.fullmatch(file.name))


def write_html_report(wanted: HtmlReport) -> int:
    """Write overview and pages, and return how many pages are shown. One row at a time is in memory.

    Raises CleanScrapeError when the report cannot be read, OSError when writing fails.
    """
    from cleaner.report.catalogue import describe_families  # noqa: PLC0415
    from cleaner.report.html.overview import Overview  # noqa: PLC0415
    from cleaner.report.html.render import index_html  # noqa: PLC0415
    from cleaner.report.html.selection import PageSelection  # noqa: PLC0415
    from cleaner.rules import rules  # noqa: PLC0415 (with templates and detectors, which the run may not need)

    overview = Overview(PageSelection(wanted.shown))
    for number, data in enumerate(read_report_rows(wanted.rows), 1):
        try:
            row = parse_object(data, "row of the report")
            overview.add(number, row, shard_number(str(row["output"])) is not None)
        except (CleanScrapeError, LookupError, TypeError, AttributeError, ValueError):
            overview.damaged += 1
    names = {"families": describe_families(), "rules": rules()}
    shown = overview.selection.selected_pages()
    shutil.rmtree(wanted.target / PAGES_FOLDER, ignore_errors=True)  # left by a run that was killed, over other inputs
    (wanted.target / PAGES_FOLDER).mkdir()
    _write_pages(wanted, shown, names)
    (wanted.target / INDEX_FILE).write_bytes(index_html(overview, shown, wanted.footer, names))
    return len(shown)


def _write_pages(wanted: HtmlReport, shown: Any, names: Mapping[str, Any]) -> None:
    """Write the files of the pages to show."""
    from cleaner.report.html.render import failed_html, page_html, page_name  # noqa: PLC0415

    places = {brief.number: at for at, brief in enumerate(shown)}
    bodies = Bodies(wanted.out, wanted.growing)
    for number, data in enumerate(read_report_rows(wanted.rows), 1):
        at = places.get(number)
        if at is None:
            continue
        around = (shown[at - 1] if at else None, shown[at + 1] if at + 1 < len(shown) else None)
        try:
            row = parse_object(data, "row of the report")
            made = page_html((row, bodies.plain(row, shown[at].place)), around, names)
        except (CleanScrapeError, LookupError, TypeError, AttributeError, ValueError, OSError) as error:
            made = failed_html(shown[at], around, str(error))
        (wanted.target / PAGES_FOLDER / page_name(number)).write_bytes(made)
