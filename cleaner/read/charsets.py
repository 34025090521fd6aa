"""Guess the charset of bytes without a declaration, from the words that they give in each legacy charset."""

from __future__ import annotations

import re
from itertools import islice

#: Words with letters outside ASCII that are scored; a few hundred are enough.
MAX_CHARSET_WORDS = 600

#: With fewer words than this, only cp1252 is tried.
MIN_CHARSET_WORDS = 3

#: Share of the words that must be plausible under a codec.
MIN_PLAUSIBLE_SHARE = 0.5

# Hebrew before Cyrillic: it has no capitals, so it also reads as small Cyrillic letters.
_SINGLE = ("cp1252", "cp1250", "cp1255", "cp1251", "koi8_r", "cp1253", "cp1256", "cp874")

# Linear: one class repeated possessively, so no character is visited twice.
_HIGH_WORD = re.compile(rb"[A-Za-z\x80-\xff]++")
_SCRIPTS = re.compile(
    "(?P<latin>[a-zA-Z\u00c0-\u024f]+)|(?P<greek>[\u0370-\u03ff]+)|(?P<cyrillic>[\u0400-\u04ff]+)|"
    "(?P<hebrew>[\u05d0-\u05ea]+)|(?P<arabic>[\u0600-\u06ff]+)|(?P<thai>[\u0e00-\u0e7f]+)"
)
_PUNCTUATION = (
    "\u2018\u2019\u201a\u201c\u201d\u201e\u2013\u2014\u2026\u00ab\u00bb\u00a0\u2022\u20ac\u00a9\u00ae\u2122\u00b7"
)
_FOREIGN_RUN = re.compile("[\u00c0-\u024f]{3}")

_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_HAN = re.compile("[\u4e00-\u9fff]")
_SIMPLE = re.compile("[的一是不了人在有我这个们中来上大为和国地到以说时要就出会也你对]")
_TRADITIONAL = re.compile("[的一是不了人在有我這個們中來上大為和國地到以說時要就出會也你對]")


def guess_charset(data: bytes) -> str:
    """Return the Python codec in which most words with letters outside ASCII are plausible, "" when there is none."""
    return _multibyte(data) or _single_byte(data)


def _multibyte(data: bytes) -> str:
    """Return the first East Asian codec that decodes all bytes and gives text in its own script, "" for none."""
    sample = data[:200_000]
    for codec, own, share in (
        ("euc_jp", _KANA, 0.2),
        ("cp932", _KANA, 0.2),
        ("cp949", _HANGUL, 0.6),
        ("gb18030", _SIMPLE, 0.08),
        ("big5hkscs", _TRADITIONAL, 0.08),
    ):
        try:
            text = sample.decode(codec)
        except UnicodeDecodeError as error:
            if error.start < len(sample) - 4 or len(data) == len(sample):
                continue
            text = sample[: error.start].decode(codec)
        foreign = len(text) - len(text.encode("ascii", "ignore"))
        known = len(_HAN.findall(text)) + len(_KANA.findall(text)) + len(_HANGUL.findall(text))
        if known > 0.6 * foreign and len(own.findall(text)) >= share * foreign:
            return codec
    return ""


def _single_byte(data: bytes) -> str:
    high = (word for word in _HIGH_WORD.findall(data) if not word.isascii())
    words = [word[:40] for word in islice(high, MAX_CHARSET_WORDS)]
    codecs = _SINGLE if len(words) >= MIN_CHARSET_WORDS else _SINGLE[:1]
    scores = [(_score(words, codec), -order) for order, codec in enumerate(codecs)]
    best, order = max(scores)
    return _SINGLE[-order] if best >= MIN_PLAUSIBLE_SHARE * len(words) else ""


def _score(words: list[bytes], codec: str) -> float:
    return sum(_plausibility(word.decode(codec, "replace").strip(_PUNCTUATION)) for word in words)


def _plausibility(word: str) -> float:
    """Return how plausible a word with letters outside ASCII is, -1 to 1; one script and usual case raise it."""
    if word.isascii() or len(word) < 3:  # a word this short is plausible in any charset
        return 0.0
    script = _SCRIPTS.fullmatch(word)
    if not script or _FOREIGN_RUN.search(word):
        return -1.0
    if word.islower() or word.istitle() or word.lower() == word.upper():
        return 1.0
    return 0.5 if word.isupper() else -0.5
