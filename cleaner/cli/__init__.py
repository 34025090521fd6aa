"""The command line. Commands are thin: they read options, call corpus, inplace or review, and print."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from cleaner.cli.check import check_command
from cleaner.cli.explain import explain_command
from cleaner.cli.fix import fix_command
from cleaner.cli.group import DefaultGroup
from cleaner.cli.profile import profile_command
from cleaner.cli.report import report_command
from cleaner.cli.restore import restore_command
from cleaner.cli.review import allow_command, review_command
from cleaner.cli.rules import rules_command
from cleaner.cli.run import run_command
from cleaner.cli.stats import stats_command
from cleaner.cli.terminal import EXIT_DONE, EXIT_INTERRUPTED, EXIT_MACHINE, EXIT_STOPPED, EXIT_WRONG, fail
from cleaner.errors import CleanScrapeError, EngineError

_EPILOG = """\b
Examples:
  clean-scrape pages/ clean/                clean a folder, with a report
  clean-scrape page.html clean/             clean one page
  curl -s URL | clean-scrape - clean/       clean standard input
  clean-scrape check notes.txt              report what would be removed
  clean-scrape fix notes.txt                delete it in place
  clean-scrape explain page.html:12         show why
  clean-scrape review clean/                judge what was removed, line by line

\b
If a folder or file has the name of a command: clean-scrape run check out/

\b
Shell completion (bash; also zsh and fish):
  eval "$(_CLEAN_SCRAPE_COMPLETE=bash_source clean-scrape)"

\b
Exit codes: 0 done, 1 findings of check, 2 wrong use or an input that could
not be processed, 3 stopped by the machine (such as a full disk) or by
a fault of clean-scrape, 130 interrupted.
"""


class _MainGroup(DefaultGroup):
    """The group of all commands. It reports errors itself, while the value of --no-color is still available."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; returns its exit code, or that of its error."""
        try:
            return super().invoke(ctx)
        except CleanScrapeError as error:
            fail(str(error))
            return EXIT_MACHINE if isinstance(error, EngineError) else EXIT_WRONG


@click.group(cls=_MainGroup, default="run", epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="clean-scrape", prog_name="clean-scrape", message="%(prog)s %(version)s")
def commands() -> None:
    """Clean raw scraped pages line by line, and account for every line that was removed.

    Without the name of a command, `clean-scrape IN OUT` is `clean-scrape run IN OUT`.
    """


for _command in (
    run_command,
    check_command,
    fix_command,
    explain_command,
    report_command,
    review_command,
    allow_command,
    stats_command,
    profile_command,
    restore_command,
    rules_command,
):
    commands.add_command(_command)


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - open till the end
        if hasattr(getattr(sys, name), "reconfigure"):
            getattr(sys, name).reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _stop)
    try:
        code = _run(args)
    except Exception as error:  # Python itself would end with the exit code of findings
        sys.excepthook(type(error), error, error.__traceback__)
        fail("this is a fault of clean-scrape; please report it with the lines above")
        code = EXIT_MACHINE
    sys.exit(code)


def _stop(*_: object) -> NoReturn:
    """End as after an error, so that workers are ended and unfinished files deleted."""
    sys.exit(EXIT_STOPPED)


def _run(args: Sequence[str] | None) -> int:
    try:
        code = commands.main(args=args, prog_name="clean-scrape", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else EXIT_DONE
    except click.ClickException as error:
        error.show()
        return EXIT_WRONG
    except (click.Abort, KeyboardInterrupt):
        fail("interrupted")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Standard output is closed; nothing may be written any more, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_DONE
    except OSError as error:
        fail(f"stopped by the machine: {error}")
        return EXIT_MACHINE
