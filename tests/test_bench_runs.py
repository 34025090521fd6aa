"""The benchmark of whole runs: its arithmetic, its inputs, and what it takes in of other processes."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import pytest
import zstandard

from bench.runs import __main__ as command
from bench.runs import corpora, memory, speed
from bench.runs.commands import Run, bare, middle, ours, spread
from bench.runs.measured import Memory, Spent, outputs, spent
from cleaner import clean

pytest.importorskip("resource", reason="times and memory of other processes are read as Unix gives them")

LINE = "The council of the town voted on Monday for a new bridge, and the works on it will begin in May."


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """One development page in the layout of the data, and a flattened form of it that is large enough to be cut."""
    for folder in ("wcxb/html", "wcxb/gold", "text/flat/dev", "text/lab/dev"):
        (tmp_path / folder).mkdir(parents=True)
    page = f"<html><body><nav><a href='/'>Home</a></nav><article><p>{LINE}</p></article></body></html>"
    (tmp_path / "wcxb/index.json").write_text(
        json.dumps({"1": {"type": "article", "url": "", "with": [], "without": []}})
    )
    (tmp_path / "wcxb/html/1.html.gz").write_bytes(gzip.compress(page.encode()))
    (tmp_path / "wcxb/gold/1.txt").write_text(LINE)
    lines = "\n".join(f"{LINE} <{number}>" for number in range(250))
    for kind, value in (("flat", lines), ("lab", [])):
        stored = gzip.compress(json.dumps({"1": value}).encode())
        (tmp_path / f"text/{kind}/dev/html_text.json.gz").write_bytes(stored)
    return tmp_path


def test_small_pages_are_pieces_of_flattened_ones(data: Path, tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    as_html, as_text, rows = corpora.small(data, 2, below)
    assert (as_html.pages, as_text.pages, rows.pages) == (2, 2, 2)
    assert (as_html.html, as_text.html) == (True, False)
    first, second = (path.read_text("utf-8") for path in sorted(as_text.path.rglob("*.txt")))
    assert corpora.SMALL <= len(first) < corpora.SMALL + 200
    assert as_text.bytes == rows.bytes == len(first) + len(second)
    page = min(as_html.path.rglob("*.html")).read_bytes()
    assert b"&lt;0&gt;" in page
    assert clean(page).page.kind == "html"
    with zstandard.open(rows.path, "rt", encoding="utf-8") as stored:
        assert [json.loads(line)["text"] for line in stored] == [first, second]
    alone = corpora.head(as_text, 1, below)
    assert (alone.pages, alone.bytes, outputs(alone.path)) == (1, len(first), 1)
    assert corpora.head(rows, 1, below).bytes == len(first)


def test_generated_pages_are_short_the_same_and_not_alike() -> None:
    pages = [corpora.generated(number) for number in range(50)]
    assert pages == [corpora.generated(number) for number in range(50)]
    assert len(set(pages)) == 50
    assert all(900 <= len(page.encode()) <= 2200 for page in pages)


def test_time_of_processes_that_nobody_waits_for_counts(tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 0.5: pass"
    script = tmp_path / "leaves.py"
    script.write_text(f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {burn!r}])\n")
    found = spent([sys.executable, str(script)])
    assert found.parent_cpu < 0.5
    if sys.platform == "linux":
        assert found.cpu >= 0.5


def test_memory_and_the_first_output_are_seen(tmp_path: Path) -> None:
    script = tmp_path / "slow.py"
    script.write_text(
        "import pathlib, subprocess, sys, time\n"
        "out = pathlib.Path(sys.argv[1]); (out / '_report').mkdir(parents=True); (out / '_report' / 'x').touch()\n"
        "held = subprocess.Popen([sys.executable, '-c', 'x = b\"1\" * 60_000_000; import time; time.sleep(0.8)'])\n"
        "time.sleep(0.3); (out / 'page.txt').touch(); held.wait()\n"
    )
    out = tmp_path / "out"
    found = spent([sys.executable, str(script), str(out)], memory=True, first=out)
    assert found.first is not None
    assert 0.3 <= found.first < found.seconds
    assert 1 < found.memory.parent < found.memory.worker
    assert found.memory.worker > 55


def test_a_command_that_writes_nothing_stops_the_benchmark(tmp_path: Path) -> None:
    corpus = corpora.short(1, "files", tmp_path)
    failing = Run("fails", lambda *_: [sys.executable, "-c", "raise SystemExit('no such thing')"], corpus, 1)
    with pytest.raises(SystemExit, match=r"(?s)wrote nothing and ended with 1:.*no such thing"):
        failing.once(tmp_path)


def test_the_loop_writes_what_a_run_writes(tmp_path: Path) -> None:
    corpus = corpora.short(3, "files", tmp_path)
    found = bare(corpus, tmp_path)
    assert found["pages"] == 3
    assert found["cpu"] > 0
    took, files = Run("ours", ours, corpus, 1).once(tmp_path)
    assert files == 3
    assert 0 < took.parent_cpu < took.cpu
    assert not (tmp_path / "out").exists()


def test_overhead_is_what_is_left_of_a_run_without_start_and_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    took = {1: Spent(0, 1.0, 2.0, 1.0), 101: Spent(0, 12.0, 13.0, 1.5)}
    monkeypatch.setattr(speed, "bare", lambda *_: {"cpu": 10.1, "seconds": 10.1})
    monkeypatch.setattr(Run, "once", lambda self, _: (took[self.corpus.pages], 1))
    monkeypatch.setattr(speed, "head", lambda corpus, *_: corpora.Corpus("one", corpus.path, 1, 1))
    row = speed.overhead([corpora.Corpus("texts", tmp_path, 101, 1)], 3, tmp_path).rows["texts"]
    assert row["overhead"] == pytest.approx(0.1)
    assert row["parent"] == pytest.approx(0.05)
    assert row["others"] == pytest.approx(0.05)
    assert row["on the clock"] == pytest.approx(0.1)
    assert row["ms a page"] == pytest.approx(100)


def test_slopes_are_for_a_hundred_thousand_pages() -> None:
    found = [(1000, Memory(parent=9)), (10_000, Memory(parent=20)), (30_000, Memory(parent=24, worker=1))]
    assert memory.slope(found) == Memory(parent=20, worker=5)
    assert memory.sizes(100_000) == [1000, 10_000, 100_000]
    assert memory.sizes(500) == [500]


def test_spread_is_half_the_way_from_least_to_most() -> None:
    assert spread([9, 10, 12]) == pytest.approx(0.15)
    assert (middle([]), spread([])) == (0, 0)


def test_a_second_run_is_measured_in_the_same_folder(tmp_path: Path) -> None:
    row = speed.again([corpora.short(2, "files", tmp_path)], 1, tmp_path).rows["files"]
    assert row["of the first"] == row["second s"] / row["first s"]


def test_tables_are_printed_and_stored(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = data / "figures.json"
    sizes = ["--small", "2", "--rounds", "1", "--only", "overhead", "--json", str(stored)]
    monkeypatch.setattr(speed, "bare", lambda *_: {"cpu": 1.0, "seconds": 1.0})
    monkeypatch.setattr(Run, "once", lambda self, _: (Spent(0, 1.0, 2.0, 1.0), 1))
    monkeypatch.setattr("sys.argv", ["runs", "--data", str(data), *sizes])
    command.main()
    assert "Overhead of the runner" in capsys.readouterr().out
    ((_, rows),) = json.loads(stored.read_text("utf-8")).items()
    assert set(rows) == {"HTML of 10 KB", "text of 10 KB", "text of 10 KB, JSONL.zst"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "speed,taste"], "no section taste"),
        (["--small", "0"], "1 or more"),
        (["--data", "nowhere"], "no development data in nowhere"),
    ],
)
def test_wrong_options_are_named(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["runs", *arguments])
    with pytest.raises(SystemExit) as stopped:
        command.main()
    assert message in capsys.readouterr().err + str(stopped.value)
