"""``clean-scrape profile``: count what the pages of each site share, and show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from cleaner.cli.fields import fields_options
from cleaner.cli.options import jobs_option
from cleaner.cli.terminal import DONE, WRONG, fail, progress
from cleaner.configuration import load_configuration
from cleaner.corpus.counting import Counted, CountJob, make_profile
from cleaner.corpus.items import Item
from cleaner.lines.display import make_visible
from cleaner.report.summary import NOT_PAGE_REASONS, format_count
from cleaner.sites.files import ENDINGS, is_profile_name, read_head, read_profile, read_shard
from cleaner.sites.profile import MIN_OTHER_PAGES, Template
from cleaner.workers.pool import Failure

#: Names of sites that are looked through for the one that somebody meant.
MOST_NAMES = 100_000


@click.command(short_help="Count what the pages of each site share.")
@click.argument("sources", metavar="IN...", nargs=-1)
@click.option(
    "-o", "--output", "out", metavar="FILE", help="Where to write it.", type=click.Path(path_type=Path, dir_okay=False)
)
@click.option("--site-key", metavar="KEY", help="host (default), domain, folder, or the name of a field of the rows.")
@click.option("--shard", is_flag=True, help="Keep every page counted, so that FILE can be merged with others.")
@click.option("--show", metavar="FILE", type=click.Path(path_type=Path), help="Show the sites in FILE, or one site.")
@jobs_option
@fields_options
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but failures.")
def profile(sources: tuple[str, ...], out: Path | None, show: Path | None, quiet: bool, **how: Any) -> int:
    """Count on how many pages of its site each line stands, and write that into FILE (X.profile.jsonl).

    IN are folders and files of pages, of every format that a run reads, and shards, which are merged. A line that
    stands on many pages of a site is no content: `clean-scrape IN OUT --profile FILE` makes use of it.

    \b
    Examples:
      clean-scrape profile pages/ -o sites.profile.jsonl
      clean-scrape profile --shard crawl-1.warc.gz -o 1.profile.jsonl.zst
      clean-scrape profile 1.profile.jsonl.zst 2.profile.jsonl.zst -o sites.profile.jsonl
      clean-scrape profile --show sites.profile.jsonl example.org
    """
    if show is not None:
        if len(sources) > 1 or out is not None:
            raise click.UsageError("--show takes one file and at most one site.")
        _show(show, *sources)
        return DONE
    job = CountJob(_existing(sources), _named(out), **how, left_out=load_excludes())
    pages, sums = _counted(job, quiet)
    if not quiet:
        for row in _closing(pages, sums):
            click.echo(row)
        click.echo(f"\nprofile: {make_visible(str(job.out))}")
    nothing = not (pages["counted"] or sums["shards"])
    if nothing:
        fail(f"nothing was counted: {_why_nothing(pages)}")
    return WRONG if pages["failed"] or nothing else DONE


def _why_nothing(pages: Counter[str]) -> str:
    if pages["siteless"]:
        return "no page says what site it is of; try --site-key folder, or the name of a field of the rows"
    if not pages["seen"]:
        return "the input holds no page (shards in a folder are passed over: name the files)"
    return "no page could be read, or has a line"


def _existing(sources: tuple[str, ...]) -> tuple[Path, ...]:
    if not sources:
        raise click.UsageError("name a folder or a file of pages, or shards.")
    for source in sources:
        if not Path(source).exists():
            raise click.UsageError(f"the input {source!r} does not exist.")
    return tuple(map(Path, sources))


def _named(out: Path | None) -> Path:
    if out is None:
        raise click.UsageError("name the file to write: -o FILE.")
    if not is_profile_name(out.name):
        raise click.UsageError(
            f"call the file {out.name.split('.')[0]}{ENDINGS[0]}, so that it is known for a profile."
        )
    if not out.parent.is_dir():
        raise click.UsageError(f"there is no folder {str(out.parent)!r} to write to.")
    return out


def load_excludes() -> Any:
    """What the settings of the working folder leave out, as a run does."""
    found = load_configuration(Path.cwd())
    return lambda path, source: source.is_dir() and found.excludes(path, source)


def _counted(job: CountJob, quiet: bool) -> tuple[Counter[str], Counter[str]]:
    """Sums of the pages, and of what was written."""
    pages: Counter[str] = Counter()
    with progress(lambda: None, wanted=not quiet, doing="counting") as advance:

        def seen(item: Item, result: Counted | Failure) -> None:
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

        return pages, make_profile(job, seen)


def _closing(pages: Counter[str], sums: Counter[str]) -> Iterator[str]:
    kinds = {
        "siteless": "without a site",
        "lineless": "without a line",
        "passed": "no pages by what they are",
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
            for row in _lines(site, template):
                click.echo(row)
            return
        if len(names) < MOST_NAMES:
            names.append(name)
    near = get_close_matches(site, names, 1)
    hint = (
        f"Did you mean {make_visible(near[0])}?" if near else f"`clean-scrape profile --show {path}` lists its sites."
    )
    raise click.UsageError(f"{path} has no site {make_visible(site)!r}. {hint}")


def _lines(site: str, template: Template) -> Iterator[str]:
    """The lines of a site, most frequent first."""
    pages = template.pages
    counted, lines = format_count(pages, "page"), format_count(len(template.counts), "line")
    yield f"{make_visible(site)}: {counted} counted, {lines} on {MIN_OTHER_PAGES + 1} or more of them"
    if template.counts:
        yield f"{'pages':>7}  {'share':>6}  line (in lower case, every number as 0)"
    for key, number in sorted(template.counts.items(), key=lambda pair: (-pair[1], pair[0])):
        yield f"{number:>7,}  {number / pages:>6.0%}  {make_visible(key)}"
