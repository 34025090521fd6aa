"""The Arrow core: the same as a local run, however the pages are cut into batches, and never an exception."""

from __future__ import annotations

import contextlib
import gzip
import json
import multiprocessing
import os
import pickle
import random
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st

from cleaner.corpus.items import Fields
from cleaner.corpus.run import Job, run_job
from cleaner.errors import InputError
from cleaner.read import read_page
from cleaner.settings.record import DEFAULTS
from cleaner.sites.files import Head, write_profile
from cleaner.sites.lookup import ProfileFile
from cleaner.sites.profile import MAX_SITE_PAGES, SiteProfile, Template
from cleaner.workers.limits import Limits
from tests.poisoned_sites import Poisoned
from tests.runs import page

pa = pytest.importorskip("pyarrow", reason="the extra arrow is not installed")
pq = pytest.importorskip("pyarrow.parquet")

from cleaner.engines import arrow, cleaning, counts, rows  # noqa: E402
from cleaner.engines.arrow import TableOptions, Templates, clean_batches, count_batches, merge_counts  # noqa: E402

#: In this process: most tests need no other.
HERE = TableOptions(limits=None)

TEXT = (
    "Home | News | Sign in\nThe harbour office kept a ledger of all barges that passed the lock.\n© 2020 The Ledger\n"
)


def pages() -> list[dict[str, object]]:
    """Pages of three sites, HTML and text, packed, damaged, and some that are none."""
    found: list[dict[str, object]] = []
    for number in range(15):
        url = f"http://{'abc'[number % 3]}.example/{number}"
        found.append({"id": f"p{number}", "url": url, "html": page(number), "n": number, "title": None, "text": "mine"})
    found[4]["html"] = gzip.compress(page(4))
    found[7]["html"] = TEXT.encode()
    found[8]["html"] = TEXT.encode().replace(b"harbour", b"harb\xffur")
    for bad in (None, b"", b"\x89PNG\r\n\x1a\n" + bytes(99), gzip.compress(page(1))[:40]):
        found.append({"id": f"p{len(found)}", "url": None, "html": bad, "n": -1, "title": "x", "text": ""})
    return found


TABLE = pa.Table.from_pylist(pages())


def cleaned(tables, profile=None, options=HERE):
    return pa.Table.from_batches(clean_batches(tables, profile, options), arrow.cleaned_schema())


def templates(tables, options=HERE):
    return pa.Table.from_batches(merge_counts(count_batches(tables, options)), arrow.templates_schema())


def cut(table, number: int, seed: int):
    """A table as so many batches, some of them empty."""
    dice = random.Random(seed)
    ends = sorted(dice.randrange(table.num_rows + 1) for _ in range(number - 1))
    spans = zip([0, *ends], [*ends, table.num_rows], strict=True)
    return [table.slice(first, last - first).combine_chunks() for first, last in spans]


def locally(folder: Path, table, **how) -> tuple[list[dict], list[dict]]:
    """Records and report rows of a local run over a table."""
    pq.write_table(table, folder / "pages.parquet")
    run_job(Job(folder / "pages.parquet", folder / "out", DEFAULTS, format="parquet", **how), lambda _: None)
    report = (folder / "out/_report/pages.jsonl").read_bytes().splitlines()
    [shard] = (folder / "out").glob("*.parquet")
    return pq.read_table(shard).to_pylist(), [json.loads(row) for row in report]


def without(row: dict, *names: str) -> dict:
    return {name: value for name, value in row.items() if name not in names}


def assert_same(found, records: list[dict], report: list[dict]) -> None:
    good = [without(row, "source", "report", "error") for row in found.to_pylist() if not row["error"]]
    assert good == [without(record, "source") for record in records]
    reports = [without(json.loads(row), "source", "output") for row in found["report"].to_pylist()]
    assert reports == [without(row, "source", "output") for row in report]


