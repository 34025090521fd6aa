"""Runs and datasets on Ray: the same as on this machine alone, for pages that are hostile, too."""

from __future__ import annotations

import errno
import gzip
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

pytest.importorskip("ray.data", reason="Ray is not installed: make test-engines")

import pyarrow as pa
import pyarrow.parquet as pq

from cleaner.corpus.items import Fields
from cleaner.engines import portions as cut
from cleaner.engines.arrow import TableOptions, Templates, clean_batches, cleaned_schema, count_batches, merge_counts
from cleaner.engines.counts import templates_to_batches
from cleaner.engines.ray import clean, in_memory, templates
from cleaner.engines.ray.session import session
from cleaner.errors import InputError
from cleaner.sites.profile import MAX_SITE_PAGES, Template
from tests import poisoned, runs
from tests.engines import digest, made_pages, outcomes_of
from tests.runs import ROOT, environment, files, page, started

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="signals of POSIX"),
    pytest.mark.filterwarnings("default"),  # those of Ray are none of ours
]


def cleaned(*args: object, env: dict[str, str] | None = None, **how: Any) -> Any:
    """Run the command line in a process of its own: one that ends its Ray would end that of these tests, too."""
    return runs.cleaned(*args, env=env or environment(), **how)


#: Takes small portions, and shuffles however little there is.
CUT = """
from cleaner.engines import portions
from cleaner.engines.ray import run
portions.MAX_PORTION_FILES, run.LOCAL_SUM_BYTES = 3, 0
"""

#: Takes small portions, in which some pages do harm to who works on them.
POISONED = f"""
{CUT}
from functools import partial
from tests import poisoned, test_engines_ray
command = sys.modules["cleaner.cli.run"]
command.Job = partial(command.Job, limits=poisoned.Short(seconds=1.0, memory=512 * 2**20))
run.clean_portion = test_engines_ray.with_poison
"""

#: What the report of a run of two passes consists of.
REPORT_FILES = ("pages.parquet", "sites.profile.jsonl", "summary.json")

#: Takes a moment over each portion.
SLOW = (
    f"{CUT}\nrun.LOCAL_SUM_BYTES = 1 << 20\n"
    "from tests import test_engines_ray; run.clean_portion = test_engines_ray.slowly"
)


def with_poison(portion: cut.Portion, order: Any, place: Path) -> cut.Outcome:
    cut.process_task = poisoned.poisoned
    return cut.clean_portion(portion, order, place)


def slowly(portion: cut.Portion, order: Any, place: Path) -> cut.Outcome:
    time.sleep(0.5)
    return cut.clean_portion(portion, order, place)


