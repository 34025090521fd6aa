"""``clean-scrape rules``: the catalogue of codes."""

from __future__ import annotations

from difflib import get_close_matches

import click

from cleaner.cli.options import colour_option
from cleaner.report.catalogue import catalogue
from cleaner.rules import rules


@click.command("rules", short_help="Print the catalogue of codes.")
@click.argument("code", required=False)
@colour_option
def rules_command(code: str | None) -> None:
    """Print the catalogue of codes, or the part of it whose codes begin with CODE.

    \b
    Examples:
      clean-scrape rules
      clean-scrape rules PW
      clean-scrape rules PW101
    """
    known = rules()
    lines = list(catalogue(known, (code or "").upper()))
    if not lines:
        near = get_close_matches((code or "").upper(), sorted(known), 1, cutoff=0.3)
        hint = f"Did you mean {near[0]}?" if near else "`clean-scrape rules` lists them all."
        raise click.UsageError(f"there is no code {code!r}. {hint}")
    click.echo("\n".join(lines).rstrip())
