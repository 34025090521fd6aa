"""The formats of ``check``: what each says, that nothing in a page breaks out of it, options, streams and files."""

from __future__ import annotations

import gzip
import json
import re
import stat
from pathlib import Path

import pytest

from cleaner.records import Evidence
from cleaner.report.findings.document import Document
from cleaner.report.findings.full import MAX_EVIDENCE, Full
from cleaner.report.findings.github import GitHub
from cleaner.report.findings.record import Finding, Near, Origin, Place, Problem
from tests.findings import ARTICLE, FINDINGS, HOSTILE, JUNK, check
from tests.runs import SHARED, cleaned, development_pages, environment, linked
from tests.test_cli import on_terminal

FIRST, SECOND, THIRD = ARTICLE
TEXT = FIRST + JUNK + SECOND + THIRD
HTML = "<!DOCTYPE html><html lang=en><body><p>" + TEXT.replace("\n", "</p>\n<p>") + "</p></body></html>"
FORMATS = ("concise", "full", "github", "json", "sarif")


@pytest.fixture
def pages(tmp_path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(TEXT)
    (folder / "b.txt").write_text("".join(ARTICLE))
    (folder / "c.html").write_text(HTML)
    rows = [{"id": "one", "text": TEXT}, {"text": "".join(ARTICLE)}, {"id": "three", "html": HTML}]
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    (folder / "d.jsonl").write_bytes(data)
    (folder / "e.jsonl.gz").write_bytes(gzip.compress(data))
    return tmp_path


def finding(text: str = "Subscribe now", **changes: object) -> Finding:
    given = {"origin": Origin("a.txt"), "line": 7, "code": "PW101", "name": "subscribe", "why": "asks", "score": 0.9}
    return Finding(**{**given, "text": text, "kind": "text", **changes})


def commands_of(said: str) -> list[tuple[str, dict[str, str], str]]:
    """The commands that a runner of GitHub would see in a log, unescaped as it does."""
    found = []
    for line in re.split(r"\r\n|\r|\n", said):
        match = re.match(r"\s*::([a-z-]+) ?(.*?)::(.*)", line)
        if match:
            pairs = (pair.split("=", 1) for pair in match[2].split(","))
            found.append((match[1], {k: _plain(v, ":,") for k, v in pairs}, _plain(match[3], "")))
    return found


def _plain(text: str, more: str) -> str:
    for sign in (*more, "\r", "\n", "%"):
        text = text.replace(f"%{ord(sign):02X}", sign)
    return text


def test_the_usual_format_is_one_line_each(pages):
    args = ("in/a.txt", "in/d.jsonl", "-q")
    code, said, _ = check(*args, cwd=pages)
    assert code == 1
    reason = "RT201 says how long the page took to make"
    assert re.fullmatch(
        rf"in/a\.txt:2: {reason} \[[01]\.\d\d\]\n"
        rf"in/d\.jsonl:1: {reason} \(line 2 of its text; one\) \[[01]\.\d\d\]\n"
        rf"in/d\.jsonl:3: {reason} \(line 3 of its text; three\) \[[01]\.\d\d\]\n",
        said.decode(),
    )
    assert check(*args, "--format", "concise", cwd=pages) == (code, said, "")


@pytest.mark.parametrize("form", FORMATS)
def test_any_number_of_jobs_gives_the_same_bytes(pages, form):
    args = ("in", "in/nothing.txt", "--format", form)
    one = check(*args, "--jobs", "1", cwd=pages)
    assert one[0] == 2
    assert check(*args, "--jobs", "2", cwd=pages) == one


def test_the_order_of_hashes_changes_no_byte(pages):
    args = ("check", "in", "in/nothing.txt", "--format", "json")
    other = cleaned(*args, cwd=pages, env=environment(PYTHONHASHSEED="7"))
    assert other.stdout == cleaned(*args, cwd=pages).stdout


@pytest.mark.parametrize("form", FORMATS)
def test_exit_codes_are_the_same_in_all_formats(pages, form):
    assert check("in", "--format", form, cwd=pages)[0] == 1
    assert check("in/b.txt", "--format", form, cwd=pages)[0] == 0
    code, _, said = check("in/b.txt", "in/nothing.txt", "--format", form, cwd=pages)
    assert code == 2
    assert said.startswith("clean-scrape: in/nothing.txt: cannot be read (No such file")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--diff", "--format", "json"), "--diff is short for --format diff"),
        (("--diff", "-o", "x.patch"), "leave out -o"),
        (("--update-allow-list", "--format", "github"), "--update-allow-list prints no findings"),
        (("--update-allow-list", "-o", "x"), "--update-allow-list prints no findings"),
        (("--format", "xml"), "'xml' is not one of"),
        (("-o", "."), "is a directory"),
    ],
)
def test_options_that_do_not_go_together_are_refused(pages, args, said):
    code, out, err = check("in", *args, cwd=pages)
    assert (code, out) == (2, b"")
    assert said in err
    assert sorted(path.name for path in pages.iterdir()) == ["in"]


