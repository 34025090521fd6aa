"""Write the reference of the command line, docs/cli.md, from the help of the commands: ``make rules``."""

import re
import sys
from collections.abc import Iterator
from textwrap import dedent

import click

from cleaner.cli import commands

HEAD = """\
# The command line

Written by `make rules` from the help of the commands; do not edit.

`clean-scrape IN OUT` is short for `clean-scrape run IN OUT`. What comes of it is in the [guide](guide.md).
"""

#: Begins a paragraph of help whose lines stay as they are.
VERBATIM = "\b"

#: What Markdown would take for its own. Linear: single characters.
SIGNS = re.compile(r"[\\|*_<\[]")


#: The gap between a command and what is said of it. Linear: it is anchored on both sides.
COLUMN = re.compile(r"(?<=\S)( {3,})(?=\S)")


def reference(group: click.Group) -> Iterator[str]:
    """Yield the page in pieces: the commands in order of their names, and what concerns all of them."""
    yield HEAD
    with click.Context(group, info_name="clean-scrape", **group.context_settings) as ctx:
        yield options(group, ctx)
        for name in group.list_commands(ctx):
            command = group.get_command(ctx, name)
            if command and not command.hidden:
                with click.Context(command, parent=ctx, info_name=name) as own:
                    yield f"\n## {name}\n\n"
                    yield block(" ".join([own.command_path, *command.collect_usage_pieces(own)]), "text")
                    yield from paragraphs(command.help or "")
                    yield options(command, own)
        yield "\n## Examples and exit codes\n"
        yield from paragraphs(group.epilog or "")


def paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a help text; indented lines that stay as they are become a block below their first."""
    for paragraph in text.strip().split("\n\n"):
        head, _, rest = paragraph.replace(VERBATIM, "").strip().partition("\n")
        if VERBATIM in paragraph and rest.startswith(" "):
            examples = COLUMN.sub(r"\1# ", dedent(rest))
            yield f"\n{escaped(head)}\n\n{block(examples, 'sh')}"
        else:
            yield f"\n{escaped(paragraph.replace(VERBATIM, ''))}\n"


def options(command: click.Command, ctx: click.Context) -> str:
    """The options as a table; arguments are in the usage, and newer versions of click have records of them, too."""
    given = [one for one in command.get_params(ctx) if isinstance(one, click.Option)]
    records = [record for one in given if (record := one.get_help_record(ctx))]
    rows = ["| `{}` | {} |".format(names.replace("|", "\\|"), escaped(what)) for names, what in records]
    return "\n".join(["", "| option | what |", "|---|---|", *rows, ""])


def block(text: str, language: str) -> str:
    """A block of code."""
    return f"```{language}\n{text}\n```\n"


def escaped(text: str) -> str:
    """Text as Markdown shows it; what the help itself puts between backticks stays code."""
    parts = " ".join(text.split()).split("`")
    return "`".join(part if at % 2 else SIGNS.sub(r"\\\g<0>", part) for at, part in enumerate(parts))


if __name__ == "__main__":
    sys.stdout.write("".join(reference(commands)))
