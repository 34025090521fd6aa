"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from cleaner.cli.terminal import set_colour
from cleaner.configuration import load_configuration
from cleaner.rules import rules
from cleaner.settings.files import Configuration, with_overrides
from cleaner.settings.record import Policy
from cleaner.workers.pool import usable_cores

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Choice:
    """What the shared options said."""

    policy: Policy | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    config: Path | None
    profile: Path | None

    def configuration(self) -> Configuration:
        """The configuration of the working folder under these options.

        Raises SettingsError with all mistakes.
        """
        codes = rules()
        found = load_configuration(Path.cwd(), self.config)
        settings = with_overrides(found.settings, self.policy, self.select, self.ignore, codes=codes)
        return replace(found, settings=settings, profile=self.profile or found.profile)


def settings_options(command: Command) -> Command:
    """Add --policy, --select, --ignore, --config, --profile and --no-color; the command gets one ``choice``."""

    def gathered(**values: Any) -> Any:
        names = ("policy", "select", "ignore", "config", "profile")
        choice = Choice(*(values.pop(name) for name in names))
        return command(choice=choice, **values)

    standing_for(command, gathered)
    for add in reversed(_SETTINGS):
        gathered = add(gathered)
    return gathered  # type: ignore[return-value]


def standing_for(command: Callable[..., Any], gathered: Callable[..., Any]) -> Callable[..., Any]:
    """Give ``gathered`` the name, the help and the options so far of the command that it calls."""
    gathered.__doc__, gathered.__name__ = command.__doc__, command.__name__
    gathered.__dict__.update(command.__dict__)
    return gathered


def jobs_option(command: Command) -> Command:
    """Add --jobs."""
    return click.option(
        "--jobs",
        type=click.IntRange(min=1),
        default=default_jobs,
        metavar="N",
        help="Worker processes; all cores if not given.",
    )(command)


def default_jobs() -> int:
    """All usable cores; one below pre-commit, which runs hooks side by side itself."""
    return 1 if os.environ.get("PRE_COMMIT") else usable_cores()


def _codes(_ctx: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Split comma lists."""
    return tuple(code.strip() for value in values for code in value.split(",") if code.strip())


_SETTINGS: tuple[Callable[[Any], Any], ...] = (
    click.option("--policy", type=click.Choice(get_args(Policy)), help="How readily lines go."),
    click.option("--select", multiple=True, callback=_codes, metavar="CODES", help="Only these codes may take lines."),
    click.option("--ignore", multiple=True, callback=_codes, metavar="CODES", help="These codes take no lines."),
    click.option("--config", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Settings to use."),
    click.option(
        "--profile",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Compare pages with the other pages of their site in this file of `clean-scrape profile`.",
    ),
    click.option(
        "--no-color", is_flag=True, expose_value=False, callback=set_colour, is_eager=True, help="Print without colour."
    ),
)
