"""The stages of cleaning, each ready to run on a page, so that each can be timed alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cleaner
from cleaner.detectors import Context
from cleaner.detectors.run import detectors
from cleaner.lines.characters import count_characters
from cleaner.lines.phrases import load
from cleaner.lines.shape import shapes_of
from cleaner.lines.table import LineTable
from cleaner.read import read_page
from cleaner.read.language import language_of
from cleaner.records import Page
from cleaner.report.rows import page_row, to_json
from cleaner.score.features import blocks as block_features
from cleaner.score.features import line as line_features
from cleaner.score.features import neighbours as near_features
from cleaner.score.features.facts import Facts, index_codes
from cleaner.score.features.table import feature_table, first_stage_scores
from cleaner.score.model.stored import load_scorer
from cleaner.score.model.words import tokenize, word_scores
from cleaner.score.weights import load_weights

Stage = Callable[[], object]


def cleaning(data: bytes) -> Iterator[tuple[str, Stage]]:
    """Yield reading, cleaning and reporting of a page."""
    yield "read", lambda: read_page(data)
    yield "clean", lambda: cleaner.clean(data)
    cleaned = cleaner.clean(data)
    yield "report", lambda: to_json(page_row(cleaned)[0])


def line_stages(data: bytes) -> Iterator[tuple[str, Stage]]:
    """Yield each stage that looks at lines, and each detector, ready to run on a page."""
    page = read_page(data)
    texts, folded = [line.text for line in page.lines], [shape.folded for shape in page.shapes]
    yield "characters", lambda: count_characters(texts)
    yield "shapes", lambda: shapes_of(texts)
    yield "language", lambda: language_of(texts)
    lexicon = load(("en",))
    yield "phrases", lambda: lexicon.scan(folded)
    yield "table of lines", lambda: compute_columns(LineTable(page))
    context = Context(LineTable(page), lexicon.scan(folded))
    compute_columns(context.table)
    for one in detectors():
        yield one.name, lambda one=one: list(one.run(page, context))  # type: ignore[misc]
    yield from scoring(page)


def compute_columns(table: LineTable) -> None:
    """Compute all columns of the table that detectors may ask for."""
    names = ("lines", "shapes", "numbers", "texts", "cores", "prose", "prose_words_above", "timestamps", "words_above")
    for name in names:
        getattr(table, name)


def scoring(page: Page) -> Iterator[tuple[str, Stage]]:
    """Yield the stages of the learned scorer."""
    scorer = load_scorer(page.kind)
    known = facts_of(page)
    folded = [shape.folded for shape in known.shapes]
    first = first_stage_scores(known, scorer.vocabulary, scorer.names)
    joint = first.word
    table = feature_table(known, first, scorer.features)
    yield "words", lambda: tokenize(folded)
    yield "word scores", lambda: word_scores(known.tokens, scorer.vocabulary)
    yield "first scores", lambda: first_stage_scores(facts_of(page), scorer.vocabulary, scorer.names)
    yield "line features", lambda: list(line_features.line_features(known))
    yield "text features", lambda: list(line_features.text_features(known))
    yield "windows", lambda: list(near_features.window_features(known, joint))
    yield "kinds of lines", lambda: block_features.shape_signatures(known)
    yield "table", lambda: feature_table(known, first, scorer.features)
    yield "trees", lambda: scorer.log_odds(table)


def facts_of(page: Page) -> Facts:
    """The facts of a page on which no detector found anything."""
    table = LineTable(page)
    codes = index_codes([()] * len(table.at))
    return Facts(table, codes, codes.sums({}) + load_weights(page.kind).bias)
