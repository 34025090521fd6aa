"""The report as pages for a browser, as text: what is chosen, counted and folded, and that nothing gets out of hand."""

from __future__ import annotations

import json
import random
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from lxml import html as lxml_html

from cleaner.corpus.finished.html_pages import HtmlReport, write_html_report
from cleaner.report.html.overview import MAX_BARS, MAX_COUNTED_NAMES, Overview, WordCounts
from cleaner.report.html.page import (
    MAX_HTML_LINE_CHARS,
    MAX_LINES_BYTES,
    MIN_FOLDED_LINES,
    MIN_SKIPPED_LINES,
    RUN_END_LINES,
    KeptRun,
    MarkedLine,
    family_letters,
    page_view,
)
from cleaner.report.html.render import index_html
from cleaner.report.html.selection import MAX_RANKED_PAGES, PageSelection
from cleaner.report.page_lines import PageLine
from cleaner.report.rows import failure_row, page_row, to_json
from tests.making import text_page
from tests.runs import cleaned, files, page, rows

NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; background: url(https://evil.example/a)",
    "</style><script>alert(2)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "\u202egnp.exe\u2066",
    "zero\u200bwidth\x00\x1b[31m",
    "javascript:alert(3)",
)


def row_of(number: int, confidence: float = 0.9, kept: int = 90, removed: int = 10, **changes: object) -> dict:
    """A row of a report, as far as the overview looks at it."""
    row = {
        "schema": 1, "source": f"{number:05}.html", "output": f"{number:05}.html.txt", "status": "written",
        "kind": "html", "language": "en", "title": f"Page {number}", "url": "", "site": "post.example",
        "encoding": "utf-8",
        "confidence": confidence, "notes": [], "lines": {"kept": 9, "removed": 1},
        "words": {"kept": kept, "removed": removed}, "codes": {"NV101": {"lines": 1, "words": removed}},
        "removed": [], "unsure": [], "sha256": "", "output_sha256": "",
    }  # fmt: skip
    return row | changes


def page_line(number: int, text: str = "The boats lay at the quay.", code: str = "", *, keep: bool = True) -> PageLine:
    return PageLine(number, text, keep, code, 0.9, "is a label of navigation") if code else PageLine(number, text, keep)


# -- which pages are shown


def chosen(found: list[dict], most: int) -> list[str]:
    choice = PageSelection(most)
    for number, row in enumerate(found, 1):
        choice.add(row, number, 0)
    return [brief.source for brief in choice.selected_pages()]


def test_few_pages_are_all_shown_those_of_low_confidence_first():
    found = [row_of(n, confidence=1 - n / 100) for n in range(30)]
    assert chosen(found, 100) == [row["source"] for row in reversed(found)]


def test_of_many_the_worst_are_shown_and_some_by_chance_whatever_the_order_of_the_rows():
    found = [row_of(n, confidence=0.5 + n / 2000, kept=1000 - n, removed=n) for n in range(1000)]
    found[500]["notes"] = [{"code": "SY201", "why": "the body is cut off by a paywall"}]
    shown = chosen(found, 50)
    assert len(shown) == 50
    assert set(shown) >= {row["source"] for row in found[:20]}  # two fifths: low confidence
    assert set(shown) >= {row["source"] for row in found[-10:]}  # a fifth: most removed
    assert found[500]["source"] in shown
    by_chance = set(shown) - {row["source"] for row in [*found[:20], *found[-10:], found[500]]}
    assert len(by_chance) == 19
    mixed = list(found)
    random.Random(7).shuffle(mixed)
    assert sorted(chosen(mixed, 50)) == sorted(shown)


def test_a_page_without_text_and_a_menu_that_went_are_not_the_worst():
    choice = PageSelection(10)
    choice.add(row_of(1, confidence=0, kept=0, removed=0), 1, 0)
    choice.add(row_of(2, kept=0, removed=9), 2, 0)
    names = {ranking.name: [brief.number for brief in ranking.pages] for ranking in choice.rankings()}
    assert names == {"Low confidence": [2]}


def test_lists_are_bounded_and_say_how_many_there_are():
    choice = PageSelection(10)
    for number in range(1, 1001):
        choice.add(failure_row(f"{number}.html", "binary", "is a picture"), number, 0)
    choice.add(failure_row("a.warc#1", "not-a-page", "is a picture", "skipped"), 1001, 0)
    (failed, skipped) = choice.rankings()
    assert (failed.name, failed.total, [brief.number for brief in failed.pages]) == (
        "Not cleaned", 1000, list(range(1, MAX_RANKED_PAGES + 1)),
    )  # fmt: skip
    assert (skipped.total, len(skipped.pages)) == (1, 1)
    assert choice.selected_pages() == ()


