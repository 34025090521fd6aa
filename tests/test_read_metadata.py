"""Author, date, site name and description: from where a page gives them, the same on every day."""

import datetime as clock
import json
import os
import socket
import subprocess
import sys
import time
from datetime import datetime
from types import SimpleNamespace

import pytest
from dateutil.parser import _parser
from htmldate import extractors, validators
from trafilatura import settings

from cleaner.read import metadata as module
from cleaner.read.metadata import NAMES, TOO_DEEP, TOO_LARGE, metadata

NOTHING = dict.fromkeys(NAMES)


def page(head: str = "", body: str = "") -> str:
    return (
        f"<!DOCTYPE html><html><head><title>The new ferry</title>{head}</head><body><h1>The new ferry</h1>{body}"
        "<p>The ferry to the island leaves at nine and comes back before the shops close.</p></body></html>"
    )


def found(html: str | bytes, url: str | None = None) -> dict[str, str]:
    values, problem = metadata(html, url)
    assert (tuple(values), problem) == (NAMES, "")
    return {name: value for name, value in values.items() if value is not None}


OPEN_GRAPH = """
<meta property="og:site_name" content="Harbour Post">
<meta property="og:description" content="A boat &amp; a timetable.">
<meta property="article:author" content="Ann Lee">
<meta property="article:published_time" content="2021-03-04T05:06:07+02:00">"""
META = """
<meta name="author" content="Ann Lee"><meta name="description" content="A boat &amp; a timetable.">
<meta name="date" content="2021-03-04"><meta name="publisher" content="Harbour Post">"""
JSON_LD = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "The new ferry",
    "datePublished": "2021-03-04",
    "author": {"@type": "Person", "name": "Ann Lee"},
    "publisher": {"@type": "Organization", "name": "Harbour Post"},
}
LINKED = f'<script type="application/ld+json">{json.dumps(JSON_LD)}</script>'
ALL = {"author": "Ann Lee", "date": "2021-03-04", "site_name": "Harbour Post", "description": "A boat & a timetable."}


@pytest.mark.parametrize("head", [OPEN_GRAPH, META], ids=["og", "meta"])
def test_the_head_says_all(head):
    assert found(page(head)) == ALL


def test_linked_data():
    assert found(page(LINKED)) == {name: value for name, value in ALL.items() if name != "description"}


def test_bylines_and_times():
    body = '<p class="byline"><a rel="author">Ann Lee</a> <time datetime="2021-03-04T05:06:07Z">in spring</time></p>'
    assert found(page(body=body)) == {"author": "Ann Lee", "date": "2021-03-04"}


def test_the_address_gives_site_and_date():
    url = "https://www.harbour.example.org/2021/03/04/ferry.html"
    assert found(page(), url) == {"date": "2021-03-04", "site_name": "harbour.example.org"}


def test_nothing_is_made_up():
    assert found(page()) == {}
    assert found(page(body="<p>Since 2019 the old one was laid up.</p><footer>(c) 2024 Harbour Post</footer>")) == {}


@pytest.mark.parametrize("text", ["", "The ferry leaves at nine.\nBy Ann Lee, 4 March 2021\n", "a < b", "\0\ud800"])
def test_texts_say_nothing(text):
    assert metadata(text, "https://example.org/2021/03/04") == (NOTHING, "")
    assert metadata(page(OPEN_GRAPH), None, "text") == (NOTHING, "")


@pytest.mark.parametrize("html", ["<!DOCTYPE html>", "<html></html>", "<html><!-- -->", ""])
def test_empty_pages_say_nothing(html):
    assert metadata(html, None, "html") == (NOTHING, "")


@pytest.mark.parametrize(
    ("codec", "label"),
    [("cp1252", "iso-8859-1"), ("cp1251", "windows-1251"), ("cp932", "shift_jis"), ("utf-16", "utf-8"), ("utf-8", "")],
)
def test_the_text_is_the_one_that_is_cleaned(codec, label):
    name = {"cp1251": "Анна Ли", "cp932": "山田 花子"}.get(codec, "Zoë Müller")
    charset = f'<meta charset="{label}">' if label else ""
    assert found(page(charset + f'<meta name="author" content="{name}">').encode(codec))["author"] == name


def test_an_xml_declaration_and_stray_signs_do_no_harm():
    html = '<?xml version="1.0" encoding="utf-16"?>' + page('\0<meta name="a" content="\ud800">' + META, "\ud800\0")
    assert found(html) == ALL
    assert found(html.encode("utf-8", "surrogatepass")) == ALL


def test_too_large_and_too_deep_are_named(monkeypatch):
    deep = page(META, "<div>" * 300)
    assert metadata(deep, None) == (NOTHING, TOO_DEEP)
    assert found(page(META, "<div>" * 200)) == ALL
    monkeypatch.setattr(module, "MAX_EXTRACTOR_BYTES", 1_000)
    assert metadata(page(META, "x" * 1_000), None) == (NOTHING, TOO_LARGE)


