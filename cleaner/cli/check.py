"""``clean-scrape check`` and ``clean-scrape fix``: files where they stand."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from cleaner import hook
from cleaner.cli.options import Choice, Command, jobs_option, settings_options, standing_for
from cleaner.cli.terminal import DONE, FINDINGS, WRONG, fail, progress
from cleaner.config import Configuration
from cleaner.corpus.inputs import Input, find
from cleaner.corpus.ours import is_ours
from cleaner.corpus.workers import Failure, message_of, ordered
from cleaner.errors import CleanScrapeError
from cleaner.hunks import git_patch
from cleaner.records import Cleaned
from cleaner.report.escape import shown
from cleaner.report.lines import findings
from cleaner.report.rows import page_row
from cleaner.report.summary import counted
from cleaner.settings import Settings

#: Files for which another worker process is worth its start.
FEW = 20

# A file that may not be read is named when its turn comes; it must not keep the others from theirs.


@dataclass(frozen=True, slots=True)
class Targets:
    """The files and folders named, and whether excluded files are left out even when they are named."""

    paths: tuple[Path, ...]
    force_exclude: bool

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
        return jobs if any(path.is_dir() for path in self.paths) else min(jobs, len(self.paths) // FEW + 1)


def targets_options(command: Command) -> Command:
    """Add PATHS and --force-exclude; the command gets one ``targets``."""

    def gathered(paths: tuple[Path, ...], force_exclude: bool, **values: Any) -> Any:
        return command(targets=Targets(paths, force_exclude), **values)

    path = click.Path(path_type=Path, readable=False)
    excluded = click.option("--force-exclude", is_flag=True, help="Leave out excluded files even when they are named.")
    named = click.argument("paths", metavar="PATHS...", nargs=-1, required=True, type=path)
    return named(excluded(standing_for(command, gathered)))  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found in one file: its lines for the terminal, and a patch when one is asked for and possible."""

    lines: tuple[str, ...]
    patch: bytes


@click.command(short_help="Say which lines of files would go.")
@targets_options
@jobs_option
@settings_options
@click.option("--diff", is_flag=True, help="Print a patch of the text files instead, for git apply.")
@click.option("--update-allow-list", is_flag=True, help="Accept what is there: write it into the allow-list.")
@click.option("--quiet", "-q", is_flag=True, help="Print findings only, no sum.")
def check(
    targets: Targets,
    jobs: int,
    choice: Choice,
    diff: bool,
    update_allow_list: bool,
    quiet: bool,
) -> int:
    """Say which lines of PATHS (files or folders) would go. Changes nothing.

    \b
    Examples:
      clean-scrape check notes.txt
      clean-scrape check --diff pages/ | git apply
      clean-scrape check --update-allow-list pages/
    """
    configuration = choice.configuration()
    items = targets.items(configuration)
    if update_allow_list:
        return _update(items, configuration)
    found = failed = 0
    work = partial(find_in, settings=configuration.settings, top=top_of(Path.cwd()) if diff else None)
    with progress(lambda: None, wanted=not (quiet or diff or sys.stdout.isatty())) as advance:
        for item, result in ordered(work, items, targets.workers(jobs)):
            advance()
            if isinstance(result, Failure):
                failed += 1
                fail(f"{item.source}: {result.message} [{result.reason}]")
            else:
                found += len(result.lines)
                _print(result, diff)
    if not quiet and not diff:
        click.echo(_sum(found, failed), err=True)
    return WRONG if failed else FINDINGS if found else DONE


@click.command(short_help="Delete those lines in place.")
@targets_options
@settings_options
@click.option("--jobs", type=click.IntRange(min=1), hidden=True, help="Files are fixed one by one.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but failures.")
def fix(targets: Targets, choice: Choice, jobs: int | None, quiet: bool) -> int:
    """Delete the lines of PATHS (text files, or folders of them) that would go, in place.

    Only whole lines go; encoding, newlines and permissions stay. HTML files are refused.

    \b
    Examples:
      clean-scrape fix notes.txt
      clean-scrape fix --policy safe pages/
    """
    found = choice.configuration()
    failed = 0
    for item in targets.items(found):
        try:
            cleaned = _fixed(item, found.settings)
        except CleanScrapeError as error:
            failed += 1
            fail(f"{item.source}: {message_of(error)} [{error.reason}]")
            continue
        if cleaned and not quiet:
            gone = sum(not verdict.line.blank for verdict in cleaned.dropped)
            click.echo(f"{shown(item.source)}: {counted(gone, 'line')} deleted")
    return WRONG if failed else DONE


def top_of(folder: Path) -> Path:
    """The top of the repository around a folder, from which git counts the paths of a patch; else the folder."""
    return next((here for here in (folder, *folder.parents) if (here / ".git").exists()), folder)


def find_in(item: Input, settings: Settings, top: Path | None) -> Finding:
    """Check one file; this is what a worker does. There is a patch when a ``top`` is given for its paths.

    Raises CleanScrapeError.
    """
    path = item.path or Path(item.name)
    if is_ours(path):
        return Finding((), b"")
    cleaned = hook.findings(path, settings)
    lines = tuple(findings(cleaned, item.source))
    if top is None or not lines or not hook.patchable(path, cleaned):
        return Finding(lines, b"")
    return Finding(lines, git_patch(_patched_name(path, top), page_row(cleaned)[2]))


def _patched_name(path: Path, top: Path) -> str:
    """The name of a file in a patch: below ``top`` where it lies there, else its whole path."""
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links, which git does not
    return (whole.relative_to(top) if whole.is_relative_to(top) else whole).as_posix().lstrip("/")


def _sum(found: int, failed: int) -> str:
    said = f"{counted(found, 'line')} would go" if found else "nothing to do"
    return f"{said}; {counted(failed, 'file')} could not be checked" if failed else said


def _fixed(item: Input, settings: Settings) -> Cleaned | None:
    path = item.path or Path(item.name)
    return None if is_ours(path) else hook.fix_file(path, settings)


def _print(finding: Finding, diff: bool) -> None:
    """The patch when one is asked for; findings that no patch can hold then go to standard error."""
    if diff and finding.patch:
        click.echo(_readable(finding.patch) if sys.stdout.isatty() else finding.patch, nl=False)
        return
    for line in finding.lines:
        click.echo(line, err=diff)


def _readable(patch: bytes) -> str:
    """A patch for people: what a page holds must not steer the terminal."""
    return "".join(shown(line) + "\n" for line in patch.decode("utf-8", "replace").split("\n")[:-1])


def _update(items: Iterable[Input], found: Configuration) -> int:
    failed = 0
    pages: list[Cleaned] = []
    for item in items:
        try:
            pages.append(hook.findings(item.path or Path(item.name), found.settings))
        except CleanScrapeError as error:
            failed += 1
            fail(f"{item.source}: {message_of(error)} [{error.reason}]")
    update = hook.update_allow_list(found.allow_list, pages)
    click.echo(f"{found.allow_list}: {len(update.added):,} added")
    for entry in update.unused:
        click.echo(f"unused: {entry.code} {entry.line}")
    return WRONG if failed else DONE
