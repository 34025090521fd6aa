"""Decoding and sniffing: the kind and the encoding of bytes, detected from their content."""

import pytest

from cleaner.errors import UnreadableError
from cleaner.read import read_page
from cleaner.read.decode import codec_of_label, decode
from cleaner.read.sniff import kind_of

RUSSIAN = "Совет проголосует в марте за новый план, сказал он."
SAMPLES = [
    ("cp1251", RUSSIAN),
    ("koi8_r", RUSSIAN),
    ("cp1250", "Zażółć gęślą jaźń, radni zagłosują w marcu nad planem."),
    ("cp1252", "Le café “naïve” à Zürich – crème brûlée, élève"),
    ("cp1253", "Το συμβούλιο θα ψηφίσει τον Μάρτιο το νέο σχέδιο"),
    ("cp1255", "המועצה תצביע במרץ על התוכנית החדשה"),
    ("cp1256", "سيصوت المجلس في مارس على الخطة الجديدة"),
    ("cp932", "港のニュースを読むことができます。市長は言いました。"),
    ("euc_jp", "港のニュースを読むことができます。市長は言いました。"),
    ("gb18030", "我们的国家在中国的时候，他说这是一个新的计划。"),
    ("big5hkscs", "我們的國家在中國的時候，他說這是一個新的計劃。"),
    ("cp949", "시의회는 삼월에 새로운 계획을 표결한다고 말했다"),
    ("utf-16-le", RUSSIAN),
    ("utf-16-be", "plain words"),
    ("utf-32-le", "plain words"),
    ("utf-32-be", "plain words"),
]


@pytest.mark.parametrize(("encoding", "text"), SAMPLES)
def test_undeclared_encodings_are_told_by_their_words(encoding, text):
    found = decode(text.encode(encoding))
    assert (found.encoding, found.text, found.replaced, found.bom) == (encoding, text, 0, 0)


@pytest.mark.parametrize(
    ("label", "encoding", "text"),
    [
        ("iso-8859-1", "cp1252", "“é”"),
        ("windows-1257", "cp1257", "Ķēķis"),
        ("gb2312", "gb18030", "港口 𠀀"),
        ("shift_jis", "cp932", "①港"),
        ("iso-8859-9", "cp1254", "ğış"),
    ],
)
def test_a_declared_label_counts(label, encoding, text):
    page = read_page(f'<html><meta charset="{label}"><p>{text}</p>'.encode(encoding))
    assert page.encoding == encoding
    assert page.lines[0].text == text
    assert page.notes == ()


@pytest.mark.parametrize(
    "label", ["zlib", "hex", "idna", "punycode", "unicode_escape", "utf-7", "rot13", "utf-16", "x" * 5000, ""]
)
def test_labels_that_are_no_charset_are_not_obeyed(label):
    assert codec_of_label(label) == ""
    page = read_page(f'<html><meta charset="{label}"><p>+ADw-b+AD4- \\x3cb'.encode())
    assert (page.encoding, page.lines[0].text) == ("utf-8", "+ADw-b+AD4- \\x3cb")


def test_a_lying_label_is_found_out():
    page = read_page('<html><meta charset="utf-8"><p>Café – “naïve” crème'.encode("cp1252"))
    assert (page.encoding, page.lines[0].text) == ("cp1252", "Café – “naïve” crème")


def test_mostly_valid_utf8_stays_utf8_under_another_label():
    page = read_page('<html><meta charset="iso-8859-1"><p>éééé café naïve '.encode() + b"\xff")
    assert (page.encoding, page.lines[0].text) == ("utf-8", "éééé café naïve \ufffd")
    assert page.notes[0].code == "SY102"


def test_a_genuine_replacement_sign_is_not_counted():
    assert decode(b"\xef\xbb\xbf" + "a \ufffd b".encode()).replaced == 0
    assert decode("éé \ufffd éé ".encode() + b"\xff").replaced == 1


def test_utf16_mark_followed_by_nul_is_no_utf32():
    assert decode(b"\xff\xfe\0\0a\0b\0").encoding == "utf-16-le"
    assert decode(b"\xff\xfe\0\0a\0\0\0").encoding == "utf-32-le"


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0",
        b"\xff\xd8\xff\xe0\0\x10JFIF",
        b"GIF89a\x01\0\x01\0",
        b"%PDF-1.7\n%\xe2\xe3",
        b"PK\x03\x04\x14\0\0\0",
        b"\x1f\x8b\x08\0",
        b"\0\0\0\x18ftypmp42",
        b"RIFF\x24\0\0\0WEBP",
        bytes(range(256)) * 4,
        b"\0" * 100,
        b"\xfe\x01\x02\x03\x04" * 20,
    ],
)
@pytest.mark.parametrize("kind", [None, "text", "html"])
def test_binary_data_are_refused(data, kind):
    with pytest.raises(UnreadableError, match="not a page") as caught:
        read_page(data, source="a.html", kind=kind)
    assert (caught.value.reason, caught.value.source) == ("binary", "a.html")


@pytest.mark.parametrize(
    "text", ["GIF89a is a picture format.", "BMW sold more cars.", "PK stands for Phil Katz.", "MZ\n", "ID3 tags"]
)
def test_words_that_look_like_magic_are_text(text):
    assert read_page(text.encode()).lines[0].text == text.rstrip("\n")


def test_stray_controls_do_not_make_text_binary():
    assert read_page(b"a\0\0\0\0b\n").lines[0].text == "a\0\0\0\0b"
    assert [x.text for x in read_page(b"<p>a\0b " + b"\0" * 5000 + b"c</p>").lines] == ["ab c"]


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE html><p>a",
        "\ufeff\n <!-- x --><html>",
        "<?xml version='1.0'?><html/>",
        "<!-- " + "long - -- note\n" * 900 + "---->\n<!---->\n<!DOCTYPE html>\n" + "plain text\n" * 99,
        "<meta name=a content=b>\n" + "plain text\n" * 99,
        "<p>One paragraph.</p>\n<!-- 12 -->",
        "<div>\n" + "A long line of text that goes on.\n" * 9 + "</div>",
        "<div class='a'><p>x</p></div>\n<p>y</p>",
        "Warning: undefined index in a.php\n<!DOCTYPE html>\n<html>\n<body>\n<p>x</p>\n</body></html>",
        "Intro\n<p>a</p>\n<p>b</p>\n<ul><li>c</ul>",
    ],
)
def test_html_is_told_by_its_tags(text):
    assert kind_of(text) == "html"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<",
        "plain",
        "a < b and c > d",
        "Use <p> for paragraphs and <div> for the rest.",
        "The <html> tag opens a page.\nAfter it stands <body>.\nMost pages also hold <p> and <div> tags.\n",
        "A page looks so:\n\n<html><body>\n<p>Hi</p>\n</body></html>\n\nThat is all.\nIt is old.\nTry it.\n",
        "<html5> and <linked> are no tags.\nSo it is.",
        "<laughs> I do not know.\n<applause>",
        "if (a <b) return;\n" * 5,
    ],
)
def test_text_that_quotes_tags_stays_text(text):
    assert kind_of(text) == "text"
