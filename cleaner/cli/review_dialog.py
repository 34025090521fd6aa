"""The dialog of ``review``: shows one group of removed lines at a time, and takes one key as the answer."""

from __future__ import annotations

from collections.abc import Mapping

import click
from rich.console import Console, Group, RenderableType
from rich.text import Text

from cleaner.lines.display import make_visible
from cleaner.records import Rule
from cleaner.report.page_lines import PageLine
from cleaner.report.summary import format_count
from cleaner.review.queue import Removal
from cleaner.review.session import Session

#: Characters of a line, and groups of a list, that are shown.
MAX_LINE_CHARS, MAX_LISTED_GROUPS = 600, 5

#: The end of input, as a key: Ctrl-D.
_END_KEY = "\x04"

_HELP = """
k  keep: it should have stayed. It is added to the allow-list, and stays in the next run
d  drop: it was rightly removed
s  skip: no answer
a  the same answer for all groups that were removed under this code for this reason
x  silence this code on this site: no line of the site is removed under it any more
u  undo the last answer
q  quit; answers are kept, and the next review goes on with the rest
A line that was removed from several pages is shown only once.

any key: back"""


def ask(session: Session, rules: Mapping[str, Rule]) -> None:
    """Ask until all removals are settled or the user quits.

    Raises KeyboardInterrupt on Ctrl-C, InputError and SettingsError when an answer cannot be written.
    """
    context = click.get_current_context(silent=True)
    console = Console(highlight=False, no_color=True if context and context.color is False else None)
    note = ""
    while (removal := session.current) is not None:
        _show(console, session, rules, note)
        key = _read_key()
        if key in ("q", _END_KEY):
            return
        note = _handle_key(console, session, removal, key)


def _handle_key(console: Console, session: Session, removal: Removal, key: str) -> str:
    """Perform the action of a key; returns a note to show above the next group."""
    match key:
        case "k" | "d":
            session.answer("keep" if key == "k" else "drop", [removal])
        case "s":
            session.skip()
        case "u":
            return "" if session.undo() else "there is nothing to undo"
        case "a":
            return _answer_alike(console, session)
        case "x":
            return _silence(console, session, removal)
        case "?" | "h":
            console.print(Text(_HELP))
            _read_key()
        case _:
            return f"{make_visible(key)!r} is not an answer; ? shows the keys"
    return ""


def _answer_alike(console: Console, session: Session) -> str:
    alike = session.alike()
    console.print(Text(f"\n{format_count(len(alike), 'group')} under this code for this reason:", "bold"))
    for removal in alike[:MAX_LISTED_GROUPS]:
        console.print(_cut(f"  {removal.line.text}"), no_wrap=True, overflow="ellipsis")
    if len(alike) > MAX_LISTED_GROUPS:
        console.print(Text(f"  and {len(alike) - MAX_LISTED_GROUPS:,} more"))
    console.print(Text("k keep them all   d drop them all   any other key: back"))
    key = _read_key()
    if key not in ("k", "d"):
        return ""
    session.answer("keep" if key == "k" else "drop", alike)
    return f"{format_count(len(alike), 'group')} answered"


def _silence(console: Console, session: Session, removal: Removal) -> str:
    if not removal.site:
        return "the site of this page is not known, so no code can be silenced on it"
    console.print(
        Text(
            f"\nsilence {removal.key[0]} on all pages of {make_visible(removal.site)}? y yes   any other key: back",
            "bold",
        )
    )
    if _read_key() != "y":
        return ""
    session.silence()
    return f"{removal.key[0]} is silenced on {make_visible(removal.site)}"


def _read_key() -> str:
    try:
        key: str = click.getchar()
    except EOFError:
        return _END_KEY
    return key.lower() if len(key) == 1 else key


def _show(console: Console, session: Session, rules: Mapping[str, Rule], note: str) -> None:
    removal = session.removals[session.position]
    code, _ = removal.key
    name = rules[code].name if code in rules else ""
    console.clear()
    head = Text.assemble(
        (f"{session.position + 1} of {len(session.removals)}  ", "dim"),
        (f"{code} {name}", "bold"),
        f"  {removal.line.score:.2f}",
        (f"  on {format_count(removal.pages, 'page')}" if removal.pages > 1 else "", "dim"),
    )
    why = Text(f"This line {make_visible(removal.line.why)}.")
    lines: list[RenderableType] = [Text(note, "yellow"), Text()] if note else []
    lines += [head, why, Text(make_visible(removal.place), "dim"), Text()]
    lines += [_line_text(line, " ") for line in removal.before]
    lines += [_line_text(removal.line, ">")]
    lines += [_line_text(line, " ") for line in removal.after]
    alike = len(session.alike())
    keys = ["k keep", "d drop", "s skip", *([f"a all {alike:,} alike"] if alike > 1 else [])]
    keys += [*(["x silence site"] if removal.site else []), "u undo", "? help", "q quit"]
    console.print(Group(*lines, Text(), Text("  ".join(keys), "bold")))


def _line_text(line: PageLine, mark: str) -> Text:
    """A line of a page: the removed one in full, those around it on one row each."""
    sign = "-" if not line.keep and mark == " " else mark
    style = "bold red" if mark == ">" else "dim" if not line.keep else ""
    text = Text(f"{sign} {line.number:>4}  {make_visible(line.text[:MAX_LINE_CHARS])}", style)
    if mark == " ":
        text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _cut(text: str) -> Text:
    return Text(make_visible(text[:MAX_LINE_CHARS]))
