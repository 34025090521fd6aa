"""The registry of features: for each its meaning, its range of values, and the kinds of page that have it.

``table`` computes the features. Scores are log-odds (natural logarithm), above 0 for residue; distances are in filled
lines. ``clean-scrape explain`` prints the meanings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from cleaner.records import Kind

#: The largest value of distances and counts.
MAX_COUNT = 200.0

#: The largest absolute value of scores.
MAX_ABS_LOG_ODDS = 12.0

#: Number of blocks around a line that have features, from the innermost out; each holds more lines than the one inside.
MAX_RINGS = 6

#: The smallest blocks that hold these percentages of a page's content have features.
CONTENT_PERCENTS = (35, 60, 85)

BOTH_KINDS: tuple[Kind, ...] = ("html", "text")


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: a value per filled line, from ``low`` to ``high``.

    ``meaning`` names what the feature depends on, as part of a list in an explanation. ``level`` is "page" when all
    lines of a page have the same value, and "gate" when only the gate uses it, not the trees.
    """

    name: str
    meaning: str
    low: float
    high: float
    kinds: tuple[Kind, ...] = BOTH_KINDS
    level: Literal["line", "page", "gate"] = "line"


def _score(name: str, meaning: str, *kinds: Kind) -> Feature:
    return Feature(name, meaning, -MAX_ABS_LOG_ODDS, MAX_ABS_LOG_ODDS, kinds or BOTH_KINDS)


def _share(name: str, meaning: str, *kinds: Kind) -> Feature:
    return Feature(name, meaning, 0.0, 1.0, kinds or BOTH_KINDS)


def _count(name: str, meaning: str, *kinds: Kind) -> Feature:
    return Feature(name, meaning, 0.0, MAX_COUNT, kinds or BOTH_KINDS)


def _distance(name: str, meaning: str, *kinds: Kind) -> Feature:
    """A distance; -1 where no such line exists."""
    return Feature(name, meaning, -1.0, MAX_COUNT, kinds or BOTH_KINDS)


def _line() -> Iterator[Feature]:
    yield _score("word", "its words")
    yield _score("rules", "the evidence of the rules")
    yield _score("joint", "its words and markup together with the rules")
    yield _count("words", "its number of words")
    yield _share("function_share", "its share of function words")
    yield _share("ends_sentence", "whether it ends as a sentence does")
    yield _share("family_CP", "whether it is a caption or credit")
    yield _share("family_DU", "whether it repeats a line")
    yield Feature("copies", "how often it stands on the page", 1.0, 9.0)
    yield _share("seen_once", "its share of words that stand nowhere else on the page")
    yield _share("known", "its share of known words", "text")
    yield Feature("word_length", "the length of its words", 0.0, MAX_COUNT, ("text",))
    yield _share("capital_share", "its share of words in capitals", "text")
    yield _share("digit_share", "its share of digits", "text")
    yield Feature("separator_share", "its separators such as | and bullets", 0.0, MAX_COUNT, ("text",))
    yield _share("ends_colon", "whether it ends with a colon", "text")
    yield Feature("commas", "its number of commas", 0.0, MAX_COUNT, ("text",))
    yield _share("family_NV", "whether it is a label of navigation", "text")
    yield _share("holds_phrase", "whether it holds a phrase of residue", "text")
    yield Feature("prose_likeness", "the words that it shares with the running text", 0.0, 2.0, ("text",))


def _near() -> Iterator[Feature]:
    yield _score("last_1_joint", "the line before it")
    yield _score("next_1_joint", "the line after it")
    yield _score("last_3_joint", "the third line before it", "text")
    yield _score("next_3_joint", "the third line after it", "text")
    yield _count("next_1_words", "the length of the line after it", "text")
    yield _score("joint_2", "the two lines on each side")
    yield _score("joint_7", "the seven lines on each side")
    yield _score("joint_20", "the twenty lines on each side", "text")
    for reach in (4, 10):
        yield _score(f"joint_ahead_{reach}", f"the {reach} lines before it")
        yield _score(f"joint_behind_{reach}", f"the {reach} lines after it")
    yield _score("joint_page", "the page as a whole")
    yield Feature("length_7", "the length of the lines around it", 0.0, MAX_ABS_LOG_ODDS)
    yield _share("ends_7", "whether the lines around it end as sentences do", "text")
    yield _share("function_7", "the function words of the lines around it", "text")
    yield _share("links_7", "the links in the lines around it", "html")