@pytest.mark.parametrize("error", [ValueError, RecursionError, MemoryError, AttributeError])
def test_a_failure_of_the_library_is_named(error, monkeypatch):
    def fail(*_args, **_options):
        raise error("no")

    monkeypatch.setattr(module, "_extractor", lambda: fail)
    assert metadata(page(META), None) == (NOTHING, error.__name__)


HOSTILE = [
    '<script type="application/ld+json">' + "[" * 50_000 + "</script>",
    '<script type="application/ld+json">{"@type": "Article", "author": [[1, null, {"name": {}}]]}</script>',
    '<script type="application/ld+json">{"@type": {"a": 1}, "publisher": [], "datePublished": 7}</script>',
    '<meta name="date" content="99999-99-99"><meta name="author" content="&#xD800; &#0;">',
    '<meta property="article:published_time" content="2021-02-30T25:61:61+99:99">',
    '<meta property="og:url" content="http://[::1"><link rel="canonical" href="http://[">',
    '<meta name="description" content="' + "boat " * 100_000 + '">',
]


@pytest.mark.parametrize("head", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_heads(head):
    values, _ = metadata(page(head), "http://[")
    assert tuple(values) == NAMES
    for value in values.values():
        assert value is None or (value and len(value) <= 10_000)
        json.dumps(value, ensure_ascii=False).encode("utf-8")


def test_the_network_is_never_asked(monkeypatch):
    def called(*_args, **_options):
        raise AssertionError("the network was asked")

    for name in ("socket", "create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, called)
    links = '<link rel="canonical" href="https://example.org/a"><base href="https://example.org/">'
    picture = '<img src="https://example.org/a.png"><iframe src="https://example.org/f"></iframe>'
    entity = '<!DOCTYPE html [<!ENTITY x SYSTEM "http://example.org/x">]>' + page(META, "&x;")
    assert found(page(links + OPEN_GRAPH, picture), "https://example.org/a") == ALL
    assert metadata(entity, None)[1] == ""
    assert found("<html>https://example.org/<p>a<p>b</html>") == {}


DATED = [
    page(body='<time datetime="2017-09">September</time>'),
    page(body='<time class="entry-date" datetime="2017-09">September</time>'),
    page('<meta name="date" content="2017 at 10">'),
    page('<meta name="date" content="2030-05-06">'),
    page('<meta name="date" content="2021-03-04 10:11 CEST">'),
    page('<meta property="article:published_time" content="2021-03-04T23:59:59-11:00">'),
    page(body='<abbr class="published" data-utime="1614895199">then</abbr> <abbr data-utime="1614895199">then</abbr>'),
    page(body='<p class="date">12 March 30</p><p class="date">03/04/21</p>'),
    page(body="<p>Published 3.4.2021, 10:15 UTC</p><small>(c) 1998-2024</small>"),
]


def forget() -> None:
    """Empty the caches of earlier answers."""
    for known in (*vars(validators).values(), *vars(extractors).values()):
        if hasattr(known, "cache_clear"):
            known.cache_clear()


def days() -> list[str | None]:
    return [metadata(html, None)[0]["date"] for html in DATED]


def test_what_a_date_lacks_is_not_today():
    assert days()[:6] == ["2017-09-01", "2017-09-01", "2017-10-01", "2030-05-06", "2021-03-04", "2021-03-04"]


def test_the_same_on_another_day(monkeypatch):
    before = days()

    class AnyDate(type):
        def __instancecheck__(cls, value):
            return isinstance(value, datetime)

    class Later(datetime, metaclass=AnyDate):
        @classmethod
        def now(cls, tz=None):
            return cls(2033, 7, 28, 9, 30, tzinfo=tz)

        @classmethod
        def today(cls):
            return cls.now()

    monkeypatch.setattr(_parser, "datetime", SimpleNamespace(**{**vars(clock), "datetime": Later}))
    monkeypatch.setattr(validators, "datetime", Later)
    monkeypatch.setattr(settings, "datetime", Later)
    forget()
    assert days() == before


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone cannot be set here")
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_same_in_another_place(zone, monkeypatch):
    before = days()
    try:
        with monkeypatch.context() as patch:
            patch.setenv("TZ", zone)
            time.tzset()
            forget()
            assert days() == before
    finally:
        time.tzset()


def test_nothing_of_the_page_reaches_the_terminal():
    code = (
        "from cleaner.read.metadata import metadata; from tests.test_read_metadata import DATED, HOSTILE, page;"
        "[metadata(html, 'http://[') for html in [*DATED, *map(page, HOSTILE)]]"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env=os.environ | {"PYTHONHASHSEED": "7"}
    )
    assert (done.stdout, done.stderr) == (b"", b"")


def test_importing_costs_nothing():
    code = "import sys, cleaner.read.metadata; print(*{'trafilatura', 'htmldate', 'lxml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b""
