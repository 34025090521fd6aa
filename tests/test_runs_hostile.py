"""Every hostile input, through the command line: each ends as it should, and none takes another with it.

All of them take a minute on two cores, most of it for pages of many megabytes, which differ from smaller ones only in
size. So those over 2 MB, containers apart, are left to ``make soak``; there also what unpacks to gigabytes of pages.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cleaner.lines.display import display_name
from tests.making import faults_of
from tests.runs import SOAK, as_other, check_account, cleaned, files, hostile, session, started

#: Cases over 2 MB, and slow ones; ``make test`` leaves them out.
BULKY = """
attr_12mb text_12mb tags_1m links_200k lt_10mb amp_5mb openers attrs_1m data_uri_20mb base64_text one_line_20mb
table_200k empty_lines_5m empty_lines_5m_html short_lines_1m short_lines_1m_html same_line_300k near_dupes_50k
one_line_20mb_txt deep_tables
"""

#: Two million pages in a few hundred kB: no page is hostile, but cleaning them all takes hours.
ENDLESS = ("pq_bomb",)

#: Larger than a page may be.
OVER_THE_CAP = ("one_line_200mb",)

GROUPS = ("pages", "text", "encoding", "binary", "containers", "names", "maps", "special")

Case = dict[str, Any]


class Group(NamedTuple):
    """The cases of a group, what the run over them said, and where it wrote."""

    cases: list[Case]
    said: str
    code: int
    out: Path
    rows: list[dict]


@pytest.fixture(scope="session")
def corpus(tmp_path_factory) -> tuple[Path, list[Case]]:
    maker, root = hostile(), tmp_path_factory.mktemp("hostile")
    left_out = (
        ENDLESS if SOAK else {*ENDLESS, *BULKY.split(), *(name for name, case in maker.CASES.items() if case.big)}
    )
    names = set(maker.CASES) - set(left_out)
    cases = maker.build(str(root), only=names)
    for case in cases:
        case["want"] = "bad" if case["name"] in OVER_THE_CAP else case["want"]
    return root, cases + maker.build(str(root), groups=["names", "maps", "special"])


@pytest.fixture(scope="session", params=GROUPS)
def group(request, corpus, tmp_path_factory) -> Group:
    root, cases = corpus
    name = request.param
    out = tmp_path_factory.mktemp(f"clean-{name}") / "out"
    done = cleaned(root / name / ("in" if name == "special" else ""), out)
    present = [case for case in cases if case["group"] == name and "absent" not in case]
    return Group(present, done.stdout + done.stderr, done.returncode, out, check_account(out))


def test_every_input_is_accounted_for_and_every_page_can_be_put_together_again(group):
    assert group.cases and group.rows
    assert group.code == (0 if all(row["status"] == "written" for row in group.rows) else 2)


def test_each_case_ends_as_it_should(group):
    wrong = {case["name"]: list(problems(case, group)) for case in group.cases}
    assert {name: found for name, found in wrong.items() if found} == {}


def test_nothing_from_outside_gets_in_and_no_control_character_reaches_the_terminal(group):
    never = [word.encode() for case in group.cases for word in case.get("never", ())]
    for name, data in files(group.out).items():
        assert [word for word in never if word in data] == [], name
    assert [word for word in never if word.decode() in group.said] == []
    assert [char for char in group.said if (ord(char) < 32 and char != "\n") or 127 <= ord(char) < 160] == []


def test_each_row_is_valid_by_the_schema(group):
    assert faults_of(group.rows) == []


def problems(case: Case, group: Group) -> Iterator[str]:
    """What is wrong with how a case ended."""
    if case["name"] in ("sp_noperm.html", "sp_noperm_dir", "sp_dir.html"):  # for these see below, or nothing is in it
        return
    found = rows_of(case, group.rows)
    if not found:
        yield "has no row"
    statuses = {row["status"] for row in found}
    bodies = [(group.out / row["output"]).read_bytes() for row in found if row["status"] == "written"]
    keep = [word.encode() for word in case["keep"]]
    if case["want"] == "text" and (
        statuses != {"written"} or not all(word in body for word in keep for body in bodies)
    ):
        yield f"lost text, or failed: {statuses}"
    if case["want"] == "bad" and statuses != {"quarantined"}:
        yield f"is {statuses}, not quarantined"
    if case["want"] == "skip" and statuses != {"skipped"}:
        yield f"is {statuses}, not skipped"
    if case["want"] == "part":
        if not all(any(word in body for body in bodies) for word in keep):
            yield "lost what could be read"
        if statuses == {"written"} and not any(row["notes"] for row in found):
            yield "says nothing of the damage"


def rows_of(case: Case, rows: list[dict]) -> list[dict]:
    """The rows of a file, or of the records and files in it."""
    raw = bytes.fromhex(case["path_hex"]) if "path_hex" in case else os.fsencode(case["path"])
    name = display_name(os.fsdecode(raw).split("/", 2 if case["group"] == "special" else 1)[-1])
    return [row for row in rows if row["source"] == name or row["source"].startswith((f"{name}#", f"{name}/"))]


def test_good_rows_between_broken_ones_come_out(corpus, tmp_path):
    root, _ = corpus
    assert cleaned(root / "containers" / "mixed.jsonl", tmp_path / "out").returncode == 2
    found = check_account(tmp_path / "out")
    assert len(found) == 20
    whole = [row for row in found if row["status"] == "written" and row["words"]["kept"] > 100]
    assert [row["id"] for row in whole] == ["g0", "g3", "g6", "g9", "g12", "g99"][: len(whole)] and len(whole) == 6
    assert sum(row["status"] == "quarantined" for row in found) >= 13  # a lone surrogate is odd, but no loss


def test_what_may_not_be_read_is_skipped(corpus, tmp_path):
    done = cleaned(corpus[0] / "special" / "in", tmp_path / "out", before=as_other())
    assert done.returncode == 2
    found = {row["source"]: row for row in check_account(tmp_path / "out")}
    assert found["good.html"]["status"] == "written"
    for name in ("noperm.html", "noperm_dir"):
        assert (found[name]["status"], found[name]["error"]["reason"]) == ("skipped", "unreadable")


@pytest.mark.skipif(not SOAK, reason="takes a minute: make soak")
def test_millions_of_pages_in_a_small_file_do_not_fill_the_memory(tmp_path):
    hostile().build(str(tmp_path / "in"), only={"pq_bomb"})
    running = started(tmp_path / "in" / "containers", tmp_path / "out", stderr=subprocess.DEVNULL)
    largest = 0
    with running:
        for _ in range(40):
            time.sleep(1)
            assert running.poll() is None
            largest = max(largest, *(process.memory_info().rss for process in session(running.pid)))
        running.terminate()
    assert running.returncode == 143
    assert largest < 400 * 2**20
