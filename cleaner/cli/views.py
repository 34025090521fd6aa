"""``explain``, ``restore`` and ``rules``: commands that show."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from shutil import get_terminal_size

import click

from cleaner.cli.fields import fields_options
from cleaner.cli.options import Choice, settings_options
from cleaner.cli.terminal import DONE, WRONG, fail
from cleaner.corpus.finished.restore import restore as restore_pages
from cleaner.corpus.item_reader import one_page
from cleaner.corpus.items import Fields, Raw
from cleaner.corpus.outputs import Folder
from cleaner.errors import CleanScrapeError, InputError
from cleaner.inplace.sites import open_comparison
from cleaner.pipeline import clean
from cleaner.records import Cleaned
from cleaner.report.catalogue import catalogue
from cleaner.report.explanation import explained
from cleaner.report.summary import format_count
from cleaner.rules import rules as all_rules
from cleaner.settings.files import Configuration
from cleaner.workers.pool import message_of

#: Columns of a view: narrow enough to read, wide enough for a line and its reasons.
NARROWEST, WIDEST = 80, 120


@click.command(short_help="Show the evidence on every line of a file.")
@click.argument("place", metavar="FILE[#RECORD][:LINE]")
@settings_options
@fields_options
def explain(place: str, choice: Choice, fields: Fields) -> None:
    """Show every line of FILE, or one, with its probability to go and all evidence; kept lines too.

    RECORD is the number of a page in a file that holds many (JSONL, WARC, Parquet).

    \b
    Examples:
      clean-scrape explain page.html
      clean-scrape explain page.html:12
      clean-scrape explain crawl.jsonl#7:12
    """
    path, record, line = _place(place)
    if not path.exists():
        raise click.UsageError(f"the file {place!r} does not exist.")
    if path.is_dir():
        raise click.UsageError(f"{place!r} is a folder; name one file of it.")
    raw, cleaned = _cleaned(path, record, fields, choice.configuration())
    if raw.damage:
        fail(f"{path}: could not be read in full: {raw.damage}")
    if line is not None and not 1 <= line <= len(cleaned.verdicts):
        raise click.UsageError(f"{path} has {len(cleaned.verdicts)} lines; line {line} is not one of them.")
    width = min(max(get_terminal_size().columns, NARROWEST), WIDEST)
    for row in explained(cleaned, line, width):
        click.echo(row)


def _cleaned(path: Path, record: int | None, fields: Fields, found: Configuration) -> tuple[Raw, Cleaned]:
    """The page of a file, or of a record of it, and what becomes of it."""
    with open_comparison(found.profile) as compared:
        try:
            raw = one_page(path, record, fields)
            site = compared.finder(path, record, raw.fields) if compared else None
            source = path.as_posix()
            cleaned = clean(
                raw.data, source=source, url=raw.url, kind=raw.kind, settings=found.settings, site=site, explain=True
            )
        except CleanScrapeError as error:
            raise InputError(f"{path}: {message_of(error)}", source=str(path), reason=error.reason) from error
    return raw, cleaned


def _place(place: str) -> tuple[Path, int | None, int | None]:
    """A file, the number of a record and that of a line. A file that is called so comes first."""
    rest, line = _numbered(place, ":")
    name, record = _numbered(rest, "#")
    return Path(name), record, line


def _numbered(text: str, mark: str) -> tuple[str, int | None]:
    name, found, number = text.rpartition(mark)
    if found and number.isascii() and number.isdigit() and not Path(text).exists():
        return name, int(number)
    return text, None


@click.command(short_help="Rebuild the pages from OUT and its report.")
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--to", "target", type=click.Path(path_type=Path), help="Write the text layers into this folder.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but failures.")
def restore(out: Path, target: Path | None, quiet: bool) -> int:
    """Rebuild each page's text layer from OUT and its report, and check that nothing is missing.

    The text layer of a text page is its source, byte for byte; that of an HTML page its flattened text.

    \b
    Examples:
      clean-scrape restore clean/
      clean-scrape restore clean/ --to again/
    """
    if target and target.resolve() == out.resolve():
        raise click.UsageError("the text layers would overwrite the bodies; name another folder with --to.")
    good = bad = 0
    folder = Folder(target) if target else None
    for page in restore_pages(out):
        if page.problem:
            bad += 1
            fail(f"{page.source}: {page.problem}")
            continue
        good += 1
        if folder:
            folder.write(page.layer_name, page.layer)
    if folder:
        folder.close()
    if not quiet:
        click.echo(f"{format_count(good, 'page')} rebuilt, {bad:,} failed")
    return WRONG if bad else DONE


@click.command(short_help="Print the catalogue of codes.")
@click.argument("code", required=False)
def rules(code: str | None) -> None:
    """Print the catalogue of codes, of those that begin with CODE if one is given.

    \b
    Examples:
      clean-scrape rules
      clean-scrape rules PW
      clean-scrape rules PW101
    """
    known = all_rules()
    lines = list(catalogue(known, (code or "").upper()))
    if not lines:
        near = get_close_matches((code or "").upper(), sorted(known), 1, cutoff=0.3)
        hint = f"Did you mean {near[0]}?" if near else "`clean-scrape rules` lists them all."
        raise click.UsageError(f"there is no code {code!r}. {hint}")
    click.echo("\n".join(lines).rstrip())
