"""The report as a person meets it: in a browser, by keyboard, on a phone, in the dark, on paper."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cleaner.report.html.page import RUN_END_LINES
from tests.browser import launched, visiting
from tests.runs import cleaned, hostile, rows

EXAMPLES = Path(__file__).parents[1] / "examples" / "pages"

#: A page with everything: runs long enough to fold, lines that went before, between and after them.
LONG = "Sign In / Register\n\n" + "\n\n".join(
    f"Paragraph {n} tells how the boats of the old harbour were tied, counted and repaired before the winter came."
    for n in range(20)
)  # fmt: skip
LONG += "\nRelated: The lock is open\n\nAll of this was written down by the harbour master, who had seen it himself.\n"
LONG += "Share on Facebook\nAdvertisement\nLoading, please wait...\n"

VIEWS = [(width, scheme) for width in (360, 1440) for scheme in ("light", "dark")]


@pytest.fixture(scope="module")
def browser():
    with launched() as found:
        yield found


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    """The report on the example pages, the long page and two inputs that are no pages."""
    root = tmp_path_factory.mktemp("browser")
    shutil.copytree(EXAMPLES, root / "in")
    (root / "in" / "long.txt").write_text(LONG, "utf-8")
    (root / "in" / "picture.html").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    (root / "in" / "link.html").symlink_to("blog.html")
    cleaned(root / "in", root / "out")
    return root / "out" / "_report"


def page_file(report: Path, source: str) -> tuple[Path, dict[str, Any]]:
    """The file of a page, and its row."""
    number, row = next((n, row) for n, row in enumerate(rows(report.parent), 1) if row["source"] == source)
    return report / "pages" / f"{number:07}.html", row


def gone(row: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """The removed lines that show something, by number."""
    return {entry["line"]: entry for entry in row["removed"] if entry["text"].strip()}


def marked(row: dict[str, Any]) -> list[int]:
    """The numbers of the lines that went, and of those that stayed in doubt."""
    return sorted({*gone(row), *(entry["line"] for entry in row["unsure"])})


def faults_of(tab: Any) -> list[str]:
    """What is wrong with a page by the rules of axe, contrast by WCAG AA among them."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(tab).response["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
@pytest.mark.parametrize("what", ["index", "long.txt", "ferry.html", "teaser.txt"])
def test_readable_on_any_screen_in_both_schemes(browser, report, what, width, scheme):
    file = report / "index.html" if what == "index" else page_file(report, what)[0]
    with visiting(browser, width, scheme) as visit:
        tab = visit.go(file)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        dark = tab.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0] < 100")
        assert dark == (scheme == "dark")
        assert faults_of(tab) == []
        if what != "index":
            tab.locator(".gone").first.focus()
            assert faults_of(tab) == []


@pytest.mark.parametrize("width", [360, 1440])
def test_charts_show_what_the_rows_say(browser, report, width):
    found = rows(report.parent)
    words: dict[str, int] = {}
    for row in found:
        for code, sums in row.get("codes", {}).items():
            words[code[:2]] = words.get(code[:2], 0) + sums["words"]
    with visiting(browser, width) as visit:
        tab = visit.go(report / "index.html")
        charts = tab.locator("svg[role=img]")
        assert charts.count() > 10
        assert all(charts.nth(n).bounding_box()["width"] > 0 for n in range(charts.count()))
        assert tab.get_by_role("img", name="Pages by confidence, the expected word F1 of their bodies").is_visible()
        first, most = max(words.items(), key=lambda pair: (pair[1], pair[0]))
        bars = tab.locator("table[aria-labelledby=families-name] svg")
        sizes = {}
        for n in range(bars.count()):
            family, _, number = bars.nth(n).get_attribute("aria-label").partition(": ")
            sizes[family] = bars.nth(n).locator("rect").bounding_box()["width"]
            assert number == f"{words[family]:,} removed words"
        assert max(sizes, key=sizes.get) == first
        assert all(abs(size / sizes[first] - words[f] / most) < 0.02 for f, size in sizes.items())
        columns = tab.locator("svg.columns rect")
        number_shown = sum(
            int(columns.nth(n).locator("title").text_content().split(": ")[1].split()[0])
            for n in range(columns.count())
        )
        assert number_shown == sum(1 for row in found if "error" not in row)


