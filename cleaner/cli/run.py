"""``clean-scrape IN OUT``."""

from __future__ import annotations

from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, get_args

import click

from cleaner.cli.fields import fields_options
from cleaner.cli.options import Choice, jobs_option, settings_options
from cleaner.cli.terminal import DONE, WRONG, fail, progress
from cleaner.corpus.inputs import REPORT
from cleaner.corpus.run import Job, expected
from cleaner.corpus.run import run as run_job
from cleaner.corpus.work import Format
from cleaner.pipeline import rules
from cleaner.report.rows import Row
from cleaner.report.summary import Summary, failed


@click.command(short_help="Clean IN into the folder OUT (the default).")
@click.argument("source", metavar="IN", type=click.Path(path_type=Path, allow_dash=True, readable=False))
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path))
@jobs_option
@settings_options
@fields_options
@click.option(
    "--format",
    type=click.Choice(get_args(Format)),
    default="text",
    show_default=True,
    help="One file a page, or files of many records.",
)
@click.option("--metadata", is_flag=True, help="Add author, date, site name and description to each page's row.")
@click.option("--restart", is_flag=True, help="Clean everything again, also what an earlier run has done.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but failures.")
def run(source: Path, out: Path, choice: Choice, quiet: bool, **how: Any) -> int:
    """Clean IN (a folder, a file, or - for standard input) into the folder OUT.

    HTML and text are told apart by content, gzip is read through. Every input gives one output under the
    same relative path; the report is in OUT/_report.

    \b
    Examples:
      clean-scrape pages/ clean/
      clean-scrape --policy strict --ignore SH,NL pages/ clean/
      zcat page.gz | clean-scrape - clean/
    """
    piped = str(source) == "-"
    if not piped and not source.exists():
        raise click.UsageError(f"the input {str(source)!r} does not exist.{_hint(str(source))}")
    found = choice.configuration()
    left_out = partial(found.excludes, named=source) if source.is_dir() else None
    job = Job(None if piped else source, out, found.settings, left_out=left_out, **how)
    summary = _with_progress(job, quiet)
    if not quiet:
        _closing(summary, out)
    return WRONG if summary.failed else DONE


def _with_progress(job: Job, quiet: bool) -> Summary:
    with progress(lambda: expected(job), wanted=not quiet and job.source is not None) as advance:

        def seen(row: Row) -> None:
            if failed(row):
                fail(f"{row['source']}: {row['error']['message']} [{row['error']['reason']}]")
            advance()

        return run_job(job, seen)


def _closing(summary: Summary, out: Path) -> None:
    names = {code: rule.name for code, rule in rules().items()}
    for number, row in enumerate(summary.text(names)):
        click.secho(row, bold=number == 0 or None)
    click.echo(f"\nreport: {out / REPORT}")


def _hint(word: str) -> str:
    context = click.get_current_context()
    group = context.parent.command if context.parent else None
    known = sorted(group.commands) if isinstance(group, click.Group) else []
    near = get_close_matches(word, known, 1)
    return f" Did you mean the command {near[0]!r}?" if near else ""
