"""Exit codes, messages of failure and progress bars, for all commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import click

from cleaner.lines.display import make_visible

#: Exit codes: all done; findings of a check; wrong use, or an input that failed; stopped by the
#: machine (disk full, read-only); interrupted; stopped by SIGTERM.
EXIT_DONE, EXIT_FINDINGS, EXIT_WRONG, EXIT_MACHINE, EXIT_INTERRUPTED, EXIT_STOPPED = 0, 1, 2, 3, 130, 143


def fail(message: str) -> None:
    """Print a message of failure on standard error; names of files in it are escaped here."""
    head = click.style("clean-scrape:", fg="red", bold=True)
    # sys.stderr is given explicitly, since click's err=True would bypass a progress bar and break it.
    click.echo(f"{head} " + "\n".join(make_visible(row) for row in message.split("\n")), file=sys.stderr)


def set_colour(ctx: click.Context, _option: click.Parameter, without: bool) -> None:
    """Callback of ``--no-color``; NO_COLOR in the environment, with any value but "", does the same."""
    if without or os.environ.get("NO_COLOR"):
        ctx.find_root().color = False
        ctx.color = False


@contextmanager
def progress(total: Callable[[], int | None], *, wanted: bool, doing: str = "cleaning") -> Iterator[Callable[[], None]]:
    """Show a progress bar when standard error is a terminal; yields a function to call after each page."""
    with bars(total, (doing,), wanted=wanted) as (advance,):
        yield advance


@contextmanager
def bars(
    total: Callable[[], int | None], passes: Sequence[str], *, wanted: bool
) -> Iterator[tuple[Callable[[], None], ...]]:
    """Show a bar for each of the passes over the same pages; yields for each a function to call after a page."""
    if not wanted or not sys.stderr.isatty() or os.environ.get("PRE_COMMIT"):
        yield ((lambda: None),) * len(passes)
        return
    from rich.console import Console  # noqa: PLC0415 (takes 110 ms, for terminals only)
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    context = click.get_current_context(silent=True)
    console = Console(stderr=True, no_color=context is not None and context.color is False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as bar:
        number = total()
        yield tuple(partial(bar.advance, bar.add_task(one, total=number)) for one in passes)
