"""The elements of HTML by their effect on the text around and inside them."""

from __future__ import annotations

from collections.abc import Mapping


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


#: Blocks with a blank line before and after them.
LOOSE_TAGS = _set(
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form "
    "frameset h1 h2 h3 h4 h5 h6 header hgroup hr legend listing main menu nav noframes noscript ol p plaintext pre "
    "search section summary table ul xmp"
)

#: Blocks that begin a new line, without a blank line.
TIGHT_TAGS = _set("button caption dd dt label li optgroup option select tbody textarea tfoot thead tr")

#: Parts of a row, which stay on one line as long as they hold no block.
CELL_TAGS = _set("td th")

#: Lists; there is no blank line around a list inside a list.
LIST_TAGS = _set("ul ol dl menu dir")

#: Elements whose content is not text of the page.
SKIPPED = _set("script style template title iframe noembed")

#: Elements without content, in the events of the parser: they end where they begin.
VOID = _set("area img input")

SECTION_TAGS = _set("nav header footer aside main article form dialog noscript")

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CONTROLS = _set("button label option textarea")
_PREFORMATTED = _set("pre textarea listing xmp plaintext")

#: Attributes that, beside the class, name the purpose of an element.
_NAMING = ("id", "role", "itemprop")

#: All attributes beside the class that are read here.
_RELEVANT = frozenset((*_NAMING, "hidden", "aria-hidden", "style"))

_MAX_STYLE_CHARS = 2_000

#: Elements that change the state of the text inside them.
STATEFUL = SECTION_TAGS | LIST_TAGS | _CONTROLS | _PREFORMATTED | frozenset(_HEADINGS) | {"table"}


class State:
    """Facts that are the same for all text at one place of the page. Elements share states, so depth costs little."""

    __slots__ = ("_inner", "control", "heading", "hidden", "lists", "preformatted", "section", "tables")

    def __init__(self) -> None:
        self.section, self.heading, self.lists, self.tables = "", 0, 0, 0
        self.hidden = self.control = self.preformatted = False
        self._inner: dict[tuple[str, bool], State] = {}

    def inside(self, tag: str, hidden: bool) -> State:
        """Return the state inside an element ``tag`` at this place."""
        key = (tag if tag in STATEFUL else "", hidden)
        inner = self._inner.get(key)
        if inner is None:
            inner = self._inner[key] = self._inner_state(tag, hidden)
        return inner

    def _inner_state(self, tag: str, hidden: bool) -> State:
        inner = State()
        inner.section = tag if tag in SECTION_TAGS else self.section
        inner.heading = _HEADINGS.get(tag, self.heading)
        inner.lists = self.lists + (tag in LIST_TAGS)
        inner.tables = self.tables + (tag == "table")
        inner.hidden = self.hidden or hidden
        inner.control = self.control or tag in _CONTROLS
        inner.preformatted = self.preformatted or tag in _PREFORMATTED
        return inner


def describe(attrs: Mapping[str, str]) -> tuple[str, bool]:
    """Return the class, id, role and itemprop of an element as one string, and whether the element is hidden."""
    names = attrs.get("class") or ""
    if _RELEVANT.isdisjoint(attrs):  # most elements
        return names, False
    for name in _NAMING:
        if name in attrs:
            names = f"{names} {attrs[name]}"
    hidden = "hidden" in attrs or attrs.get("aria-hidden") == "true"
    style = attrs.get("style")
    if style and not hidden:
        rules = style[:_MAX_STYLE_CHARS].lower().replace(" ", "")
        hidden = "display:none" in rules or "visibility:hidden" in rules
    return names, hidden
