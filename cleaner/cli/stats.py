"""``clean-scrape stats``: how often each code was right, by the labels of ``review`` and ``allow``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from cleaner.cli.decisions import decisions_for, labels_option
from cleaner.cli.options import GivenSettings, colour_option, config_option
from cleaner.cli.terminal import EXIT_DONE
from cleaner.review import stats
from cleaner.review.labels import Label, read_labels
from cleaner.review.queue import pages_among
from cleaner.rules import rules


@click.command("stats", short_help="Show how often each code was right.")
@click.argument("source", metavar="OUT|LABELS", type=click.Path(path_type=Path, exists=True))
@labels_option
@config_option
@click.option(
    "--format",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="The form of the figures: a table, or one JSON object.",
)
@colour_option
def stats_command(source: Path, labels: Path | None, config: Path | None, format: str) -> int:
    """Show how often each code was right, with a 95% confidence interval, by the labels of `review` and `allow`.

    With OUT, the output folder of a run, the labels of its pages count; with LABELS, a file of labels, all of them.

    \b
    Examples:
      clean-scrape stats clean/
      clean-scrape stats clean-scrape-labels.jsonl
    """
    found = _labels_of(source, labels, config)
    tables = {
        "codes": list(stats.by_code(found)),
        "families": list(stats.by_family(found)),
        "scores": list(stats.by_score(found)),
    }
    total = stats.in_all(found)
    if format == "json":
        values = {name: [_json_tally(tally) for tally in tallies] for name, tallies in tables.items()}
        click.echo(json.dumps(values | {"all": _json_tally(total) if total else None}, indent=2))
    elif total is None:
        click.echo("there are no labels yet; `clean-scrape review OUT` makes them")
    else:
        click.echo("\n".join(_table_lines(tables, total)))
    return EXIT_DONE


def _labels_of(source: Path, labels: Path | None, config: Path | None) -> list[Label]:
    """The labels of a file, or those of the pages of an output folder."""
    if not source.is_dir():
        if labels or config:
            raise click.UsageError(f"{str(source)!r} is the file of labels; --labels and --config go with OUT.")
        return list(read_labels(source).values())
    found = decisions_for(GivenSettings(config=config), labels).known().values()
    pages = pages_among(source, {label.source for label in found})
    return [label for label in found if label.source in pages]


def _json_tally(tally: stats.Tally) -> dict[str, Any]:
    low, high = tally.bounds
    counts = {"name": tally.name, "labels": tally.labels, "right": tally.right, "wrong": tally.wrong}
    return counts | {"precision": round(tally.precision, 4), "low": round(low, 4), "high": round(high, 4)}


def _table_lines(tables: Mapping[str, list[stats.Tally]], total: stats.Tally) -> Iterator[str]:
    names = {code: rule.name for code, rule in rules().items()}
    yield from _table("code", tables["codes"], lambda name: names.get(name, ""))
    yield _row(total, "")
    yield ""
    yield from _table("family", tables["families"], lambda _: "")
    yield ""
    yield from _table("score", tables["scores"], lambda _: "")
    yield ""
    yield "review asks about the most doubtful lines first; among all lines of a code more are right"
    poor = [tally.name for tally in tables["codes"] if tally.poor]
    if poor:
        yield ""
        yield f"too often wrong: {', '.join(poor)}"
        yield f"  ignore them in the settings, `ignore = {', '.join(poor)}`, or on one site, with x in `review`"


def _table(head: str, tallies: Iterable[stats.Tally], name: Callable[[str], str]) -> Iterator[str]:
    yield f"{head:<14}{'':<26}{'labels':>7}{'wrong':>7}  {'right':>6}  {'95% range':>12}"
    yield from (_row(tally, name(tally.name)) for tally in tallies)


def _row(tally: stats.Tally, name: str) -> str:
    low, high = tally.bounds
    counts = f"{tally.labels:>7,}{tally.wrong:>7,}  {tally.precision:>6.1%}"
    return f"{tally.name:<14}{name:<26}{counts}  {f'{low:.0%} to {high:.0%}':>12}"
