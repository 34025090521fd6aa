"""The hostile containers: each ends as its manifest says, in bounded memory."""

from __future__ import annotations

import gzip
import importlib.util
import random
import subprocess
import sys
from pathlib import Path

import pytest

from cleaner.corpus.inputs.formats import extract_page, form_of, read_items
from cleaner.corpus.items import Fields
from cleaner.errors import CleanScrapeError
from cleaner.files.unpacking import unpacked

HOSTILE = Path(__file__).parents[2] / "shared" / "bench" / "hostile.py"


def _load():
    spec = importlib.util.spec_from_file_location("hostile", HOSTILE)
    module = importlib.util.module_from_spec(spec)
    sys.modules["hostile"] = module
    spec.loader.exec_module(module)
    return module


CASES = [case for case in _load().CASES.values() if case.group == "containers"] if HOSTILE.is_file() else []
if not CASES:
    pytest.skip(f"{HOSTILE.name} is not there: the hostile inputs cannot be made", allow_module_level=True)


def read(path):
    """The pages of a file, as text, and all problems that were reported."""
    pages, problems = [], []
    form = form_of(path.name)
    if form == "page":
        try:
            data, damage = unpacked(path.read_bytes(), path.name)
        except CleanScrapeError as error:
            return [], [error.reason]
        return [data.decode("utf-8", "replace")], [damage] if damage else []
    for item in read_items(form, path, path.name, path.name, Fields()):
        try:
            raw = extract_page(item, Fields())
        except CleanScrapeError as error:
            assert error.source.startswith(path.name)
            problems.append(error.reason)
            continue
        pages.append(raw.data if isinstance(raw.data, str) else raw.data.decode("utf-8", "replace"))
        problems += [raw.damage] if raw.damage else []
    return pages, problems


@pytest.mark.parametrize("case", [case for case in CASES if not case.big], ids=lambda case: case.name)
def test_each_case_ends_as_its_manifest_says(case, tmp_path):
    if case.needs:
        pytest.importorskip(case.needs)
    if form_of(case.path) in ("warc", "wet"):
        pytest.importorskip("fastwarc")
    path = tmp_path / case.path
    path.write_bytes(case.make())
    pages, problems = read(path)
    if case.want == "bad":
        assert problems
        assert not pages
    elif case.want in ("text", "part"):
        assert all(any(word in page for page in pages) for word in case.keep)
        assert bool(problems) == (case.want == "part")


def test_the_good_rows_between_bad_ones_are_counted(tmp_path):
    case = next(case for case in CASES if case.name == "jsonl_mixed")
    path = tmp_path / case.path
    path.write_bytes(case.make())
    pages, problems = read(path)
    assert sum("kestreltail" in page for page in pages) == 6
    assert len(problems) == 14


SCRIPT = """
import random, resource, sys
from pathlib import Path
from cleaner.corpus.inputs.formats import form_of, read_items
from cleaner.corpus.items import Fields
path = Path(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = sum(1 for item in read_items(form_of(path.name), path, path.name, path.name, Fields()))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is counted in kB on Linux only")
@pytest.mark.parametrize("name", ["a.jsonl", "a.warc", "a.warc.gz"])
def test_memory_does_not_grow_with_the_file(name, tmp_path):
    if "warc" in name:
        pytest.importorskip("fastwarc")
    noise = random.Random(1).randbytes(10_000).hex().encode()
    head = b"WARC/1.0\r\nWARC-Type: resource\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(noise)
    record = head + noise + b"\r\n\r\n" if "warc" in name else b'{"text":"' + noise + b'"}\n'
    path = tmp_path / name
    path.write_bytes((gzip.compress(record) if name.endswith(".gz") else record) * 5_000)
    done = subprocess.run([sys.executable, "-c", SCRIPT, path], capture_output=True, text=True, check=True)
    count, grown = map(int, done.stdout.split())
    assert count == 5_000
    assert grown < 30_000, f"{grown // 1000} MB for 100 MB"