def full(*_: Any, **how: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def ended(*_: Any, **how: Any) -> None:
    os._exit(1)


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    os.environ["PYTHONPATH"] = environment()["PYTHONPATH"]
    with session(None, 2) as found:
        yield found


@pytest.fixture(scope="module")
def there(ray) -> tuple[str, ...]:
    """The options that lead to the Ray of these tests."""
    return "--engine", "ray", "--ray-address", ray.get_runtime_context().gcs_address


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    """Pages in files of all forms; some are none, or damaged."""
    root = tmp_path_factory.mktemp("in")
    rows = [one._asdict() for one in made_pages(8)]
    pq.write_table(pa.Table.from_pylist(rows[::3]), root / "rows.parquet")
    lines = "".join(json.dumps({**row, "text": row["html"], "odd": "\ud800"}) + "\n" for row in rows[1::3])
    (root / "rows.jsonl.gz").write_bytes(gzip.compress(lines.encode() + b'{"no": "text"}\n', mtime=0))
    (root / "b").mkdir()
    for number, row in enumerate(rows[2::3]):
        canonical = f"<head><link rel=canonical href='{row['url']}'>"
        (root / "b" / f"{number}.html").write_text(row["html"].replace("<title>", f"{canonical}<title>"))
    for number in range(5):
        (root / f"{number}.html").write_bytes(page(number))
    (root / "note.txt").write_text("The keeper wrote the names of the barges down.\nShare on Facebook\n")
    (root / "cut.html.gz").write_bytes(gzip.compress(page(7) * 9)[:-60])
    (root / "picture.html").write_bytes(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 8)
    (root / "link.html").symlink_to(root / "0.html")
    _warc(root / "crawl.warc.gz")
    return root


def _warc(path: Path) -> None:
    pytest.importorskip("fastwarc", reason="FastWARC is not installed")
    whole = b""
    for number, kind in enumerate(("text/html", "image/png", "text/html")):
        body = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode() + page(20 + number)
        head = {
            "WARC-Type": "response",
            "WARC-Record-ID": f"<urn:uuid:{number}>",
            "WARC-Target-URI": f"https://barges.example/{number}",
            "Content-Type": "application/http; msgtype=response",
            "Content-Length": len(body),
        }
        fields = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        whole += gzip.compress(f"WARC/1.0\r\n{fields}\r\n".encode() + body + b"\r\n\r\n", mtime=0)
    path.write_bytes(whole)


@pytest.fixture(scope="module")
def local(corpus, tmp_path_factory) -> Path:
    """What the run on this machine makes of the corpus."""
    out = tmp_path_factory.mktemp("local") / "out"
    done = cleaned(corpus, out, "--two-pass", "--metadata", "--format", "parquet", "--jobs", 2)
    assert done.returncode == 2, done.stderr
    return out


def records(out: Path) -> dict[str, dict]:
    """The records of all shards by source, each of which is there once."""
    found = [row for shard in sorted(out.glob("*.parquet")) for row in pq.read_table(shard).to_pylist()]
    assert len({row["source"] for row in found}) == len(found)
    return {row["source"]: row for row in found}


def report(out: Path) -> list[dict]:
    """The rows of the report, in order, without the names of shards."""
    path = out / "_report" / "pages.jsonl"
    if path.is_file():
        lines = path.read_bytes().splitlines()
    else:
        lines = pq.read_table(path.with_suffix(".parquet"))["json"].to_pylist()
    return [{**json.loads(line), "output": None} for line in lines]


def sums(out: Path) -> dict:
    return {**json.loads((out / "_report" / "summary.json").read_bytes()), "shards": None}


def check_same(out: Path, local: Path) -> None:
    assert records(out) == records(local)
    assert report(out) == report(local)
    assert sums(out) == sums(local)
    profile = Path("_report") / "sites.profile.jsonl"
    assert (out / profile).read_bytes() == (local / profile).read_bytes()


def left(mark: str) -> list[str]:
    """Processes that have ``mark`` in their environment; those that end are given a moment."""
    until = time.monotonic() + 20
    while found := [one.name() for one in psutil.process_iter() if _has(one, mark)]:
        if time.monotonic() > until:
            break
        time.sleep(0.2)
    return found


def _has(process: psutil.Process, mark: str) -> bool:
    try:
        return mark in process.environ().values() and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, psutil.Error):
        return False


def test_a_ray_of_our_own_gives_the_same_and_goes(corpus, local, tmp_path):
    out, mark = tmp_path / "out", f"here {tmp_path}"
    options = ("--two-pass", "--metadata", "--engine", "ray", "--jobs", 2)
    done = cleaned(corpus, out, *options, env=environment(MARK=mark))
    assert done.returncode == 2, done.stderr
    check_same(out, local)
    assert "rows.jsonl.gz#9" in done.stderr
    assert done.stdout.splitlines()[-1] == f"report: {out / '_report' / 'index.html'}"
    assert not re.search(r"ray|dataset", done.stderr, re.IGNORECASE)
    assert left(mark) == []


@pytest.fixture(scope="module")
def cut_small(corpus, there, tmp_path_factory) -> Path:
    """What Ray makes of the corpus in small portions, with a shuffle."""
    out = tmp_path_factory.mktemp("small") / "out"
    done = cleaned(corpus, out, "--two-pass", "--metadata", "-q", *there, patch=CUT)
    assert done.returncode == 2, done.stderr
    return out


def test_any_cut_gives_the_same(corpus, local, there, cut_small, tmp_path):
    check_same(cut_small, local)
    assert len([*cut_small.glob("pages-*.parquet")]) > 4
    out = Path(shutil.copytree(cut_small, tmp_path / "out", symlinks=True))
    done = cleaned(corpus, out, "--two-pass", "--metadata", *there)
    assert done.returncode == 2, done.stderr
    check_same(out, local)
    assert len([*out.glob("pages-*.parquet")]) == 1, "those of the run before are gone"


def test_the_report_has_a_row_for_each_input(local, cut_small):
    out = cut_small
    rows = pq.read_table(out / "_report" / "pages.parquet").to_pylist()
    assert [row["source"] for row in rows] == [row["source"] for row in report(local)]
    failures = {row["source"]: row["reason"] for row in rows if row["reason"]}
    assert failures["link.html"] == "symlink"
    assert {row["status"] for row in rows if not row["reason"]} == {"written"}
    assert all((out / row["output"]).is_file() for row in rows if not row["reason"])
    for row in rows:
        whole = json.loads(row["json"])
        assert (row["others"], row["confidence"]) == (whole.get("others"), whole.get("confidence"))
        assert row["lines_removed"] == whole.get("lines", {}).get("removed")


