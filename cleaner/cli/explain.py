"""``clean-scrape explain``: the evidence on every line of a file."""

from __future__ import annotations

from pathlib import Path
from shutil import get_terminal_size

import click

from cleaner.cli.fields import fields_options
from cleaner.cli.options import GivenSettings, NeededArgument, colour_option, settings_options
from cleaner.cli.terminal import fail
from cleaner.corpus.item_reader import extract_one_page
from cleaner.corpus.items import ExtractedPage, Fields
from cleaner.errors import CleanScrapeError, InputError
from cleaner.pipeline import clean
from cleaner.records import Cleaned
from cleaner.report.explanation import explain_lines
from cleaner.settings.files import Configuration
from cleaner.sites.finder import open_templates_in_place
from cleaner.workers.pool import message_without_source

#: Least and most columns of the output.
MIN_COLUMNS, MAX_COLUMNS = 80, 120


@click.command("explain", short_help="Show the evidence on every line of a file.")
@click.argument("place", metavar="FILE[#RECORD][:LINE]", cls=NeededArgument)
@settings_options()
@fields_options(identified=False)
@colour_option
def explain_command(place: str, given: GivenSettings, fields: Fields) -> None:
    """Show every line of FILE, or one, with the probability that it is boilerplate and all evidence.

    Kept lines are shown too. RECORD is the number of a page in a file that holds many (JSONL, WARC, Parquet).

    \b
    Examples:
      clean-scrape explain page.html
      clean-scrape explain page.html:12
      clean-scrape explain crawl.jsonl#7:12
    """
    path, record, line = _parse_place(place)
    if not path.exists():
        raise click.UsageError(f"the file {place!r} does not exist.")
    if path.is_dir():
        raise click.UsageError(f"{place!r} is a folder; name one file of it.")
    page, cleaned = _clean_page(path, record, fields, given.configuration())
    if page.damage:
        fail(f"{path}: could not be read in full: {page.damage}")
    if line is not None and not 1 <= line <= len(cleaned.verdicts):
        raise click.UsageError(f"{path} has {len(cleaned.verdicts)} lines; line {line} is not one of them.")
    width = min(max(get_terminal_size().columns, MIN_COLUMNS), MAX_COLUMNS)
    for row in explain_lines(cleaned, line, width):
        click.echo(row)


def _clean_page(
    path: Path, record: int | None, fields: Fields, configuration: Configuration
) -> tuple[ExtractedPage, Cleaned]:
    """Read and clean the page of a file, or of one of its records."""
    with open_templates_in_place(configuration.profile) as sites:
        try:
            page = extract_one_page(path, record, fields)
            site = sites.for_file(path, record, page.fields) if sites else None
            cleaned = clean(
                page.data,
                source=path.as_posix(),
                url=page.url,
                kind=page.kind,
                settings=configuration.settings,
                site=site,
                explain=True,
            )
        except CleanScrapeError as error:
            raise InputError(
                f"{path}: {message_without_source(error)}", source=str(path), reason=error.reason
            ) from error
    return page, cleaned


def _parse_place(place: str) -> tuple[Path, int | None, int | None]:
    """A file, the number of a record and that of a line. A file with exactly this name takes precedence."""
    rest, line = _split_number(place, ":")
    name, record = _split_number(rest, "#")
    return Path(name), record, line


def _split_number(text: str, mark: str) -> tuple[str, int | None]:
    name, found, number = text.rpartition(mark)
    if found and number.isascii() and number.isdigit() and not Path(text).exists():
        return name, int(number)
    return text, None
