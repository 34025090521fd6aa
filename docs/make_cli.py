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

`clean-scrape IN OUT` is short for `clean-scrape run IN OUT`. The [guide](guide.md) shows what the commands do.
"""

#: Begins a paragraph of help whose lines stay as they are.
VERBATIM = "\b"

#: Characters with a meaning in Markdown. Linear: single characters.
MARKDOWN_CHARACTERS = re.compile(r"[\\|*_<\[]")


#: The gap between a command and its explanation. Linear: it is anchored on both sides.
GAP = re.compile(r"(?<=\S)( {3,})(?=\S)")


def reference(group: click.Group) -> Iterator[str]:
    """Yield the page in pieces: the commands in order of their names, and what concerns all of them."""
    yield HEAD
    with click.Context(group, info_name="clean-scrape", **group.context_settings) as ctx:
        yield options(group, ctx)
        yield from sections(group, ctx, "##")
        yield "\n## Examples and exit codes\n"
        yield from paragraphs(group.epilog or "")


def sections(group: click.Group, ctx: click.Context, heading: str) -> Iterator[str]:
    """Yield a section for each command of a group, and one level deeper those of its sub-commands."""
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if command and not command.hidden:
            with click.Context(command, parent=ctx, info_name=name) as own:
                title = own.command_path.removeprefix("clean-scrape ")
                yield f"\n{heading} {title}\n\n"
                yield block(" ".join([own.command_path, *command.collect_usage_pieces(own)]), "text")
                yield from paragraphs(command.help or "")
                yield options(command, own)
                if isinstance(command, click.Group):
                    yield from sections(command, own, f"{heading}#")


def paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of a help text; verbatim lines become a block below their first line."""
    for paragraph in text.strip().split("\n\n"):
        head, _, rest = paragraph.replace(VERBATIM, "").strip().partition("\n")
        if VERBATIM in paragraph and rest.startswith(" "):
            examples = GAP.sub(r"\1# ", dedent(rest))
            yield f"\n{escaped(head)}\n\n{block(examples, 'sh')}"
        else:
            yield f"\n{escaped(paragraph.replace(VERBATIM, ''))}\n"


def options(command: click.Command, ctx: click.Context) -> str:
    """The options as a table, without arguments, which are in the usage."""
    given = [one for one in command.get_params(ctx) if isinstance(one, click.Option)]
    records = [record for one in given if (record := one.get_help_record(ctx))]
    rows = ["| `{}` | {} |".format(names.replace("|", "\\|"), escaped(what)) for names, what in records]
    return "\n".join(["", "| option | what |", "|---|---|", *rows, ""])


def block(text: str, language: str) -> str:
    """A block of code."""
    return f"```{language}\n{text}\n```\n"


def escaped(text: str) -> str:
    """Escape text for Markdown; text between backticks stays code."""
    parts = " ".join(text.split()).split("`")
    return "`".join(part if at % 2 else MARKDOWN_CHARACTERS.sub(r"\\\g<0>", part) for at, part in enumerate(parts))


if __name__ == "__main__":
    sys.stdout.write("".join(reference(commands)))
