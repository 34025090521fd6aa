"""Pages flattened the way scrapers do: whole, cut to the body with some residue, or by an extractor."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from training.labels import matched_words

#: ``crop`` keeps lines before and after the gold body: how often any, and how many on average.
BEFORE, AFTER = (0.7, 8), (0.85, 50)


def flattened(page: str, raw: bytes, gold: str) -> dict[str, str]:
    """All forms of a page, by name; a form is "" where its tool failed. ``page`` names it and seeds the crop."""
    markup = raw.decode("utf-8", "replace")
    made = {form: _tried(make, markup) for form, make in _makers().items()}
    return {**made, "crop": cropped(page, made["html_text"], gold)}


#: An excerpt has so many lines, and a page gives so many excerpts.
SHORTEST, LONGEST, EXCERPTS = 2, 12, 2


def excerpt(name: str, text: str, gold: str) -> tuple[str, str]:
    """Some lines of a text, drawn by ``name``, and their body: those that the gold body holds.

    People try a cleaner on a few lines, and hooks see short files. Half of the excerpts begin near a gold line.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    hit = [n for n, (words, held) in enumerate(matched_words(lines, gold)) if words and held * 2 >= words]
    if not hit:
        return "", ""
    drawn = random.Random(f"excerpt {name}")
    size = drawn.randint(SHORTEST, LONGEST)
    first = drawn.choice(hit) - drawn.randint(0, size) if drawn.random() < 0.5 else drawn.randrange(len(lines))
    chosen = range(max(0, first), min(len(lines), max(0, first) + size))
    held = frozenset(hit)
    return "\n".join(lines[n] for n in chosen), "\n".join(lines[n] for n in chosen if n in held)


def _tried(make: Callable[[str], str | None], markup: str) -> str:
    try:
        return make(markup) or ""
    except Exception:  # a tool that fails costs the fit one form of one page
        return ""


def _makers() -> Mapping[str, Callable[[str], str | None]]:
    # dependencies of training only, so they are not imported when labels are
    import html_text  # noqa: PLC0415
    import inscriptis  # noqa: PLC0415
    import trafilatura  # noqa: PLC0415
    from bs4 import BeautifulSoup  # noqa: PLC0415
    from readability import Document  # noqa: PLC0415
    from resiliparse.extract.html2text import extract_plain_text  # noqa: PLC0415

    return {
        "html_text": html_text.extract_text,
        "bs4nl": lambda markup: BeautifulSoup(markup, "lxml").get_text("\n", strip=True),
        "inscriptis": inscriptis.get_text,
        "resili_main": lambda markup: extract_plain_text(markup, main_content=True),
        "traf_recall": lambda markup: trafilatura.extract(
            markup, favor_recall=True, include_comments=True, include_tables=True
        ),
        "readability": lambda markup: html_text.extract_text(Document(markup).summary()),
    }


def cropped(page: str, text: str, gold: str) -> str:
    """A text cut to its gold lines and some lines around them, drawn by the name of the page; "" without any."""
    lines = text.split("\n")
    hit = [n for n, (words, held) in enumerate(matched_words(lines, gold)) if words and held * 2 >= words]
    if not hit:
        return ""
    drawn = random.Random(f"crop {page}")
    before, after = (
        int(drawn.expovariate(1 / mean)) if drawn.random() < share else 0 for share, mean in (BEFORE, AFTER)
    )
    return "\n".join(lines[max(0, hit[0] - before) : hit[-1] + 1 + after])
