"""``check`` and ``fix`` on data files, through real processes."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.runs import cleaned
from tests.test_cli import BODY, PROSE, scrape

ROWS = (
    json.dumps({"id": "one", "n": 1.50, "text": PROSE}),
    "",
    "{broken",
    json.dumps({"url": "https://a.example/", "text": BODY}),
    json.dumps(
        {"url": "https://a.example/\x1b[2J", "text": f"The mayor of Zürich spoke for an hour about it.\r\n{PROSE}"},
        ensure_ascii=False,
    ),
    json.dumps({"text": PROSE, "x": {"text": PROSE}}),
)
CLEAN = tuple(row.replace("Loading, please wait...\\n", "", 1) for row in ROWS)
FINDINGS = (
    "pages.jsonl:1: RT101 waits for a script that never ran “loading, please wait” (line 2 of its text; one) [",
    "pages.jsonl:5: RT101 waits for a script that never ran “loading, please wait” "
    "(line 3 of its text; https://a.example/<U+001B>[2J) [",
    "pages.jsonl:6: RT101 waits for a script that never ran “loading, please wait” (line 2 of its text) [",
)
BROKEN = "clean-scrape: pages.jsonl:3: is no JSON object ("


def written(rows: tuple[str, ...]) -> bytes:
    return "\n".join(rows).encode()


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    (tmp_path / "pages.jsonl").write_bytes(written(ROWS))
    return tmp_path


def test_check_names_file_row_and_line(pages: Path) -> None:
    for jobs in (1, 2):
        code, said, failed = scrape("check", "pages.jsonl", "--jobs", jobs, cwd=pages)
        assert code == 2
        assert [line[: len(start)] for line, start in zip(said.splitlines(), FINDINGS, strict=True)] == [*FINDINGS]
        assert failed.startswith(BROKEN) and "[bad-row]" in failed
        assert failed.endswith("\n3 lines would go; 1 row could not be checked\n")
    assert (pages / "pages.jsonl").read_bytes() == written(ROWS)


def test_fix_takes_lines_out_of_rows(pages: Path) -> None:
    code, said, failed = scrape("fix", ".", cwd=pages)
    assert (code, said) == (2, "pages.jsonl: 3 lines deleted in 3 rows\n")
    assert failed.startswith(BROKEN) and failed.count("\n") == 1
    assert (pages / "pages.jsonl").read_bytes() == written(CLEAN)
    assert scrape("fix", "pages.jsonl", cwd=pages)[:2] == (2, "")
    assert (pages / "pages.jsonl").read_bytes() == written(CLEAN)


def test_the_text_field_is_named(pages: Path) -> None:
    row = json.dumps({"body": PROSE, "text": PROSE})
    (pages / "pages.jsonl").write_text(row)
    assert scrape("check", "--text-field", "words", "pages.jsonl", cwd=pages)[0] == 2
    assert scrape("fix", "--text-field", "body", "pages.jsonl", cwd=pages)[0] == 0
    assert json.loads((pages / "pages.jsonl").read_text()) == {"body": BODY, "text": PROSE}


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_patch_of_a_data_file_does_what_fix_does(pages: Path, jobs: int) -> None:
    (pages / "b.txt").write_text(PROSE)
    (pages / "c.jsonl").write_bytes(b"\xef\xbb\xbf" + f"{ROWS[0]}\r\n{ROWS[3]}".encode())
    code, patch, failed = scrape("check", "--diff", ".", "--jobs", jobs, cwd=pages)
    assert (code, failed.count("\n")) == (2, 1)
    subprocess.run(["git", "apply", "-"], input=patch.encode(), cwd=pages, check=True)
    assert (pages / "pages.jsonl").read_bytes() == written(CLEAN)
    assert (pages / "b.txt").read_text() == BODY
    assert (pages / "c.jsonl").read_bytes() == b"\xef\xbb\xbf" + f"{CLEAN[0]}\r\n{ROWS[3]}".encode()


def test_packed_data_files(pages: Path) -> None:
    path = pages / "pages.jsonl.gz"
    path.write_bytes(gzip.compress(written(ROWS)))
    code, patch, failed = scrape("check", "--diff", path.name, cwd=pages)
    assert (code, patch) == (2, "")
    assert "pages.jsonl.gz: is compressed, so there is no patch; its findings follow\n" in failed
    assert failed.count(" RT101 ") == 3
    assert scrape("fix", path.name, cwd=pages)[1] == "pages.jsonl.gz: 3 lines deleted in 3 rows\n"
    assert gzip.decompress(path.read_bytes()) == written(CLEAN)
    cut = gzip.compress(written(ROWS) * 3)[:-20]
    path.write_bytes(cut)
    for command in ("check", "fix"):
        code, _, failed = scrape(command, path.name, cwd=pages)
        assert code == 2
        assert "clean-scrape: pages.jsonl.gz: the gzip stream is cut" in failed and "[cut-gzip]" in failed
    assert path.read_bytes() == cut


def test_html_in_rows_is_checked_and_not_fixed(pages: Path) -> None:
    html = f"<html><body><p>{'</p><p>'.join(PROSE.splitlines())}</p></body></html>"
    data = json.dumps({"html": html}) + "\n" + ROWS[0]
    (pages / "pages.jsonl").write_text(data)
    code, said, _ = scrape("check", "pages.jsonl", cwd=pages)
    assert (code, said.count("\npages.jsonl:2: RT101 "), said.count("pages.jsonl:1: RT101 ")) == (1, 1, 1)
    code, said, failed = scrape("fix", "pages.jsonl", cwd=pages)
    assert (code, said) == (2, "pages.jsonl: 1 line deleted in 1 row\n")
    assert failed.startswith("clean-scrape: pages.jsonl:1: its text is HTML") and failed.endswith(" [html]\n")
    assert "clean-scrape pages.jsonl OUT" in failed
    assert (pages / "pages.jsonl").read_text() == data.replace(ROWS[0], CLEAN[0])


def test_lines_of_rows_are_accepted(pages: Path) -> None:
    (pages / "pages.jsonl").write_text("\n".join(row for row in ROWS if row != "{broken"))
    code, said, _ = scrape("check", "--update-allow-list", "pages.jsonl", cwd=pages)
    assert (code, said.endswith(".clean-scrape.toml: 1 added\n")) == (0, True)
    assert scrape("check", "pages.jsonl", "-q", cwd=pages) == (0, "", "")
    assert scrape("fix", "pages.jsonl", cwd=pages) == (0, "", "")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_links_and_pipes_are_named_and_cost_nothing_else(pages: Path) -> None:
    (pages / "link.jsonl").symlink_to(pages / "pages.jsonl")
    os.mkfifo(pages / "pipe.jsonl")
    for command in ("check", "fix"):
        for where in ((".",), ("link.jsonl", "pages.jsonl", "pipe.jsonl", "none.jsonl")):
            code, said, failed = scrape(command, *where, cwd=pages)
            assert (code, "pages.jsonl" in said or command == "fix") == (2, True)
            assert "link.jsonl: is a symbolic link" in failed and "pipe.jsonl: is a named pipe" in failed
            assert ("none.jsonl: " in failed) == (len(where) > 1)
    assert (pages / "pages.jsonl").read_bytes() == written(CLEAN)


def test_a_file_of_rows_needs_its_name(pages: Path) -> None:
    """A .json or .txt file of the same bytes is a page of text, as before."""
    (pages / "rows.txt").write_bytes(written(ROWS))
    assert "rows.txt:" not in scrape("check", "rows.txt", cwd=pages)[1]


def test_reports_are_no_pages_to_be_checked(tmp_path):
    (tmp_path / "in.txt").write_text("The vote is on Monday.\nShare on Facebook\n", "utf-8")
    assert cleaned("in.txt", "out", cwd=tmp_path).returncode == 0
    report = tmp_path / "out" / "_report"
    named = [report / "pages.jsonl", report / "index.html", *(report / "pages").iterdir()]
    assert cleaned("check", *named, cwd=tmp_path).returncode == 0
    before = {file: file.read_bytes() for file in named}
    assert cleaned("fix", *named, cwd=tmp_path).returncode == 0
    assert {file: file.read_bytes() for file in named} == before
    (report / "summary.json").unlink()  # then it is a folder that happens to be called so
    assert cleaned("check", report / "index.html", cwd=tmp_path).returncode == 1