def test_the_patch_is_what_it_was(pages):
    assert check("in/a.txt", "--diff", "--format", "concise", cwd=pages) == check("in/a.txt", "--diff", cwd=pages)


def test_full_shows_the_line_between_kept_ones_and_the_evidence(pages):
    said = check("in/a.txt", "-q", "--format", "full", cwd=pages, COLUMNS="60")[1].decode()
    assert re.fullmatch(
        r"in/a\.txt:2: RT201 says .* \[[01]\.\d\d\]\n"
        r"     1 \| The council voted on Tuesday to close .*\.\.\.\n"
        r">    2 \| Page generated in 0\.034 seconds\n"
        r"     3 \| Work is to begin in October, after the .*\.\.\.\n"
        r"( {8}[+-]\d\.\d\d [A-Z]{2}\d{3} .*\n)+\n",
        said,
    )
    assert max(map(len, said.split("\n")[1:])) == 60


def test_full_is_bounded_and_safe():
    pieces = tuple(Evidence(7, f"PW10{n}", n, HOSTILE[3] * 99) for n in range(9))
    for text in (*HOSTILE, "語" * 500, "x" * 500):
        one = finding(text * 9, before=Near(1, text * 9), after=Near(123456, text * 9), evidence=pieces)
        said = Full(50).finding(one)
        rows = said.split("\n")
        assert said.replace("\n", "").isprintable()
        assert len(rows) == 1 + 3 + MAX_EVIDENCE + 2
        widths = [sum(2 if sign == "語" else 1 for sign in row) for row in rows[1:]]
        assert max(widths) <= 50
    assert "+8.00 PW108" in rows[4]


def test_colours_are_for_terminals_and_can_be_turned_off(pages):
    args = ("check", "--format", "full", "in/a.txt")
    bright = on_terminal(*args, cwd=pages, NO_COLOR="", TERM="xterm")
    assert b"\x1b[1m" in bright and b"\x1b[31m" in bright
    for more, env in (
        ((), {"NO_COLOR": "1", "TERM": "xterm"}),
        (("--no-color",), {"NO_COLOR": "", "TERM": "xterm"}),
        ((), {"NO_COLOR": "", "TERM": "dumb"}),
    ):
        assert b"\x1b[" not in on_terminal(*args, *more, cwd=pages, **env)
    assert b"\x1b" not in check("--format", "full", "in/a.txt", cwd=pages)[1]