@pytest.mark.parametrize("limits", [None, Limits()], ids=["in this process", "in one of its own"])
def test_the_same_as_a_local_run(tmp_path: Path, limits: Limits | None) -> None:
    found = cleaned([TABLE], None, TableOptions(limits=limits))
    assert_same(found, *locally(tmp_path, TABLE))
    failed = [row for row in found.to_pylist() if row["error"]]
    assert [row["id"] for row in failed] == ["p15", "p17", "p18"]
    assert failed[0]["error"] == {"reason": "bad-row", "message": "its 'html' is null"}
    assert all(json.loads(row["report"])["error"] == row["error"] and row["text"] is None for row in failed)
    assert json.loads(failed[0]["fields"]) == {"input_text": "", "input_title": "x", "input_url": None, "n": -1}
    assert failed[0]["url"] == "" and failed[0]["json"] is None


def flattened():
    """The pages as text, in a column of strings."""
    found = [row for row in pages() if row["n"] not in (-1, 4, 8)]
    texts = ["\n".join(line.text for line in read_page(row["html"]).lines) for row in found]
    return pa.Table.from_pylist([row | {"html": text} for row, text in zip(found, texts, strict=True)])


@pytest.mark.parametrize("key", ["host", "n"])
@pytest.mark.parametrize("made", [lambda: TABLE, flattened], ids=["html", "text"])
def test_two_passes_are_the_same_as_locally(tmp_path: Path, key: str, made) -> None:
    table, options = made(), TableOptions(limits=None, site_key=key)
    found = cleaned([table], Templates([templates([table], options)]), options)
    assert_same(found, *locally(tmp_path, table, two_pass=key, limits=None))
    compared = [json.loads(row).get("others", 0) for row in found["report"].to_pylist()]
    assert max(compared) == (4 if key == "host" else 0), "each page was compared with the others of its site"


def test_a_file_of_profiles_says_the_same_as_templates_in_memory(tmp_path: Path) -> None:
    known = Templates([templates([TABLE])])
    path = tmp_path / "sites.profile.jsonl"
    write_profile(path, Head("host", whole=False), known.items())
    by_file = cleaned([TABLE], ProfileFile.open(path), TableOptions(limits=None, site_key="n"))
    assert by_file.equals(cleaned([TABLE], known))
    assert by_file.equals(cleaned([TABLE], dict(known.items()))), "a plain mapping does, too"
    assert not by_file.equals(cleaned([TABLE])), "the file's own site key counts"


@trying(max_examples=8, deadline=None)
@given(st.integers(1, 9), st.integers(0, 10**6))
def test_the_same_for_any_partitioning(number: int, seed: int) -> None:
    known = Templates([templates([TABLE])])
    batches = cut(TABLE, number, seed)
    assert cleaned(batches, known).equals(cleaned([TABLE], known))
    parts = [batch for one in batches for batch in count_batches([one], HERE)]
    random.Random(seed).shuffle(parts)
    merged = pa.Table.from_batches(merge_counts([*parts, *parts[:1]]), arrow.templates_schema())
    assert merged.equals(templates([TABLE]))


KEYS = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True).map(lambda keys: tuple(sorted(keys)))
PROFILES = st.lists(
    st.tuples(st.sampled_from(["a", "b", "ü"]), st.integers(0, 2**64 - 1), KEYS),
    max_size=30,
    unique_by=lambda row: row[1],
)


@given(PROFILES, st.integers(1, 4), st.integers(0, 2000))
def test_partial_counts_add_up_to_the_sum_of_profiles(
    drawn: list[tuple[str, int, tuple[str, ...]]], number: int, memory: int
) -> None:
    rows_ = [(site, SiteProfile({print_: keys})) for site, print_, keys in drawn]
    sums: dict[str, SiteProfile] = {}
    for site, profile in rows_:
        sums[site] = sums.get(site, SiteProfile()) + profile
    parts = [batch for at in range(number) for batch in arrow._sum_batches(iter(rows_[at::number]), memory)]
    options = TableOptions(memory=memory)
    assert dict(arrow.merge_profiles(reversed(parts), options)) == sums
    wide = [widened(batch) for batch in parts]
    assert dict(arrow.merge_profiles(wide, options)) == sums, "engines change the width of types"
    known = Templates(merge_counts(parts))
    assert dict(known.items()) == {site: profile.template() for site, profile in sums.items()}
    assert known.find("nowhere") is None


