"""Laws that hold for every page, tried on generated ones."""

from __future__ import annotations

from math import log2

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cleaner
from bench.timed.whole_pages import SHAPES
from cleaner import pipeline
from cleaner.decide import settle
from cleaner.detectors import run
from cleaner.records import Cleaned
from cleaner.settings.record import Settings

PROSE = [
    "The council voted on Tuesday to close the old lock before the winter storms arrive.",
    "Nobody on the quay could say when the gate had last been opened, and nobody asked.",
    "\u201cWe sail at noon,\u201d said the harbour master, who had not slept for two days.",
    "Im Winter lagen die Boote beider Familien am alten Kai, und niemand fuhr hinaus.",
    "\u6e2f\u53e3\u7684\u65e7\u95f8\u95e8\u5c06\u5728\u51ac\u5b63\u98ce\u66b4\u5230\u6765\u4e4b\u524d\u5173\u95ed\uff0c\u59d4\u5458\u4f1a\u5468\u4e8c\u8868\u51b3\u901a\u8fc7\u3002",
]
RESIDUE = [
    "Sign In / Up",
    "Related: A wall for the islands",
    "Share on Facebook",
    "This site uses cookies to improve your user experience.",
    "0.203 seconds",
    "Loading, please wait...",
    "Leave a reply",
    "Home | News | Sport",
    "don | 4/29/2017 11:19:41 PM",
    "Subscribe to continue reading",
    "Most popular",
]
LINES = st.one_of(st.sampled_from(PROSE), st.sampled_from(RESIDUE), st.just(""), st.text(max_size=40))
NEWLINES = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def flat_pages(draw: st.DrawFn) -> str:
    """A flattened page with any mix of line ends, sometimes without the last one."""
    rows = draw(st.lists(st.tuples(LINES, NEWLINES), max_size=30))
    text = "".join(line + newline for line, newline in rows)
    return text + draw(LINES)


@st.composite
def html_pages(draw: st.DrawFn) -> str:
    """A page of blocks with any nesting of sections, not always well formed."""
    tags = st.sampled_from(["p", "div", "li", "h2", "nav", "td", "span", "footer class='site-footer'", "article", "b"])
    parts = draw(st.lists(st.tuples(tags, LINES, st.booleans()), max_size=30))
    return "<html><body>" + "".join(
        f"<{tag}>{line}" + (f"</{tag.split()[0]}>" if closed else "") for tag, line, closed in parts
    )


def check_account(cleaned: Cleaned) -> None:
    """Every line has one verdict; every line that went a code, a score and a reason."""
    assert [v.line for v in cleaned.verdicts] == list(cleaned.page.lines)
    for verdict in cleaned.dropped:
        assert verdict.code
        assert verdict.why
        assert 0 < verdict.drop_probability <= 1


quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(flat_pages(), st.sampled_from(["safe", "balanced", "strict"]))
def test_kept_and_removed_lines_rebuild_a_text_byte_for_byte(text: str, policy: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    cleaned = cleaner.clean(data, kind="text", settings=Settings(policy=policy))  # type: ignore[arg-type]
    check_account(cleaned)
    assert cleaned.page.bom + sum(v.line.end - v.line.start for v in cleaned.verdicts) == len(data)
    assert b"".join(data[v.line.start : v.line.end] for v in cleaned.verdicts) == data[cleaned.page.bom :]
    kept = b"".join(data[v.line.start : v.line.end] for v in cleaned.verdicts if v.keep)
    assert cleaned.to_bytes() == data[: cleaned.page.bom] + kept


@quick
@given(flat_pages(), st.sampled_from(["safe", "balanced", "strict"]))
def test_a_second_clean_changes_nothing(text: str, policy: str) -> None:
    chosen = Settings(policy=policy)  # type: ignore[arg-type]
    once = cleaner.clean(text.encode("utf-8", "surrogatepass"), kind="text", settings=chosen).to_bytes()
    assert cleaner.clean(once, kind="text", settings=chosen).to_bytes() == once


@quick
@given(html_pages())
def test_the_body_of_html_is_a_subsequence_of_its_text_layer(page: str) -> None:
    cleaned = cleaner.clean(page, kind="html")
    check_account(cleaned)
    layer = "".join(line.text + line.newline for line in cleaned.page.lines)
    assert [layer[line.start : line.end] for line in cleaned.page.lines] == [
        line.text + line.newline for line in cleaned.page.lines
    ]
    assert cleaned.text == "".join(layer[v.line.start : v.line.end] for v in cleaned.verdicts if v.keep)


@quick
@given(st.one_of(flat_pages(), html_pages()))
def test_the_order_of_detectors_does_not_matter(page: str) -> None:
    first = cleaner.clean(page)
    usual = run.detectors
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "detectors", lambda: tuple(reversed(usual())))
        assert cleaner.clean(page).verdicts == first.verdicts


@quick
@given(st.binary(max_size=400))
def test_any_bytes_are_cleaned_or_refused_by_type(data: bytes) -> None:
    (result,) = cleaner.clean_pages([data])
    if isinstance(result, cleaner.CleanScrapeError):
        assert result.reason == "binary"
    else:
        check_account(result)


def test_a_str_and_its_bytes_give_the_same_verdicts() -> None:
    text = "\n".join([RESIDUE[0], *PROSE, *RESIDUE])
    as_bytes = cleaner.clean(text.encode(), kind="text")
    as_text = cleaner.clean(text, kind="text")
    assert as_text.text == as_bytes.text
    assert [v.drop_probability for v in as_text.verdicts] == [v.drop_probability for v in as_bytes.verdicts]


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A number for each time that a page was judged."""
    judge, seen = pipeline._judge, []

    def counted(*given: object, **named: object) -> cleaner.Cleaned:
        seen.append(len(seen))
        return judge(*given, **named)

    monkeypatch.setattr(pipeline, "_judge", counted)
    return seen


@pytest.mark.parametrize("shape", SHAPES)
def test_a_text_settles_in_few_passes(shape: str, passes: list[int]) -> None:
    page = SHAPES[shape](1600)
    done = cleaner.clean(page)
    assert len(passes) <= settle.PASSES_BEFORE_FORCING + log2(page.count("\n") + 2) / 2 + 2
    passes.clear()
    body = done.to_bytes()
    if done.page.kind == "text":
        assert cleaner.clean(body, kind="text").to_bytes() == body
        assert len(passes) == 1
