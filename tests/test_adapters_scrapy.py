"""The pipeline for Scrapy: a real crawl of files, items of all kinds, and pages that cannot be cleaned."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import pytest
from jsonschema import Draft202012Validator

from cleaner.errors import InputError, ProfileError, SettingsError
from cleaner.pipeline import clean
from cleaner.sites.files import Head, write_profile
from cleaner.sites.profile import SiteProfile
from tests.engines import made_pages
from tests.shown import ROOT, blocks

scrapy = pytest.importorskip("scrapy", reason="the extra scrapy is not installed")

from scrapy.settings import Settings  # noqa: E402
from scrapy.statscollectors import MemoryStatsCollector  # noqa: E402

from cleaner.adapters.scrapy import CleanScrapePipeline, DropItem  # noqa: E402

PAGE = "The vote is on Monday.\nLoading, please wait...\nRelated: Ten years of votes\n"
BODY = "The vote is on Monday.\n"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(99)

#: Crawls the files of a folder; what it found and what it counted are written at the end.
SPIDER = """
import json, os, pathlib, sys
import scrapy
from scrapy.crawler import CrawlerProcess

class Pages(scrapy.Spider):
    name = "pages"
    start_urls = [path.as_uri() for path in sorted(pathlib.Path("pages").resolve().iterdir())]

    def parse(self, response):
        yield {"name": response.url.rsplit("/", 1)[1], "url": "https://courier.example/a", "body": response.body}

class WithoutBytes:  # JSON holds none
    def process_item(self, item, spider=None):
        return {name: value for name, value in item.items() if name != "body"}

