"""datatrove: clean bodies in documents, reasons for those that go, and shards that add up to a profile."""

from __future__ import annotations

import copy
import gzip
import importlib
import json
import pickle
import shutil
import sys

import pytest

from cleaner.corpus.items import Fields
from cleaner.errors import InputError, ProfileError
from cleaner.pipeline import clean
from cleaner.settings.record import Settings
from cleaner.sites.files import Head, read_shard, write_profile
from cleaner.sites.profile import SiteProfile
from cleaner.workers.limits import Limits
from tests.engines import made_pages
from tests.shown import blocks, run


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "datatrove.io", None)
    monkeypatch.delitem(sys.modules, "cleaner.adapters.datatrove", raising=False)
    with pytest.raises(InputError, match=r'pip install "clean-scrape\[datatrove\]"') as caught:
        importlib.import_module("cleaner.adapters.datatrove")
    assert caught.value.reason == "missing-extra"


data = pytest.importorskip("datatrove.data", reason="datatrove is not installed: make test-engines")

from cleaner.adapters.datatrove import CleanScrape, CountSites  # noqa: E402
from cleaner.engines.arrow import TableOptions  # noqa: E402

HERE = TableOptions(limits=None)


def documents(count: int = 4) -> list[data.Document]:
    return [data.Document(page.html, page.id, metadata={"url": page.url, "n": 7}) for page in made_pages(count)]


def numbers(step) -> dict[str, int]:
    """What a step counted."""
    return {name: int(one.total) for name, one in step.stats.stats.items()}


class Kept:
    """What an exclusion writer gets."""

    def __init__(self) -> None:
        self.documents = []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def write(self, document, rank):
        self.documents.append((document, rank))


def test_bodies_and_what_is_known_of_them():
    step = CleanScrape(report=True)
    found = list(step.run(iter(documents())))
    pages = made_pages(4)
    assert [one.id for one in found] == [page.id for page in pages]
    for one, page in zip(found, pages, strict=True):
        alone = clean(page.html, source=page.id, url=page.url)
        report = json.loads(one.metadata["clean_report"])
        assert (one.text, one.metadata["n"]) == (alone.text, 7)
        assert one.metadata["clean_confidence"] == round(alone.confidence, 4)
        assert one.metadata["clean_lines_removed"] == report["lines"]["removed"] == alone.to_dict()["lines"]["removed"]
        assert (one.metadata["clean_others"], json.loads(one.metadata["clean_codes"])) == (0, report["codes"])
    assert numbers(step)["total"] == numbers(step)["forwarded"] == len(pages)


def test_settings_count():
    found = list(CleanScrape(TableOptions(Settings(ignore=("RT",)), limits=None)).run(iter([loading()])))
    assert "Loading, please wait" in found[0].text
    assert "Loading, please wait" not in next(CleanScrape(HERE).run(iter([loading()]))).text


def loading() -> data.Document:
    return data.Document("The vote is on Monday.\nLoading, please wait...\n", "1")


def test_what_cannot_be_cleaned_goes_with_its_reason():
    given = [
        data.Document("-", "png", metadata={"page": b"\x89PNG\r\n\x1a\n" + bytes(99)}),
        data.Document("-", "none", metadata={}),
        data.Document("-", "number", metadata={"page": 7}),
        data.Document("-", "good", metadata={"page": "The vote is on Monday.\n"}),
        data.Document("-", "bytes", metadata={"page": b"The vote is on Monday.\n"}),
    ]
    for limits in (Limits(), None):
        step, gone = CleanScrape(TableOptions(fields=Fields(text="page"), limits=limits)), Kept()
        step.exclusion_writer = gone
        found = list(step.run(iter(copy.deepcopy(given)), rank=3))
        assert [(one.id, one.text) for one in found] == [
            (name, "The vote is on Monday.\n") for name in ("good", "bytes")
        ]
        reasons = [(one.id, rank, one.metadata["filter_reason"]) for one, rank in gone.documents]
        assert reasons == [("png", 3, "binary"), ("none", 3, "no-text"), ("number", 3, "no-text")]
        assert all(one.text == "-" and one.metadata["clean_error"] for one, _ in gone.documents)
        counted = numbers(step)
        assert (counted["dropped"], counted["dropped_binary"], counted["dropped_no-text"]) == (3, 1, 2)


