"""All fixes of a SARIF log together do what ``fix`` does, byte for byte, or are not there."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.cli.check_units import UnitChecker, read_units
from cleaner.corpus.inputs import Input
from cleaner.corpus.items import Fields
from cleaner.errors import CleanScrapeError
from cleaner.inplace import rows
from cleaner.inplace import text as inplace
from cleaner.inplace.rewrite import fix_rows
from cleaner.report.findings.sarif import Sarif
from cleaner.settings.record import Settings
from tests.findings import SARIF, fixed, judge, sarif
from tests.runs import SOAK

ROOT = Path(__file__).parents[1]
DEFAULTS, USUAL = Settings(), Fields()

KEPT = "Kept ä語\U0001d11e one."


def log_of(path: Path) -> dict:
    """The run of a log over one file, made by the judge that drops JUNK."""
    search, renderer = UnitChecker(DEFAULTS, USUAL, None, None, "places"), Sarif(path.parent)
    said = [renderer.begin()]
    for unit in read_units([Input(path.as_posix(), path)]):
        said += [renderer.finding(finding) for finding in search.check_unit(unit).findings]
    log = json.loads("".join((*said, renderer.end())))
    SARIF.validate(log)
    return log["runs"][0]


def fix(path: Path) -> None:
    if path.suffix == ".jsonl":
        fix_rows(path, USUAL, DEFAULTS, lambda row, error: None)
    else:
        inplace.fix_file(path, DEFAULTS)


@pytest.fixture(autouse=True, scope="module")
def _judge():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inplace, "clean", judge)
        patch.setattr(rows, "clean", judge)
        yield


def same(name: str, data: bytes) -> int:
    """Prove that the fixes do what ``fix`` does; how many findings have one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        run = log_of(path)
        by_log = fixed(run, path.parent).get(path, data)
        fix(path)
        assert by_log == path.read_bytes()
        return sum("fixes" in result for result in run["results"])


