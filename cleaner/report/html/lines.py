"""The lines of a page as HTML. A page may have thousands of them, for which a template takes four times as long."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup, escape

from cleaner.lines.display import make_visible
from cleaner.report.html.page import LONGEST_LINE, Marked
from cleaner.report.page_lines import PageLine
from cleaner.rule import Rule

#: Characters of the name of a page that a place shows: the last ones.
LONGEST_PLACE = 60

_LINE = (
    '<div class="line {kind} f-{family}" id="n{number:d}" tabindex="0" role="group" '
    'aria-label="{said}: {code}, {score:.2f}" aria-describedby="w{number:d}"><span class="no">{number:d}</span>'
    '<{tag} class="text" dir="auto">{text}</{tag}><span class="code">{code}</span>\n'
    '<div class="why" id="w{number:d}"><p><b>{code}</b>{name} · {said} at {score:.2f}</p>\n'
    '<p>This line <bdi>{why}</bdi>. <code class="part"><bdi>{place}</bdi>:{number:d}</code></p>\n'
    "{ways}</div></div>"
)


def marked_line(one: Marked, rules: Mapping[str, Rule], source: str) -> Markup:
    """A line that went, or stayed in doubt, with why; ``source`` is the name of its page.

    Raises ValueError and TypeError for a line whose numbers are none.
    """
    line = one.line
    rule = rules.get(line.code)
    given = {
        "kind": "unsure" if line.keep else "gone",
        "said": "stays, in doubt" if line.keep else "removed",
        "tag": "span" if line.keep else "del",
        "family": one.family,
        "number": line.number,
        "score": line.score,
        "code": _safe(line.code),
        "name": f" {_safe(rule.name)}" if rule else "",
        "text": _shortened(line.text),
        "why": _safe(line.why),
        "place": _safe(source[-LONGEST_PLACE:]),
        "ways": "" if line.keep else _ways(one),
    }
    return Markup(_LINE.format_map(given))  # noqa: S704 - every text in it passed _safe


def kept_line(line: PageLine, body: int) -> Markup:
    """A line that stayed; ``body`` is the number of the one that others lead to. Raises as ``marked_line`` does."""
    if line.blank:
        return Markup('<div class="gap"></div>')
    name = f' id="n{line.number:d}"' if line.number == body else ""
    return Markup(  # noqa: S704 - the text passed _safe
        f'<div class="line"{name}><span class="no">{line.number:d}</span>'
        f'<span class="text" dir="auto">{_shortened(line.text)}</span></div>'
    )


def _shortened(text: str) -> str:
    return _safe(text if len(text) <= LONGEST_LINE else text[:LONGEST_LINE] + "\u2026")


def _safe(text: str) -> str:
    """Text that can neither be markup nor hide."""
    return str(escape(make_visible(text)))


def _ways(one: Marked) -> str:
    """Links to the neighbours of a removed line."""
    ways = (
        (one.before, "previous"),
        (one.behind, "next"),
        (one.kin_before, f"previous {one.family}"),
        (one.kin_behind, f"next {one.family}"),
    )
    links = (f'<a href="#n{number:d}">{name}</a>' for number, name in ways if number)
    return f'<p class="ways">{" ".join(links)}</p>\n'