settings = {
    "ITEM_PIPELINES": {"cleaner.adapters.scrapy.CleanScrapePipeline": 100, WithoutBytes: 900},
    "FEEDS": {"items.jsonl": {"format": "jsonlines"}},
    "ROBOTSTXT_OBEY": False, "TELNETCONSOLE_ENABLED": False, "LOG_LEVEL": "WARNING",
} | json.loads(sys.argv[1])
process = CrawlerProcess(settings)
crawler = process.create_crawler(Pages)
process.crawl(crawler)
process.start()
stats = {name: value for name, value in crawler.stats.get_stats().items() if "clean_scrape" in name or "item_" in name}
pathlib.Path("stats.json").write_text(json.dumps(stats))
"""


def crawled(folder: Path, **settings: object) -> tuple[dict[str, dict], dict[str, int], str]:
    """The items of a crawl of ``pages`` by name, what it counted, and what it logged."""
    (folder / "spider.py").write_text(SPIDER, "utf-8")
    command = [sys.executable, "spider.py", json.dumps(settings)]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    items = map(json.loads, (folder / "items.jsonl").read_text("utf-8").splitlines())
    return {item["name"]: item for item in items}, json.loads((folder / "stats.json").read_text()), done.stderr


@pytest.fixture
def pages(tmp_path) -> dict[str, bytes]:
    """A folder of pages, one of which is a picture."""
    (tmp_path / "pages").mkdir()
    found = {name: (ROOT / "examples" / "pages" / name).read_bytes() for name in ("ferry.html", "lock.txt")}
    found["picture.txt"] = PICTURE
    for name, data in found.items():
        (tmp_path / "pages" / name).write_bytes(data)
    return found


def test_a_crawl(tmp_path, pages):
    items, stats, log = crawled(tmp_path, CLEAN_SCRAPE_REPORT="account")
    assert set(items) == set(pages)
    expected = {name: clean(pages[name], url="https://courier.example/a") for name in ("ferry.html", "lock.txt")}
    for name, cleaned in expected.items():
        assert items[name]["clean_text"] == cleaned.text
        gone = [(line["line"], line["code"], line["text"]) for line in items[name]["account"]["removed"]]
        assert gone == [(v.line.number, v.code, v.line.text) for v in cleaned.dropped]
    assert "clean_text" not in items["picture.txt"]
    assert items["picture.txt"]["account"]["error"]["reason"] == "binary"
    removed = [cleaned.to_dict()["words"]["removed"] for cleaned in expected.values()]
    assert stats["clean_scrape/words_removed"] == sum(removed)
    assert (stats["clean_scrape/pages"], stats["clean_scrape/failed"], stats["clean_scrape/failed/binary"]) == (2, 1, 1)
    assert stats["clean_scrape/lines_removed/RL112"] == sum(
        v.code == "RL112" for cleaned in expected.values() for v in cleaned.dropped
    )
    assert stats["item_scraped_count"] == 3
    assert "cannot be cleaned" in log
    assert "Deprecat" not in log


@pytest.mark.parametrize("reactor", ["twisted.internet.selectreactor.SelectReactor"])
def test_a_crawl_without_asyncio(tmp_path, pages, reactor):
    items, stats, _ = crawled(tmp_path, TWISTED_REACTOR=reactor, CLEAN_SCRAPE_ON_ERROR="drop")
    assert set(items) == {"ferry.html", "lock.txt"}
    assert items["lock.txt"]["clean_text"] == clean(pages["lock.txt"]).text
    assert (stats["item_scraped_count"], stats["item_dropped_count"], stats["clean_scrape/failed"]) == (2, 1, 1)


class Crawl:
    """A pipeline at work, without a crawl around it."""

    def __init__(self, **settings: object) -> None:
        self.stats = MemoryStatsCollector(SimpleNamespace(settings=Settings()))
        given = {f"CLEAN_SCRAPE_{name}": value for name, value in settings.items()}
        self.pipeline = CleanScrapePipeline.from_crawler(SimpleNamespace(settings=Settings(given), stats=self.stats))

    def __enter__(self):
        self.pipeline.open_spider()
        return self

    def __exit__(self, *error):
        self.pipeline.close_spider()

    def __call__(self, item):
        return asyncio.run(self.pipeline.process_item(item))

    def number(self, name: str) -> int:
        return self.stats.get_value(f"clean_scrape/{name}", 0)


@dataclass
class Story:
    """An item with fixed fields."""

    html: str
    clean_text: str = ""


class Declared(scrapy.Item):
    """An item of Scrapy."""

    content = scrapy.Field()
    clean_text = scrapy.Field()


class Lacking(scrapy.Item):
    """An item that has no field for the body."""

    text = scrapy.Field()


def test_items_of_all_kinds():
    with Crawl(LIMITS=False) as crawl:
        assert crawl({"text": PAGE, "n": 7}) == {"text": PAGE, "n": 7, "clean_text": BODY}
        assert crawl({"body": PAGE.encode()})["clean_text"] == BODY
        assert crawl(Story(PAGE)) == Story(PAGE, BODY)
        assert dict(crawl(Declared(content=PAGE))) == {"content": PAGE, "clean_text": BODY}
        assert (crawl.number("pages"), crawl.number("no_page"), crawl.number("failed")) == (4, 0, 0)
        assert crawl.number("lines_removed") == crawl.number("lines_removed/RT101") * 2 == 8


def test_the_first_of_the_usual_fields_counts_that_holds_a_page():
    with Crawl(LIMITS=False) as crawl:
        item = crawl({"html": None, "text": PAGE, "body": b"The boat left at noon.\n"})
        assert item["clean_text"] == BODY


def test_fields_by_name():
    with Crawl(LIMITS=False, FIELD="raw", TARGET="raw", URL_FIELD="from", REPORT="why") as crawl:
        item = crawl({"raw": PAGE, "text": "-", "url": "x", "from": "https://www.courier.example/1"})
        assert (item["raw"], item["text"], item["why"]["site"]) == (BODY, "-", "courier.example")
        assert item["why"]["source"] == "https://www.courier.example/1"


def test_rows_of_the_account_are_valid():
    schema = json.loads((files("cleaner") / "data" / "schema" / "page-row.json").read_text("utf-8"))
    with Crawl(REPORT="report", LIMITS=False) as crawl:
        for page in (PAGE, PICTURE):
            Draft202012Validator(schema).validate(crawl({"body": page})["report"])


def test_items_without_a_page_pass():
    item = {"author": "Edda Marsh", "text": 7, "html": None}
    with Crawl(FIELD="", LIMITS=False) as crawl:
        assert crawl(dict(item)) == item
        assert (crawl.number("no_page"), crawl.number("pages"), crawl.number("failed")) == (1, 0, 0)
    with Crawl(FIELD="page", LIMITS=False) as crawl:
        assert crawl({"text": PAGE}) == {"text": PAGE}
        assert crawl.number("no_page") == 1


def test_an_item_that_has_no_field_for_it_is_kept_and_named_once(caplog):
    caplog.set_level(logging.ERROR, "cleaner.adapters.scrapy")
    with Crawl(LIMITS=False) as crawl:
        for _ in range(2):
            assert dict(crawl(Lacking(text=PAGE))) == {"text": PAGE}
        assert crawl.number("no_field/clean_text") == 2
    (record,) = caplog.records
    assert "items of Lacking take no field 'clean_text'" in record.getMessage()
    assert "CLEAN_SCRAPE_TARGET" in record.getMessage()


@pytest.mark.parametrize("limits", [True, False])
def test_a_page_that_cannot_be_read(limits):
    with Crawl(LIMITS=limits) as crawl:
        assert crawl({"body": PICTURE}) == {"body": PICTURE}
        assert crawl.number("failed/binary") == 1
    with Crawl(LIMITS=limits, ON_ERROR="drop") as crawl:
        with pytest.raises(DropItem, match="its page cannot be cleaned"):
            crawl({"body": PICTURE})
        assert crawl({"body": PAGE})["clean_text"] == BODY


def test_a_page_whose_process_cannot_be_started_is_kept(monkeypatch):
    with Crawl() as crawl:

        def refuse(pages):
            raise OSError("no more processes")

        monkeypatch.setattr(crawl.pipeline, "_work", refuse)
        assert crawl({"text": PAGE}) == {"text": PAGE}
        assert crawl.number("failed/worker") == 1


def test_settings_count(tmp_path):
    with Crawl(IGNORE="RT, NV", LIMITS=False) as crawl:
        assert crawl({"text": PAGE})["clean_text"] == BODY + "Loading, please wait...\n"
    (tmp_path / "own.cfg").write_text("[clean-scrape]\nignore = RT\n[clean-scrape:courier.example]\nignore = RL\n")
    with Crawl(CONFIG=str(tmp_path / "own.cfg"), LIMITS=False) as crawl:
        assert "Loading" in crawl({"text": PAGE})["clean_text"]
        assert "Related" in crawl({"text": PAGE, "url": "https://courier.example/1"})["clean_text"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"POLICY": "bold"}, r"CLEAN_SCRAPE_\.\.\.: policy: .*'bold'"),
        ({"IGNORE": "CX"}, "no code begins with 'CX'"),
        ({"ON_ERROR": "raise"}, "CLEAN_SCRAPE_ON_ERROR: expected keep or drop, got 'raise'"),
        ({"FEILD": "html"}, "unknown settings CLEAN_SCRAPE_FEILD; there are .*CLEAN_SCRAPE_FIELD"),
        ({"CONFIG": "nowhere.toml"}, "nowhere.toml: cannot be read"),
    ],
)
def test_wrong_settings_end_the_crawl_before_it_begins(settings, said):
    with pytest.raises(SettingsError, match=said):
        Crawl(**settings)


def test_with_a_profile_of_sites(tmp_path):
    rows = made_pages(12)
    known: dict[str, SiteProfile] = {}
    for row in rows:
        page = clean(row.html, url=row.url).page
        known[page.site] = known.get(page.site, SiteProfile()) + SiteProfile.of(page)
    write_profile(tmp_path / "sites.profile.jsonl", Head(), [(site, known[site].template()) for site in sorted(known)])
    config = tmp_path / "own.cfg"
    config.write_text("[clean-scrape]\nprofile = sites.profile.jsonl\n")
    with Crawl(CONFIG=str(config), REPORT="report") as crawl:
        item = crawl({"html": rows[0].html, "url": rows[0].url})
        assert item["report"]["others"] == 11
        compared = clean(rows[0].html, url=rows[0].url, site=known["lantern.example"])
        assert item["report"]["confidence"] == compared.to_dict()["confidence"]
        assert compared.confidence != clean(rows[0].html, url=rows[0].url).confidence
    (tmp_path / "sites.profile.jsonl").write_text("{}\n")
    with pytest.raises(ProfileError), Crawl(CONFIG=str(config)):
        pass


def test_the_example_of_the_documentation(tmp_path):
    (example,) = [block for _, block in blocks("docs/adapters.md", "python") if "import scrapy" in block]
    page = ROOT / "examples" / "pages" / "ferry.html"
    (tmp_path / "courier.py").write_text(example.replace("https://courier.example/ferry", page.as_uri()), "utf-8")
    command = [sys.executable, "-m", "scrapy", "runspider", "courier.py", "-O", "clean.jsonl"]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    (item,) = map(json.loads, (tmp_path / "clean.jsonl").read_text("utf-8").splitlines())
    cleaned = clean(page.read_text("utf-8"), url=page.as_uri())
    assert item["text"] == cleaned.text
    assert [line["why"] for line in item["removed"]["removed"]] == [verdict.why for verdict in cleaned.dropped]
    assert "'clean_scrape/pages': 1" in done.stderr


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "itemadapter", None)
    monkeypatch.delitem(sys.modules, "cleaner.adapters.scrapy")
    with pytest.raises(InputError, match=r'pip install "clean-scrape\[scrapy\]"') as caught:
        import_module("cleaner.adapters.scrapy")
    assert caught.value.reason == "missing-extra"
