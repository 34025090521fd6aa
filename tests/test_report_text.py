"""What the terminal shows: nothing that steers it, sums that add up, evidence that can be read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cleaner.detectors import Rule
from cleaner.lines.display import display_name, make_visible
from cleaner.records import Evidence, Note
from cleaner.report.catalogue import catalogue
from cleaner.report.explanation import explain_lines
from cleaner.report.findings.concise import Concise
from cleaner.report.findings.record import Origin, findings_of
from cleaner.report.rows import failure_row, page_row
from cleaner.report.summary import MAX_LISTED_CODES, MAX_NAMED_PAGES, Summary
from cleaner.settings.record import Settings
from tests.making import text_page


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain Ünïcödé 語", "plain Ünïcödé 語"),
        ("\x1b[2J", "<U+001B>[2J"),
        ("a\u202eb", "a<U+202E>b"),
        ("a\u200bb\x85", "a<U+200B>b<U+0085>"),
        ("tab\tand\u3000blank", "tab and blank"),
        ("\ud800", "<U+D800>"),
        ("two\nlines\r", "two<U+000A>lines<U+000D>"),
    ],
)
def test_nothing_steers_the_terminal(text, safe):
    assert make_visible(text) == safe


def test_names_that_are_no_text_are_shown():
    assert display_name("a\udcff\udc80b") == "a%FF%80b"


def test_findings_are_one_line_each_and_safe():
    cleaned = text_page([b"body\n", b"read on\n", b"\n"], [True, False, False])
    verdict = cleaned.verdicts[1]._replace(why="says \x1b")
    cleaned = replace(cleaned, verdicts=(cleaned.verdicts[0], verdict, cleaned.verdicts[2]))
    said = [Concise().finding(one) for one in findings_of(cleaned, Origin("a\nb.txt"))]
    assert said == ["a<U+000A>b.txt:2: PW101 says <U+001B> [0.90]\n"]


def evident():
    cleaned = text_page(
        [b"body " * 60 + b"\n", b"\n", b"read \x1b on\n"], [True, True, False], notes=(Note("PW201", "cut"),)
    )
    said = (Evidence(3, "PW101", 3.25, "asks to subscribe " * 12), Evidence(3, "KP101", -0.5, "reads as prose"))
    return replace(cleaned, verdicts=(*cleaned.verdicts[:2], cleaned.verdicts[2]._replace(evidence=said)))


@pytest.mark.parametrize("width", [80, 100, 120])
def test_an_account_shows_all_evidence_within_its_width(width):
    rows = list(explain_lines(evident(), None, width))
    said = "\n".join(rows)
    assert max(map(len, rows)) <= width
    assert "1 keep 0.10" in said and "3 DROP 0.90 read <U+001B> on" in said
    assert "+3.25 PW101 asks" in said and "-0.50 KP101 reads as prose" in said and "PW201 cut" in said
    assert not any(ord(char) < 32 for char in said.replace("\n", ""))


def test_an_account_of_one_line_says_nothing_of_others():
    rows = list(explain_lines(evident(), 2, 80))
    assert rows == ["    2 keep 0.10 (blank)"]


def rows_of(*names):
    return [page_row(text_page([b"body here\n", b"read on\n"], [True, False], source=name))[0] for name in names]


def test_sums_add_up_in_any_order():
    rows = [*rows_of("a", "b", "c"), failure_row("d", "binary", "is a picture")]
    there, back = Summary(), Summary()
    for row in rows:
        there.add(row)
    for row in reversed(rows):
        back.add(row)
    sums = there.to_dict(Settings(allow=frozenset({("RL101", "b"), ("AD101", "a")})), "1", "w")
    assert sums == back.to_dict(Settings(allow=frozenset({("AD101", "a"), ("RL101", "b")})), "1", "w")
    pages = {
        "seen": 4,
        "written": 3,
        "quarantined": 1,
        "skipped": 0,
        "html": 0,
        "text": 3,
        "compared": 0,
        "to_look_at": 1,
    }
    assert sums["pages"] == pages
    assert sums["codes"] == {"PW101": {"lines": 3, "words": 6}}
    assert sums["failures"] == {"binary": 1}
    assert sums["settings"]["allow"] == [["AD101", "a"], ["RL101", "b"]]


def test_the_closing_words_name_codes_and_pages():
    summary = Summary()
    for row in [
        *rows_of("a"),
        *(failure_row(f"bad\x1b{n}", "binary", "is a picture") for n in range(MAX_NAMED_PAGES + 3)),
    ]:
        summary.add(row)
    said = "\n".join(summary.closing_lines({"PW101": "asks-to-pay"}))
    assert "16 pages: 1 written, 15 quarantined" in said
    assert "1 kept" in said and "1 removed (50.0%)" in said
    assert "PW101  asks-to-pay" in said
    assert "bad<U+001B>0: binary: is a picture" in said and "and 3 more" in said and "\x1b" not in said


def test_a_page_with_a_note_or_low_confidence_wants_a_look():
    summary = Summary()
    noted = page_row(text_page([b"a\n"], [True], notes=(Note("PW201", "is cut off"),)))[0]
    low = page_row(replace(text_page([b"a\n"], [True]), confidence=0.2))[0]
    for row in (noted, low, *rows_of("fine")):
        summary.add(row)
    assert [why for _, why in summary.look] == ["PW201 is cut off", "low confidence 0.20"]


def test_a_page_of_which_nothing_is_left_wants_a_look():
    summary = Summary()
    for cleaned in (text_page([], []), text_page([b"\n"], [True]), text_page([b"a\n"], [False])):
        summary.add(page_row(cleaned)[0])
    # Lines count only where they hold words.
    assert [why for _, why in summary.look] == ["has no text", "has no text", "nothing is left of it"]


def test_the_codes_told_fit_on_a_screen_and_the_rest_is_summed():
    summary = Summary()
    summary.code_words.update({f"AA{n:03}": 1000 - n for n in range(MAX_LISTED_CODES + 3)})
    summary.code_lines.update({f"AA{n:03}": 2 for n in range(MAX_LISTED_CODES + 3)})
    said = list(summary.closing_lines({}))
    assert sum(row.startswith("AA") for row in said) == MAX_LISTED_CODES
    rest = sum(1000 - n for n in range(MAX_LISTED_CODES, MAX_LISTED_CODES + 3))
    assert said[-1].split() == ["and", "3", "more", "codes", "6", f"{rest:,}"]


def test_the_catalogue_shows_what_goes_and_what_stays():
    rule = Rule(
        "RT201", "render-time", "says how long it took", goes="Vote.\n> 0.2 seconds", stays="Served in 2 bowls."
    )
    said = list(catalogue({"RT201": rule}))
    assert said == [
        "RT201 render-time",
        "  This line says how long it took.",
        "  goes:  Vote.",
        "         > 0.2 seconds",
        "  stays: Served in 2 bowls.",
        "",
    ]
    assert list(catalogue({"RT201": rule}, "PW")) == []
