"""Every rule of every detector on the page where it must fire and on its near miss."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files

import pytest

from cleaner.detectors import Context, Detector, Rule
from cleaner.detectors.discovery import discover
from cleaner.lines.phrases import languages, load, parse
from cleaner.lines.table import LineTable
from cleaner.read import read_page
from cleaner.records import Page
from cleaner.score.likeness import LIKENESS_REASONS

MARK = "> "
DETECTORS = discover(third_party=False)
CASES = [pytest.param(one, rule, id=rule.code) for one in DETECTORS for rule in one.rules]

#: Codes of the past: classes of length, shape, place and density.
LEFT = "KP20[1-6]|KP21[1-4]|KP221|KP40[12]|KP411|KP4[2-4][1-4]|NV20[1-7]|NV2[123]1|NV40[1-8]|NV41[1-3]|NV42[1-3]"


def unmarked(text: str) -> str:
    """The example as a page: without the marks of the lines on which its code must fire."""
    return "\n".join(row.removeprefix(MARK) for row in text.split("\n"))


def page_of(text: str) -> Page:
    """The example, read; an extractor that keeps sentences only stands in for the second opinion."""
    page = read_page(unmarked(text), source="example", kind="html" if text.startswith("<") else "text")
    sentences = (x.number for x, shape in zip(page.lines, page.shapes, strict=True) if shape.ends_sentence)
    return replace(page, kept_by_extractor=frozenset(sentences))


def codes_of(one: Detector, page: Page) -> dict[int, set[str]]:
    wanted = {page.language, "en"} if page.language in languages() else set(languages())
    lexicon = load(tuple(sorted(wanted)))
    found: dict[int, set[str]] = {}
    context = Context(LineTable(page), lexicon.scan(shape.folded for shape in page.shapes))
    for line, code, _ in one.run(page, context):
        assert 0 <= line <= len(page.lines), f"{code} on line {line} lies outside the page"
        found.setdefault(line, set()).add(code)
    return found


def marked_lines(text: str, page: Page) -> set[int]:
    """Numbers of the lines that are marked; in HTML the lines with the text of a marked row."""
    rows = text.split("\n")
    if page.kind == "text":
        return {number for number, row in enumerate(rows, 1) if row.startswith(MARK)}
    texts = {re.sub(r"<[^<>]*>", "", row.removeprefix(MARK)).strip() for row in rows if row.startswith(MARK)}
    return {line.number for line in page.lines if line.text.strip() in texts and not line.blank}


@pytest.mark.parametrize(("one", "rule"), CASES)
def test_fires_where_it_must_and_nowhere_else(one: Detector, rule: Rule) -> None:
    page = page_of(rule.goes)
    found = {number for number, codes in codes_of(one, page).items() if rule.code in codes}
    wanted = marked_lines(rule.goes, page)
    if wanted:
        assert found == wanted
    else:
        assert found


@pytest.mark.parametrize(("one", "rule"), CASES)
def test_stays_silent_on_its_near_miss(one: Detector, rule: Rule) -> None:
    assert rule.stays.strip(), "a rule needs a near miss"
    found = codes_of(one, page_of(rule.stays))
    assert [number for number, codes in found.items() if rule.code in codes] == []


def test_detectors_use_codes_of_their_own_only() -> None:
    for one in DETECTORS:
        own = {rule.code for rule in one.rules}
        for rule in one.rules:
            for text in (rule.goes, rule.stays):
                used = set().union(*codes_of(one, page_of(text)).values())
                assert used <= own, f"{one.name} yields {sorted(used - own)} without a rule"


def test_codes_and_names_are_unique() -> None:
    rules = [rule for one in DETECTORS for rule in one.rules]
    for values in ([rule.code for rule in rules], [rule.name for rule in rules]):
        assert [value for value, count in Counter(values).items() if count > 1] == []


def test_codes_that_left_are_not_used_again() -> None:
    assert [rule.code for one in DETECTORS for rule in one.rules if re.match(LEFT, rule.code)] == []


@pytest.mark.parametrize(("one", "rule"), CASES)
def test_names_and_reasons_read_well(one: Detector, rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+){0,5}", rule.name), f"'allow {rule.name}' does not read as a name"
    assert re.match(r"[a-z]", rule.why), "the reason completes 'this line ...'"
    assert not rule.why.endswith(".")


def test_rules_resemble_what_the_model_can_name() -> None:
    rules = [rule for one in DETECTORS for rule in one.rules]
    assert [rule.code for rule in rules if rule.resembles and rule.resembles not in LIKENESS_REASONS] == []
    assert [rule.code for rule in rules if rule.keeps and (rule.resembles or rule.weight > 0 or rule.promise > 0)] == []


def groups() -> Iterator[tuple[str, str, bool]]:
    root = files("cleaner") / "data" / "phrases"
    for language in languages():
        for entry in sorted((root / language).iterdir(), key=lambda e: e.name):
            for phrase in parse(entry.read_text("utf-8"), entry.name):
                yield f"{language}/{entry.name}", phrase.group, phrase.whole


def test_every_phrase_group_has_rules() -> None:
    known = {rule.code for one in DETECTORS for rule in one.rules}
    lost = set()
    for source, group, whole in groups():
        lost |= {(source, code) for code in (group + "1", *(() if whole else (group + "2",))) if code not in known}
    assert sorted(lost) == []


def test_named_blocks_give_their_filled_lines() -> None:
    boats = "<p>The boats of both families lay at the quay.</p>"
    page = page_of(f"<main class='menu'>{boats * 3}<div class='menu ad'><p>Gate</p></div></main><p id='ad'>Lock</p>")
    numbers = [line.number for line in page.lines if line.text in ("Gate", "Lock")]
    names, context = frozenset({"menu", "ad"}), Context(LineTable(page))
    assert context.named(names) == dict(zip(numbers, ("menu", "ad"), strict=True))
    assert list(context.in_blocks(names, "NV331")) == [(numbers[0], "NV331", "(menu)"), (numbers[1], "NV331", "(ad)")]
    assert set(numbers) < set(context.named(names, max_share=1))
    assert not any(page.lines[number - 1].blank for number in context.named(names, max_share=1))
