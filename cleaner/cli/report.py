"""``clean-scrape report``: builds the HTML report of a run again."""

from __future__ import annotations

from pathlib import Path

import click

from cleaner.cli.options import colour_option, out_argument, quiet_option
from cleaner.cli.terminal import EXIT_DONE
from cleaner.corpus.finished.html_pages import DEFAULT_SHOWN_PAGES, rebuild_html_report
from cleaner.corpus.report_files import INDEX_FILE, REPORT_FOLDER
from cleaner.report.summary import format_count


@click.command("report", short_help="Build the HTML report again.")
@out_argument
@click.option(
    "--pages",
    type=click.IntRange(min=0),
    default=DEFAULT_SHOWN_PAGES,
    show_default=True,
    help="How many pages get a file of their own. The sums of the overview always cover all pages.",
)
@colour_option
@quiet_option
def report_command(out: Path, pages: int, quiet: bool) -> int:
    """Build OUT/_report/index.html and the files of single pages from the report and outputs of a run. Cleans nothing.

    \b
    Examples:
      clean-scrape report clean/
      clean-scrape report clean/ --pages 1000
    """
    shown = rebuild_html_report(out, pages)
    if not quiet:
        click.echo(f"{out / REPORT_FOLDER / INDEX_FILE}: {format_count(shown, 'page')} shown")
    return EXIT_DONE