def _place() -> Iterator[Feature]:
    yield _share("position", "its place on the page")
    yield _count("from_start", "its distance from the top of the page")
    yield _count("from_end", "its distance from the end of the page")
    yield _share("words_before", "the share of words before it")
    yield _share("prose_before", "the share of running text before it")
    yield _share("prose_after", "the share of running text after it")
    yield _count("short_run", "the run of lines as short or long as it", "text")
    yield _count("prose_run", "the run of running text around it", "text")
    yield _distance("since_title", "its distance after the title")
    yield _distance("until_title", "its distance before the title")
    for name, what in (
        ("related", "related links"),
        ("share", "sharing links"),
        ("stamp", "a byline or date"),
        ("comments", "evidence of comments"),
        ("legal", "a legal line"),
        ("forum", "evidence of a forum"),
    ):
        kinds: tuple[Kind, ...] = BOTH_KINDS if name in ("related", "share", "stamp") else ("text",)
        yield _distance(f"since_{name}", f"its distance after {what}", *kinds)
        yield _distance(f"until_{name}", f"its distance before {what}", *kinds)


def _section() -> Iterator[Feature]:
    above = {"section_joint": "the lines under the same heading", "heading_joint": "the heading above it"}
    yield from (_score(name, meaning, "html") for name, meaning in above.items())
    yield _share("section_prose", "the running text under the same heading", "html")
    for name, meaning in (
        ("since_heading", "after a heading"),
        ("since_h1", "after the main heading"),
        ("until_h1", "before the main heading"),
    ):
        yield _distance(name, f"its distance {meaning}", "html")


def _page() -> Iterator[Feature]:
    yield Feature("page_words", "the length of the page", 0.0, 20.0)
    yield Feature("page_lines", "the number of lines of the page", 0.0, 20.0)
    yield Feature("page_prose_lines", "the number of lines of running text", 0.0, 20.0)
    yield _share("page_prose", "the page's share of running text")
    yield _share("page_functions", "the page's share of function words")
    yield _share("page_repeats", "the page's share of repeated lines")
    yield _count("page_comments", "the evidence of comments on the page")
    yield _count("page_posts", "the evidence of a forum on the page")
    yield _count("page_stamps", "the bylines and dates on the page")
    yield Feature("page_content", "how many words of the page look like text", 0.0, 20.0, ("text",))
    yield _share("page_links", "the share of the page's words in links", "html")
    yield _share("says_article", "whether the page calls itself an article", "html")
    yield _share("says_product", "whether the page calls itself a product", "html")


def _gate() -> Iterator[Feature]:
    yield _share("says_forum", "whether the page calls itself a forum", "html")
    yield _share("says_list", "whether the page calls itself a list", "html")
    yield _share("has_title", "whether the title stands on the page", "html")
    yield _share("title_place", "the place of the title on the page", "html")
    yield Feature("title_text", "the running text under the title", 0.0, 20.0, ("html",))
    yield _share("title_text_share", "the share of running text under the title", "html")
    yield _share("title_stamp", "whether a byline or date stands at the title", "html")
    yield Feature("stretch", "the longest stretch of running text", 0.0, 20.0, ("html",))
    yield _share("stretch_share", "the share of running text in the longest stretch", "html")
    yield Feature("text_length", "the length of its lines of running text", 0.0, 20.0, ("html",))
    yield Feature("text_lines", "the number of its lines of running text that are no links", 0.0, 20.0, ("html",))
    yield Feature("headings", "the number of its headings", 0.0, 20.0, ("html",))
    yield Feature("content", "how many of its words look like text", 0.0, 20.0, ("html",))
    yield _share("content_share", "the share of its words that look like text", "html")
    yield _share("content_prose", "the share of running text in what looks like text", "html")