def widened(batch):
    """A batch as engines hand it on: long strings, long lists, one column more, another order."""
    table = pa.Table.from_batches([batch])
    types = {"site": pa.large_string(), "keys": pa.large_list(pa.large_string()), "prints": pa.large_list(pa.int64())}
    for name, kind in types.items():
        table = table.set_column(table.schema.get_field_index(name), name, table[name].cast(kind))
    return table.append_column("more", table["site"]).select(["more", "prints", "lines", "site", "keys"])


@trying(max_examples=10, deadline=None)
@given(st.integers(MAX_SITE_PAGES - 20, 3 * MAX_SITE_PAGES), st.integers(1, 5), st.integers(0, 10**6))
def test_bounds_of_large_sites_leave_out_only_what_no_sample_holds(count: int, number: int, seed: int) -> None:
    dice = random.Random(seed)
    rows_ = [("big", SiteProfile({dice.randrange(2**64): ("a", f"key {n}")})) for n in range(count)]
    rows_ += [("small", SiteProfile({n: ("b",)})) for n in range(3)]
    parts = [list(arrow._sum_batches(iter(rows_[at::number]), 10_000)) for at in range(number)]
    samples = [sample for part in parts for sample in arrow.sample_batches(part)]
    bounds = arrow.cutoffs(samples)
    assert set(bounds) <= {"big"}
    whole = list(merge_counts(batch for part in parts for batch in part))
    thinned = [batch for part in parts for batch in arrow.thin_counts(part, bounds)]
    assert list(merge_counts(thinned)) == whole
    counted = [
        batch
        for at in range(number)
        for batch in arrow._sum_batches(arrow._drop_above_bounds(rows_[at::number], bounds), 10_000)
    ]
    assert list(merge_counts(counted)) == whole
    kept = sum(
        len(prints) for batch in counted for site, prints in counts.fingerprints_from_batch(batch) if site == "big"
    )
    assert kept == min(count, MAX_SITE_PAGES) or not bounds
    some = [arrow.cutoffs(samples[at::2]) for at in (0, 1)]
    assert all(bound >= bounds["big"] for one in some for bound in one.values() if bounds), "wider, never wrong"


def test_samples_of_pages_are_those_of_their_counts() -> None:
    of_pages = list(arrow.sample_batches([TABLE], HERE))
    assert of_pages == list(arrow.sample_batches(count_batches([TABLE], HERE)))
    assert list(arrow.sample_batches([])) == [] and arrow.cutoffs(of_pages) == {}
    bounded = {"a.example": 0, "b.example": 2**64 - 1}
    found = Templates(merge_counts(count_batches([TABLE], HERE, bounded)))
    assert found.find("a.example") is None and len(found) == 2


AS_BYTES = ["string", "large_string", "string_view", "binary", "large_binary", "binary_view", "dictionary"]


@pytest.mark.parametrize("kind", [*AS_BYTES, "dictionary of string_view", "dictionary of large_binary"])
def test_a_page_may_be_of_any_type_that_holds_text(kind: str) -> None:
    texts = [TEXT, None, TEXT.upper(), TEXT]
    base = getattr(pa, kind.rpartition(" ")[2] if " " in kind else "string" if kind == "dictionary" else kind)()
    column = pa.array([text and (text.encode() if "binary" in str(base) else text) for text in texts], base)
    if "dictionary" in kind:
        values = pa.array([TEXT.encode(), TEXT.upper().encode()] if "binary" in kind else [TEXT, TEXT.upper()], base)
        column = pa.DictionaryArray.from_arrays(pa.array([0, None, 1, 0], pa.int8()), values)
    found = cleaned([pa.record_batch([column], names=["text"])])
    wanted = cleaned([pa.table({"text": texts})])
    assert found["text"].equals(wanted["text"])
    assert [row and row["reason"] for row in found["error"].to_pylist()] == [None, "bad-row", None, None]
    assert found["source"].equals(wanted["source"]), "pages are known by the fingerprint of their content"
    assert found["source"][0] == found["source"][3] != found["source"][2]


