"""Pages, words and trees, made by hand or by hypothesis, for the tests of the learned scorer."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from cleaner.lines.table import LineTable
from cleaner.read import read_page
from cleaner.records import Page
from cleaner.score.features.facts import Facts, index_codes
from cleaner.score.model.ensemble import Trees
from cleaner.score.model.structure import NameWeights
from cleaner.score.model.words import PAIR_BASE, Vocabulary

SENTENCE = "The council voted on Tuesday to close the old lock before the winter storms arrive at the quay."

TEXTS = st.one_of(
    st.sampled_from(
        [
            SENTENCE,
            "Nobody on the quay could say when the gate had last been opened, and nobody asked, said the mayor.",
            "Home",
            "Share on Facebook",
            "\u00a9 2031 Harbour Post | All rights reserved",
            "\u6e2f\u53e3\u7684\u65e7\u95f8\u95e8\u5c06\u5728\u51ac\u5b63\u98ce\u66b4\u5230\u6765\u4e4b\u524d\u5173\u95ed\u3002",
            "\u0421\u043e\u0432\u0435\u0442 \u0437\u0430\u043a\u0440\u043e\u0435\u0442 \u0448\u043b\u044e\u0437.",
            "\u0627\u0644\u0645\u062c\u0644\u0633 \u064a\u063a\u0644\u0642 \u0627\u0644\u0647\u0648\u064a\u0633.",
            "\U0001f6a2 \U0001f30a \U0001f1e9\U0001f1ea",
            "\u00ad\u200b",
            "word " * 400,
            "... !? ::",
        ]
    ),
    st.text(max_size=40),
)

TAGS = st.sampled_from(
    [
        "div",
        "div class='site-menu' id=top",
        "p",
        "ul",
        "li class=item",
        "table",
        "tr",
        "td",
        "h1",
        "h2",
        "a href=/",
        "nav",
        "article class=entry",
        "footer",
        "span",
        "button",
        "form",
        "pre",
        "br",
    ]
)

#: Some codes of every sort that a feature asks for, and some that none asks for.
CODES = [
    "AD101",
    "BY101",
    "BY202",
    "CH101",
    "CM101",
    "CM203",
    "CM211",
    "CP101",
    "DU401",
    "KP111",
    "NL112",
    "NV301",
    "NV322",
    "PW102",
    "RL101",
    "RL121",
    "SH101",
    "SH111",
    "TI101",
]

VOCABULARY = Vocabulary(
    ids={"\n": 1, "home": 2, "share": 3, "the": 4, "quay": 5, "\u00a9": 6},
    single=np.array([0, 0, 120, 200, -40, -90, 300]),
    pairs=np.array([PAIR_BASE + 2, 2 * PAIR_BASE + 1, 4 * PAIR_BASE + 5]),
    paired=np.array([64, 65, -30]),
    bias=0.25,
)
NAMES = NameWeights(
    own={"<nav>": 2.5, "<p>": -1.0, "menu": 1.5, "site-menu": 9.0, "entry": -2.0},
    around={"<nav>": 1.0, "site": 0.5, "entry": -1.0, "<article>": -0.5},
    bias=0.1,
)

quick = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def html_pages(draw: st.DrawFn) -> Page:
    """A page of any nesting of blocks, lists, tables, links and headings, not always well formed."""
    parts = draw(st.lists(st.tuples(TAGS, TEXTS, st.integers(0, 3)), max_size=25))
    source = ["<html><head><meta property='og:type' content='article'></head><body>"]
    for tag, text, closes in parts:
        source.append(f"<{tag}>{text}")
        source += [f"</{tag.split()[0]}>"] * (closes == 1) + ["</div>"] * (closes == 2)
    return read_page("".join(source), kind="html")


@st.composite
def text_pages(draw: st.DrawFn) -> Page:
    """A flattened page with blank lines and any mix of line ends."""
    rows = draw(st.lists(st.tuples(st.one_of(TEXTS, st.just("")), st.sampled_from(["\n", "\r\n", "\r"])), max_size=25))
    return read_page("".join([line + end for line, end in rows]), kind="text")


def facts_of(page: Page, codes: Sequence[Sequence[str]] = (), rules: Sequence[float] = ()) -> Facts:
    """The facts of a page; no evidence and no log-odds where none are given."""
    table = LineTable(page)
    size = len(table.at)
    some = [*codes, *[()] * size][:size]
    odds = np.array([*rules, *[0.0] * size][:size], float)
    return Facts(table, index_codes(some), odds)


def texts_of(facts: Facts) -> list[str]:
    """The texts of the filled lines."""
    return [line.text.strip() for line in facts.lines]


def grown(pick: random.Random, trees: int, features: int, splits: int = 12) -> Trees:
    """Trees of any shape, some of one leaf only, over whole numbers around zero."""
    nodes: list[list[int]] = []  # feature, cut, left, right, value
    depths: list[int] = []
    roots = []
    for _ in range(trees):
        leaves = [len(nodes)]
        roots.append(len(nodes))
        nodes.append([0, 0, len(nodes), len(nodes), pick.randint(-900, 900)])
        depths.append(0)
        for _ in range(pick.randint(0, splits)):
            node = leaves.pop(pick.randrange(len(leaves)))
            nodes[node][:4] = [pick.randrange(features), pick.randint(-5, 5), len(nodes), len(nodes) + 1]
            for _ in range(2):
                leaves.append(len(nodes))
                depths.append(depths[node] + 1)
                nodes.append([0, 0, len(nodes), len(nodes), pick.randint(-900, 900)])
    feature, cut, left, right, value = np.array(nodes, np.int32).reshape(-1, 5).T
    return Trees(np.array(roots, np.int32), max(depths, default=0), feature, cut, left, right, value)
