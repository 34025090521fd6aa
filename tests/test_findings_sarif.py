"""SARIF 2.1.0: valid by the schema of the standard, deterministic, stable under edits, within GitHub's bounds."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest

from cleaner.report.findings import sarif as module
from cleaner.report.findings.record import Finding, Origin, Place, Problem
from cleaner.report.findings.sarif import MAX_PROBLEMS, MAX_RESULTS, Sarif
from cleaner.rules import rules
from tests.findings import ARTICLE, HOSTILE, JUNK, SARIF, check, path_of, sarif

FIRST, SECOND, THIRD = ARTICLE
TEXT = FIRST + JUNK + SECOND + THIRD
BODY = "".join(ARTICLE)


def finding(text: str = "Subscribe now", **changes: object) -> Finding:
    place = Place(0, 9, 1, 1, 2, 1)
    given = {"origin": Origin("a.txt"), "line": 1, "code": "PW101", "name": "x", "why": "asks", "score": 0.99}
    return Finding(**{**given, "text": text, "kind": "text", "place": place, "gone": (place,), **changes})


def log(findings=(), problems=(), top: Path | None = None) -> tuple[dict, Sarif]:
    """The run of a log, valid, and the renderer."""
    renderer = Sarif(top or Path.cwd())
    said = [renderer.begin(), *map(renderer.finding, findings), *map(renderer.problem, problems), renderer.end()]
    whole = json.loads("".join(said))
    SARIF.validate(whole)
    return whole["runs"][0], renderer


@pytest.fixture
def pages(tmp_path) -> Path:
    """A repository with files whose names and kinds are hard on paths and regions."""
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "in" / "sub folder"
    folder.mkdir(parents=True)
    for name in ("a.txt", "100%,#?[b] c:d.txt", "語.txt"):
        (folder / name).write_text(TEXT)
    page = "<!DOCTYPE html><html lang=en><body><p>" + TEXT.replace("\n", "</p>\n<p>") + "</p></body></html>"
    (folder / "c.html").write_text(page)
    rows = [{"id": "one", "text": TEXT}, {"text": BODY}, {"id": "three", "html": page}]
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    (folder / "d.jsonl").write_bytes(data)
    (folder / "e.jsonl.gz").write_bytes(gzip.compress(data))
    (folder / "f.txt.gz").write_bytes(gzip.compress(TEXT.encode()))
    return tmp_path


def test_a_log_is_valid_and_its_places_are_those_of_the_files(pages):
    run = sarif("in", cwd=pages)
    seen = {}
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        path = path_of(place["artifactLocation"], pages)
        assert path.is_file(), path
        row = result["properties"].get("row", 0)
        seen[path.name, row] = place.get("region", {}).get("startLine")
    assert seen == {
        ("a.txt", 0): 2,
        ("100%,#?[b] c:d.txt", 0): 2,
        ("語.txt", 0): 2,
        ("c.html", 0): None,
        ("d.jsonl", 1): 1,
        ("d.jsonl", 3): None,
        ("e.jsonl.gz", 1): None,
        ("e.jsonl.gz", 3): None,
        ("f.txt.gz", 0): None,
    }
    assert run["invocations"] == [{"executionSuccessful": True}]


def test_rules_are_those_that_spoke_with_all_that_is_known_of_them(pages):
    run = sarif("in", cwd=pages)
    listed = run["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in listed} == {result["ruleId"] for result in run["results"]}
    assert all(listed[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    known = rules()
    for rule in listed:
        assert rule["name"] == known[rule["id"]].name
        assert known[rule["id"]].why in rule["fullDescription"]["text"]
        assert "```text" in rule["help"]["markdown"]


def test_every_rule_there_is_makes_a_valid_descriptor():
    run, _ = log(finding(code=code) for code in (*rules(), "ZZ999"))
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [*rules(), "ZZ999"]


def test_paths_count_from_the_top_of_the_repository_and_nothing_names_the_machine(pages):
    folder = pages / "in" / "sub folder"
    above = check("--format", "sarif", "-q", folder.relative_to(pages), cwd=pages)[1]
    inside = check("--format", "sarif", "-q", folder, "--jobs", "2", cwd=folder)[1]
    assert inside == above
    for word in (str(pages), pages.name, "/tmp", "startTime", "machine"):
        assert word.encode() not in above


def test_what_lies_outside_of_the_repository_has_no_whole_path_either(pages):
    (pages / "in" / ".git").mkdir()
    (pages / "else.txt").write_text(TEXT)
    run = sarif(pages / "else.txt", cwd=pages / "in")
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "../else.txt"


def prints(run: dict) -> list[str]:
    return [result["partialFingerprints"]["cleanScrape/v1"] for result in run["results"]]


def test_fingerprints_stay_when_the_file_changes_elsewhere(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(FIRST + JUNK + SECOND + JUNK + THIRD)
    before = sarif(path, cwd=tmp_path)
    path.write_text("A new headline\n\n" + FIRST + JUNK + THIRD + "  page  generated in 0.034 SECONDS\n" + SECOND)
    after = sarif(path, cwd=tmp_path)
    lines = [
        [r["locations"][0]["physicalLocation"]["region"]["startLine"] for r in run["results"]]
        for run in (before, after)
    ]
    assert lines == [[2, 4], [4, 6]]
    assert prints(before) == prints(after)
    assert len(set(prints(before))) == 2


def test_fingerprints_tell_code_content_and_occurrence_apart_and_begin_anew_in_each_file():
    other = Origin("b.txt")
    run, _ = log(
        [finding(), finding(), finding("Read on"), finding(code="PW102"), finding(origin=other), finding(origin=other)]
    )
    found = prints(run)
    assert len(set(found[:4])) == 4
    assert found[4:] == found[:2]


def test_what_could_not_be_checked_is_in_the_log(pages):
    (pages / "in" / "cut.txt.gz").write_bytes(gzip.compress(BODY.encode() * 99)[:50])
    (pages / "in" / "bad.jsonl").write_text(json.dumps({"text": BODY}) + '\n{"text": 1}\n')
    (pages / "in" / "crawl.warc").write_bytes(b"WARC/1.0\r\n")
    code, said, _ = check("--format", "sarif", pages / "in", cwd=pages)
    assert code == 2
    assert str(pages).encode() not in said
    (run,) = json.loads(said)["runs"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    notified = {}
    for note in invocation["toolExecutionNotifications"]:
        place = note["locations"][0]["physicalLocation"]
        notified[place["artifactLocation"]["uri"]] = note["descriptor"]["id"], place.get("region")
        assert note["level"] == "error"
    assert notified == {
        "in/bad.jsonl": ("bad-row", {"startLine": 2}),
        "in/crawl.warc": ("archive", None),
        "in/cut.txt.gz": ("cut-gzip", None),
    }


def test_more_failures_than_are_named_are_counted():
    run, _ = log(problems=[Problem(Origin(f"{n}.txt"), "input", "is gone") for n in range(MAX_PROBLEMS + 3)])
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert len(notes) == MAX_PROBLEMS + 1
    assert notes[-1]["message"]["text"] == "3 more inputs could not be checked"


def test_a_log_has_no_more_results_than_github_takes_and_says_so():
    dice = random.Random(4)
    signs = [chr(n) for n in range(0x4E00, 0x9FA5)]
    lines = ("".join(dice.choices(signs, k=130)) for _ in range(MAX_RESULTS + 2))
    renderer = Sarif(Path.cwd())
    said = [renderer.begin()]
    said += [renderer.finding(finding(line, place=Place(n, n + 9, n, 1, n + 1, 1))) for n, line in enumerate(lines, 1)]
    whole = "".join((*said, renderer.end())).encode()
    assert len(gzip.compress(whole)) < 10_000_000
    (run,) = json.loads(whole)["runs"]
    assert len(run["results"]) == MAX_RESULTS == 25_000
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("2 more findings are not in the SARIF log, which holds 25,000")
    assert run["invocations"][0]["executionSuccessful"] is True
    assert renderer.remarks() == (note["message"]["text"],)


def test_the_cap_is_said_on_standard_error(pages, monkeypatch, capfdbinary):
    from cleaner.cli import commands  # noqa: PLC0415

    monkeypatch.setattr(module, "MAX_RESULTS", 1)
    monkeypatch.chdir(pages)
    args = ["check", "--format", "sarif", "--jobs", "1", "in"]
    assert commands.main(args, standalone_mode=False) == 1
    said = capfdbinary.readouterr()
    assert b"more findings are not in the SARIF log, which holds 1," in said.err
    assert len(json.loads(said.out)["runs"][0]["results"]) == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_pages_is_neither_link_nor_placeholder_nor_control(text):
    renderer = Sarif(Path.cwd())
    raw = renderer.begin() + renderer.finding(finding(text, why=f"says {text}")) + renderer.end()
    assert raw.replace("\n", "").isprintable()
    whole = json.loads(raw)
    SARIF.validate(whole)
    message = whole["runs"][0]["results"][0]["message"]["text"]
    assert message.isprintable()
    assert "](" not in message
    bare = message.replace("{{", "").replace("}}", "")
    assert not {"{", "}"} & set(bare)


def test_levels_go_by_score():
    run, _ = log([finding(score=0.95), finding(score=0.9499)])
    assert [(result["level"], result["rank"]) for result in run["results"]] == [("warning", 95.0), ("note", 94.99)]


def test_a_log_without_findings_is_valid(tmp_path):
    (tmp_path / "a.txt").write_text(BODY)
    run = sarif("a.txt", cwd=tmp_path)
    assert run["results"] == [] and run["tool"]["driver"]["rules"] == []
