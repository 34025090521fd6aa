"""The lines of a page as HTML. There may be thousands of them, for which a template takes four times as long."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup, escape

from cleaner.lines.display import make_visible
from cleaner.records import Rule
from cleaner.report.html.page import MAX_HTML_LINE_CHARS, MarkedLine
from cleaner.report.page_lines import PageLine

#: Characters of the name of a page that a place shows: the last ones.
MAX_PLACE_CHARS = 60

_LINE = (
    '<div class="line {kind} f-{family}" id="n{number:d}" tabindex="0" role="group" '
    'aria-label="{verdict}: {code}, {score:.2f}" aria-describedby="w{number:d}"><span class="no">{number:d}</span>'
    '<{tag} class="text" dir="auto">{text}</{tag}><span class="code">{code}</span>\n'
    '<div class="why" id="w{number:d}"><p><b>{code}</b>{name} · {verdict} at {score:.2f}</p>\n'
    '<p>This line <bdi>{why}</bdi>. <code class="part"><bdi>{place}</bdi>:{number:d}</code></p>\n'
    "{links}</div></div>"
)


def marked_line(one: MarkedLine, rules: Mapping[str, Rule], source: str) -> Markup:
    """Return a line that was removed, or an unsure one that stayed, with the reason; ``source`` names its page.

    Raises ValueError and TypeError for a line whose numbers are not numbers.
    """
    line = one.line
    rule = rules.get(line.code)
    given = {
        "kind": "unsure" if line.keep else "gone",
        "verdict": "stays, unsure" if line.keep else "removed",
        "tag": "span" if line.keep else "del",
        "family": one.family,
        "number": line.number,
        "score": line.score,
        "code": _safe(line.code),
        "name": f" {_safe(rule.name)}" if rule else "",
        "text": _shortened(line.text),
        "why": _safe(line.why),
        "place": _safe(source[-MAX_PLACE_CHARS:]),
        "links": "" if line.keep else _links(one),
    }
    return Markup(_LINE.format_map(given))  # noqa: S704 - every text in it passed _safe


def kept_line(line: PageLine, body: int) -> Markup:
    """Return a line that stayed; ``body`` is the number of the line to link to. Raises as ``marked_line`` does."""
    if line.blank:
        return Markup('<div class="gap"></div>')
    name = f' id="n{line.number:d}"' if line.number == body else ""
    return Markup(  # noqa: S704 - the text passed _safe
        f'<div class="line"{name}><span class="no">{line.number:d}</span>'
        f'<span class="text" dir="auto">{_shortened(line.text)}</span></div>'
    )


def _shortened(text: str) -> str:
    return _safe(text if len(text) <= MAX_HTML_LINE_CHARS else text[:MAX_HTML_LINE_CHARS] + "\u2026")


def _safe(text: str) -> str:
    """Escape a text, so that nothing in it is markup or invisible."""
    return str(escape(make_visible(text)))


def _links(one: MarkedLine) -> str:
    """Return links to the neighbours of a removed line."""
    targets = (
        (one.before, "previous"),
        (one.after, "next"),
        (one.family_before, f"previous {one.family}"),
        (one.family_after, f"next {one.family}"),
    )
    links = (f'<a href="#n{number:d}">{name}</a>' for number, name in targets if number)
    return f'<p class="ways">{" ".join(links)}</p>\n'
