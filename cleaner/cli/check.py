"""``clean-scrape check``: which lines of files would be removed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from cleaner.cli.check_output import Output, output_options
from cleaner.cli.check_units import Failures, UnitChecker, clean_unit, read_units
from cleaner.cli.fields import fields_options
from cleaner.cli.options import GivenSettings, colour_option, jobs_option, settings_options
from cleaner.cli.targets import Targets, targets_options
from cleaner.cli.terminal import EXIT_DONE, EXIT_FINDINGS, EXIT_WRONG, progress
from cleaner.corpus.inputs import Input
from cleaner.corpus.items import Fields
from cleaner.errors import CleanScrapeError
from cleaner.inplace.text import update_allow_list
from cleaner.records import Cleaned
from cleaner.report.summary import format_count
from cleaner.settings.files import Configuration
from cleaner.sites.finder import TemplateFinder, open_templates_in_place
from cleaner.workers.pool import Failure


@click.command("check", short_help="Report which lines of files would be removed.")
@targets_options
@fields_options()
@jobs_option
@settings_options()
@output_options
@click.option(
    "--update-allow-list",
    is_flag=True,
    help="Write the lines found into the allow-list, so that they stay from now on.",
)
@colour_option
@click.option("--quiet", "-q", is_flag=True, help="Print the findings only, and not how many there are.")
def check_command(
    targets: Targets,
    fields: Fields,
    jobs: int,
    given: GivenSettings,
    output: Output,
    update_allow_list: bool,
    quiet: bool,
) -> int:
    """Report which lines of PATHS (files or folders) would be removed. Changes nothing.

    In data files (.jsonl, .ndjson, compressed or not) the text of each row is checked.

    \b
    Examples:
      clean-scrape check notes.txt
      clean-scrape check --text-field body pages.jsonl.gz
      clean-scrape check --diff pages/ | git apply
      clean-scrape check --format sarif -o pages.sarif pages/
      clean-scrape check --update-allow-list pages/
    """
    configuration = given.configuration()
    items = targets.inputs(configuration)
    if update_allow_list:
        if not output.usual:
            raise click.UsageError("--update-allow-list prints no findings; leave out --format, --diff and -o.")
        return _update_allow_list(items, fields, configuration)
    output.refuse(targets.paths)
    count, failures, root = 0, Failures(), repository_root(Path.cwd())
    wanted = not (quiet or output.diff or (sys.stdout.isatty() and not output.path))
    with (
        open_templates_in_place(configuration.profile) as sites,
        output.open_sink(root, failures) as sink,
        progress(lambda: None, wanted=wanted) as advance,
    ):
        patch_root = root if output.diff else None
        checker = UnitChecker(configuration.settings, fields, patch_root, sites, output.detail)
        for unit, result in checker.check_units(read_units(output.without_own(items)), targets.worker_count(jobs)):
            advance()
            if isinstance(result, Failure):
                failures.add(unit, result)
                sink.problem(unit, result)
            else:
                count += len(result.findings)
                sink.show(unit, result)
    if not quiet and not output.diff:
        click.echo(_closing_line(count, failures), err=True)
    return EXIT_WRONG if failures else EXIT_FINDINGS if count else EXIT_DONE


def repository_root(folder: Path) -> Path:
    """The root of the repository around a folder, from which git counts the paths of a patch; else the folder."""
    return next((here for here in (folder, *folder.parents) if (here / ".git").exists()), folder)


def _closing_line(count: int, failures: Failures) -> str:
    text = f"{format_count(count, 'line')} would go" if count else "nothing to do"
    return f"{text}; {failures} could not be checked" if failures else text


def _update_allow_list(items: Iterable[Input], fields: Fields, configuration: Configuration) -> int:
    failures = Failures()

    def pages(sites: TemplateFinder | None) -> Iterator[Cleaned]:
        for unit in read_units(items):
            try:
                yield clean_unit(unit, fields, configuration.settings, sites)
            except CleanScrapeError as error:
                failures.add(unit, error)

    with open_templates_in_place(configuration.profile) as sites:
        update = update_allow_list(configuration.allow_list, pages(sites))
    click.echo(f"{configuration.allow_list}: {len(update.added):,} added")
    for entry in update.unused:
        click.echo(f"unused: {entry.code} {entry.line}")
    return EXIT_WRONG if failures else EXIT_DONE
