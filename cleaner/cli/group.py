"""A group of commands with a default command."""

from __future__ import annotations

from typing import Any

import click


class DefaultGroup(click.Group):
    """A group that passes its arguments to the command ``default`` unless they begin with the name of a command."""

    def __init__(self, *args: Any, default: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the name of the default command before arguments that do not begin with the name of a command."""
        own = {name for option in self.get_params(ctx) for name in (*option.opts, *option.secondary_opts)}
        known = self.commands.keys() | own
        if args[0] not in known if args else not self.no_args_is_help:
            args = [self.default, *args]
        return super().parse_args(ctx, args)
