"""A group of commands one of which needs no name."""

from __future__ import annotations

from typing import Any

import click


class DefaultGroup(click.Group):
    """A group that takes its arguments for those of ``default`` unless they begin with a command."""

    def __init__(self, *args: Any, default: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the name of the default command before arguments that name no command."""
        own = {name for option in self.get_params(ctx) for name in (*option.opts, *option.secondary_opts)}
        if args and args[0] not in self.commands and args[0] not in own:
            args = [self.default, *args]
        return super().parse_args(ctx, args)
