"""Bad inputs: every page whose text can be read is read, the rest is named as unreadable."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from cleaner.errors import UnreadableError
from cleaner.read import read_page

SHARED = Path(os.environ.get("CLEAN_SCRAPE_SHARED", Path(__file__).parent.parent.parent / "shared"))

#: Cases of many megabytes or lines: they differ from smaller ones in time only.
LONG = """
attr_12mb text_12mb data_uri_20mb one_line_20mb one_line_20mb_txt one_line_200mb links_200k table_200k paras_100k
empty_lines_5m empty_lines_5m_html short_lines_1m short_lines_1m_html same_line_300k base64_text lt_10mb
"""


def cases():
    path = SHARED / "bench" / "hostile.py"
    if not path.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"no {path}: set CLEAN_SCRAPE_SHARED"))]
    spec = importlib.util.spec_from_file_location("hostile", path)
    module = sys.modules["hostile"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    wanted = [case for case in module.CASES.values() if case.group in ("pages", "text", "encoding", "binary")]
    slow = bool(os.environ.get("CLEAN_SCRAPE_SLOW"))
    return [pytest.param(case, id=case.name) for case in wanted if slow or case.name not in LONG.split()]


@pytest.mark.parametrize("case", cases())
def test_hostile(case):
    data = case.make()
    if case.want == "bad":
        with pytest.raises(UnreadableError):
            read_page(data)
        return
    try:
        page = read_page(data)
    except UnreadableError:
        assert case.want == "any"
        return
    text = "\n".join(line.text for line in page.lines)
    assert [word for word in case.keep if word not in text] == []
    assert [word for word in case.never if word in text] == []
    if case.want in ("text", "part"):
        assert page.kind == ("text" if case.path.endswith(".txt") else "html")
    if page.kind == "text":
        assert data[: page.bom] + b"".join(data[line.start : line.end] for line in page.lines) == data