def test_a_page_that_takes_too_long_costs_itself():
    long = data.Document("".join(f"Line {n} of them, which is like others.\n" for n in range(40_000)), "long")
    step = CleanScrape(TableOptions(limits=Limits(seconds=0.3, seconds_per_mb=0)))
    found = list(step.run(iter([*documents(2), long, loading()])))
    assert [one.id for one in found] == [*(one.id for one in documents(2)), "1"]
    assert numbers(step)["dropped_time-budget"] == 1


def test_shards_are_exact_and_documents_pass_as_they_are(tmp_path):
    given = [*documents(), data.Document("The vote is on Monday.\n", "no site"), data.Document("", "nothing")]
    step = CountSites(str(tmp_path / "shards"))
    found = list(step.run(iter(copy.deepcopy(given)), rank=12))
    assert found == given
    head, sites = read_shard(tmp_path / "shards" / "00012.profile.jsonl.zst")
    expected: dict[str, SiteProfile] = {}
    for page in made_pages(4):
        read = clean(page.html, url=page.url).page
        expected[read.site] = expected.get(read.site, SiteProfile()) + SiteProfile.of(read)
    assert (head, dict(sites)) == (Head(whole=True), expected)
    assert numbers(step)["counted"] == 12
    assert numbers(step)["uncounted_no-site"] >= 1


def test_sites_by_a_field(tmp_path):
    given = [data.Document(page.html, page.id, metadata={"paper": "x"}) for page in made_pages(3)]
    list(CountSites(str(tmp_path), TableOptions(site_key="paper", limits=None)).run(iter(given)))
    head, sites = read_shard(tmp_path / "00000.profile.jsonl.zst")
    known = [(site, profile.template()) for site, profile in sites]
    assert (head.site_key, [site for site, _ in known]) == ("paper", ["x"])
    write_profile(tmp_path / "x.profile.jsonl", Head("paper"), known)
    found = list(CleanScrape(HERE, profile=tmp_path / "x.profile.jsonl").run(iter(given)))
    assert {one.metadata["clean_others"] for one in found} == {8}


def test_a_wrong_profile_ends_the_task(tmp_path):
    (tmp_path / "x.profile.jsonl").write_text("{}\n")
    step = CleanScrape(profile=tmp_path / "x.profile.jsonl")
    with pytest.raises(ProfileError):
        list(step.run(iter(documents())))


def test_steps_go_to_other_processes(tmp_path):
    for step in (CleanScrape(HERE, profile=tmp_path / "p"), CountSites(str(tmp_path))):
        assert pickle.loads(pickle.dumps(step)).options == copy.deepcopy(step).options == step.options


def test_the_examples(tmp_path):
    pytest.importorskip("orjson", reason="the reader of datatrove needs orjson")
    (tmp_path / "pages").mkdir()
    for part in range(2):
        with gzip.open(tmp_path / "pages" / f"{part}.jsonl.gz", "wt") as file:
            file.writelines(json.dumps(page._asdict()) + "\n" for page in made_pages(4)[part::2])
    examples = [block for _, block in blocks("docs/engines.md", "python") if "datatrove" in block]
    assert len(examples) == 2
    for example, others in zip(examples, (0, 3), strict=True):
        assert len(example.strip().splitlines()) <= 16
        (tmp_path / "example.py").write_text(example)
        (printed,) = run(["python example.py && echo fine"], tmp_path)
        assert printed.endswith("fine\n"), printed
        shards = [gzip.decompress(path.read_bytes()) for path in (tmp_path / "clean").iterdir()]
        found = [json.loads(line) for shard in shards for line in shard.splitlines()]
        assert sorted(one["id"] for one in found) == sorted(page.id for page in made_pages(4))
        assert {one["metadata"]["clean_others"] for one in found} == {others}
        shutil.rmtree(tmp_path / "clean")
