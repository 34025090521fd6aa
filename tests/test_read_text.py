"""Text: lines cover the source exactly, whatever its encoding and newlines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.errors import UnreadableError
from cleaner.read import read_page

SIGNS = st.text(st.one_of(st.sampled_from("\n\r\n\r\t ab.\x0b\x0c\x1c\x85\u2028é港\U0001f600\ufeff"), st.characters()))
NO_SURROGATES = st.text(
    st.one_of(
        st.sampled_from("\n\r\n\r\t ab.\x0b\x85\u2028é港\U0001f600"),
        st.characters(exclude_categories=["Cs", "Cn", "Co", "Cc"]),
    )
)


def rebuilt(page):
    return page.data[: page.bom] + type(page.data)().join(page.data[x.start : x.end] for x in page.lines)


def check_ranges(page):
    assert rebuilt(page) == page.data
    assert [x.number for x in page.lines] == list(range(1, len(page.lines) + 1))
    assert all(x.start < x.end for x in page.lines)
    assert len(page.shapes) == len(page.lines)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"a", [("a", 0, 1, "")]),
        (b"a\n", [("a", 0, 2, "\n")]),
        (b"\n", [("", 0, 1, "\n")]),
        (
            b"a\r\nb\rc\n\rd",
            [("a", 0, 3, "\r\n"), ("b", 3, 5, "\r"), ("c", 5, 7, "\n"), ("", 7, 8, "\r"), ("d", 8, 9, "")],
        ),
        ("é\n\u2028x\x0by".encode(), [("é", 0, 3, "\n"), ("\u2028x\x0by", 3, 9, "")]),
        (b"\xef\xbb\xbfa\nb", [("a", 3, 5, "\n"), ("b", 5, 6, "")]),
        ("é\r\nb\ud800", [("é", 0, 3, "\r\n"), ("b\ud800", 3, 5, "")]),
    ],
)
def test_lines(data, expected):
    page = read_page(data, kind="text")
    assert [(x.text, x.start, x.end, x.newline) for x in page.lines] == expected
    assert all(x.markup is None for x in page.lines)


def test_byte_order_mark_is_counted_once():
    page = read_page(b"\xef\xbb\xbf\xef\xbb\xbfa\n")
    assert (page.bom, page.lines[0].text) == (3, "\ufeffa")


@given(SIGNS)
def test_str_is_covered_and_survives(text):
    page = read_page(text, kind="text")
    check_ranges(page)
    assert "".join(x.text + x.newline for x in page.lines) == text


@given(NO_SURROGATES, st.sampled_from(["utf-8", "utf-8-sig"]))
def test_utf8_is_covered(text, encoding):
    try:
        page = read_page(text.encode(encoding), kind="text")
    except UnreadableError:
        assert not text.strip("".join(map(chr, range(33))))
        return
    check_ranges(page)
    if page.encoding == "utf-8" and not page.bom:
        assert "".join(x.text + x.newline for x in page.lines) == text


@given(st.sampled_from(["utf-16", "utf-16-be", "utf-32", "utf-32-le"]), NO_SURROGATES, st.binary(max_size=3))
def test_wide_encodings_are_covered_with_odd_bytes(encoding, text, odd):
    mark = "" if encoding in ("utf-16", "utf-32") else "\ufeff"
    page = read_page((mark + "plain words\r\n" + text).encode(encoding) + odd, kind="text")
    check_ranges(page)
    assert page.encoding.startswith(encoding[:6])
    assert page.lines[0].text == "plain words"


@given(st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f")))
def test_latin_1_is_covered(text):
    check_ranges(read_page(("plain words\r" + text).encode("latin-1"), kind="text"))


@pytest.mark.parametrize("encoding", ["cp932", "gb18030", "big5", "euc_kr", "euc_jp"])
def test_east_asian_bytes_are_covered(encoding):
    words = {"cp932": "表示の港\nニュースです", "euc_jp": "表示の港\nニュースです", "euc_kr": "시의회는\n말했다"}
    data = words.get(encoding, "中文的\n不是一").encode(encoding)
    check_ranges(read_page(data, kind="text"))


def test_shift_state_reaches_over_lines():
    page = read_page(b'<meta charset="iso-2022-jp">\xff\n\x1b$B9A\n9A\x1b(B a', kind="text")
    check_ranges(page)


@given(st.binary(max_size=400))
def test_random_bytes_raise_unreadable_only(data):
    for kind in (None, "text", "html"):
        try:
            page = read_page(data, kind=kind)
        except UnreadableError as error:
            assert error.reason == "binary"
        else:
            if page.kind == "text":
                check_ranges(page)


def test_replacements_are_noted():
    page = read_page(b"caf\xc3\xa9 \xc3\xa9\xc3\xa9\xc3\xa9 \xff end\n")
    assert page.encoding == "utf-8"
    assert [note.code for note in page.notes] == ["SY102"]
    assert page.notes[0].why.startswith("1 character")


def test_url_gives_the_site():
    page = read_page("a", url="https://www.example.org/x")
    assert (page.url, page.site, page.title) == ("https://www.example.org/x", "example.org", "")
