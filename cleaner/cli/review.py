"""``clean-scrape review`` and ``allow``: people judge the lines that a run removed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from cleaner.cli.decisions import decisions_for, labels_option
from cleaner.cli.options import GivenSettings, colour_option, config_option, out_argument
from cleaner.cli.terminal import EXIT_DONE, EXIT_WRONG, fail
from cleaner.lines.display import make_visible
from cleaner.review.queue import ReviewFilter, doubtful_removals, page_names, removed_at
from cleaner.review.session import Session
from cleaner.rules import rules


@click.command("review", short_help="Judge doubtful removals one by one.")
@out_argument
@labels_option
@click.option(
    "--limit", type=click.IntRange(min=1), default=200, show_default=True, help="Ask about at most this many."
)
@click.option("--below", type=click.FloatRange(0, 1), help="Ask about lines with a score below this only.")
@click.option("--code", default="", metavar="CODE", help="Ask about codes that begin with CODE only.")
@click.option("--site", default="", metavar="SITE", help="Ask about pages of SITE only.")
@click.option("--source", default="*", metavar="GLOB", help="Ask about pages whose name matches GLOB only.")
@click.option("--context", type=click.IntRange(0, 20), default=3, show_default=True, help="Lines shown on each side.")
@config_option
@colour_option
def review_command(out: Path, labels: Path | None, below: float | None, config: Path | None, **limits: Any) -> int:
    """Show what a run into OUT removed, the most doubtful lines first, and ask whether each removal was right.

    Lines to keep are written to the allow-list, and all answers to the file of labels, each at once. A line that was
    answered is not shown again.

    \b
    Examples:
      clean-scrape review clean/
      clean-scrape review clean/ --code RL --below 0.9
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError(
            "review reads single keys, so it needs a terminal; without one use `clean-scrape allow OUT SOURCE:LINE`."
        )
    decisions = decisions_for(GivenSettings(config=config), labels)
    limits["site"] = limits["site"].lower().removeprefix("www.")
    wanted = ReviewFilter(below=1.01 if below is None else below, **limits)
    found = doubtful_removals(out, wanted, decisions.known())
    if not found:
        click.echo("there are no lines to judge")
        return EXIT_DONE
    from cleaner.cli.review_dialog import ask  # noqa: PLC0415 (importing rich takes 110 ms)

    session = Session(found, decisions)
    ask(session, rules())
    click.echo("\n".join(_closing_lines(session)))
    return EXIT_DONE


def _closing_lines(session: Session) -> Iterator[str]:
    sums = session.answered
    words = {"keep": "to keep", "drop": "rightly removed", "skip": "skipped", "silence": "silenced"}
    answers = [f"{sums[answer]:,} {word}" for answer, word in words.items() if sums[answer]]
    yield f"{', '.join(answers) or 'no answers'}; {session.left:,} left"
    if sums["keep"] or sums["drop"]:
        yield f"labels: {_near(session.decisions.labels)}"
    if sums["keep"] or sums["silence"]:
        yield f"allow-list: {_near(session.decisions.allow_list)}"
        yield "it counts from the next run on: clean-scrape IN OUT --restart"


@click.command("allow", short_help="Keep certain removed lines from now on.")
@out_argument
@click.argument("places", metavar="SOURCE:LINE...", nargs=-1, required=True)
@labels_option
@config_option
@colour_option
def allow_command(out: Path, places: tuple[str, ...], labels: Path | None, config: Path | None) -> int:
    """Keep lines that a run into OUT removed, from the next run on: add them to the allow-list, and label them.

    SOURCE is the name of the page in the report, LINE the number of the line on that page.

    \b
    Examples:
      clean-scrape allow clean/ lock.txt:12
    """
    decisions = decisions_for(GivenSettings(config=config), labels)
    found, missing = [], 0
    for place in places:
        source, _, number = place.rpartition(":")
        if not (source and number.isascii() and number.isdigit()):
            raise click.UsageError(f"{place!r} names no line; write SOURCE:LINE, such as news/lock.html:12")
        removal = removed_at(out, source, int(number))
        if removal is None:
            missing += 1
            fail(f"{place}: {_why_not_removed(out, source, number)}")
        else:
            found.append(removal)
            click.echo(f"{make_visible(place)}: {removal.key[0]} {make_visible(removal.line.text)[:120]}")
    if found:
        decisions.add([removal.to_label("keep") for removal in found])
        click.echo(f"{_near(decisions.allow_list)}: counts from the next run on: clean-scrape IN OUT --restart")
    return EXIT_WRONG if missing else EXIT_DONE


def _why_not_removed(out: Path, source: str, number: str) -> str:
    known = page_names(out)
    if source in known:
        return f"line {number} of that page was not removed, or is blank"
    near = get_close_matches(source, known, 1)
    hint = f"did you mean {near[0]}?" if near else "pages.jsonl has them all"
    return f"the report has no such page; {hint}"


def _near(path: Path) -> Path:
    """A path as a user would type it in the working folder."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
