"""Options that name the fields of the rows of data files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from cleaner.cli.options import Command, with_options
from cleaner.corpus.items import Fields


def fields_options(*, identified: bool = True) -> Callable[[Command], Command]:
    """Add --text-field, --id-field and --url-field; the command gets one ``fields``.

    Without ``identified`` there is no --id-field: ids are needed only by commands that name rows in reports.
    """

    def add_options(command: Command) -> Command:
        def wrapper(text_field: str | None, url_field: str | None, id_field: str | None = None, **values: Any) -> Any:
            return command(fields=Fields(text_field, id_field, url_field), **values)

        return with_options(command, wrapper, [_FIELDS[name] for name in _FIELDS if identified or name != "id"])

    return add_options


_FIELDS = {
    name: click.option(f"--{name}-field", metavar="NAME", help=f"The field of the rows of data files with the {what}.")
    for name, what in (("text", "page"), ("id", "id"), ("url", "URL"))
}
