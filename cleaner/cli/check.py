"""``clean-scrape check`` and ``clean-scrape fix``: files where they stand."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from cleaner.cli.check_output import Output, output_options
from cleaner.cli.check_search import Failed, Search, clean_unit, units_of
from cleaner.cli.fields import fields_options
from cleaner.cli.options import Choice, Command, jobs_option, settings_options, standing_for
from cleaner.cli.terminal import DONE, FINDINGS, WRONG, progress
from cleaner.corpus.finished.own_files import is_ours
from cleaner.corpus.inputs import Input, find
from cleaner.corpus.items import Fields
from cleaner.errors import CleanScrapeError
from cleaner.inplace.rewrite import fix_rows
from cleaner.inplace.rows import is_data_file, is_large
from cleaner.inplace.sites import Compared, open_comparison
from cleaner.inplace.text import fix_file, update_allow_list
from cleaner.lines.display import make_visible
from cleaner.records import Cleaned
from cleaner.report.summary import format_count
from cleaner.settings.files import Configuration
from cleaner.settings.record import Settings
from cleaner.workers.pool import Failure

#: Files for which another worker process is worth its start.
FEW = 20

# A file that may not be read is named when its turn comes; it must not keep the others from theirs.


@dataclass(frozen=True, slots=True)
class Targets:
    """The files and folders named, whether excluded files are left out even when named, and the fields of rows."""

    paths: tuple[Path, ...]
    force_exclude: bool
    fields: Fields

    def items(self, found: Configuration) -> Iterator[Input]:
        """Yield the files that are meant: those named, and those in the folders named, less the excluded."""
        for path in self.paths:
            if not path.is_dir():
                if not (self.force_exclude and found.excludes(path)):
                    yield Input(path.as_posix(), path)
                continue
            for item in find(path):
                if item.path and not found.excludes(item.path, None if self.force_exclude else path):
                    yield Input(item.path.as_posix(), item.path, item.reason, item.message)

    def workers(self, jobs: int) -> int:
        """As many of the ``jobs`` as these files are worth."""
        return (
            jobs
            if any(path.is_dir() or is_large(path) for path in self.paths)
            else min(jobs, len(self.paths) // FEW + 1)
        )


def targets_options(command: Command) -> Command:
    """Add PATHS, --force-exclude and the options for fields of rows; the command gets one ``targets``."""

    def gathered(paths: tuple[Path, ...], force_exclude: bool, fields: Fields, **values: Any) -> Any:
        return command(targets=Targets(paths, force_exclude, fields), **values)

    path = click.Path(path_type=Path, readable=False)
    excluded = click.option("--force-exclude", is_flag=True, help="Leave out excluded files even when they are named.")
    named = click.argument("paths", metavar="PATHS...", nargs=-1, required=True, type=path)
    return named(excluded(fields_options(standing_for(command, gathered))))  # type: ignore[return-value]


@click.command(short_help="Say which lines of files would go.")
@targets_options
@jobs_option
@settings_options
@output_options
@click.option("--update-allow-list", is_flag=True, help="Accept what is there: write it into the allow-list.")
@click.option("--quiet", "-q", is_flag=True, help="Print findings only, no sum.")
def check(
    targets: Targets,
    jobs: int,
    choice: Choice,
    output: Output,
    update_allow_list: bool,
    quiet: bool,
) -> int:
    """Say which lines of PATHS (files or folders) would go. Changes nothing.

    In data files (.jsonl, .ndjson, packed or not) the text of each row is checked.

    \b
    Examples:
      clean-scrape check notes.txt
      clean-scrape check --text-field body pages.jsonl.gz
      clean-scrape check --diff pages/ | git apply
      clean-scrape check --format sarif -o pages.sarif pages/
      clean-scrape check --update-allow-list pages/
    """
    configuration = choice.configuration()
    items = targets.items(configuration)
    if update_allow_list:
        if not output.plain:
            raise click.UsageError("--update-allow-list prints what it added, and no findings in any other way.")
        return _update(items, targets.fields, configuration)
    output.refuse(targets.paths)
    found, failed, top = 0, Failed(), top_of(Path.cwd())
    wanted = not (quiet or output.diff or (sys.stdout.isatty() and not output.path))
    with (
        open_comparison(configuration.profile) as compared,
        output.opened(top, failed) as sink,
        progress(lambda: None, wanted=wanted) as advance,
    ):
        patched = top if output.diff else None
        search = Search(configuration.settings, targets.fields, patched, compared, output.detail)
        for unit, result in search.results(units_of(output.others(items)), targets.workers(jobs)):
            advance()
            if isinstance(result, Failure):
                failed.tell(unit, result)
                sink.problem(unit, result)
            else:
                found += len(result.findings)
                sink.show(unit, result)
    if not quiet and not output.diff:
        click.echo(_sum(found, failed), err=True)
    return WRONG if failed else FINDINGS if found else DONE


@click.command(short_help="Delete those lines in place.")
@targets_options
@settings_options
@click.option("--jobs", type=click.IntRange(min=1), hidden=True, help="Files are fixed one by one.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but failures.")
def fix(targets: Targets, choice: Choice, jobs: int | None, quiet: bool) -> int:
    """Delete the lines of PATHS (text files, or folders of them) that would go, in place.

    Only whole lines go; encoding, newlines and permissions stay. HTML is refused. In data files (.jsonl, .ndjson,
    packed or not) lines go from the text of each row, and nothing else changes.

    \b
    Examples:
      clean-scrape fix notes.txt
      clean-scrape fix --text-field body pages.jsonl
      clean-scrape fix --policy safe pages/
    """
    found = choice.configuration()
    failed = Failed()
    with open_comparison(found.profile) as compared:
        for item in targets.items(found):
            try:
                done = _fixed(item, targets.fields, found.settings, failed, compared)
            except CleanScrapeError as error:
                failed.tell(item, error)
                continue
            if done and not quiet:
                click.echo(f"{make_visible(item.source)}: {done}")
    return WRONG if failed else DONE


def _fixed(item: Input, fields: Fields, settings: Settings, failed: Failed, compared: Compared | None) -> str:
    """Fix a file; what was done, "" when there was nothing to do."""
    path = item.path or Path(item.name)
    if is_ours(path):
        return ""
    if is_data_file(path):
        data = fix_rows(path, fields, settings, failed.tell, compared)
        return f"{format_count(data.lines, 'line')} deleted in {format_count(data.rows, 'row')}" if data else ""
    cleaned = fix_file(path, settings, compared)
    return f"{format_count(sum(not v.line.blank for v in cleaned.dropped), 'line')} deleted" if cleaned else ""


def top_of(folder: Path) -> Path:
    """The top of the repository around a folder, from which git counts the paths of a patch; else the folder."""
    return next((here for here in (folder, *folder.parents) if (here / ".git").exists()), folder)


def _sum(found: int, failed: Failed) -> str:
    said = f"{format_count(found, 'line')} would go" if found else "nothing to do"
    return f"{said}; {failed} could not be checked" if failed else said


def _update(items: Iterable[Input], fields: Fields, found: Configuration) -> int:
    failed = Failed()

    def pages(compared: Compared | None) -> Iterator[Cleaned]:
        for unit in units_of(items):
            try:
                yield clean_unit(unit, fields, found.settings, compared)
            except CleanScrapeError as error:
                failed.tell(unit, error)

    with open_comparison(found.profile) as compared:
        update = update_allow_list(found.allow_list, pages(compared))
    click.echo(f"{found.allow_list}: {len(update.added):,} added")
    for entry in update.unused:
        click.echo(f"unused: {entry.code} {entry.line}")
    return WRONG if failed else DONE
