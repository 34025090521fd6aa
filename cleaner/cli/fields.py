"""Options that say which fields of the rows of data files hold what."""

from __future__ import annotations

from typing import Any

import click

from cleaner.cli.options import Command, standing_for
from cleaner.corpus.items import Fields


def fields_options(command: Command) -> Command:
    """Add --text-field, --id-field and --url-field; the command gets one ``fields``."""

    def gathered(text_field: str | None, id_field: str | None, url_field: str | None, **values: Any) -> Any:
        return command(fields=Fields(text_field, id_field, url_field), **values)

    standing_for(command, gathered)
    for add in reversed(_FIELDS):
        gathered = add(gathered)
    return gathered  # type: ignore[return-value]


_FIELDS = tuple(
    click.option(f"--{what}-field", metavar="NAME", help=f"Field of the rows of data files that holds the {shown}.")
    for what, shown in (("text", "page"), ("id", "id"), ("url", "URL"))
)
