"""``clean-scrape run``: cleans IN into the folder OUT."""

from __future__ import annotations

from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, get_args

import click

from cleaner.cli.engines import Engine, engine_options
from cleaner.cli.fields import fields_options
from cleaner.cli.options import (
    GivenSettings,
    NeededArgument,
    colour_option,
    jobs_option,
    quiet_option,
    settings_options,
)
from cleaner.cli.terminal import EXIT_DONE, EXIT_WRONG, bars, fail
from cleaner.corpus.report_files import INDEX_FILE, REPORT_FOLDER
from cleaner.corpus.run import Job, count_expected_pages
from cleaner.corpus.task import OutputFormat
from cleaner.report.rows import Row
from cleaner.report.summary import Summary, is_failure
from cleaner.rules import rules
from cleaner.sites.keys import HOST


@click.command("run", short_help="Clean IN into the folder OUT (the default).")
@click.argument(
    "source", metavar="IN", type=click.Path(path_type=Path, allow_dash=True, readable=False), cls=NeededArgument
)
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path), cls=NeededArgument)
@jobs_option
@settings_options()
@fields_options()
@click.option(
    "--format",
    type=click.Choice(get_args(OutputFormat)),
    default="text",
    show_default=True,
    help="The form of the outputs: text or Markdown, one file per page, or JSONL or Parquet, files of many pages.",
)
@click.option("--metadata", is_flag=True, help="Add author, date, site name and description to each page's report row.")
@click.option(
    "--two-pass",
    is_flag=True,
    help="First count the lines that pages of a site share, then clean with these counts.",
)
@click.option(
    "--site-key",
    metavar="KEY",
    help="What a site is for --two-pass: host (the default), domain, folder (the first below IN), or a field of the "
    "rows.",
)
@engine_options
@click.option("--no-html", is_flag=True, help="Write no HTML report; `clean-scrape report OUT` builds it later.")
@click.option("--restart", is_flag=True, help="Clean everything again, also what an earlier run has cleaned.")
@colour_option
@quiet_option
def run_command(source: Path, out: Path, given: GivenSettings, engine: Engine, quiet: bool, **options: Any) -> int:
    """Clean IN (a folder, a file, or - for standard input) into the folder OUT.

    Whether a file is HTML or text is detected from its content; compressed files are unpacked. Every input
    gives one output under the same relative path; the report is in OUT/_report.

    \b
    Examples:
      clean-scrape pages/ clean/
      clean-scrape --policy strict --ignore SH,NL pages/ clean/
      clean-scrape --two-pass crawl.warc.gz clean/
      zcat page.gz | clean-scrape - clean/
    """
    piped = str(source) == "-"
    if not piped and not source.exists():
        raise click.UsageError(f"the input {str(source)!r} does not exist.{_command_hint(str(source))}")
    configuration = given.configuration()
    key = _site_key(options.pop("two_pass"), options.pop("site_key"), given, piped)
    options["format"] = engine.format(options["format"])
    is_excluded = partial(configuration.excludes, named=source) if source.is_dir() else None
    options["html_report"] = not options.pop("no_html")
    options |= {"is_excluded": is_excluded, "two_pass": key, "profile": None if key else configuration.profile}
    job = Job(None if piped else source, out, configuration.settings, **options)
    summary = _run_with_progress(job, engine, quiet)
    if not quiet:
        _print_summary(summary, job)
    return EXIT_WRONG if summary.failed else EXIT_DONE


def _site_key(two_pass: bool, site_key: str | None, given: GivenSettings, piped: bool) -> str:
    """Return the site key for the first of two passes, "" when there is one pass."""
    if two_pass and given.profile:
        raise click.UsageError("--two-pass counts a profile of its own; leave out --profile, or --two-pass.")
    if two_pass and piped:
        raise click.UsageError(
            "standard input is one page, and there are no others to compare it with; leave out --two-pass."
        )
    if site_key is not None and not two_pass:
        raise click.UsageError("--site-key goes with --two-pass; a file of profiles has its own site key.")
    if site_key == "":
        raise click.UsageError("--site-key is empty; there are host, domain, folder, and the names of fields.")
    return (site_key or HOST) if two_pass else ""


def _run_with_progress(job: Job, engine: Engine, quiet: bool) -> Summary:
    passes = ("counting", "cleaning") if job.two_pass else ("cleaning",)
    with bars(lambda: count_expected_pages(job), passes, wanted=not quiet and job.source is not None) as advances:

        def on_row(row: Row) -> None:
            if is_failure(row):
                fail(f"{row['source']}: {row['error']['message']} [{row['error']['reason']}]")
            advances[-1]()

        return engine.run(job, on_row, advances[0])


def _print_summary(summary: Summary, job: Job) -> None:
    names = {code: rule.name for code, rule in rules().items()}
    for number, line in enumerate(summary.closing_lines(names)):
        click.secho(line, bold=number == 0 or None)
    if (job.two_pass or job.profile) and not summary.pages["compared"]:
        click.echo("\nno page was compared: none has other pages of its site in the profile")
    click.echo(f"\nreport: {job.out / REPORT_FOLDER / (INDEX_FILE if job.html_report else '')}")


def _command_hint(word: str) -> str:
    context = click.get_current_context()
    group = context.parent.command if context.parent else None
    known = sorted(group.commands) if isinstance(group, click.Group) else []
    near = get_close_matches(word, known, 1)
    return f" Did you mean the command {near[0]!r}?" if near else ""
