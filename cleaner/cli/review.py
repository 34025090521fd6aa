"""``clean-scrape review``, ``allow`` and ``stats``: judging what a run removed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from cleaner.cli.options import Choice, settings_options
from cleaner.cli.terminal import DONE, WRONG, fail
from cleaner.lines.display import make_visible
from cleaner.review import stats as figures
from cleaner.review.labels import read_labels
from cleaner.review.queue import Wanted, doubts, removed_at, sources
from cleaner.review.session import Decisions, Session
from cleaner.rules import rules

#: The file of labels, beside the allow-list, unless another is named.
LABELS = "clean-scrape-labels.jsonl"

_out = click.argument("out", metavar="OUT", type=click.Path(path_type=Path, exists=True, file_okay=False))
_labels = click.option("--labels", type=click.Path(path_type=Path), help=f"The file of labels [default: {LABELS}].")


@click.command(short_help="Judge doubtful removals one by one.")
@_out
@_labels
@click.option("--limit", type=click.IntRange(min=1), default=200, show_default=True, help="Ask about so many at most.")
@click.option("--below", type=click.FloatRange(0, 1), help="Only about removals with a score below this.")
@click.option("--code", default="", help="Only about codes that begin with this.")
@click.option("--site", default="", help="Only about pages of this site.")
@click.option("--source", default="*", help="Only about pages whose name matches this glob.")
@click.option("--context", type=click.IntRange(0, 20), default=3, show_default=True, help="Lines shown on each side.")
@settings_options
def review(out: Path, labels: Path | None, below: float | None, choice: Choice, **wanted: Any) -> int:
    """Walk through what a run into OUT removed, the most doubtful lines first.

    Lines to keep go to the allow-list, all answers to the file of labels, both at once. Lines that were answered before
    are not asked about again.

    \b
    Examples:
      clean-scrape review clean/
      clean-scrape review clean/ --code RL --below 0.9
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError(
            "review asks for one key at a time, in a terminal; without one use `clean-scrape allow OUT SOURCE:LINE`."
        )
    decisions = _decisions(choice, labels)
    wanted["site"] = wanted["site"].lower().removeprefix("www.")
    found = doubts(out, Wanted(below=1.01 if below is None else below, **wanted), decisions.known())
    if not found:
        click.echo("nothing to ask about")
        return DONE
    from cleaner.cli.review_dialog import ask  # noqa: PLC0415 (rich takes 110 ms)

    session = Session(found, decisions)
    ask(session, rules())
    click.echo("\n".join(_closing(session)))
    return DONE


def _closing(session: Session) -> Iterator[str]:
    sums = session.answered
    words = {"keep": "to keep", "drop": "rightly removed", "skip": "skipped", "silence": "silenced"}
    said = [f"{sums[answer]:,} {word}" for answer, word in words.items() if sums[answer]]
    yield f"{', '.join(said) or 'no answers'}; {session.left:,} left"
    if sums["keep"] or sums["drop"]:
        yield f"labels: {_near(session.decisions.labels)}"
    if sums["keep"] or sums["silence"]:
        yield f"allow-list: {_near(session.decisions.allow_list)}"
        yield "it counts from the next run on: clean-scrape IN OUT --restart"


@click.command(short_help="Accept removed lines by their place.")
@_out
@click.argument("places", metavar="SOURCE:LINE...", nargs=-1, required=True)
@_labels
@settings_options
def allow(out: Path, places: tuple[str, ...], labels: Path | None, choice: Choice) -> int:
    """Let lines that a run into OUT removed stay from now on: they go to the allow-list, and are labelled.

    SOURCE is the page as the report calls it, LINE the number of the line there.

    \b
    Examples:
      clean-scrape allow clean/ lock.txt:12
    """
    decisions = _decisions(choice, labels)
    found, missing = [], 0
    for place in places:
        source, _, number = place.rpartition(":")
        if not (source and number.isascii() and number.isdigit()):
            raise click.UsageError(f"{place!r} is no place; write SOURCE:LINE, such as news/lock.html:12")
        doubt = removed_at(out, source, int(number))
        if doubt is None:
            missing += 1
            fail(f"{place}: {_not_removed(out, source, number)}")
        else:
            found.append(doubt)
            click.echo(f"{make_visible(place)}: {doubt.key[0]} {make_visible(doubt.line.text)[:120]}")
    if found:
        decisions.add([doubt.labelled("keep") for doubt in found])
        click.echo(f"{_near(decisions.allow_list)}: counts from the next run on: clean-scrape IN OUT --restart")
    return WRONG if missing else DONE