# -- the sums


def test_groups_keep_the_largest_in_bounded_memory():
    groups = WordCounts()
    groups.add("large.example", 10**9, 5)
    for number in range(3 * MAX_COUNTED_NAMES):
        groups.add(f"{number}.example", 1, 1)
    bars = groups.bars()
    assert len(bars) == MAX_BARS + 1
    assert (bars[0].name, bars[0].removed, bars[0].length) == ("large.example", 10**9, 1.0)
    assert "or fewer" in bars[-1].name
    assert sum(bar.removed for bar in bars) == 10**9 + 3 * MAX_COUNTED_NAMES
    assert sum(bar.kept for bar in bars) == 5 + 3 * MAX_COUNTED_NAMES


def test_places_of_records_are_counted_by_file():
    overview = Overview(PageSelection(10))
    for number in range(1, 5):
        overview.add(number, row_of(number, output=f"pages-0000{number % 2}.jsonl"), shared=True)
    assert {brief.number: brief.place for brief in overview.selection.selected_pages()} == {1: 0, 2: 0, 3: 1, 4: 1}


# -- one page


def test_long_runs_are_folded_and_short_ones_are_not():
    short, long = 2 * RUN_END_LINES + MIN_FOLDED_LINES - 1, 2 * RUN_END_LINES + MIN_FOLDED_LINES
    (run,) = page_view([page_line(n) for n in range(1, short + 1)], {}).pieces
    assert run == KeptRun(tuple(page_line(n) for n in range(1, short + 1)))
    (run,) = page_view([page_line(n) for n in range(1, long + 1)], {}).pieces
    assert [line.number for line in run.head] == [1, 2, 3]
    assert [line.number for line in run.tail] == [long - 2, long - 1, long]
    assert run.hidden == MIN_FOLDED_LINES


def test_blank_lines_in_succession_are_one_and_removed_ones_none():
    lines = [
        page_line(1, ""),
        page_line(2),
        page_line(3, ""),
        page_line(4, " "),
        page_line(5),
        page_line(6, "", "NB401", keep=False),
        page_line(7, ""),
    ]
    (run,) = page_view(lines, {}).pieces
    assert [(line.number, line.blank) for line in run.head] == [(2, False), (3, True), (5, False)]


def test_unsure_lines_stand_out_of_the_runs():
    lines = [page_line(n, code="NV101" if n == 15 else "") for n in range(1, 30)]
    head, doubt, tail = page_view(lines, {}).pieces
    assert isinstance(doubt, MarkedLine)
    assert (doubt.line.number, doubt.line.keep, doubt.before, doubt.after) == (15, True, 0, 0)
    assert head.hidden == tail.hidden == 14 - 2 * RUN_END_LINES


def test_removed_lines_know_their_neighbours_and_their_kin():
    codes = ["NV101", "", "CK101", "NV102", "", "CK102"]
    found = page_view([page_line(n, code=c, keep=not c) for n, c in enumerate(codes, 1)], {"NV": "navigation"})
    links = [
        (m.line.number, m.before, m.after, m.family_before, m.family_after)
        for m in found.pieces
        if isinstance(m, MarkedLine)
    ]
    assert links == [(1, 0, 3, 0, 4), (3, 1, 4, 0, 6), (4, 3, 6, 1, 0), (6, 4, 0, 3, 0)]
    assert [(f.letters, f.about, f.lines, f.first) for f in found.families] == [
        ("CK", "", 2, 3),
        ("NV", "navigation", 2, 1),
    ]


@pytest.mark.parametrize(("above", "body"), [(MIN_SKIPPED_LINES - 1, 0), (MIN_SKIPPED_LINES, MIN_SKIPPED_LINES + 1)])
def test_a_body_far_down_has_a_way_to_it(above, body):
    lines = [page_line(n, code="NV101", keep=False) for n in range(1, above + 1)]
    assert page_view([*lines, page_line(above + 1), page_line(above + 2, code="NV101", keep=False)], {}).body == body


def test_families_that_are_none_cannot_name_anything():
    assert [family_letters(code) for code in ("NV101", "nv101", "<b>", "N", "ÄÖ101", "</style>")] == ["NV", *["ZZ"] * 5]