def test_commands_of_github_name_file_and_line(pages):
    (pages / ".git").mkdir()
    (pages / "in" / "lone.txt").write_bytes((FIRST + SECOND.replace("\n", "\r") + JUNK + THIRD).encode())
    said = check(
        "--format",
        "github",
        "-q",
        "a.txt",
        pages / "in" / "c.html",
        "d.jsonl",
        "e.jsonl.gz",
        "lone.txt",
        cwd=pages / "in",
    )[1]
    found = commands_of(said.decode())
    assert [
        (level, properties["file"], properties.get("line"), properties.get("endLine")) for level, properties, _ in found
    ] == [
        ("warning", "in/a.txt", "2", "2"),
        ("warning", "in/c.html", None, None),
        ("warning", "in/d.jsonl", "1", "1"),
        ("warning", "in/d.jsonl", None, None),
        ("warning", "in/e.jsonl.gz", None, None),
        ("warning", "in/e.jsonl.gz", None, None),
        ("warning", "in/lone.txt", "2", "2"),
    ]
    assert {properties["title"] for _, properties, _ in found} == {"RT201 render-time"}
    why = "says how long the page took to make"
    assert [text for _, _, text in found[:3]] == [
        f"{why}: Page generated in 0.034 seconds",
        f"{why} (line 3 of the flattened page): Page generated in 0.034 seconds",
        f"{why} (line 2 of its text; one): Page generated in 0.034 seconds",
    ]


@pytest.mark.parametrize("text", [*HOSTILE, "a\r\n::set-output name=x::y", "\n::error::x", "100%, a:b"])
def test_nothing_breaks_out_of_a_command(tmp_path, text):
    renderer = GitHub(tmp_path)
    origin = Origin(f"{tmp_path.as_posix()}/{text.replace('/', '')}", 3, text)
    said = renderer.finding(finding(text, origin=origin, why=text, name=text, place=Place(0, 1, 3, 1, 4, 1)))
    said += renderer.problem(Problem(origin, text, text))
    assert said.encode()
    (warning, error) = commands_of(said)
    assert said.count("\n") == 2 and said.replace("\n", "").isprintable()
    assert (warning[0], error[0]) == ("warning", "error")
    assert set(warning[1]) == {"file", "line", "endLine", "title"} == set(error[1])
    assert warning[1]["line"] == error[1]["line"] == "3"


def test_failures_are_errors_of_github(pages):
    said = check("--format", "github", "in/nothing.txt", cwd=pages)[1].decode()
    assert said == (
        "::error file=in/nothing.txt,title=cannot be checked (input)::cannot be read (No such file or directory)\n"
    )


def document(*args: object, cwd: Path) -> dict:
    """A JSON document of ``check``, valid by the schema that is shipped."""
    said = check("--format", "json", "-q", *args, cwd=cwd)[1]
    assert said.decode().replace("\n", "").isprintable()
    whole = json.loads(said)
    FINDINGS.validate(whole)
    assert len(said.split(b"\n")) == 4 + len(whole["findings"]) + len(whole["failures"])
    return whole


def test_a_document_says_all_and_its_bytes_are_those_of_the_file(pages):
    whole = document("in", "in/nothing.txt", cwd=pages)
    assert whole["failures"] == [
        {
            "path": "in/nothing.txt",
            "row": None,
            "reason": "input",
            "message": "cannot be read (No such file or directory)",
        }
    ]
    found = whole["findings"]
    assert [(one["path"], one["row"], one["line"], one["kind"], one["id"]) for one in found] == [
        ("in/a.txt", None, 2, "text", ""),
        ("in/c.html", None, 3, "html", ""),
        ("in/d.jsonl", 1, 2, "text", "one"),
        ("in/d.jsonl", 3, 3, "html", "three"),
        ("in/e.jsonl.gz", 1, 2, "text", "one"),
        ("in/e.jsonl.gz", 3, 3, "html", "three"),
    ]
    placed = {one["path"]: one for one in found if one["place"]}
    assert set(placed) == {"in/a.txt", "in/d.jsonl"}
    for name, bytes_there in (("in/a.txt", JUNK.encode()), ("in/d.jsonl", json.dumps(JUNK)[1:-1].encode())):
        place = placed[name]["place"]
        assert (pages / name).read_bytes()[place["start"] : place["end"]] == bytes_there
        assert placed[name]["text"] + "\n" == JUNK


