"""The kind of data, detected from the content: HTML, text, or no page at all."""

from __future__ import annotations

import re

from cleaner.errors import UnreadableError
from cleaner.records import Kind

#: Characters that are read to distinguish HTML from text: enough to get past a long head.
KIND_SAMPLE_CHARS = 65_536

#: Share of control bytes above which data that are not UTF-8 are no text.
MAX_CONTROL_SHARE = 0.02

CONTROL_BYTES = bytes([*range(9), 11, *range(14, 27), *range(28, 32), 127])

#: Control characters, and bytes that are never part of UTF-8.
_NO_TEXT = CONTROL_BYTES + bytes(range(0xF8, 256))

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"%PDF-", "a PDF document"),
    (b"\x7fELF", "a program"),
    (b"\x1f\x8b", "gzip data"),
    (b"\x28\xb5\x2f\xfd", "Zstandard data"),
    (b"\xfd7zXZ\x00", "xz data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\xd0\xcf\x11\xe0", "an Office document"),
    (b"\x1aE\xdf\xa3", "a video"),
)

# These magic numbers are plain letters, so they count only in data with bytes that no text has.
_MAGIC_IN_LETTERS: tuple[tuple[bytes, str], ...] = (
    (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"RIFF", "a picture, sound or video"),
    (b"Rar!", "a RAR archive"),
    (b"ID3", "sound"),
    (b"OggS", "sound"),
    (b"fLaC", "sound"),
    (b"wOF", "a font"),
    (b"BZh", "bzip2 data"),
    (b"PAR1", "a Parquet table"),
    (b"MZ", "a program"),
    (b"BM", "a bitmap"),
)

# Each pattern below is linear: it starts at a literal, and every repeat is bounded or runs once.
_WHITESPACE = re.compile(r"[\s\ufeff]*+")
_DOCUMENT = re.compile(
    r"<(?:!doctype\s{1,9}html|(?:html|head|body|frameset|rss|feed)(?=[\s/>])|(?:meta|link|base)\s[^<>]{0,200}=)",
    re.IGNORECASE,
)
_BLOCK = (
    r"(?:html|head|body|title|meta|link|script|style|div|p|table|tbody|thead|tr|td|th|ul|ol|li|dl|dt|dd|h[1-6]|article|"
    r"section|nav|main|header|footer|aside|figure|figcaption|form|fieldset|blockquote|pre|center|address|br|hr|noscript)"
)
_BLOCK_TAG = re.compile(rf"</?{_BLOCK}(?=[\s/>])", re.IGNORECASE)
_OPENS_WITH_BLOCK = re.compile(rf"<{_BLOCK}(?=[\s/>])", re.IGNORECASE)


def refuse_known_formats(data: bytes, source: str) -> None:
    """Raise UnreadableError when the first bytes (the magic number) are those of a format that is not a page."""
    kind = next((what for mark, what in _MAGIC if data.startswith(mark)), "")
    head = data[:1024]
    if not kind and len(head) != len(head.translate(None, _NO_TEXT)):
        kind = next((what for mark, what in _MAGIC_IN_LETTERS if data.startswith(mark)), "")
        if data[4:8] == b"ftyp":
            kind = "a video"
    if kind:
        raise _unreadable(kind, source)


def refuse_binary(data: bytes, source: str) -> None:
    """Raise UnreadableError when so many bytes are control characters that this is no text.

    In UTF-16 and UTF-32 such bytes are parts of letters, and UTF-8 without NUL needs no check.
    """
    if _mostly_controls(data):
        raise _unreadable("binary data", source)


def _unreadable(kind: str, source: str) -> UnreadableError:
    return UnreadableError(
        f"{source} is {kind}, not a page: pass the HTML or the text of the page", source=source, reason="binary"
    )


def _mostly_controls(data: bytes) -> bool:
    rest = data.translate(None, CONTROL_BYTES)
    if b"\0" in data and not rest.strip():
        return True
    if len(data) - len(rest) <= MAX_CONTROL_SHARE * len(data):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def kind_of(text: str) -> Kind:
    """Return whether a text is HTML or plain text.

    The beginning of a document decides; else the page is HTML when it both opens and ends with tags, or when
    half of its filled lines begin with tags. So a text that quotes tags stays text.
    """
    sample = text[:KIND_SAMPLE_CHARS]
    if "<" not in sample:
        return "text"
    at = _start_of_content(sample)
    if _DOCUMENT.match(sample, at) or sample.startswith("<?xml", at):
        return "html"
    lines = [line for line in re.split(r"[\r\n]", sample) if line.strip()]
    tagged = sum(bool("<" in line and _BLOCK_TAG.search(line)) for line in lines)
    if not tagged:
        return "text"
    if tagged * 2 >= len(lines) and len(_BLOCK_TAG.findall(sample)) >= 2:
        return "html" if _OPENS_WITH_BLOCK.match(sample, at) or _mostly_tagged(lines) else "text"
    if not text[-400:].rstrip().endswith(">"):
        return "text"
    late = _DOCUMENT.search(sample[:4096])  # for example behind the warnings of a script
    return "html" if _OPENS_WITH_BLOCK.match(sample, at) or (late and _opens_line(sample, late.start())) else "text"


def _start_of_content(text: str) -> int:
    """Return where the content begins, behind whitespace and comments."""
    at = _end_of_whitespace(text, 0)
    while text.startswith("<!--", at):
        end = text.find("-->", at)
        if end < 0:
            break
        at = _end_of_whitespace(text, end + 3)
    return at


def _end_of_whitespace(text: str, at: int) -> int:
    found = _WHITESPACE.match(text, at)
    return found.end() if found else at


def _mostly_tagged(lines: list[str]) -> bool:
    """True when half of the lines *begin* with a tag: prose about tags begins with words."""
    return sum(line.lstrip().startswith("<") for line in lines) * 2 >= len(lines)


def _opens_line(text: str, at: int) -> bool:
    return not text[:at].rpartition("\n")[2].strip()
