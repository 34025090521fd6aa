"""Pages flattened the way scrapers do: whole, cut to the body with some residue, or by an extractor."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from training.labels import matched_words

#: Lines that ``crop`` keeps before and after the gold body: the share of pages with any, and their mean number.
LINES_BEFORE, LINES_AFTER = (0.7, 8), (0.85, 50)


def flatten_page(page: str, raw: bytes, gold: str) -> dict[str, str]:
    """Return all forms of a page by name; a form is "" where its tool failed. The name ``page`` seeds the crop."""
    markup = raw.decode("utf-8", "replace")
    made = {form: _tried(make, markup) for form, make in _makers().items()}
    return {**made, "crop": crop_to_body(page, made["html_text"], gold)}


#: The least and the most lines of an excerpt, and the excerpts of each page.
MIN_EXCERPT_LINES, MAX_EXCERPT_LINES, EXCERPTS_PER_PAGE = 2, 12, 2


def draw_excerpt(name: str, text: str, gold: str) -> tuple[str, str]:
    """Return some lines of a text, drawn with ``name`` as the seed, and those of them that the gold body holds.

    People try a cleaner on a few lines, and hooks see short files. Half of the excerpts begin near a gold line.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    hit = [n for n, (words, held) in enumerate(matched_words(lines, gold)) if words and held * 2 >= words]
    if not hit:
        return "", ""
    drawn = random.Random(f"excerpt {name}")
    size = drawn.randint(MIN_EXCERPT_LINES, MAX_EXCERPT_LINES)
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


def crop_to_body(page: str, text: str, gold: str) -> str:
    """Return a text cut to its gold lines and some lines around them, drawn with ``page`` as the seed.

    It is "" for a text without gold lines.
    """
    lines = text.split("\n")
    hit = [n for n, (words, held) in enumerate(matched_words(lines, gold)) if words and held * 2 >= words]
    if not hit:
        return ""
    drawn = random.Random(f"crop {page}")
    before, after = (
        int(drawn.expovariate(1 / mean)) if drawn.random() < share else 0 for share, mean in (LINES_BEFORE, LINES_AFTER)
    )
    return "\n".join(lines[max(0, hit[0] - before) : hit[-1] + 1 + after])
