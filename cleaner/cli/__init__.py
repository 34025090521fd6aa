"""The command line. Commands are thin: they read options, call the corpus or the hook, and print."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from cleaner.cli.check import check, fix
from cleaner.cli.group import DefaultGroup
from cleaner.cli.profile import profile
from cleaner.cli.report import report
from cleaner.cli.review import allow, review, stats
from cleaner.cli.run import run
from cleaner.cli.terminal import DONE, INTERRUPTED, MACHINE, STOPPED, WRONG, fail
from cleaner.cli.views import explain, restore, rules
from cleaner.errors import CleanScrapeError, EngineError

_EPILOG = """\b
Examples:
  clean-scrape pages/ clean/                clean a folder, with a report
  clean-scrape page.html clean/             clean one page
  curl -s URL | clean-scrape - clean/       clean standard input
  clean-scrape check notes.txt              say what would go
  clean-scrape fix notes.txt                delete it in place
  clean-scrape explain page.html:12         say why
  clean-scrape review clean/                judge what went, line by line

\b
A folder or file that is called like a command: clean-scrape run check out/

\b
Shell completion (bash; also zsh and fish):
  eval "$(_CLEAN_SCRAPE_COMPLETE=bash_source clean-scrape)"

\b
Exit codes: 0 done, 1 findings of check, 2 wrong use or an input that could
not be processed, 3 stopped by the machine or by a fault of ours,
130 interrupted.
"""


@click.group(cls=DefaultGroup, default="run", epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="clean-scrape", prog_name="clean-scrape", message="%(prog)s %(version)s")
def commands() -> None:
    """Clean raw scraped pages line by line, and account for every line that went.

    Without the name of a command, `clean-scrape IN OUT` is `clean-scrape run IN OUT`.
    """


for _command in (run, check, fix, report, review, allow, stats, profile, explain, restore, rules):
    commands.add_command(_command)


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever called us
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - open till the end
        if hasattr(getattr(sys, name), "reconfigure"):
            getattr(sys, name).reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _stop)
    try:
        code = _run(args)
    except Exception as error:  # left to Python it would end with the exit code of findings
        sys.excepthook(type(error), error, error.__traceback__)
        fail("this is a fault of ours; please report it with the lines above")
        code = MACHINE
    sys.exit(code)


def _stop(*_: object) -> NoReturn:
    """End as an error would, so that workers and unfinished files go too."""
    sys.exit(STOPPED)


def _run(args: Sequence[str] | None) -> int:
    try:
        code = commands.main(args=args, prog_name="clean-scrape", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else DONE
    except click.ClickException as error:
        error.show()
        return WRONG
    except (click.Abort, KeyboardInterrupt):
        fail("interrupted")
        return INTERRUPTED
    except CleanScrapeError as error:
        fail(str(error))
        return MACHINE if isinstance(error, EngineError) else WRONG
    except BrokenPipeError:
        # Whoever read us has gone; nothing may be written any more, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        fail(f"stopped by the machine: {error}")
        return MACHINE