@pytest.mark.parametrize(
    "text", ["&" * MAX_HTML_LINE_CHARS * 2, "\u202e" * MAX_HTML_LINE_CHARS, "a", "語" * MAX_HTML_LINE_CHARS]
)
@pytest.mark.parametrize("removed", [True, False])
def test_no_file_is_larger_than_5_mb_and_what_has_no_room_is_counted(tmp_path, text, removed):
    number = 5_000 if len(text) > 1 else 60_000
    made = text_page([f"{text}\n".encode()] * number, [not removed] * number)
    row, body, _ = page_row(made)
    (tmp_path / "page.txt").write_bytes(body)
    (tmp_path / "pages.jsonl").write_bytes(to_json(row | {"output": "page.txt"}))
    assert write_html_report(HtmlReport(tmp_path / "pages.jsonl", tmp_path, tmp_path)) == 1
    (written,) = (tmp_path / "pages").iterdir()
    data = written.read_text("utf-8")
    assert MAX_LINES_BYTES // 3 < len(data.encode()) < 5_000_000
    shown = data.count('<span class="no">')
    assert 0 < shown < number
    assert f"{number - shown:,} further lines, {number - shown if removed else 0:,} of them removed" in data


@pytest.mark.parametrize("sign", ["a", "\u202e", "&"])
def test_no_overview_is_larger_than_5_mb(sign):
    overview = Overview(PageSelection(20_000))
    for number in range(20_000):
        note = {"code": "SY201", "why": sign * 400}
        found = row_of(number, title=sign * 400, source=f"{number:05}{sign * 300}", notes=[note] * (number % 2))
        overview.add(number, found, shared=False)
    data = index_html(overview, overview.selection.selected_pages(), {}, {"families": {}, "rules": {}}).decode()
    assert 1_000_000 < len(data.encode()) < 5_000_000
    assert re.search(r"<p>[\d,]+ more do not fit here", data)


# -- what is written