def test_rows_are_called_by_id_then_url_then_content() -> None:
    columns = {"text": [TEXT] * 3, "_id": [7, None, None], "link": ["http://a.example/", "http://b.example/", None]}
    found = cleaned([pa.table(columns)]).to_pylist()
    assert [row["source"] for row in found[:2]] == ["7", "http://b.example/"]
    assert len(found[2]["source"]) == 32 and found[2]["id"] == found[2]["source"]
    assert [row["url"] for row in found] == ["http://a.example/", "http://b.example/", ""]


def test_values_that_python_cannot_hold_cost_themselves() -> None:
    far = pa.array([[2**60]], pa.list_(pa.timestamp("s")))
    nowhere = pa.array([2**62], pa.timestamp("ns", tz="Nowhere/X"))
    twice = pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    interval = pa.array([(1, 2, 3)], pa.month_day_nano_interval())
    [row] = cleaned([pa.table({"text": [TEXT], "a": far, "b": nowhere, "c": twice, "d": interval})]).to_pylist()
    fields = json.loads(row["fields"])
    assert not row["error"] and fields["d"] == [1, 2, 3]
    assert all(fields[name].startswith("<unreadable: ") for name in "abc")


def test_a_page_over_the_cap_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "PAGE_CAP", 1000)
    found = cleaned([pa.table({"text": [TEXT, "word " * 300], "id": ["a", "b"]})]).to_pylist()
    assert [row["error"] and row["error"]["reason"] for row in found] == [None, "too-big"]


@pytest.mark.parametrize(
    ("table", "options", "named"),
    [
        ({"page": ["x"]}, HERE, r"called html, text.*page \(string\)"),
        ({"text": [1]}, HERE, r"holds text or bytes.*text \(int64\)"),
        ({"text": [["x"]]}, HERE, r"list<"),
        ({"text": ["x"]}, TableOptions(fields=Fields(text="body")), r"no column 'body'.*text \(string\)"),
        ({"text": ["x"]}, TableOptions(fields=Fields(id="key")), r"no column 'key' for the id.*text \(string\)"),
        ({"text": ["x"]}, TableOptions(fields=Fields(url="key")), "for the url"),
        ({"text": ["x"]}, TableOptions(site_key="outlet"), "no column 'outlet' for the site key"),
        ({"text": []}, TableOptions(fields=Fields(text="body")), "no column 'body'"),
    ],
)
def test_wrong_columns_are_one_error_at_the_start(table: dict, options: TableOptions, named: str) -> None:
    for generator in (partial(clean_batches, profile={}), count_batches, arrow.sample_batches):
        with pytest.raises(InputError, match=named) as caught:
            next(generator([pa.table(table)], options=options))
        assert caught.value.reason == "columns"


def test_what_is_no_table_no_count_and_no_profile() -> None:
    with pytest.raises(InputError, match="expected Arrow record batches or tables, got dict"):
        next(clean_batches([{"text": "x"}]))
    for generator in (merge_counts, partial(arrow.thin_counts, bounds={}), arrow.merge_profiles):
        with pytest.raises(
            InputError, match="partial counts have the columns site, keys, prints, lines; the table has text"
        ):
            next(iter(generator([pa.table({"text": ["x"]})])))
    with pytest.raises(InputError, match="templates have"):
        Templates([pa.table({"text": ["x"]})])
    for profile in ("sites.profile.jsonl", Path("sites.profile.jsonl")):
        with pytest.raises(TypeError, match=r"ProfileFile\.open\(path\)"):
            next(clean_batches([TABLE], profile))