def test_the_overview_leads_to_the_pages_that_need_a_look(browser, report):
    worst = min((row for row in rows(report.parent) if "error" not in row), key=lambda row: row["confidence"])
    with visiting(browser) as visit:
        tab = visit.go(report / "index.html")
        tab.get_by_role("link", name="pages to look at").click()
        low = tab.locator("details", has=tab.get_by_role("heading", name="Low confidence"))
        low.locator("tbody a").first.click()
        assert worst["source"] in tab.locator(".facts").inner_text()
        tab.get_by_role("link", name="overview").first.click()
        walled = tab.locator("details", has=tab.get_by_role("heading", name="Cut off by a paywall"))
        walled.locator("summary").click()
        assert "teaser.txt" in walled.locator("table").inner_text()
        failed = tab.locator("details", has=tab.get_by_role("heading", name="Not cleaned"))
        assert "picture.html" in failed.inner_text()
        assert "is a PNG picture" in failed.inner_text()
        assert "link.html" in failed.inner_text()


def test_reading_order_marks_and_reasons(browser, report):
    file, row = page_file(report, "long.txt")
    with visiting(browser) as visit:
        tab = visit.go(file)
        tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        shown = tab.eval_on_selector_all(
            ".line", "all => all.map(e => [+e.querySelector('.no').textContent, e.querySelector('.text').textContent])"
        )
        filled = [(n, text) for n, text in enumerate(LONG.split("\n"), 1) if text]
        assert [tuple(one) for one in shown] == filled
        for number, entry in gone(row).items():
            line = tab.locator(f"#n{number}")
            reason = line.locator(".why")
            assert not reason.is_visible()
            line.hover()
            assert reason.is_visible()
            said = reason.inner_text()
            assert entry["code"] in said
            assert f"{entry['score']:.2f}" in said
            assert entry["why"] in said
            tab.mouse.move(0, 0)
            line.focus()
            assert reason.is_visible()
            tab.evaluate("document.activeElement.blur()")


@pytest.mark.parametrize(("source", "width"), [("long.txt", 360), ("ferry.html", 1440), ("stadtbad.txt", 360)])
def test_the_keyboard_reaches_every_removed_line(browser, report, source, width):
    file, row = page_file(report, source)
    with visiting(browser, width) as visit:
        tab = visit.go(file)
        reached = []
        for _ in range(20 + 6 * len(marked(row))):
            tab.keyboard.press("Tab")
            name = tab.evaluate("document.activeElement.id")
            if name.startswith("n") and tab.locator(f"#{name} .why").is_visible():
                reached.append(int(name[1:]))
        assert list(dict.fromkeys(reached)) == marked(row)


@pytest.mark.parametrize("width", [360, 1440])
def test_folds_open_by_mouse_and_keyboard(browser, report, width):
    file, row = page_file(report, "long.txt")
    stay = [n for n, text in enumerate(LONG.split("\n"), 1) if text and n not in marked(row) and n < marked(row)[1]]
    with visiting(browser, width) as visit:
        tab = visit.go(file)
        fold = tab.locator(".reading details").first
        assert f"{len(stay) - 2 * RUN_END_LINES} more lines" in fold.locator("summary").inner_text()
        inside = fold.locator(".line").first
        assert not inside.is_visible()
        fold.locator("summary").click()
        assert inside.is_visible()
        fold.locator("summary").press("Enter")
        assert not inside.is_visible()