def _not_removed(out: Path, source: str, number: str) -> str:
    known = sources(out)
    if source in known:
        return f"line {number} of that page was not removed, or is blank"
    near = get_close_matches(source, known, 1)
    hint = f"did you mean {near[0]}?" if near else "pages.jsonl names them all"
    return f"the report knows no such page; {hint}"


@click.command(short_help="Tell how often each code was right.")
@click.argument("labels", metavar="LABELS", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--format", type=click.Choice(("text", "json")), default="text", show_default=True, help="How to print.")
def stats(labels: Path, format: str) -> int:
    """Tell from LABELS, a file that `review` wrote, how often each code was right, with its 95% range.

    \b
    Examples:
      clean-scrape stats clean-scrape-labels.jsonl
    """
    found = read_labels(labels).values()
    tables = {
        "codes": list(figures.by_code(found)),
        "families": list(figures.by_family(found)),
        "scores": list(figures.by_band(found)),
    }
    whole = figures.in_all(found)
    if format == "json":
        told = {name: [_plain(tally) for tally in tallies] for name, tallies in tables.items()}
        click.echo(json.dumps(told | {"all": _plain(whole) if whole else None}, indent=2))
    elif whole is None:
        click.echo("there are no labels yet; `clean-scrape review OUT` asks for them")
    else:
        click.echo("\n".join(_tables(tables, whole)))
    return DONE


def _plain(tally: figures.Tally) -> dict[str, Any]:
    low, high = tally.bounds
    told = {"name": tally.name, "labels": tally.labels, "right": tally.right, "wrong": tally.wrong}
    return told | {"precision": round(tally.precision, 4), "low": round(low, 4), "high": round(high, 4)}


def _tables(tables: Mapping[str, list[figures.Tally]], whole: figures.Tally) -> Iterator[str]:
    names = {code: rule.name for code, rule in rules().items()}
    yield from _table("code", tables["codes"], lambda name: names.get(name, ""))
    yield _row(whole, "")
    yield ""
    yield from _table("family", tables["families"], lambda _: "")
    yield ""
    yield from _table("score", tables["scores"], lambda _: "")
    yield ""
    yield "review asks about the most doubtful lines first; of all lines under a code more are right"
    poor = [tally.name for tally in tables["codes"] if tally.poor]
    if poor:
        yield ""
        yield f"too often wrong: {', '.join(poor)}"
        yield f"  silence them in the settings, `ignore = {', '.join(poor)}`, or on a site, with x in `review`"


def _table(head: str, tallies: Iterable[figures.Tally], name: Callable[[str], str]) -> Iterator[str]:
    yield f"{head:<14}{'':<26}{'labels':>7}{'wrong':>7}  {'right':>6}  {'95% range':>12}"
    yield from (_row(tally, name(tally.name)) for tally in tallies)


def _row(tally: figures.Tally, name: str) -> str:
    low, high = tally.bounds
    counts = f"{tally.labels:>7,}{tally.wrong:>7,}  {tally.precision:>6.1%}"
    return f"{tally.name:<14}{name:<26}{counts}  {f'{low:.0%} to {high:.0%}':>12}"


def _near(path: Path) -> Path:
    """A path as one would type it here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _decisions(choice: Choice, labels: Path | None) -> Decisions:
    """Where answers go: the allow-list of the settings, and the labels beside it."""
    allow_list = choice.configuration().allow_list
    return Decisions(allow_list, labels or allow_list.parent / LABELS)