TEXTS = {
    "lf": f"{KEPT}\nJUNK\n{KEPT}\n",
    "crlf": f"{KEPT}\r\nJUNK\r\n\t\r\n{KEPT}\r\n",
    "bom": f"\ufeffJUNK\n{KEPT}\n",
    "no final newline": f"{KEPT}\nJUNK",
    "kept without newline": f"JUNK\n{KEPT}",
    "all": "JUNK\nJUNK\n",
    "one": "JUNK",
    "lone returns": f"{KEPT}\rJUNK ä\rJUNK\r\n\t\r{KEPT}\n",
    "blank lines before, apart and behind": f"\t\n{KEPT}\n\t\nJUNK\n\t\n\t\n{KEPT}\n\t\nJUNK\n{KEPT}\n\t\n",
    "other separators": f"{KEPT}\x0b\x0c\x85\u2028a\u2029\nJUNK\u2028\x85\n{KEPT}\x1e\n",
    "controls": f"\x00{KEPT}\nJUNK\x00\n\x7f{KEPT}\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_fixes_do_what_fix_does(name):
    data = TEXTS[name].encode()
    assert same("page.txt", data) == data.count(b"JUNK")


@pytest.mark.parametrize(
    "data",
    [
        f"{KEPT}\nJUNK\n".encode("utf-16"),
        "ab\ncd\nJUNK\nef\n".encode("utf-16-le"),
        "Der Käse schmeckt süß.\nJUNK öö\nNoch ein Satz über Äpfel.\n".encode("latin-1"),
        b"Kept \xff one.\nJUNK\n",
        "会議は月曜日に開かれた。\nJUNK\n会議は火曜日に終わった。\n".encode("shift_jis"),
        gzip.compress(b"Kept one.\nJUNK\n", mtime=0),
        b"<!DOCTYPE html><html><body><p>Kept one.</p><p>JUNK</p></body></html>\n",
    ],
    ids=["utf-16", "utf-16 without a mark", "latin-1", "damaged", "shift_jis", "packed", "html"],
)
def test_there_is_no_fix_where_it_might_hit_other_bytes(tmp_path, data):
    path = tmp_path / "page.txt"
    path.write_bytes(data)
    run = log_of(path)
    assert len(run["results"]) == 1
    assert "fixes" not in run["results"][0]


ROWS = {
    "escapes": rb'{"text":"Kept \ud834\udd1e \/ one.\nJUNK \u00e4\r\nKept\u000aJUNK\u000D\u000aKept"}' + b"\n",
    "plain signs before": f'{{"a": "ä語\U0001d11e", "text": "{KEPT}\\nJUNK ä\\n\\t\\n{KEPT}\\nJUNK"}}\n'.encode(),
    "crlf and bom": b'\xef\xbb\xbf{"text":"Kept.\\nJUNK\\nKept."}\r\n\r\n {"text":"JUNK\\nKept."}\r\n',
    "no final newline": b'{"text":"Kept."}\n{"text":"JUNK"}',
    "lone return between": b'{"text":\r"Kept.\\nJUNK\\nKept."}\n{"text":"JUNK\\nKept."}\n',
    "lines in succession": b'{"text":"JUNK\\nJUNK\\n\\t\\nKept.\\n\\t\\nKept."}\n',
}


@pytest.mark.parametrize("name", ROWS)
def test_the_fixes_of_rows_do_what_fix_does(name):
    assert same("pages.jsonl", ROWS[name]) == ROWS[name].count(b"JUNK")


@pytest.mark.parametrize(
    "data",
    [
        b'{"text":"Kept \xff.\\nJUNK\\nKept."}\n',
        gzip.compress(b'{"text":"Kept.\\nJUNK\\nKept."}\n', mtime=0),
        json.dumps({"html": "<html><body><p>Kept one.</p><p>JUNK</p></body></html>"}).encode(),
    ],
    ids=["damaged", "packed", "html"],
)
def test_there_is_no_fix_of_rows_that_cannot_be_read_alike(tmp_path, data):
    path = tmp_path / "pages.jsonl"
    path.write_bytes(data)
    (result,) = log_of(path)["results"]
    assert "fixes" not in result


LINES = st.tuples(
    st.sampled_from([KEPT, "JUNK", "JUNK ä\U0001d11e", "", "\t", "\x0bkept\u2028", "\x85"]),
    st.sampled_from(["\n", "\n", "\r\n", "\r"]),
)
PAGES = st.tuples(st.lists(LINES, max_size=12), st.sampled_from(["", "JUNK", KEPT, "\t"])).map(
    lambda drawn: "".join(map("".join, drawn[0])) + drawn[1]
)


@given(PAGES, st.booleans())
@settings(max_examples=300 if SOAK else 100, deadline=None)
def test_no_mix_of_lines_makes_them_differ(text, mark):
    try:
        same("page.txt", ("\ufeff" if mark else "").encode() + text.encode())
    except CleanScrapeError as error:  # a page of controls
        assert error.reason in ("binary", "html")


@given(st.lists(st.tuples(PAGES, st.booleans(), st.sampled_from(["\n", "\r\n"])), max_size=5), st.booleans())
@settings(max_examples=150 if SOAK else 50, deadline=None)
def test_no_mix_of_rows_makes_them_differ(pages, mark):
    made = [json.dumps({"é": 1, "text": text}, ensure_ascii=plain) + end for text, plain, end in pages]
    same("pages.jsonl", ("\ufeff" if mark else "").encode() + "".join(made).encode())


@pytest.fixture
def real(tmp_path) -> Path:
    """The examples, some of them in other forms and as rows."""
    shutil.copytree(ROOT / "examples" / "pages", tmp_path / "pages")
    lock = (ROOT / "examples" / "pages" / "lock.txt").read_text("utf-8")
    forms: dict[str, Callable[[str], bytes]] = {
        "crlf.txt": lambda text: text.replace("\n", "\r\n").encode(),
        "mark.txt": lambda text: ("\ufeff" + text).encode(),
        "open.txt": lambda text: text.rstrip("\n").encode(),
        "a, b:%20.txt": str.encode,
        "rows.jsonl": lambda text: b"".join(
            json.dumps({"id": n, "text": text}, ensure_ascii=bool(n)).encode() + b"\r\n" for n in range(2)
        ),
    }
    for name, form in forms.items():
        (tmp_path / "pages" / name).write_bytes(form(lock))
    return tmp_path


@pytest.mark.parametrize("policy", ["safe", "balanced", "strict"])
def test_the_fixes_of_real_findings_do_what_fix_does(real, policy):
    run = sarif("--policy", policy, "pages", cwd=real)
    by_log = fixed(run, real)
    unfixed = {r["properties"]["kind"] for r in run["results"] if "fixes" not in r}
    assert unfixed == {"html"}
    assert len(by_log) >= 8 and all(path.read_bytes() != data for path, data in by_log.items())
    args = [sys.executable, "-m", "cleaner", "fix", "--policy", policy, *by_log]
    subprocess.run(args, cwd=real, capture_output=True, check=True, timeout=120)
    assert {path: path.read_bytes() for path in by_log} == by_log
