"""What the commands say to whoever called them: exit codes, failures, the progress bar."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import click

from cleaner.lines.display import make_visible

#: Exit codes: all done; findings of a check; wrong use, or an input that failed; stopped by the
#: machine (disk full, read-only); interrupted; told to stop.
DONE, FINDINGS, WRONG, MACHINE, INTERRUPTED, STOPPED = 0, 1, 2, 3, 130, 143


def fail(message: str) -> None:
    """Say on standard error what went wrong; names of files in it are made safe here."""
    head = click.style("clean-scrape:", fg="red", bold=True)
    # Named outright: click's own way to standard error goes past a progress bar, and tears it.
    click.echo(f"{head} " + "\n".join(make_visible(row) for row in message.split("\n")), file=sys.stderr)


def set_colour(ctx: click.Context, _option: click.Parameter, without: bool) -> None:
    """Callback of ``--no-color``; NO_COLOR in the environment, whatever it holds, asks the same."""
    if without or os.environ.get("NO_COLOR"):
        ctx.find_root().color = False
        ctx.color = False


@contextmanager
def progress(total: Callable[[], int | None], *, wanted: bool, doing: str = "cleaning") -> Iterator[Callable[[], None]]:
    """A bar on standard error when a person looks at it; yields what to call after each page."""
    with bars(total, (doing,), wanted=wanted) as (advance,):
        yield advance


@contextmanager
def bars(
    total: Callable[[], int | None], passes: Sequence[str], *, wanted: bool
) -> Iterator[tuple[Callable[[], None], ...]]:
    """A bar for each of the passes over the same pages; yields for each what to call after a page."""
    if not wanted or not sys.stderr.isatty() or os.environ.get("PRE_COMMIT"):
        yield ((lambda: None),) * len(passes)
        return
    from rich.console import Console  # noqa: PLC0415 (110 ms that nobody else need pay)
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    context = click.get_current_context(silent=True)
    console = Console(stderr=True, no_color=context is not None and context.color is False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as bar:
        number = total()
        yield tuple(partial(bar.advance, bar.add_task(one, total=number)) for one in passes)
