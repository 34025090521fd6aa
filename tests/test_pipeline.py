"""The library's own calls: arguments, failures, sites, second opinions."""

from __future__ import annotations

import dataclasses
import gc

import pytest

import cleaner
from cleaner import RawPage, Settings, SiteProfile, clean, clean_pages, pipeline
from cleaner.detectors import Detector, Hit, Rule, run
from cleaner.lines.table import LineTable
from cleaner.records import Evidence, Page, Verdict

TEN = "In winter and in spring the boats of both families lay at the old quay."
PAGE = f"The quay in winter\n\n{TEN}\n\nShare on Facebook\n\n{TEN}\n"


def test_arguments_that_are_no_page_say_so() -> None:
    with pytest.raises(TypeError, match="bytes or str, not NoneType"):
        clean(None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not 'xml'"):
        clean(b"", kind="xml")  # type: ignore[arg-type]


def test_a_page_that_fails_is_named_and_the_others_are_cleaned() -> None:
    given = [PAGE, ("b.html", b"\x89PNG\r\n\x1a\n" + bytes(range(256))), ("c.txt", PAGE.encode()), 7]
    first, second, third, fourth = clean_pages(given)  # type: ignore[arg-type]
    assert isinstance(first, cleaner.Cleaned)
    assert isinstance(second, cleaner.CleanScrapeError)
    assert (second.source, second.reason) == ("b.html", "binary")
    assert isinstance(third, cleaner.Cleaned)
    assert third.text == first.text
    assert isinstance(fourth, cleaner.CleanScrapeError)
    assert (fourth.source, fourth.reason) == ("<page 4>", "crashed")


def test_pages_may_come_with_url_and_kind() -> None:
    settings = Settings(sites={"post.example": Settings(ignore=("SH",))})
    text = f"{TEN}\n\nShare on Facebook\n\n{TEN}\n"
    given = [RawPage(text, url="https://www.post.example/a"), RawPage(text, "b.txt"), RawPage("<p>Hi</p>", kind="text")]
    first, second, third = clean_pages(given, settings=settings)
    assert isinstance(first, cleaner.Cleaned)
    assert isinstance(second, cleaner.Cleaned)
    assert isinstance(third, cleaner.Cleaned)
    assert (first.page.source, first.page.site, first.text) == ("<page 1>", "post.example", text)
    assert (second.page.source, "Share" in second.text) == ("b.txt", False)
    assert third.page.kind == "text"


def test_the_garbage_collector_is_left_as_it_was() -> None:
    assert gc.isenabled()
    clean(PAGE)
    assert gc.isenabled()
    with pytest.raises(cleaner.CleanScrapeError):
        clean(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    assert gc.isenabled()
    gc.disable()
    try:
        clean(PAGE)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_detector_that_fails_costs_its_own_evidence_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(page: Page, context: object) -> list[Hit]:
        raise RuntimeError("no luck today")

    usual = run.detectors()
    monkeypatch.setattr(run, "detectors", lambda: (*usual, Detector("broken", (), broken, "tests")))
    done = clean(PAGE)
    assert [(note.code, "no luck today" in note.why) for note in done.notes] == [("SY101", True)]
    monkeypatch.undo()
    assert done.text == clean(PAGE).text


def test_a_hit_beside_the_page_is_a_failure_of_its_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = Rule("ZZ101", "beside", "stands beside the page", goes="> a", stays="b")
    usual = run.detectors()
    lost = Detector("lost", (rule,), lambda page, context: [Hit(999, "ZZ101")], "tests")
    monkeypatch.setattr(run, "detectors", lambda: (*usual, lost))
    assert [note.code for note in clean(PAGE).notes] == ["SY101"]


def test_lines_of_the_sites_template_go_with_a_profile_only() -> None:
    template = "Harbour Post, the paper of the islands"
    page = f"{TEN}\n\n{template}\n\n{TEN}\n"
    others = [SiteProfile.of(clean(f"{template}\nStory {word} is another.\n").page) for word in "abcdef"]
    profile = sum(others, SiteProfile())
    with_profile = {v.line.text: v.drop_probability for v in clean(page, site=profile).verdicts}
    without = {v.line.text: v.drop_probability for v in clean(page).verdicts}
    assert with_profile[template] > without[template]


def test_the_site_may_be_found_for_a_page_that_was_read() -> None:
    pages = [f"Harbour Post, the paper of the islands\nStory {word} is one of many.\n" for word in "abcdef"]
    template = sum((SiteProfile.of(clean(page).page) for page in pages), SiteProfile()).template()
    sites = {"post.example": template}
    assert clean(pages[0], url="https://post.example/a", site=lambda page: sites.get(page.site)).others == 5
    assert clean(pages[0], url="https://tide.example/a", site=lambda page: sites.get(page.site)).others == 0


def test_settings_of_a_site_hold_for_its_pages_only() -> None:
    keep = Settings(ignore=("SH",))
    settings = Settings(sites={"example.org": keep})
    html = "<html><body><article>" + f"<p>{TEN}</p>" * 5 + "<p>Share on Facebook</p></article></body></html>"
    assert "Share on Facebook" in clean(html, url="https://www.example.org/a", settings=settings).text
    assert "Share on Facebook" not in clean(html, url="https://example.net/a", settings=settings).text


def test_ignored_codes_keep_their_lines_and_select_limits_what_goes() -> None:
    text = f"{TEN}\n\nShare on Facebook\n\n{TEN}\n\nLoading, please wait...\n"
    assert "Share on Facebook" in clean(text, settings=Settings(ignore=("SH",))).text
    chosen = clean(text, settings=Settings(select=("RT",)))
    assert {v.code for v in chosen.dropped if not v.line.blank} == {"RT101"}


def test_a_second_opinion_counts_on_doubtful_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    html = "<html><body>" + "".join(f"<p>{TEN}</p><p>Boats and bread</p>" for _ in range(5)) + "</body></html>"
    assert not any(e.code.startswith("EX") for v in clean(html).verdicts for e in v.evidence)
    monkeypatch.setattr(pipeline, "SECOND_OPINION_CONFIDENCE", 1.01)
    asked = clean(html, settings=dataclasses.replace(Settings(), second_opinion=True))
    assert any(e.code == "EX102" for v in asked.verdicts for e in v.evidence)


def test_evidence_of_later_passes_names_the_line_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def first_goes(table: LineTable, *_: object) -> cleaner.Cleaned:
        page = table.page
        evidence = [Evidence(line.number, "LM101", 1.0, "is so") for line in page.lines]
        verdicts = [
            Verdict(line, 0.7, len(page.lines) == 1 or line.number > 1, "LM101", "is so", (one,))
            for line, one in zip(page.lines, evidence, strict=True)
        ]
        return cleaner.Cleaned(page, tuple(verdicts), 1.0)

    monkeypatch.setattr(pipeline, "_judge", first_goes)
    cleaned = clean("one\ntwo\nthree\n", kind="text")
    assert cleaned.text == "three\n"
    assert [v.line.number for v in cleaned.verdicts] == [1, 2, 3]
    assert [one.line for v in cleaned.verdicts for one in v.evidence] == [1, 2, 3]