def test_nothing_gives_nothing() -> None:
    empty = TABLE.schema.empty_table()
    for tables in ([], [empty], [pa.table({})], [pa.RecordBatch.from_pylist([], schema=TABLE.schema)]):
        for generator in (clean_batches, count_batches, arrow.sample_batches):
            assert list(generator(tables)) == []
    assert list(merge_counts([])) == [] and len(Templates()) == 0
    assert list(merge_counts([arrow.counts_schema().empty_table()])) == []
    nulls = cleaned([pa.table({"html": [None, None]})])
    assert [row["reason"] for row in nulls["error"].to_pylist()] == ["bad-row"] * 2


def test_all_that_goes_to_workers_can_be_pickled() -> None:
    known = Templates([templates([TABLE])])
    for work in (
        partial(clean_batches, profile=known, options=HERE),
        partial(count_batches, options=HERE, bounds={"a.example": 2**64 - 1}),
        partial(arrow.sample_batches, options=HERE),
    ):
        there = pickle.loads(pickle.dumps(work))
        assert list(there([TABLE])) == list(work([TABLE]))
    assert isinstance(pickle.loads(pickle.dumps(known)).find("a.example"), Template)


def test_pages_that_crash_or_hang_cost_themselves() -> None:
    sites = ["kill.example", "fine.example", "spin.example", "memory.example", "raise.example", "other.example"]
    table = pa.table({"url": [f"http://{site}/" for site in sites], "html": [page(n) for n in range(len(sites))]})
    limits = Limits(seconds=2, memory=256 * 2**20)
    found = cleaned([table], Poisoned(), TableOptions(limits=limits)).to_pylist()
    reasons = [row["error"] and row["error"]["reason"] for row in found]
    assert reasons == ["worker-died", None, "time-budget", "memory", "internal", None]
    assert [row["url"] for row in found if not row["error"]] == [f"http://{site}/" for site in (sites[1], sites[5])]


def test_a_generator_left_early_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "GROUP_ROWS", 5)
    before = workers_below()
    generator = clean_batches([TABLE] * 20)
    next(generator)
    assert workers_below() - before, "a worker is there until then"
    generator.close()
    until = time.monotonic() + 60
    while (left := workers_below() - before) and time.monotonic() < until:
        time.sleep(0.02)
    assert left == set()


def workers_below() -> set[int]:
    """The living workers of this process: children of the fork server, which itself stays, where there is one."""
    by_server = "forkserver" in multiprocessing.get_all_start_methods()
    found = set()
    for one in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # one that has ended may not be reaped yet
            if one.status() != psutil.STATUS_ZOMBIE and not (by_server and one.ppid() == os.getpid()):
                found.add(one.pid)
    return found


def test_a_daemon_is_told_to_do_without_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(multiprocessing.current_process()._config, "daemon", True)
    for generator in (clean_batches, count_batches, arrow.sample_batches):
        with pytest.raises(InputError, match=r"TableOptions\(limits=None\)"):
            next(generator([TABLE]))
        assert next(generator([TABLE], options=HERE)).num_rows


_SCRIPT = """
import os
import pyarrow as pa
from cleaner.engines.arrow import clean_batches

print("once", flush=True)
table = pa.table({"text": ["Home | News", "The harbour office kept a ledger."]})
print(sum(batch.num_rows for batch in clean_batches([table])), flush=True)
child = os.fork()
if child == 0:
    print(sum(batch.num_rows for batch in clean_batches([table])), "forked", flush=True)
else:
    raise SystemExit(os.waitpid(child, 0)[1])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_scripts_are_not_started_over_and_engines_may_fork(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(_SCRIPT)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run([sys.executable, script], check=False, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stdout) == (0, "once\n2\n2 forked\n"), done.stderr