def test_a_packed_profile(corpus, local, there, tmp_path):
    profile = tmp_path / "sites.profile.jsonl.gz"
    profile.write_bytes(gzip.compress((local / "_report" / "sites.profile.jsonl").read_bytes()))
    done = cleaned(corpus, tmp_path / "out", "--profile", profile, "--metadata", *there)
    assert done.returncode == 2, done.stderr
    assert records(tmp_path / "out") == records(local)
    assert sum("others" in row for row in report(local)) > 8


def test_nothing_to_clean(there, tmp_path):
    (tmp_path / "in").mkdir()
    done = cleaned(tmp_path / "in", tmp_path / "out", "--two-pass", *there)
    assert done.returncode == 0, done.stderr
    assert sorted(files(tmp_path / "out")) == sorted(f"_report/{n}" for n in (*REPORT_FILES, "index.html"))


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        ("run.clean_portion = test_engines_ray.full", "stopped by the machine: [Errno 28] No space left on device"),
        ("run.clean_portion = test_engines_ray.ended", "Ray failed while cleaning"),
        ("run._identity = lambda: ['clean-scrape 0', 'weights']", "where this one has clean-scrape 0"),
    ],
)
def test_what_goes_wrong_stops_the_run_and_is_told(corpus, there, tmp_path, patch, message):
    taken = f"from cleaner.engines.ray import run; from tests import test_engines_ray; {patch}"
    done = cleaned(corpus, tmp_path / "out", *there, patch=taken)
    assert done.returncode == 3, done.stderr
    assert message in done.stderr
    assert files(tmp_path / "out") == {}


def test_restore_rebuilds_the_pages(local, cut_small):
    done = cleaned("restore", cut_small)
    assert done.returncode == 0, done.stderr
    assert done.stdout == cleaned("restore", local).stdout


def test_poison_costs_its_page(there, tmp_path):
    pages = tmp_path / "in"
    pages.mkdir()
    for number in range(12):
        (pages / f"{number:02}.html").write_bytes(page(number))
    for number, kind in enumerate((b"kill", b"memory", b"spin")):
        (pages / f"{number * 4:02}.html").write_bytes(b"<!-- %b%b; -->" % (poisoned.MARK, kind) + page(number))
    done = cleaned(pages, tmp_path / "out", *there, patch=POISONED)
    assert done.returncode == 2, done.stderr
    failures = {row["source"]: row["error"]["reason"] for row in report(tmp_path / "out") if "error" in row}
    assert failures == {"00.html": "worker-died", "04.html": "memory", "08.html": "time-budget"}
    assert len(records(tmp_path / "out")) == 9


def test_killed_and_begun_again(corpus, cut_small, tmp_path):
    out, mark = tmp_path / "out", f"killed {tmp_path}"
    options = ("--two-pass", "--metadata", "-q", "--engine", "ray", "--jobs", 2)
    run = started(corpus, out, *options, patch=SLOW, env=environment(MARK=mark))
    growing = out / ".clean-scrape" / "run"
    while not [*growing.glob("0*.json")]:
        assert run.poll() is None, run.communicate()
        time.sleep(0.05)
    run.kill()
    run.communicate()
    assert left(mark) == []
    assert not (out / "_report").exists()
    done = cleaned(
        corpus, out, *options[:2], "--engine", "ray", "--jobs", 2, patch=f"{CUT}\nrun.LOCAL_SUM_BYTES = 1 << 20"
    )
    assert done.returncode == 2, done.stderr
    assert "of them done before" in done.stdout
    assert files(out) == files(cut_small)
    assert not growing.exists()


def test_told_to_stop(corpus, there, tmp_path):
    run = started(corpus, tmp_path / "out", *there, patch=SLOW)
    while not [*(tmp_path / "out" / ".clean-scrape" / "run").glob("0*.json")]:
        assert run.poll() is None, run.communicate()
        time.sleep(0.05)
    run.terminate()
    said = run.communicate()
    # One time in five Ray's core ends the process while it shuts down, with 1 and in silence.
    assert run.returncode in (143, 1), said
    assert "Traceback" not in said[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--engine", "ray", "--format", "text"), "--engine ray writes Parquet"),
        (("--ray-address", "auto"), "goes with --engine ray"),
        (("--engine", "ray", "--ray-address", "auto", "--jobs", 2), "--jobs has no effect on a cluster"),
        (("--engine", "ray", "--ray-address", "127.0.0.1:1"), "no Ray of a compatible version answers"),
    ],
)
def test_wrong_use_is_told(corpus, tmp_path, options, message):
    done = cleaned(corpus, tmp_path / "out", *options)
    assert done.returncode == 2
    assert message in done.stderr