class Parts(HTMLParser):
    """The tags and attributes of a page, as a parser of another make sees them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs


def both_parsers(data: str) -> tuple[set[str], list[tuple[str, str]]]:
    """All tags and attributes that either of two parsers finds."""
    own = Parts()
    own.feed(data)
    tree = lxml_html.fromstring(data.encode())
    tags = {*own.tags, *(str(e.tag) for e in tree.iter() if isinstance(e.tag, str))}
    attributes = [*own.attributes, *(pair for e in tree.iter() for pair in e.attrib.items())]
    return tags, [(name, value or "") for name, value in attributes]


def test_nothing_of_a_page_becomes_markup(tmp_path):
    corpus = tmp_path / "in"
    corpus.mkdir()
    for number, text in enumerate(NASTY):
        escaped = text.replace("&", "&amp;").replace("<", "&lt;")
        body = f"<title>{escaped}</title><nav><a>{escaped}</a></nav><p>{escaped} The vote is on Monday.</p>"
        link = f"<link rel=canonical href='https://x.example/{escaped.replace(chr(39), '')}'>"
        (corpus / f"{number}.html").write_text(f"<html>{link}{body}", "utf-8")
        (corpus / f"{number}.txt").write_text(f"{text}\nShare {text}\nThe vote is on Monday.\n", "utf-8")
    (corpus / "<img src=x onerror=alert(1)>.txt").write_text("The vote is on Monday.\nShare on Facebook\n", "utf-8")
    (corpus / "<b>.png.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    cleaned(corpus, tmp_path / "out")
    report = tmp_path / "out" / "_report"
    written = [report / "index.html", *sorted((report / "pages").iterdir())]
    assert len(written) == 1 + 2 * len(NASTY) + 1
    assert sum("{{ 7 * 7 }}{% raw %}" in file.read_text("utf-8") for file in written) == 3  # overview and both pages
    for file in written:
        data = file.read_text("utf-8")
        tags, attributes = both_parsers(data)
        assert not tags & {"script", "img", "iframe", "object", "embed", "form", "base", "b>", "image"}
        assert [name for name, _ in attributes if name.startswith("on")] == []
        assert [v for n, v in attributes if n in ("href", "src") and ":" in v and v != "data:,"] == []
        assert not any(sign in data for sign in "\u202e\u2066\u200b\x00\x1b")
        assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in data


def test_each_page_is_found_whatever_the_format(tmp_path):
    corpus = tmp_path / "in"
    corpus.mkdir()
    for number in range(8):
        (corpus / f"{number}.html").write_bytes(page(number))
    files_by_form = {}
    for form in ("text", "md", "jsonl", "parquet"):
        out = tmp_path / form
        cleaned(corpus, out, "--format", form)
        files_by_form[form] = {file.name: file.read_text("utf-8") for file in (out / "_report" / "pages").iterdir()}
        built = files(out)
        cleaned("report", out)
        assert files(out) == built
    assert len(files_by_form["text"]) == 8
    for form in ("md", "jsonl", "parquet"):
        same = {}
        for name, data in files_by_form[form].items():
            number = int(name[:7]) - 1
            output = f"{number}.html.md" if form == "md" else f"pages-00000.{form}"
            same[name] = data.replace(output, f"{number}.html.txt")
        assert same == files_by_form["text"]


def test_building_again_takes_nothing_but_the_report(tmp_path):
    (tmp_path / "a.txt").write_text("The vote is on Monday.\nShare on Facebook\n", "utf-8")
    cleaned(tmp_path / "a.txt", tmp_path / "out")
    report = tmp_path / "out" / "_report"
    (report / "pages" / "notes.txt").write_text("mine", "utf-8")
    (report / "pages" / "0000009.html").write_text("of a longer report", "utf-8")
    said = cleaned("report", tmp_path / "out", "--pages", 0).stdout
    assert said == f"{report / 'index.html'}: 0 pages shown\n"
    assert [file.name for file in (report / "pages").iterdir()] == ["notes.txt"]
    assert cleaned("restore", tmp_path / "out").returncode == 0
    (tmp_path / "a.txt").unlink()
    cleaned("report", tmp_path / "out")
    assert "Share on Facebook" in (report / "pages" / "0000001.html").read_text("utf-8")


def test_without_pages_when_they_are_not_wanted_and_old_ones_go(tmp_path):
    (tmp_path / "a.txt").write_text("The vote is on Monday.\nShare on Facebook\n", "utf-8")
    said = cleaned(tmp_path / "a.txt", tmp_path / "out").stdout
    report = tmp_path / "out" / "_report"
    assert f"report: {report / 'index.html'}" in said
    cleaned(tmp_path / "a.txt", tmp_path / "out", "--no-html")
    assert not (report / "index.html").exists()
    assert list((report / "pages").iterdir()) == []


def test_damaged_rows_and_bodies_cost_themselves_only(tmp_path):
    for name in "abcde":
        (tmp_path / f"{name}.txt").write_text(f"The vote of {name} is on Monday.\nShare on Facebook\n", "utf-8")
    out = tmp_path / "out"
    for name in "abcde":
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / f"{name}.txt").replace(tmp_path / "in" / f"{name}.txt")
    cleaned(tmp_path / "in", out)
    lines = (out / "_report" / "pages.jsonl").read_bytes().splitlines(keepends=True)
    second = json.loads(lines[1])
    second["output"] = "../../etc/passwd"
    third = json.loads(lines[2])
    third["removed"][0] = {"line": "x"}
    first = json.loads(lines[0])
    del first["lines"]["removed"]
    lines[:5] = [to_json(first), to_json(second), to_json(third), b"{broken\n", b"[]\n", lines[0]]
    (out / "_report" / "pages.jsonl").write_bytes(b"".join(lines))
    assert cleaned("report", out).returncode == 0
    shown = {file.name: file.read_text("utf-8") for file in sorted((out / "_report" / "pages").iterdir())}
    assert "The vote of a" in shown["0000006.html"]
    assert "cannot be shown" in shown["0000001.html"]
    assert "outside the output folder" in shown["0000002.html"]
    assert "cannot be shown" in shown["0000003.html"]
    assert len(shown) == 4
    assert "2 rows of the report are damaged" in (out / "_report" / "index.html").read_text("utf-8")


def test_no_report_is_said(tmp_path):
    done = cleaned("report", tmp_path)
    assert done.returncode == 2
    assert "there is no report" in done.stderr
    assert not (tmp_path / ".clean-scrape").exists()


def test_rows_of_a_run_without_pages(tmp_path):
    (tmp_path / "in").mkdir()
    cleaned(tmp_path / "in", tmp_path / "out")
    assert rows(tmp_path / "out") == []
    assert "There were no pages." in Path(tmp_path / "out" / "_report" / "index.html").read_text("utf-8")


def test_pages_of_a_run_that_was_killed_are_not_taken_for_those_of_the_next(tmp_path):
    corpus = tmp_path / "in"
    corpus.mkdir()
    for number in range(3):
        (corpus / f"{number}.html").write_bytes(page(number))
    died = "import os, cleaner.corpus.finished.html_pages as b\n"
    died += "old = b._write_pages\nb._write_pages = lambda *a: (old(*a), os._exit(9))"
    assert cleaned(corpus, tmp_path / "out", patch=died).returncode == 9
    (corpus / "2.html").unlink()
    assert cleaned(corpus, tmp_path / "out").returncode == 0
    report = tmp_path / "out" / "_report"
    assert sorted(file.name for file in (report / "pages").iterdir()) == ["0000001.html", "0000002.html"]
    fresh = tmp_path / "fresh"
    cleaned(corpus, fresh)
    assert (report / "index.html").read_bytes() == (fresh / "_report" / "index.html").read_bytes()