def test_the_schema_refuses_what_is_no_document():
    renderer = Document()
    whole = json.loads(renderer.begin() + renderer.finding(finding()) + renderer.end())
    FINDINGS.validate(whole)
    for change in ({"schema": 2}, {"extra": 1}, {"findings": [{}]}, {"failures": [{"path": "a"}]}):
        assert not FINDINGS.is_valid(whole | change)
    for change in ({"score": 1.5}, {"row": 0}, {"code": "x"}, {"place": {"start": 1}}, {"kind": "pdf"}):
        assert not FINDINGS.is_valid(whole | {"findings": [whole["findings"][0] | change]})


def test_a_document_of_nothing_is_one(pages):
    assert document("in/b.txt", cwd=pages)["findings"] == []


@pytest.mark.parametrize("text", HOSTILE)
def test_a_document_is_safe_to_show_and_loses_nothing(text):
    renderer = Document()
    said = renderer.begin() + renderer.finding(finding(text)) + renderer.end()
    assert said.replace("\n", "").isprintable()
    assert json.loads(said)["findings"][0]["text"] == text


def test_hostile_pages_give_valid_documents(tmp_path):
    for number, text in enumerate(HOSTILE):
        data = (FIRST + f"Loading, please wait {text}\n" + SECOND + f"Read also: {text}\n" + THIRD).encode(
            "utf-8", "surrogatepass"
        )
        (tmp_path / f"{number}.txt").write_bytes(data)
        row = {"id": text, "url": text, "text": data.decode("utf-8", "surrogatepass")}
        (tmp_path / f"{number}.jsonl").write_text(json.dumps(row))
    assert len(document(".", cwd=tmp_path)["findings"]) >= len(HOSTILE)


def test_real_pages_give_valid_documents(tmp_path):
    real = development_pages()
    linked(real[:: len(real) // 12], tmp_path / "in")
    whole = document("in", cwd=tmp_path)
    assert len(whole["findings"]) > 100
    texts = sorted((SHARED / "data" / "seeds").glob("*.txt"))
    assert document(*texts, cwd=tmp_path)["findings"][0]["place"]


def test_output_goes_into_a_file_whole(pages):
    code, said, err = check("in", "--format", "json", "-o", "in/findings.json", cwd=pages)
    assert (code, said) == (1, b"")
    assert err == "6 lines would go\n"
    path = pages / "in" / "findings.json"
    first = path.read_bytes()
    assert len(json.loads(first)["findings"]) == 6
    path.chmod(0o640)
    assert check("in", "-q", "--format", "json", "--output", "in/findings.json", cwd=pages)[0] == 1
    assert path.read_bytes() == first  # it is not checked itself
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(one.name for one in path.parent.iterdir()) == sorted(
        ["a.txt", "b.txt", "c.html", "d.jsonl", "e.jsonl.gz", "findings.json"]
    )


def test_a_file_that_is_checked_is_not_written_over(pages):
    for named in ("in/a.txt", "in/../in/a.txt"):
        code, said, err = check("in/a.txt", "-o", named, cwd=pages)
        assert (code, said) == (2, b"")
        assert "is to be checked; name another file with -o." in err
    assert (pages / "in" / "a.txt").read_text() == TEXT


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_holds_what_standard_output_would(pages, form):
    said = check("in", "-q", "--format", form, cwd=pages, COLUMNS="120")[1]
    assert check("in", "-q", "--format", form, "-o", "x", cwd=pages) == (1, b"", "")
    assert (pages / "x").read_bytes() == said


def test_a_file_that_cannot_be_written_is_named_and_nothing_is_left(pages):
    code, _, said = check("in", "-o", "none/x.json", cwd=pages)
    assert code == 2
    assert said == "clean-scrape: none/x.json: there is no folder none; make it first\n"
    (pages / "link").symlink_to("in/a.txt")
    code, _, said = check("in", "-o", "link", cwd=pages)
    assert code == 2
    assert said.startswith("clean-scrape: link: is a symbolic link")
    assert (pages / "in" / "a.txt").read_text() == TEXT