def test_places_and_configurations_that_do_not_fit(corpus, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "theirs.parquet").write_bytes(b"PAR1")
    done = cleaned(corpus, out, "--engine", "ray")
    assert done.returncode == 2
    assert "was not written by clean-scrape" in done.stderr
    (out / "theirs.parquet").unlink()
    done = cleaned(corpus, out, "--format", "parquet", "-q")
    assert done.returncode == 2
    assert "engine" in done.stderr, "of another engine"
    done = cleaned("-", tmp_path / "other", "--engine", "ray")
    assert done.returncode == 2
    assert "not standard input" in done.stderr


def test_without_the_package_the_message_says_what_to_install(corpus, tmp_path):
    done = cleaned(corpus, tmp_path / "out", "--engine", "ray", patch="sys.modules['ray'] = None")
    assert done.returncode == 2
    assert 'pip install "clean-scrape[ray]"' in done.stderr


def test_a_dataset_of_any_columns(ray):
    rows = [{"page": one.html, "address": one.url, "n": at} for at, one in enumerate(made_pages())] + [{"page": None}]
    options = TableOptions(fields=Fields("page", "address", "address"))
    table = pa.Table.from_pylist(rows)
    known = in_memory(templates(ray.data.from_arrow(table).repartition(4), options))
    assert len(known) == 3
    expected = digest(outcomes_of(good(clean_batches([table], known, options))))
    parts = ray.data.from_arrow([table.slice(at, 9) for at in range(0, len(rows), 9)][::-1])
    found = clean(parts, options, profile=known).materialize()
    assert found.schema().base_schema.equals(cleaned_schema())
    tables = [*found.iter_batches(batch_size=None, batch_format="pyarrow")]
    assert sum(map(len, tables)) == len(rows)
    assert digest(outcomes_of(good(tables))) == expected


def test_a_site_larger_than_its_sample(ray):
    """Bounds are found, and cut the counts before they are shuffled; the templates stay the same."""
    many = [f"<p>The large one</p><p>Letters of {chr(n)}</p>" for n in range(0x4E00, 0x4E00 + MAX_SITE_PAGES + 50)]
    rows = [{"url": "http://big.example/", "html": one} for one in many]
    rows += [{"url": one.url, "html": one.html} for one in made_pages(4)]
    table = pa.Table.from_pylist(rows)
    expected = Templates(merge_counts(count_batches([table], TableOptions(limits=None))))
    parts = ray.data.from_arrow([table.slice(at, 90) for at in range(0, len(rows), 90)])
    found = in_memory(templates(parts))
    assert list(found.items()) == list(expected.items())
    assert found.find("big.example").pages == MAX_SITE_PAGES


def good(tables: Any) -> list[Any]:
    """Tables without the rows of failures."""
    return [table.filter(table["error"].is_null()) for table in tables]


def test_too_many_templates_are_refused(ray, monkeypatch):
    from cleaner.engines import ray as engine  # noqa: PLC0415

    monkeypatch.setattr(engine, "MAX_BROADCAST_BYTES", 0)
    rows = pa.Table.from_batches(templates_to_batches([("a", Template(2, {"menu": 2}))]))
    found = ray.data.from_arrow(rows)
    with pytest.raises(InputError, match="clean-scrape profile"):
        in_memory(found)


def test_two_profiles_are_one_too_many(ray):
    with pytest.raises(InputError, match="either"):
        clean(ray.data.range(1), profile={}, two_pass=True)


def test_nothing_is_told_to_anybody(ray):
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


def test_the_example_of_the_docs(ray, tmp_path):
    section = (ROOT / "docs" / "engines.md").read_text("utf-8").partition("## Ray")[2]
    example = section.partition("```python\n")[2].partition("```")[0]
    assert len(example.splitlines()) <= 10
    (tmp_path / "crawl").mkdir()
    pq.write_table(pa.Table.from_pylist([one._asdict() for one in made_pages()]), tmp_path / "crawl" / "0.parquet")
    exec(compile(example.replace("/data", str(tmp_path)), "docs/engines.md", "exec"), {})
    table = pq.read_table(tmp_path / "clean")
    assert len(table) == len(made_pages())
    assert table["error"].null_count == len(table)
