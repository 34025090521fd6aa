"""Bad inputs through the whole of cleaning: each keeps its text, and large ones have a limit of memory.

That cleaning takes linear time is measured by ``bench.timed``. CLEAN_SCRAPE_SOAK=1 takes all large pages of the
shared bad inputs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import cleaner
from bench.timed.hostile import LARGE
from bench.timed.shapes import HOSTILE, hostile
from cleaner.errors import UnreadableError
from cleaner.report.rows import page_row

SOAK = os.environ.get("CLEAN_SCRAPE_SOAK") == "1"

#: Large pages that are left to soaking; the others are those whose time is measured, too.
SOAKED = (
    *("attr_12mb", "tags_1m", "links_200k", "lt_10mb", "amp_5mb", "openers", "data_uri_20mb", "base64_text"),
    *("table_200k", "one_line_20mb", "one_line_20mb_txt", "short_lines_1m", "same_line_300k", "empty_lines_5m_html"),
)

#: Bytes of memory that the process of a large page may take.
MAX_BYTES = 1_500_000_000

BENCH = hostile()
ABSENT = f"no {HOSTILE}: set CLEAN_SCRAPE_SHARED to the folder that holds bench/"


def pages(*, large: bool) -> list[object]:
    """The pages of the shared bench that are small enough to be cleaned here, or ``large`` ones."""
    if BENCH is None:
        return [pytest.param(None, marks=pytest.mark.skip(reason=ABSENT))]
    wanted = [c for c in BENCH.CASES.values() if c.group in ("pages", "text", "encoding", "binary") and not c.big]
    heavy = {*LARGE, *SOAKED}
    chosen = [c for c in wanted if (c.name in heavy) == large and (SOAK or c.name not in SOAKED)]
    return [pytest.param(case, id=case.name) for case in chosen]


@pytest.mark.parametrize("case", pages(large=False))
def test_a_bad_page_keeps_its_text(case) -> None:  # type: ignore[no-untyped-def]
    data = case.make()
    if case.want == "bad":
        with pytest.raises(UnreadableError):
            cleaner.clean(data)
        return
    try:
        cleaned = cleaner.clean(data)
    except UnreadableError:
        assert case.want == "any"
        return
    body = page_row(cleaned)[1].decode("utf-8", "replace")
    assert [word for word in case.keep if word not in cleaned.text] == []
    assert [word for word in case.never if word in body] == []


@pytest.mark.skipif(
    sys.platform == "win32", reason="limits of memory are set by the module resource, which is not here"
)
@pytest.mark.parametrize("case", pages(large=True))
def test_a_large_page_keeps_its_text_in_little_memory(case, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    data = case.make()
    (tmp_path / "page").write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(tmp_path / "page"), *case.keep], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["lost"] == []
    assert seen["memory"] <= MAX_BYTES


#: What the process of a large page does.
ALONE = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
import cleaner
from cleaner.report.rows import page_row, to_json
cleaner.clean("<p>one</p>")
cleaner.clean("one")
data = open(sys.argv[1], "rb").read()
row, body, _ = page_row(cleaner.clean(data))
to_json(row)
unit = 1 if sys.platform == "darwin" else 1024
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
lost = [word for word in sys.argv[2:] if word.encode() not in body]
print(json.dumps({"lost": lost, "memory": memory}))
"""
