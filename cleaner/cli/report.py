"""``clean-scrape report OUT``: the report as pages for a browser, built again."""

from __future__ import annotations

from pathlib import Path

import click

from cleaner.cli.terminal import DONE
from cleaner.corpus.finished.html_pages import SHOWN, rebuilt
from cleaner.corpus.report_files import INDEX_FILE, REPORT_FOLDER
from cleaner.report.summary import format_count


@click.command(short_help="Build the pages of the report again.")
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--pages",
    type=click.IntRange(min=0),
    default=SHOWN,
    show_default=True,
    help="How many pages get a file of their own; the overview counts them all.",
)
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but failures.")
def report(out: Path, pages: int, quiet: bool) -> int:
    """Build OUT/_report/index.html and the pages it links to again, from what a run wrote. Cleans nothing.

    \b
    Examples:
      clean-scrape report clean/
      clean-scrape report clean/ --pages 1000
    """
    shown = rebuilt(out, pages)
    if not quiet:
        click.echo(f"{out / REPORT_FOLDER / INDEX_FILE}: {format_count(shown, 'page')} shown")
    return DONE
