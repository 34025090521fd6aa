"""Verdicts on generated pages as digests, one per page: ``python -m tests.score_digest`` writes score-digest.txt.

Write it anew when weights, rules or features changed on purpose. The pages come from a seeded ``random.Random`` alone,
so the digests are the same on every machine on which cleaning gives the same verdicts.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from html import escape
from pathlib import Path

import cleaner
from cleaner.records import Cleaned

PINNED = Path(__file__).parent / "score-digest.txt"

#: Pages of each sort in each form.
PAGES = 6

#: Words by script; a text is made of those of one script.
SCRIPTS = {
    "latin": "the council of harbour lock and gate was to close on Tuesday before storms said mayor quay boats in",
    "german": "der die das Hafen und im Winter Boote am alten Kai von Rat Schleuse wurde nicht niemand Mauer gestern",
    "cyrillic": "совет и гавани в шлюз на старый причал не зимой он",
    "arabic": "المجلس في الميناء من على البحر قال القديم",
    "han": "港口的 旧闸门 将在 冬季 风暴 委员会 表决 关闭",
}
MENU = ["Home", "About us", "Contact", "News", "Sport", "Sign in", "Privacy Policy", "Share on Facebook", "RSS"]
ASIDE = ["Related articles", "Most popular", "Leave a reply", "Subscribe to continue reading", "Read more"]
NAMES = ["don", "Vera Quay", "A. Lock", "gatekeeper_7"]

#: A block: tag with its attributes, and its lines; a page is a list of blocks.
Parts = list[tuple[str, list[str]]]


class Writer:
    """Texts of one script, drawn from a seeded generator."""

    def __init__(self, seed: str, script: str) -> None:
        self.pick = random.Random(seed)
        self.words = SCRIPTS[script].split()
        self.gap, self.stop = ("", "\u3002") if script == "han" else (" ", ".")

    def sentence(self, least: int = 8, most: int = 24) -> str:
        """Words with a capital and a full stop."""
        words = [self.pick.choice(self.words) for _ in range(self.pick.randint(least, most))]
        text = self.gap.join(words)
        return text[0].upper() + text[1:] + self.stop

    def paragraph(self) -> str:
        """One to five sentences."""
        return self.gap.join([self.sentence() for _ in range(self.pick.randint(1, 5))])

    def title(self) -> str:
        """A few words."""
        return self.sentence(3, 7).rstrip(self.stop)

    def some(self, texts: Sequence[str], least: int, most: int) -> list[str]:
        """Some of the texts, in any order."""
        return self.pick.sample(texts, self.pick.randint(least, min(most, len(texts))))

    def date(self) -> str:
        """A day."""
        return f"{self.pick.randint(2001, 2031)}-{self.pick.randint(1, 12):02}-{self.pick.randint(1, 28):02}"


def article(by: Writer) -> Parts:
    """A title, a byline, paragraphs, then related links."""
    head: Parts = [("h1", [by.title()]), ("p class=byline", [f"By {by.pick.choice(NAMES)}, {by.date()}"])]
    body: Parts = [("p", [by.paragraph()]) for _ in range(by.pick.randint(3, 14))]
    related = [by.title() for _ in range(by.pick.randint(2, 6))]
    return [*head, *body, ("div class=related-posts", [by.pick.choice(ASIDE), *related])]


def forum(by: Writer) -> Parts:
    """Posts with their heads."""
    parts: Parts = [("h1", [by.title()])]
    for number in range(by.pick.randint(3, 12)):
        head = [f"{by.pick.choice(NAMES)} | {by.date()} 11:{number:02}:41 PM", "Reply", "Quote"]
        parts += [("div class=post-head", head), ("div class=post-body", [by.paragraph(), by.sentence(2, 9)])]
    return parts


def shop(by: Writer) -> Parts:
    """Products with prices and buttons."""
    parts: Parts = [("h1", [by.title()]), ("p", [by.paragraph()])]
    for _ in range(by.pick.randint(3, 12)):
        price = f"\u20ac {by.pick.randint(1, 400)}.{by.pick.randint(0, 99):02}"
        parts.append(("li class=product-item", [by.title(), price, "Add to cart", by.sentence(4, 9)]))
    return parts


def menu(by: Writer) -> Parts:
    """Links, and hardly a sentence."""
    lists: Parts = [("ul class=menu", [by.title() for _ in range(by.pick.randint(3, 15))]) for _ in range(4)]
    return [*lists, ("p", [by.sentence(3, 20)])]


SORTS: dict[str, Callable[[Writer], Parts]] = {"article": article, "forum": forum, "shop": shop, "menu": menu}


def framed(sort: str, by: Writer) -> Parts:
    """A page of a sort with what stands around it."""
    top = ("nav class=site-menu", by.some(MENU, 3, 8))
    foot = ("footer class=site-footer", [*by.some(MENU, 1, 4), "\u00a9 2031 Harbour Post | All rights reserved"])
    return [top, *SORTS[sort](by), ("aside class=sidebar", by.some(ASIDE, 1, 4)), foot]


def as_html(parts: Parts, by: Writer) -> str:
    """Blocks with their lines, which are links where they are no sentences."""
    rows = []
    for tag, lines in parts:
        inner = []
        for line in lines:
            linked = len(line) < 40 and by.pick.random() < 0.7
            inner.append(f"<a href=/x>{escape(line)}</a>" if linked else escape(line))
        rows.append(f"<{tag}>{'<br>'.join(inner)}</{tag.split()[0]}>")
    return f"<!doctype html><html><head><title>{escape(by.title())}</title></head><body>{''.join(rows)}</body></html>"


def as_text(parts: Parts, by: Writer) -> str:
    """The lines, some blocks between blank lines."""
    rows = []
    for _, lines in parts:
        rows += [*lines, *[""] * by.pick.randint(0, 1)]
    return "\n".join(rows)


def pages() -> Iterator[tuple[str, str]]:
    """Yield the name of each page, and the page."""
    scripts = sorted(SCRIPTS)
    for sort in SORTS:
        for number in range(PAGES):
            script = scripts[number % len(scripts)]
            for form, made in (("html", as_html), ("text", as_text)):
                name = f"{form}-{sort}-{script}-{number}"
                by = Writer(name, script)
                yield name, made(framed(sort, by), by)


def digest(cleaned: Cleaned) -> str:
    """Of all verdicts: keep, code, and drop probability to four places."""
    rows = [f"{v.keep:d} {v.code} {v.drop_probability:.4f}\n" for v in cleaned.verdicts]
    return sha256("".join(rows).encode()).hexdigest()


def digests() -> str:
    """A line for each page, then the digest of these lines."""
    rows = ""
    for name, data in pages():
        rows += f"{name} {digest(cleaner.clean(data, kind='html' if name.startswith('html') else 'text'))}\n"
    return f"{rows}all {sha256(rows.encode()).hexdigest()}\n"


if __name__ == "__main__":
    if "--show" in sys.argv[1:]:
        sys.stdout.write(digests())
    else:
        PINNED.write_text(digests(), "utf-8", newline="\n")
