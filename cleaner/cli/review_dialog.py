"""The dialog of ``review``: one group of removed lines on the screen, one key for an answer."""

from __future__ import annotations

from collections.abc import Mapping

import click
from rich.console import Console, Group, RenderableType
from rich.text import Text

from cleaner.lines.display import make_visible
from cleaner.report.page_lines import PageLine
from cleaner.report.summary import format_count
from cleaner.review.queue import Doubt
from cleaner.review.session import Session
from cleaner.rule import Rule

#: Characters of the line in question, and groups of a list, that are shown.
LONGEST, LISTED = 600, 5

#: The end of input, as a key: Ctrl-D.
_END = "\x04"

_HELP = """
k  keep: it should have stayed. It goes to the allow-list, and stays in the next run
d  drop: it was rightly removed
s  skip: no answer
a  the same answer for all groups that went under this code for this reason
x  silence this code on this site: none of its lines goes under it any more
u  undo the last answer
q  quit; answers are kept, and the next review goes on with what is left
The same line is asked about once, on however many pages it went.

any key: back"""


def ask(session: Session, rules: Mapping[str, Rule]) -> None:
    """Ask until all doubts are settled or the user quits.

    Raises KeyboardInterrupt on Ctrl-C, InputError and SettingsError when an answer cannot be written.
    """
    context = click.get_current_context(silent=True)
    console = Console(highlight=False, no_color=True if context and context.color is False else None)
    note = ""
    while (doubt := session.current) is not None:
        _show(console, session, rules, note)
        key = _key()
        if key in ("q", _END):
            return
        note = _obey(console, session, doubt, key)


def _obey(console: Console, session: Session, doubt: Doubt, key: str) -> str:
    """Do what a key asks for; what to tell above the next group."""
    match key:
        case "k" | "d":
            session.answer("keep" if key == "k" else "drop", [doubt])
        case "s":
            session.skip()
        case "u":
            return "" if session.undo() else "there is nothing to undo"
        case "a":
            return _all_alike(console, session)
        case "x":
            return _silence(console, session, doubt)
        case "?" | "h":
            console.print(Text(_HELP))
            _key()
        case _:
            return f"{make_visible(key)!r} is no answer; ? shows the keys"
    return ""


def _all_alike(console: Console, session: Session) -> str:
    alike = session.alike()
    console.print(Text(f"\n{format_count(len(alike), 'group')} under this code for this reason:", "bold"))
    for doubt in alike[:LISTED]:
        console.print(_cut(f"  {doubt.line.text}"), no_wrap=True, overflow="ellipsis")
    if len(alike) > LISTED:
        console.print(Text(f"  and {len(alike) - LISTED:,} more"))
    console.print(Text("k keep them all   d drop them all   any other key: back"))
    key = _key()
    if key not in ("k", "d"):
        return ""
    session.answer("keep" if key == "k" else "drop", alike)
    return f"{format_count(len(alike), 'group')} answered"


def _silence(console: Console, session: Session, doubt: Doubt) -> str:
    if not doubt.site:
        return "the site of this page is not known, so no code can be silenced on it"
    console.print(
        Text(
            f"\nsilence {doubt.key[0]} on all pages of {make_visible(doubt.site)}? y yes   any other key: back", "bold"
        )
    )
    if _key() != "y":
        return ""
    session.silence()
    return f"{doubt.key[0]} is silent on {make_visible(doubt.site)}"


def _key() -> str:
    try:
        key: str = click.getchar()
    except EOFError:
        return _END
    return key.lower() if len(key) == 1 else key


def _show(console: Console, session: Session, rules: Mapping[str, Rule], note: str) -> None:
    doubt = session.doubts[session.position]
    code, _ = doubt.key
    name = rules[code].name if code in rules else ""
    console.clear()
    head = Text.assemble(
        (f"{session.position + 1} of {len(session.doubts)}  ", "dim"),
        (f"{code} {name}", "bold"),
        f"  {doubt.line.score:.2f}",
        (f"  on {format_count(doubt.pages, 'page')}" if doubt.pages > 1 else "", "dim"),
    )
    why = Text(f"This line {make_visible(doubt.line.why)}.")
    lines: list[RenderableType] = [Text(note, "yellow"), Text()] if note else []
    lines += [head, why, Text(make_visible(doubt.place), "dim"), Text()]
    lines += [_line(line, " ") for line in doubt.before]
    lines += [_line(doubt.line, ">")]
    lines += [_line(line, " ") for line in doubt.behind]
    alike = len(session.alike())
    keys = ["k keep", "d drop", "s skip", *([f"a all {alike:,} alike"] if alike > 1 else [])]
    keys += [*(["x silence site"] if doubt.site else []), "u undo", "? help", "q quit"]
    console.print(Group(*lines, Text(), Text("  ".join(keys), "bold")))


def _line(line: PageLine, mark: str) -> Text:
    """A line of a page: the one in question in full, those around it on one row each."""
    gone = "-" if not line.keep and mark == " " else mark
    style = "bold red" if mark == ">" else "dim" if not line.keep else ""
    text = Text(f"{gone} {line.number:>4}  {make_visible(line.text[:LONGEST])}", style)
    if mark == " ":
        text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _cut(text: str) -> Text:
    return Text(make_visible(text[:LONGEST]))
