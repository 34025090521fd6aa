"""The phrase files: well formed, sorted, in the right file, without patterns that backtrack, and silent on prose."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import cleaner
from cleaner.detectors.discovery import discover
from cleaner.lines.fold import fold
from cleaner.lines.phrases import Lexicon, Phrase, languages, load, parse

PHRASES = Path(cleaner.__file__).parent / "data" / "phrases"
NEAR_MISSES = Path(__file__).parent / "near_misses"

#: Which groups stand in which file, as the detectors declare.
GROUPS = {name: groups for one in discover(third_party=False) for name, groups in one.phrases.items()}

FILES = sorted(PHRASES.glob("*/*.txt"))
MISSES = sorted(NEAR_MISSES.glob("*.txt"))


def entries(path: Path) -> list[Phrase]:
    return list(parse(path.read_text("utf-8"), path.name))


def label(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def sentences(path: Path) -> list[str]:
    return [row for row in path.read_text("utf-8").splitlines() if row and not row.startswith("#")]


def entries_of_all_files() -> Iterator[tuple[Path, str, Phrase]]:
    """All phrases, each with its file and with its place as ``language/file.txt:line``."""
    for path in FILES:
        rows = enumerate(path.read_text("utf-8").split("\n"), 1)
        lines = [number for number, row in rows if row.strip() and not row.startswith("#")]
        found = entries(path)
        assert len(found) == len(lines), label(path)
        for number, phrase in zip(lines, found, strict=True):
            yield path, f"{path.parent.name}/{path.name}:{number}", phrase


def test_no_phrase_file_is_empty() -> None:
    assert [label(path) for path in FILES if not entries(path)] == []


def test_groups_stand_in_their_file() -> None:
    found = [(where, path.stem, p.group) for path, where, p in entries_of_all_files()]
    wrong = [(where, group) for where, name, group in found if group not in GROUPS.get(name, ())]
    assert wrong == [], "a detector names its phrase files and their groups: @detector(..., phrases=...)"


def test_each_phrase_file_belongs_to_one_detector() -> None:
    declared = [name for one in discover(third_party=False) for name in one.phrases]
    assert sorted(declared) == sorted({path.stem for path in FILES})


def test_entries_are_sorted_by_group_and_then_by_phrase_without_its_mark() -> None:
    wrong = [
        f"{where}: {after.text!r} stands before {before.text!r}"
        for (path, _, before), (same, where, after) in pairwise(entries_of_all_files())
        if path == same and (before.group, before.text) > (after.group, after.text)
    ]
    assert wrong == []


def test_no_phrase_stands_twice_in_a_language() -> None:
    places: dict[tuple[str, str], list[str]] = {}
    for path, where, phrase in entries_of_all_files():
        places.setdefault((path.parent.name, phrase.text), []).append(where)
    assert {key: found for key, found in places.items() if len(found) > 1} == {}


def test_literals_are_written_as_lines_are_folded() -> None:
    wrong = [
        f"{where}: {p.text!r}, folded {fold(p.text)!r}"
        for _, where, p in entries_of_all_files()
        if not p.pattern and fold(p.text) != p.text
    ]
    assert wrong == []


def test_every_language_loads_and_finds_its_own_phrases() -> None:
    for language in languages():
        lexicon = load((language,))
        literals = [p for path in FILES if path.parent.name == language for p in entries(path) if not p.pattern]
        lines = [p.text for p in literals]
        codes = {(m.line, m.code) for family in lexicon.scan(lines).values() for m in family}
        silent = [p.text for number, p in enumerate(literals, 1) if (number, p.group + "1") not in codes]
        assert silent == [], f"{language}: a line that is the phrase does not match it"


#: ``.*`` with something after it, and a repeated group that holds an unbounded repeat: both may be
#: tried at many places of a line.
UNBOUNDED_MIDDLE = re.compile(r"\.(?:[*+]|\{\d+,\})\??(?![)$]*$)")
NESTED = re.compile(r"(?:[*+]|\{\d+,\})[^()]*\)(?:[*+]|\{\d+,\})")


def test_patterns_are_linear() -> None:
    wrong = []
    for _, where, phrase in entries_of_all_files():
        bare = re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]", "c", phrase.text) if phrase.pattern else ""
        if UNBOUNDED_MIDDLE.search(bare):
            wrong.append(f"{where}: bound what stands in the middle: {phrase.text}")
        if NESTED.search(bare):
            wrong.append(f"{where}: an unbounded repeat inside another: {phrase.text}")
    assert wrong == []


def test_the_tests_of_patterns_see_bad_ones() -> None:
    assert UNBOUNDED_MIDDLE.search("^read .* here$")
    assert not UNBOUNDED_MIDDLE.search("^read .*$")
    assert NESTED.search("^(?:c+ )*$")
    assert not NESTED.search("^c+ (?:said|wrote)$")


def test_near_misses_are_no_residue() -> None:
    wrong = []
    for path in MISSES:
        lines = sentences(path)
        found = load((path.stem,)).scan(fold(line) for line in lines)
        matches = [m for family in found.values() for m in family if m.code.endswith("1")]
        wrong += [f"{path.name}: {lines[m.line - 1]!r} matches {m.code} {m.phrase!r}" for m in matches]
    assert wrong == []


def test_english_near_misses_are_many_and_near() -> None:
    lines = sentences(NEAR_MISSES / "en.txt")
    assert len(lines) >= 80
    assert len(set(lines)) == len(lines)
    # A near miss is near: it begins with a word that some phrase begins with.
    openings = {p.text.split()[0].strip(":,") for path in FILES if path.parent.name == "en" for p in entries(path)}
    near = [line for line in lines if any(word.strip(".,:") in openings for word in fold(line).split()[:4])]
    assert len(near) >= 0.9 * len(lines)


def test_marks_of_phrases() -> None:
    found = Lexicon(
        [
            Phrase("RL11", "related:", opens=True),
            Phrase("CH12", "menu", whole=True),
            Phrase("NL10", "sign up for our newsletter"),
        ]
    ).scan(["related: floods", "it is related: floods", "> menu", "the menu", "sign up for our newsletter today!"])
    matches = {(m.line, m.code) for family in found.values() for m in family}
    assert matches == {(1, "RL111"), (3, "CH121"), (5, "NL101")}


def test_whole_lines_with_signs_of_their_own() -> None:
    lexicon = Lexicon([Phrase("CH12", "(menu)", whole=True), Phrase("CH10", "\u00a9 0", whole=True)])
    lines = ["(menu)", "> (menu)", "menu", "((menu))", "\u00a9 0", "\u00a9 0.", "\u00a9 0 boats"]
    assert [m.line for m in lexicon.scan(lines)["CH"]] == [1, 2, 4, 5, 6]


def test_lines_that_are_no_unicode_are_searched() -> None:
    found = Lexicon([Phrase("NL10", "our newsletter")]).scan(["", "get our newsletter", "\ud800 get our newsletter"])
    assert [(m.line, m.share) for m in found["NL"]] == [(2, 14 / 18), (3, 14 / 20)]


def test_patterns_are_found_in_their_line_only() -> None:
    lexicon = Lexicon(
        [Phrase("CP10", r"foto: [^.]{2,60}$", pattern=True), Phrase("CM10", "^no replies$", pattern=True)]
    )
    lines = ["die boote. foto: marit", "foto:", "m. kai", "no replies", "no replies yet"]
    found = {(m.line, m.code) for family in lexicon.scan(lines).values() for m in family}
    assert found == {(1, "CP101"), (4, "CM101")}


def test_equal_lines_match_alike_and_the_best_phrase_of_a_group_counts() -> None:
    lexicon = Lexicon([Phrase("NL10", "newsletter"), Phrase("NL10", "our newsletter")])
    found = lexicon.scan(["our newsletter", "boats", "our newsletter"])["NL"]
    assert [(m.line, m.code, m.phrase, m.share) for m in found] == [
        (1, "NL101", "our newsletter", 1.0),
        (3, "NL101", "our newsletter", 1.0),
    ]