def test_anchors_lead_to_the_neighbours_and_to_the_family(browser, report):
    file, row = page_file(report, "ferry.html")
    numbers = list(gone(row))
    codes = [entry["code"][:2] for entry in gone(row).values()]
    family = next(one for one in codes if codes.count(one) > 1)
    kin = [number for number, one in zip(numbers, codes, strict=True) if one == family]
    with visiting(browser) as visit:
        tab = visit.go(file)
        for before, after in pairwise(numbers):
            tab.locator(f"#n{before}").focus()
            tab.locator(f"#n{before}").get_by_role("link", name="next", exact=True).click()
            assert tab.evaluate("location.hash") == f"#n{after}"
            assert tab.evaluate("document.querySelector(':target').id") == f"n{after}"
        tab.locator(f"#n{kin[0]}").focus()
        tab.locator(f"#n{kin[0]}").get_by_role("link", name=f"next {family}").click()
        assert tab.evaluate("location.hash") == f"#n{kin[1]}"
        tab.get_by_role("link", name=f"first line under {family}").click()
        assert tab.evaluate("location.hash") == f"#n{kin[0]}"
        tab.get_by_role("radio", name=f"{family} {len(kin)}").check()
        seen = tab.eval_on_selector_all(".line.gone", "all => all.filter(e => e.offsetParent).map(e => +e.id.slice(1))")
        assert seen == kin
        tab.get_by_role("radio", name="all").check()
        assert len(tab.eval_on_selector_all(".line.gone", "all => all.filter(e => e.offsetParent)")) == len(numbers)


def test_pages_follow_each_other(browser, report):
    pages = sorted((report / "pages").iterdir())
    with visiting(browser) as visit:
        tab = visit.go(report / "index.html", "#all")
        tab.locator("#all tbody a").first.click()
        seen = [tab.url]
        while (after := tab.get_by_role("link", name="next page").first).count():
            after.click()
            seen.append(tab.url)
        assert sorted(seen) == [page.as_uri() for page in pages]


def test_on_paper_every_reason_stands_beside_its_line(browser, report):
    file, row = page_file(report, "long.txt")
    with visiting(browser) as visit:
        tab = visit.go(file)
        tab.emulate_media(media="print")
        assert all(tab.locator(f"#n{number} .why").is_visible() for number in gone(row))
        assert not tab.locator("nav.top").first.is_visible()
        heights = tab.eval_on_selector_all(
            ".reading details .line", "all => all.map(e => e.getBoundingClientRect().height)"
        )
        assert heights
        assert all(heights)


@pytest.fixture(scope="module")
def hostile_report(tmp_path_factory) -> Path:
    """The report on every hostile input, all pages of it."""
    root = tmp_path_factory.mktemp("hostile")
    hostile().build(str(root / "in"))
    cleaned(root / "in", root / "out", "--no-html", "--jobs", 2, timeout=600)
    cleaned("report", root / "out", "--pages", 1_000)
    return root / "out" / "_report"


def test_no_page_does_anything_in_the_report(browser, hostile_report):
    files = [hostile_report / "index.html", *sorted((hostile_report / "pages").iterdir())]
    written = [row for row in rows(hostile_report.parent) if "error" not in row]
    assert len(files) == 1 + len(written) > 100
    assert {file.name: file.stat().st_size for file in files if file.stat().st_size > 5_000_000} == {}
    with visiting(browser) as visit:
        for file in files:
            tab = visit.go(file)
            found = tab.evaluate(
                """() => [...document.querySelectorAll('*')].flatMap(e => [
                  ...(/^(SCRIPT|IFRAME|OBJECT|EMBED|BASE|FORM|IMG)$/i.test(e.tagName) ? [e.tagName] : []),
                  ...[...e.attributes].filter(a => a.name.startsWith('on')).map(a => a.name),
                  ...['href', 'src', 'action', 'xlink:href'].map(n => e.getAttribute(n)).filter(
                    v => v && !/^(#n?[\\w-]+|data:,|(\\.\\.\\/index|pages\\/\\d+|\\d+)\\.html)$/.test(v)),
                ])"""
            )
            assert found == [], file.name
            assert visit.faults == [], file.name