def _alike(what: str) -> Iterator[Feature]:
    yield _count("alike", f"the number of {what}")
    yield _score("alike_joint", what)
    yield _share("alike_words", f"the share of words in {what}")
    yield Feature("alike_length", f"the length of {what}", 0.0, 8000.0)
    yield Feature("alike_spread", f"how much the length of {what} varies", 0.0, MAX_COUNT)
    yield _share("alike_prose", f"the share of running text in {what}")
    yield _share("alike_prose_share", f"the share of the page's running text in {what}")
    yield _share("alike_span", f"how far over the page {what} reach")
    yield _share("alike_rank", f"its place among {what}")


def _paragraph() -> Iterator[Feature]:
    what = "its paragraph"
    yield _count("par_lines", f"the number of lines of {what}", "text")
    yield _score("par_joint", f"the lines of {what}", "text")
    shares = {
        "par_prose": f"the share of running text in {what}",
        "par_place": f"its place in {what}",
        "par_page": "the number of paragraphs per line of the page",
    }
    yield from (_share(name, meaning, "text") for name, meaning in shares.items())


def _markup() -> Iterator[Feature]:
    yield _score("own", "the name of its block", "html")
    yield _score("structure", "the names of the blocks around it", "html")
    yield Feature(
        "structure_page",
        "the names of its blocks compared with all of the page",
        -2 * MAX_ABS_LOG_ODDS,
        2 * MAX_ABS_LOG_ODDS,
        ("html",),
    )
    yield Feature(
        "structure_best",
        "the names of its blocks compared with the best of the page",
        0.0,
        2 * MAX_ABS_LOG_ODDS,
        ("html",),
    )
    yield _score("structure_7", "the names of the blocks of the lines around it", "html")
    for ring, what in enumerate(
        ("its block", "the block around it", *[f"the block {n} levels up" for n in range(2, MAX_RINGS)])
    ):
        yield _score(f"ring_{ring}_joint", f"the lines of {what}", "html")
        yield _share(f"ring_{ring}_links", f"the share of links in {what}", "html")
        yield _share(f"ring_{ring}_prose", f"the share of the page's running text in {what}", "html")
        yield _share(f"ring_{ring}_words", f"the share of the page's words in {what}", "html")
        yield _share(f"ring_{ring}_density", f"the share of running text in {what}", "html")
        yield _count(f"ring_{ring}_lines", f"the number of lines in {what}", "html")
        if ring in (1, 2):
            yield _share(f"ring_{ring}_rank", f"how {what} compares with those of other lines", "html")
    yield _count("depth", "the depth of its block", "html")
    for kind, what in (("heart", "content"), ("core", "running text")):
        for share in CONTENT_PERCENTS:
            name, where = f"{kind}_{share}", f"the block with {share}% of the {what}"
            yield _share(f"{name}_inside", f"whether it lies in {where}", "html")
            yield _count(f"{name}_after", f"its distance after {where}", "html")
            yield Feature(f"{name}_place", f"its place in {where}", -1.0, 2.0, ("html",))
            yield Feature(f"{name}_depth", f"its depth below {where}", -MAX_COUNT, MAX_COUNT, ("html",))
            yield _share(f"{name}_size", f"the size of {where}", "html")


def _all() -> Iterator[Feature]:
    for group in (_line, _near, _place, _section):
        yield from group()
    for feature in _page():
        yield replace(feature, level="page")
    for feature in _gate():
        yield replace(feature, level="gate")
    yield from _alike("lines of the same form")
    yield from _paragraph()
    yield from _markup()


#: All features by name, in order.
FEATURES: Mapping[str, Feature] = {feature.name: feature for feature in _all()}


#: Features of lines that are the same for all lines of a page.
_PAGE_WIDE = (
    "joint_page",
    "heart_35_size",
    "heart_60_size",
    "heart_85_size",
    "core_35_size",
    "core_60_size",
    "core_85_size",
)


def gate_feature_names(kind: Kind) -> tuple[str, ...]:
    """The names of the features from which the gate predicts whether a page of this kind is an article, in order."""
    return tuple([name for name in feature_names(kind) if FEATURES[name].level != "line" or name in _PAGE_WIDE])


def feature_names(kind: Kind, features: Mapping[str, Feature] = FEATURES) -> tuple[str, ...]:
    """The names of those of the ``features`` that pages of this kind have, in order."""
    return tuple([feature.name for feature in features.values() if kind in feature.kinds])
