"""``clean-scrape profile``: counts the lines that pages of a site share, merges such counts, and shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from cleaner.cli.fields import fields_options
from cleaner.cli.group import DefaultGroup
from cleaner.cli.options import colour_option, jobs_option, quiet_option
from cleaner.cli.terminal import EXIT_DONE, EXIT_WRONG, fail, progress
from cleaner.configuration import load_configuration
from cleaner.corpus.counting import CountJob, PageCounts, make_profile
from cleaner.corpus.items import Item
from cleaner.lines.display import make_visible
from cleaner.report.summary import NOT_PAGE_REASONS, format_count
from cleaner.sites.files import PROFILE_ENDINGS, is_profile_name, read_head, read_profile, read_shard
from cleaner.sites.profile import MIN_OTHER_PAGES, Template
from cleaner.workers.pool import Failure

#: Names of sites that are compared with a name that is not in the file, to suggest one.
MAX_SUGGESTED_SITES = 100_000

_output = click.option(
    "-o",
    "--output",
    "out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write, X.profile.jsonl or X.profile.jsonl.zst.",
)
_shard = click.option(
    "--shard", is_flag=True, help="Keep the counts of every single page, so that FILE can be merged with others."
)


@click.group(
    "profile",
    cls=DefaultGroup,
    default="count",
    no_args_is_help=False,
    short_help="Count the lines that pages of a site share.",
)
def profile_command() -> None:
    """Count on how many pages of its site each line stands, in a file (X.profile.jsonl).

    A line that stands on many pages of a site is seldom content: `clean-scrape IN OUT --profile FILE` uses the counts.
    Without the name of a command, `clean-scrape profile IN...` is `clean-scrape profile count IN...`.

    \b
    Examples:
      clean-scrape profile pages/ -o sites.profile.jsonl
      clean-scrape profile count --shard crawl-1.warc.gz -o 1.profile.jsonl.zst
      clean-scrape profile merge 1.profile.jsonl.zst 2.profile.jsonl.zst -o sites.profile.jsonl
      clean-scrape profile show sites.profile.jsonl example.org
    """


@profile_command.command("count", short_help="Count the lines of pages (the default).")
@click.argument("sources", metavar="IN...", nargs=-1)
@_output
@click.option(
    "--site-key", metavar="KEY", help="What a site is: host (the default), domain, folder, or a field of the rows."
)
@_shard
@click.option("--show", metavar="FILE", type=click.Path(path_type=Path), hidden=True, help="As `profile show FILE`.")
@jobs_option
@fields_options(identified=False)
@colour_option
@quiet_option
def count_command(sources: tuple[str, ...], out: Path | None, show: Path | None, quiet: bool, **options: Any) -> int:
    """Count on how many pages of its site each line stands, and write the counts into FILE (X.profile.jsonl).

    IN are folders and files of pages, in every format that a run reads; shards among them are merged with the counts.

    \b
    Examples:
      clean-scrape profile count pages/ -o sites.profile.jsonl
      clean-scrape profile count --shard crawl-1.warc.gz -o 1.profile.jsonl.zst
    """
    if show is not None:
        if len(sources) > 1 or out is not None:
            raise click.UsageError("--show takes one file and at most one site.")
        _show(show, *sources)
        return EXIT_DONE
    return _make_profile(
        CountJob(_existing(sources), _profile_path(out), **options, is_excluded=load_excludes()), quiet
    )


@profile_command.command("merge", short_help="Merge shards into one file.")
@click.argument("shards", metavar="SHARD...", nargs=-1, required=True)
@_output
@_shard
@colour_option
@quiet_option
def merge_command(shards: tuple[str, ...], out: Path | None, shard: bool, quiet: bool) -> int:
    """Merge SHARDs, files that `profile count --shard` wrote, into FILE.

    \b
    Examples:
      clean-scrape profile merge 1.profile.jsonl.zst 2.profile.jsonl.zst -o sites.profile.jsonl
    """
    sources = _existing(shards)
    for source in sources:
        if not is_profile_name(source.name):
            raise click.UsageError(f"{str(source)!r} is no shard; count pages with `clean-scrape profile count`.")
    return _make_profile(CountJob(sources, _profile_path(out), shard=shard), quiet)


@profile_command.command("show", short_help="Show the sites of a file, or the lines of one site.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.argument("site", metavar="[SITE]", required=False)
@colour_option
def show_command(file: Path, site: str | None) -> None:
    """Show the sites in FILE with their numbers of pages and lines, or the lines of SITE, most frequent first.

    \b
    Examples:
      clean-scrape profile show sites.profile.jsonl
      clean-scrape profile show sites.profile.jsonl example.org
    """
    _show(file, site)


def _make_profile(job: CountJob, quiet: bool) -> int:
    """Count and merge, write the file and print the sums; returns the exit code."""
    pages, sums = _count_pages(job, quiet)
    if not quiet:
        for row in _closing_lines(pages, sums):
            click.echo(row)
        click.echo(f"\nprofile: {make_visible(str(job.out))}")
    empty = not (pages["counted"] or sums["shards"])
    if empty:
        fail(f"nothing was counted: {_why_empty(pages)}")
    return EXIT_WRONG if pages["failed"] or empty else EXIT_DONE


def _why_empty(pages: Counter[str]) -> str:
    if pages["siteless"]:
        return "no page names its site; try --site-key folder, or the name of a field of the rows"
    if not pages["seen"]:
        return "the input holds no page (shards in a folder are not merged: name the files)"
    return "no page could be read, or has a line"


def _existing(sources: tuple[str, ...]) -> tuple[Path, ...]:
    if not sources:
        raise click.UsageError("name a folder or a file of pages, or shards.")
    for source in sources:
        if not Path(source).exists():
            raise click.UsageError(f"the input {source!r} does not exist.")
    return tuple(map(Path, sources))


def _profile_path(out: Path | None) -> Path:
    if out is None:
        raise click.UsageError("name the file to write: -o FILE.")
    if not is_profile_name(out.name):
        raise click.UsageError(
            f"call the file {out.name.split('.')[0]}{PROFILE_ENDINGS[0]}, so that it is recognised as a profile."
        )
    if not out.parent.is_dir():
        raise click.UsageError(f"there is no folder {str(out.parent)!r} to write to.")
    return out


def load_excludes() -> Any:
    """Return the test whether the settings of the working folder exclude a file, as in a run."""
    configuration = load_configuration(Path.cwd())
    return lambda path, source: source.is_dir() and configuration.excludes(path, source)


def _count_pages(job: CountJob, quiet: bool) -> tuple[Counter[str], Counter[str]]:
    """Count the pages of a job and write the file; returns the sums of the pages and the sums of the file."""
    pages: Counter[str] = Counter()
    with progress(lambda: None, wanted=not quiet, doing="counting") as advance:

        def on_counted(item: Item, result: PageCounts | Failure) -> None:
            advance()
            pages["seen"] += 1
            if isinstance(result, Failure):
                passed = result.reason in NOT_PAGE_REASONS
                pages["passed" if passed else "failed"] += 1
                if not passed:
                    fail(f"{item.source}: {result.message} [{result.reason}]")
                return
            if result.damage:
                fail(f"{item.source}: could not be read in full: {result.damage}")
            pages["counted" if result.profile.pages else "lineless" if result.site else "siteless"] += 1

        return pages, make_profile(job, on_counted)


def _closing_lines(pages: Counter[str], sums: Counter[str]) -> Iterator[str]:
    kinds = {
        "siteless": "without a site",
        "lineless": "without a line",
        "passed": "that are not pages",
        "failed": "failed",
    }
    others = "".join(f", {pages[kind]:,} {words}" for kind, words in kinds.items() if pages[kind])
    if sums["shards"]:
        yield f"{format_count(sums['shards'], 'shard')} merged"
    if pages or not sums["shards"]:
        yield f"{format_count(pages['seen'], 'page')}: {pages['counted']:,} counted{others}"
    least = MIN_OTHER_PAGES + 1
    yield f"  sites  {sums['sites']:>9,}  ({sums['shared']:,} with lines that {least} pages or more share)"
    yield f"  lines  {sums['lines']:>9,}"


def _show(path: Path, site: str | None = None) -> None:
    whole = read_head(path).whole
    sites: Iterable[tuple[str, Template]] = (
        ((name, one.template()) for name, one in read_shard(path)[1]) if whole else read_profile(path)[1]
    )
    if site is None:
        click.echo(f"{'pages':>7}  {'lines':>7}  site")
        for name, template in sites:
            click.echo(f"{template.pages:>7,}  {len(template.counts):>7,}  {make_visible(name)}")
        return
    names: list[str] = []
    for name, template in sites:
        if name == site:
            for row in _site_lines(site, template):
                click.echo(row)
            return
        if len(names) < MAX_SUGGESTED_SITES:
            names.append(name)
    near = get_close_matches(site, names, 1)
    hint = f"Did you mean {make_visible(near[0])}?" if near else f"`clean-scrape profile show {path}` lists its sites."
    raise click.UsageError(f"{path} has no site {make_visible(site)!r}. {hint}")


def _site_lines(site: str, template: Template) -> Iterator[str]:
    """Yield the lines of a site, most frequent first."""
    pages = template.pages
    counted, lines = format_count(pages, "page"), format_count(len(template.counts), "line")
    yield f"{make_visible(site)}: {counted} counted, {lines} on {MIN_OTHER_PAGES + 1} or more of them"
    if template.counts:
        yield f"{'pages':>7}  {'share':>6}  line (in lower case, every number as 0)"
    for key, number in sorted(template.counts.items(), key=lambda pair: (-pair[1], pair[0])):
        yield f"{number:>7,}  {number / pages:>6.0%}  {make_visible(key)}"
