"""Bytes to text: byte order mark, UTF-16/32 patterns, UTF-8, the declared label, then a guess (``charsets``).

The HTML parser never decodes: it would follow labels such as utf-7, and stop at bytes that it cannot decode.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from encodings.aliases import aliases
from unicodedata import category

from cleaner.read.charsets import guess_charset

#: Bytes at the beginning of a page in which a declaration of the charset is searched, as many as real pages need.
LABEL_BYTES = 4096

#: Bytes that are searched for the NUL pattern of UTF-16 and UTF-32.
PATTERN_BYTES = 4096

#: Unicode categories of controls, surrogates, private and unassigned characters.
_NO_TEXT = frozenset(("Cc", "Cs", "Co", "Cn"))

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Charsets only: Python has codecs such as zlib, punycode or unicode_escape as well. Values are the supersets that pages
# with such a label really use (WHATWG Encoding Standard).
_NAMES = """
utf_8 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp874 cp866 koi8_r koi8_u
iso8859_2 iso8859_3 iso8859_4 iso8859_5 iso8859_6 iso8859_7 iso8859_8 iso8859_10 iso8859_13
iso8859_14 iso8859_15 iso8859_16 mac_roman mac_cyrillic
gb18030 big5hkscs cp932 euc_jp iso2022_jp cp949
"""
_CHARSETS = {name: name for name in _NAMES.split()} | {
    "ascii": "cp1252",
    "latin_1": "cp1252",
    "iso8859_1": "cp1252",
    "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "tis_620": "cp874",
    "windows_874": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with the Python codec that decoded it, the length of its byte order mark, and its lost characters.

    ``bom`` is in bytes; ``replaced`` is the number of characters that could not be decoded and became U+FFFD.
    """

    text: str
    encoding: str
    bom: int = 0
    replaced: int = 0

    @property
    def is_utf8(self) -> bool:
        """True when the text, encoded in UTF-8, gives exactly the bytes after the byte order mark."""
        return self.encoding == "utf-8" and not self.replaced


def decode(data: bytes) -> Decoded:
    """Decode ``data``; never fails. Bytes that cannot be decoded become U+FFFD and are counted."""
    marked = _by_byte_order_mark(data)
    if marked:
        return marked
    wide = _wide_encoding(data[:PATTERN_BYTES])
    if wide:
        return _decode_wide(data, wide, 0)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _decode_unmarked(data)


def is_wide(data: bytes) -> bool:
    """Tell whether ``data`` is UTF-16 or UTF-32, in which NUL bytes are parts of letters."""
    found = _by_byte_order_mark(data[:PATTERN_BYTES])
    if not found:
        return bool(_wide_encoding(data[:PATTERN_BYTES]))
    return found.encoding != "utf-8" and _readable(found.text)


def _readable(text: str) -> bool:
    """Tell whether hardly any character is a control or unassigned; one or two of them do not count."""
    strange = sum(char == "\ufffd" or (category(char) in _NO_TEXT and not char.isspace()) for char in text)
    return strange <= 2 + 0.02 * len(text)


def _by_byte_order_mark(data: bytes) -> Decoded | None:
    for mark, codec in _MARKS:
        if not data.startswith(mark):
            continue
        if codec == "utf-8":
            return _decode_replacing(data, codec, len(mark))
        # FF FE 00 00 is also UTF-16 with a NUL: it is UTF-32 only when all its units exist there.
        if codec.startswith("utf-32") and not _decodes(data[: 4 * (min(len(data), 4096) // 4)], codec):
            continue
        return _decode_wide(data, codec, len(mark))
    return None


def _decode_wide(data: bytes, codec: str, bom: int) -> Decoded:
    unit = 4 if "32" in codec else 2
    odd = (len(data) - bom) % unit
    text = data[bom : len(data) - odd].decode(codec, "replace") + "\ufffd" * bool(odd)
    return Decoded(text, codec, bom, text.count("\ufffd"))


def _decode_replacing(data: bytes, codec: str, bom: int) -> Decoded:
    text = data[bom:].decode(codec, "replace")
    genuine = data.count(b"\xef\xbf\xbd") if codec == "utf-8" else 0
    return Decoded(text, codec, bom, max(0, text.count("\ufffd") - genuine))


def _decodes(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _wide_encoding(head: bytes) -> str:
    """Return UTF-16 or UTF-32 in the byte order that the places of NUL bytes show, "" for none.

    In any such text, spaces and markup have NUL at every second byte (at three bytes of four) and never at the other
    bytes.
    """
    if b"\0" not in head or len(head) < 4:
        return ""
    share = [head[i::4].count(0) / max(1, len(head[i::4])) for i in range(4)]
    if min(share[1], share[2], share[3]) > 0.5 and share[3] > 0.9 and share[0] < 0.02:
        return "utf-32-le"
    if min(share[0], share[1], share[2]) > 0.5 and share[0] > 0.9 and share[3] < 0.02:
        return "utf-32-be"
    even, odd = (share[0] + share[2]) / 2, (share[1] + share[3]) / 2
    codec = "utf-16-le" if odd > 0.1 and even < 0.01 else "utf-16-be" if even > 0.1 and odd < 0.01 else ""
    if not codec:
        return ""
    text = head.decode(codec, "replace")
    return codec if _readable(text) else ""


def _decode_unmarked(data: bytes) -> Decoded:
    text = data.decode("utf-8", "replace")
    genuine = data.count(b"\xef\xbf\xbd")
    bad = text.count("\ufffd") - genuine
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    if good >= 4 * bad:
        return Decoded(text, "utf-8", 0, bad)
    label = _declared_codec(data)
    if label and label != "utf_8":
        labelled = _decode_replacing(data, label, 0)
        high = len(data) - len(data.translate(None, bytes(range(128, 256))))
        if labelled.replaced * 20 <= high:
            return labelled
    if good >= bad:
        return Decoded(text, "utf-8", 0, bad)
    return _decode_replacing(data, guess_charset(data) or "utf-8", 0)


def _declared_codec(data: bytes) -> str:
    """Return the codec of the charset that the head of the data declares, "" when none is usable."""
    head = data[:LABEL_BYTES]
    if b"charset" not in head.lower() and b"encoding" not in head:
        return ""
    from bs4.dammit import EncodingDetector  # noqa: PLC0415  most pages are UTF-8 and never need it

    return codec_of_label(EncodingDetector.find_declared_encoding(head, is_html=True) or "")


def codec_of_label(label: str) -> str:
    """Return the codec for a charset label, "" for labels that are no charset; nothing is imported for it.

    >>> codec_of_label("ISO-8859-1"), codec_of_label("zlib"), codec_of_label("utf-16")
    ('cp1252', '', '')
    """
    name = label.strip().lower().replace("-", "_").replace(" ", "_").replace("windows_12", "cp12")
    return _CHARSETS.get(name) or _CHARSETS.get(aliases.get(name, ""), "")
