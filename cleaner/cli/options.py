"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from cleaner.cli.show_settings import settings_lines
from cleaner.cli.terminal import EXIT_DONE, set_colour
from cleaner.configuration import load_configuration
from cleaner.rules import rules
from cleaner.settings.files import Configuration, with_overrides
from cleaner.settings.record import Policy
from cleaner.workers.pool import count_usable_cores

Command = TypeVar("Command", bound=Callable[..., Any])

#: The origin that ``--show-settings`` prints for a value from an option.
COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class GivenSettings:
    """The settings that options gave; None, or an empty tuple, for an option that was not given."""

    policy: Policy | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    second_opinion: bool | None = None
    config: Path | None = None
    profile: Path | None = None

    def configuration(self) -> Configuration:
        """Load the configuration of the working folder, with the values of these options in place of the files'.

        Raises SettingsError with all mistakes.
        """
        loaded = load_configuration(Path.cwd(), self.config)
        given = {
            "policy": self.policy,
            "select": self.select,
            "ignore": self.ignore,
            "languages": self.languages,
            "second-opinion": self.second_opinion,
        }
        settings = with_overrides(loaded.settings, given, codes=rules())
        keys = [key for key, value in {**given, "profile": self.profile}.items() if value not in (None, ())]
        origins = {**loaded.origins, **dict.fromkeys(keys, COMMAND_LINE)}
        return replace(loaded, settings=settings, profile=self.profile or loaded.profile, origins=origins)


class NeededArgument(click.Argument):
    """An argument that may be left out only together with ``--show-settings``."""

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        """Convert a value, or raise MissingParameter."""
        if ctx.params.get("show_settings") and self.value_is_missing(value):
            return None
        return super().process_value(ctx, value)


def settings_options(*, html: bool = True) -> Callable[[Command], Command]:
    """Add the options of the settings, and --show-settings; the command gets one ``given``.

    Without ``html``, --second-opinion is left out, which has an effect on HTML pages only.
    """

    def add_options(command: Command) -> Command:
        def wrapper(*, show_settings: bool, **values: Any) -> Any:
            given = GivenSettings(**{name: values.pop(name) for name in _SETTINGS_NAMES if name in values})
            if not show_settings:
                return command(given=given, **values)
            for line in settings_lines(given.configuration()):
                click.echo(line)
            return EXIT_DONE

        return with_options(
            command, wrapper, [_SETTINGS[name] for name in _SETTINGS if html or name != "second_opinion"]
        )

    return add_options


def with_options(command: Command, wrapper: Callable[..., Any], options: Sequence[Callable[[Any], Any]]) -> Command:
    """Return ``wrapper``, which calls the command, as that command, with these ``options`` before its own."""
    wrapper.__doc__, wrapper.__name__ = command.__doc__, command.__name__
    wrapper.__dict__.update(command.__dict__)
    for add in reversed(options):
        wrapper = add(wrapper)
    return wrapper  # type: ignore[return-value]


#: The folder that a run wrote.
out_argument = click.argument("out", metavar="OUT", type=click.Path(path_type=Path, exists=True, file_okay=False))

quiet_option = click.option("--quiet", "-q", is_flag=True, help="Print nothing but failures.")


def jobs_option(command: Command) -> Command:
    """Add --jobs."""
    return click.option(
        "--jobs",
        "-j",
        type=click.IntRange(min=1),
        default=default_jobs,
        metavar="N",
        help="Number of worker processes; without it all cores are used.",
    )(command)


def colour_option(command: Command) -> Command:
    """Add --no-color."""
    return click.option(
        "--no-color",
        is_flag=True,
        expose_value=False,
        callback=set_colour,
        is_eager=True,
        help="Print without colour, as with NO_COLOR in the environment.",
    )(command)


def config_option(command: Command) -> Command:
    """Add --config."""
    return click.option(
        "--config",
        metavar="FILE",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="Read the settings from FILE, not from the nearest pyproject.toml or setup.cfg.",
    )(command)


def default_jobs() -> int:
    """All usable cores; one core when pre-commit runs this, as it runs several processes itself."""
    return 1 if os.environ.get("PRE_COMMIT") else count_usable_cores()


def _split(_ctx: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Split comma lists."""
    return tuple(item.strip() for value in values for item in value.split(",") if item.strip())


#: The options of the settings by the names of their values, in the order of the help.
_SETTINGS: dict[str, Callable[[Any], Any]] = {
    "policy": click.option("--policy", type=click.Choice(get_args(Policy)), help="How certain a removal must be."),
    "select": click.option(
        "--select", multiple=True, callback=_split, metavar="CODES", help="Remove lines under these codes only."
    ),
    "ignore": click.option(
        "--ignore", multiple=True, callback=_split, metavar="CODES", help="Remove no lines under these codes."
    ),
    "languages": click.option(
        "--languages",
        multiple=True,
        callback=_split,
        metavar="CODES",
        help="The languages of the pages, such as en,de, instead of the one that is detected.",
    ),
    "second_opinion": click.option(
        "--second-opinion/--no-second-opinion",
        default=None,
        help="Use the result of trafilatura on HTML pages of low confidence.",
    ),
    "config": config_option,
    "profile": click.option(
        "--profile",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Compare pages with the other pages of their site in this file of `clean-scrape profile`.",
    ),
    "show_settings": click.option(
        "--show-settings",
        is_flag=True,
        is_eager=True,
        help="Print all settings with the origin of each value; process nothing.",
    ),
}

_SETTINGS_NAMES = tuple(name for name in _SETTINGS if name != "show_settings")
