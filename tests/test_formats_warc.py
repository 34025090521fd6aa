"""WARC and WET: every whole record comes out, whatever stands around it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import random
import sys
import zlib

import pytest
import zstandard

from cleaner.corpus.inputs.formats import extract_page, form_of, read_items
from cleaner.corpus.inputs.formats import records as scanning
from cleaner.corpus.items import Fields
from cleaner.errors import CleanScrapeError, InputError, UnreadableError

pytest.importorskip("fastwarc", reason="the extra warc is not installed")


def gz(data):
    """The same bytes whenever it is packed."""
    return gzip.compress(data, mtime=0)


HTML = b"<html><body><p>The council voted on Tuesday.</p></body></html>"
FIELDS = Fields()


def record(block=None, *, number=0, length=None, kind="response", media="application/http; msgtype=response", more=""):
    block = http(HTML) if block is None else block
    size = len(block) if length is None else length
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{number}>\r\nWARC-Date: 2024-01-02T03:04:05Z\r\n"
        f"WARC-Target-URI: http://example.org/{number}\r\nContent-Type: {media}\r\n{more}Content-Length: {size}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def http(body, *heads, media="text/html", status="200 OK"):
    lines = [f"HTTP/1.1 {status}", *([f"Content-Type: {media}"] if media else []), *heads]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def items(tmp_path, data, name="a.warc"):
    path = tmp_path / name
    path.write_bytes(data)
    return list(read_items(form_of(name), path, name, name, FIELDS))


def pages(found):
    """URL to page of the items that are pages."""
    opened = [extract_page(item, FIELDS) for item in found if not item.reason]
    return {raw.url.rpartition("/")[2]: raw for raw in opened}


def reasons(found):
    return [(item.source.partition("#")[2], item.reason) for item in found if item.reason]


def test_pages_come_out_with_what_is_known_of_them(tmp_path):
    found = items(tmp_path, record(number=7))
    (raw,) = pages(found).values()
    assert (found[0].source, found[0].name, found[0].form) == ("a.warc#1", "a.warc/00000001", "warc")
    assert (raw.data, raw.url, raw.id) == (HTML, "http://example.org/7", "urn:uuid:7")
    assert (raw.kind, raw.damage, raw.fields) == (None, "", {"warc_date": "2024-01-02T03:04:05Z"})


def test_records_that_are_no_pages_are_counted_and_passed_over(tmp_path):
    data = b"".join(
        record(b"x", kind=kind, media="text/html")
        for kind in ("warcinfo", "request", "metadata", "revisit", "Metadata")
    )
    found = items(tmp_path, data + record(number=1))
    assert [item.source for item in found] == ["a.warc#6"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (record(), ""),
        (record(http(HTML, media="")), ""),
        (record(http(HTML, media="Text/HTML ; charset=utf-8")), ""),
        (record(http(HTML, media="application/xhtml+xml")), ""),
        (record(http(HTML, media="text/plain", status="206 Partial")), ""),
        (record(HTML, kind="resource", media="text/html"), ""),
        (record(b"text", kind="conversion", media="text/plain"), ""),
        (record(http(HTML, media="x/y"), more="WARC-Identified-Payload-Type: text/html\r\n"), ""),
        (record(http(b"x", "X: " + "y" * 40_000)), ""),
        (record(http(HTML).replace(b"\r\n", b"\n")).replace(b"\r\n", b"\n"), ""),
        (record().replace(b"WARC-Type", b"warc-type").replace(b"Content-Length", b"content-length"), ""),
        (record(http(b"GIF", media="image/gif")), "not-a-page"),
        (record(http(b"x", media="application/json")), "not-a-page"),
        (record(b"x", media="text/dns"), "not-a-page"),
        (record(b"x", kind="resource", media="image/png"), "not-a-page"),
        (record(http(HTML, status="404 Not Found")), "http-status"),
        (record(http(b"", status="301 Moved")), "http-status"),
        (record(HTML, kind="continuation", media="text/html"), "not-a-page"),
        (record(HTML), "bad-record"),
        (record(b""), "bad-record"),
        (record(b"HTTP/1.1 abc\r\n\r\nx"), "bad-record"),
        (record().replace(b"WARC-Type: response\r\n", b""), "bad-record"),
        (record()[:-30], "cut-record"),
        (record()[:200], "cut-record"),
        (HTML, "damaged"),
    ],
)
def test_what_a_record_is(tmp_path, data, reason):
    (item,) = items(tmp_path, data)
    assert item.reason == reason
    assert item.skipped == (reason in ("not-a-page", "http-status"))
    if not reason:
        assert extract_page(item, FIELDS).damage == ""


def test_wet_records_are_text(tmp_path):
    data = record(b"x", kind="warcinfo") + record(b"Der Rat tagte.", kind="conversion", media="text/plain")
    (item,) = items(tmp_path, gz(data), "a.warc.wet.gz")
    raw = extract_page(item, FIELDS)
    assert (item.form, item.source, raw.kind, raw.data) == ("wet", "a.warc.wet.gz#2", "text", b"Der Rat tagte.")


LENGTHS = [-5, "abc", "", 10, 2**63, 70_000_000, 5_000, 200]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("pack", [bytes, gz])
def test_a_wrong_length_costs_no_other_record(tmp_path, length, pack):
    data = [record(number=1), record(number=2, length=length), record(number=3), record(number=4)]
    found = items(tmp_path, b"".join(map(pack, data)), "a.warc.gz" if pack is gz else "a.warc")
    opened = pages(found)
    assert {"1", "3", "4"} <= set(opened)
    assert all(opened[number].data == HTML and not opened[number].damage for number in "134")
    assert reasons(found) or "may not be whole" in opened["2"].damage
    assert len({item.source for item in found}) == len(found)


def test_a_page_about_warc_is_one_page(tmp_path):
    inner = b"<pre>\r\n\r\n" + record(number=9) + b"</pre>" + HTML
    found = items(tmp_path, record(http(inner), number=1) + record(number=2))
    assert pages(found)["1"].data == inner
    assert [item.source for item in found] == ["a.warc#1", "a.warc#2"]


def test_what_stands_between_records_is_told(tmp_path):
    found = items(tmp_path, b"junk" + record(number=1) + b"\0" * 100_000 + record(number=2))
    assert set(pages(found)) == {"1", "2"}
    assert [item.reason for item in found] == ["damaged", "", "damaged", ""]
    assert "4 bytes at byte 0" in found[0].message
    assert "100,000 bytes" in found[2].message


def varied(number):
    return record(http(random.Random(number).randbytes(900).hex().encode()), number=number)


@pytest.mark.parametrize("pack", [gz, zstandard.ZstdCompressor(write_checksum=True).compress])
def test_a_damaged_member_costs_only_itself(tmp_path, pack):
    packed = [bytearray(pack(varied(number))) for number in range(5)]
    packed[1][400:440] = b"\x55" * 40
    packed[3][3] = 0xEE
    found = items(tmp_path, b"".join(packed), "a.warc.gz")
    assert {"0", "2", "4"} <= set(pages(found))
    damaged_messages = [item.message for item in found if item.reason == "damaged"]
    at = len(packed[0])
    assert f"{len(packed[1]):,} bytes at byte {at:,} could not be read" in damaged_messages[0]


def test_a_wrong_checksum_is_told_and_the_record_comes_out(tmp_path):
    packed = [bytearray(gz(varied(number))) for number in range(3)]
    packed[1][-8] ^= 1
    found = items(tmp_path, b"".join(packed), "a.warc.gz")
    assert set(pages(found)) == {"0", "1", "2"}
    assert [item.source for item in found if item.reason == "damaged"] == ["a.warc.gz#damage-1"]


def test_records_may_span_members(tmp_path):
    data = b"".join(varied(number) for number in range(4))
    packed = b"".join(gz(data[at : at + 777]) for at in range(0, len(data), 777))
    assert len(pages(items(tmp_path, packed, "a.warc.gz"))) == 4


@pytest.mark.parametrize("packed_dictionary", [False, True])
def test_zstd_with_a_dictionary(tmp_path, packed_dictionary):
    samples = [varied(number) + b"<p>The council voted on Tuesday.</p>" * (number % 7) for number in range(200)]
    dictionary = zstandard.train_dictionary(4_000, samples)
    data = dictionary.as_bytes()
    stored = zstandard.compress(data) if packed_dictionary else data
    press = zstandard.ZstdCompressor(dict_data=dictionary)
    head = b"\x5d\x2a\x4d\x18" + len(stored).to_bytes(4, "little") + stored
    found = items(tmp_path, head + b"".join(press.compress(varied(number)) for number in range(3)), "a.warc.zst")
    assert [item.reason for item in found] == ["", "", ""]


def test_headers_and_addresses_may_be_hostile(tmp_path):
    data = (
        record(number=1, more="X: " + "v" * 10_000_000 + "\r\n")
        + record(number=2, more="".join(f"X-{n}: 1\r\n" for n in range(100_000)))
        + record(number=3).replace(b"http://example.org/", b"http://e/../../etc\xff\t<script>/")
        + record(number=4, more="Content-Length: 3\r\n")
        + record(number=5)
    )
    found = items(tmp_path, data)
    assert {"3", "5"} <= set(pages(found))
    assert reasons(found)[:2] == [("1", "bad-record"), ("2", "bad-record")]
    assert all(len(item.message) < 500 for item in found)


def test_records_over_the_cap_are_named_or_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(scanning, "PAGE_CAP", 5_000)
    big = b"x" * 6_000
    found = items(tmp_path, record(number=1) + record(http(big)) + record(big, kind="metadata") + record(number=4))
    assert [(item.source, item.reason) for item in found] == [
        ("a.warc#1", ""),
        ("a.warc#2", "too-big"),
        ("a.warc#4", ""),
    ]


def chunked(body, size=20):
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def deflated(body, wbits):
    press = zlib.compressobj(wbits=wbits)
    return press.compress(body) + press.flush()


BOMB = gz(b" " * 80 * 2**20)
#: HTML three times, packed with brotli.
BROTLI = bytes.fromhex(
    "1bb900909c07762c7a78a9c5ab25dcdb4bf15015085afa90b981430ed8bf"
    "220c5349c8820d38a4009f471a06df0d8de2142f9e90257fe76008c32d03"
)


@pytest.mark.parametrize(
    ("body", "head", "page", "damage"),
    [
        (gz(HTML), "Content-Encoding: gzip", HTML, ""),
        (gz(HTML), "content-encoding:  X-GZIP ", HTML, ""),
        (gz(HTML), "", HTML, ""),
        (zstandard.compress(HTML), "Content-Encoding: zstd", HTML, ""),
        (deflated(HTML, 15), "Content-Encoding: deflate", HTML, ""),
        (deflated(HTML, -15), "Content-Encoding: deflate", HTML, ""),
        (chunked(HTML), "Transfer-Encoding: chunked", HTML, ""),
        (chunked(gz(HTML)), "Transfer-Encoding: chunked\r\nContent-Encoding: gzip", HTML, ""),
        (HTML, "Transfer-Encoding: chunked", HTML, ""),
        (b"3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n", "Transfer-Encoding: chunked", b"abc", ""),
        (HTML, "Content-Encoding: identity, none", HTML, ""),
        (b"", "Content-Encoding: gzip", b"", ""),
        (BROTLI, "Content-Encoding: br", HTML * 3, ""),
        (BROTLI + b"rest", "Content-Encoding: br", HTML * 3, "cut or damaged"),
        (HTML, "Content-Encoding: gzip", HTML, "calls the body gzip, which it is not"),
        (HTML, "Content-Encoding: deflate", HTML, "calls the body deflate, which it is not"),
        (HTML, "Content-Encoding: br", HTML, "calls the body brotli, which it is not"),
        (gz(HTML)[:-9], "Content-Encoding: gzip", HTML[:50], "is cut"),
        (deflated(HTML, 15)[:-5], "Content-Encoding: deflate", HTML[:20], "is cut or damaged"),
        (b"ffffffffffffffff\r\n" + HTML, "Transfer-Encoding: chunked", HTML, "a chunk of the body is cut"),
        (chunked(HTML)[:-5] + b"zz\r\nrest", "Transfer-Encoding: chunked", HTML + b"zz\r\nrest", "are broken"),
    ],
)
def test_bodies_are_decoded_and_lies_tolerated(tmp_path, body, head, page, damage):
    (item,) = items(tmp_path, record(http(body, *filter(None, [head]))))
    raw = extract_page(item, FIELDS)
    assert raw.data.startswith(page)
    assert damage in raw.damage
    assert bool(damage) == bool(raw.damage)


@pytest.mark.parametrize(
    ("body", "head"),
    [
        (BOMB, "gzip"),
        (zstandard.compress(b" " * 80 * 2**20), "zstd"),
        (deflated(b" " * 80 * 2**20, 15), "deflate"),
        (gz(BOMB), "gzip, gzip"),
    ],
    ids=["gzip", "zstd", "deflate", "twice"],
)
def test_bombs_in_bodies_are_refused(tmp_path, body, head):
    (item,) = items(tmp_path, record(http(body, f"Content-Encoding: {head}")))
    with pytest.raises(UnreadableError) as caught:
        extract_page(item, FIELDS)
    assert (caught.value.reason, caught.value.source) == ("too-big", "a.warc#1")


@pytest.mark.parametrize(
    ("body", "charset", "page"),
    [
        ("Größe".encode(), "iso-8859-1", "Größe".encode()),
        ("Größe".encode("latin-1"), "iso-8859-1", "Größe"),
        ("Größe".encode("latin-1"), '"ISO-8859-1"', "Größe"),
        ("Größe".encode("latin-1"), "zlib", "Größe".encode("latin-1")),
        ("Größe".encode("latin-1"), "nonsense", "Größe".encode("latin-1")),
        (b"<meta charset=cp1251>\xe0\xe1", "iso-8859-1", b"<meta charset=cp1251>\xe0\xe1"),
        ("привет".encode("koi8-r"), "koi8-r", "привет"),
        ("日本".encode("iso2022_jp"), "iso-2022-jp", "日本"),
        ("日本語".encode("euc_jp"), "shift_jis", "日本語".encode("euc_jp")),
        ("日本".encode("utf-16"), "shift_jis", "日本".encode("utf-16")),
        (b"plain", "utf-16", b"plain"),
    ],
)
def test_the_charset_of_the_header_counts_where_nothing_else_does(tmp_path, body, charset, page):
    (item,) = items(tmp_path, record(http(body, media=f"text/html; charset={charset}")))
    assert extract_page(item, FIELDS).data == page


def test_brotli_without_the_extra_says_what_to_install(tmp_path, monkeypatch):
    (item,) = items(tmp_path, record(http(BROTLI, "Content-Encoding: br")))
    monkeypatch.setitem(sys.modules, "fastwarc.stream_io", None)
    with pytest.raises(UnreadableError, match=r"install clean-scrape\[warc\]"):
        extract_page(item, FIELDS)


SHA1 = hashlib.sha1(http(HTML))


@pytest.mark.parametrize(
    ("head", "damage"),
    [
        ("WARC-Truncated: length", "the crawler cut the page ('length')"),
        ("WARC-Segment-Number: 1", "the record is a part of a page that stands in several"),
        (f"WARC-Block-Digest: sha1:{base64.b32encode(SHA1.digest()).decode()}", ""),
        (f"WARC-Block-Digest: SHA1:{SHA1.hexdigest()}", ""),
        ("WARC-Block-Digest: sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", "its block does not match its sha1"),
        ("WARC-Block-Digest: crc:123", ""),
        ("WARC-Block-Digest: sha1:", ""),
    ],
)
def test_what_the_header_says_against_the_block(tmp_path, head, damage):
    (item,) = items(tmp_path, record(more=head + "\r\n"))
    raw = extract_page(item, FIELDS)
    assert (raw.data, raw.damage) == (HTML, damage)


def test_without_the_extra_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fastwarc.warc", None)
    with pytest.raises(InputError, match=r'pip install "clean-scrape\[warc\]"'):
        items(tmp_path, record())


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_any_damage_is_typed_and_costs_little(tmp_path, name):
    """30 files of 12 records, each hurt at one place: at most two records are lost, and that is reported."""
    for seed in range(30):
        source = random.Random(seed)
        packed = [varied(number) for number in range(12)]
        packed = [gz(one) for one in packed] if name.endswith(".gz") else packed
        data = bytearray(b"".join(packed))
        at = source.randrange(len(data))
        size = source.choice([1, 4, 60, 500])
        data[at : at + size] = source.randbytes(source.choice([0, size]))
        found = items(tmp_path, bytes(data), name)
        whole = 0
        for item in found:
            try:
                raw = extract_page(item, FIELDS)
            except CleanScrapeError:
                continue
            whole += not raw.damage
        assert whole >= 10
        if name.endswith(".gz"):
            assert any(item.reason for item in found) or whole == 12
