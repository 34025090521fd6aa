"""The language of a page: from its declaration, its script, its function words, or by langdetect, in this order."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from cleaner.lines.characters import letter_runs
from cleaner.lines.shape import function_words

#: Letters given to langdetect: its time grows with them, and more do not improve its result.
MAX_DETECTED_LETTERS = 2_000

#: With fewer letters than this the result of langdetect is random ("ok" becomes Slovak), so it is not called.
MIN_DETECTED_LETTERS = 80

#: Characters of the page that are read to detect its language.
LANGUAGE_SAMPLE_CHARS = 20_000

#: Share of the words that must be function words of a language for it to be chosen.
MIN_FUNCTION_WORD_SHARE = 0.1

_SCRIPTS = (
    ("latin", re.compile("[\u00c0-\u024f\u1e00-\u1eff]+")),
    ("kana", re.compile("[\u3041-\u3096\u30a1-\u30fa]+")),
    ("han", re.compile("[\u3400-\u9fff]+")),
    ("hangul", re.compile("[\u1100-\u11ff\uac00-\ud7a3]+")),
    ("cyrillic", re.compile("[\u0400-\u052f]+")),
    ("greek", re.compile("[\u0370-\u03ff\u1f00-\u1fff]+")),
    ("arabic", re.compile("[\u0620-\u06d3]+")),
    ("hebrew", re.compile("[\u05d0-\u05ea]+")),
    ("thai", re.compile("[\u0e00-\u0e7f]+")),
    ("devanagari", re.compile("[\u0900-\u097f]+")),
    ("bengali", re.compile("[\u0980-\u09ff]+")),
    ("tamil", re.compile("[\u0b80-\u0bff]+")),
    ("georgian", re.compile("[\u10a0-\u10ff]+")),
    ("armenian", re.compile("[\u0530-\u058f]+")),
)
_ONE_LANGUAGE = {
    "hangul": "ko", "greek": "el", "hebrew": "he", "thai": "th", "bengali": "bn", "tamil": "ta",
    "georgian": "ka", "armenian": "hy", "kana": "ja",
}  # fmt: skip
_WRITTEN_IN = {
    "ja": {"kana", "han"}, "zh": {"han"}, "ko": {"hangul"}, "el": {"greek"}, "he": {"hebrew"}, "th": {"thai"},
    "ar": {"arabic"}, "fa": {"arabic"}, "ur": {"arabic"}, "ps": {"arabic"}, "ku": {"arabic", "latin"},
    "ru": {"cyrillic"}, "uk": {"cyrillic"}, "bg": {"cyrillic"}, "be": {"cyrillic"}, "mk": {"cyrillic"},
    "sr": {"cyrillic", "latin"}, "kk": {"cyrillic", "latin"}, "ky": {"cyrillic"}, "mn": {"cyrillic"},
    "tg": {"cyrillic"}, "uz": {"cyrillic", "latin"}, "az": {"cyrillic", "latin"}, "hi": {"devanagari"},
    "mr": {"devanagari"}, "ne": {"devanagari"}, "bn": {"bengali"}, "ta": {"tamil"}, "ka": {"georgian"},
    "hy": {"armenian"},
}  # fmt: skip
_RENAMED = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "ji": "yi"}
_NOT_ASCII = re.compile("[^\0-\x7f]+")
_ASCII_LETTERS = string.ascii_letters.encode()
_TAG = re.compile(r"([a-z]{2})(?:[-_][a-z0-9_-]{1,30})?", re.IGNORECASE)
_UKRAINIAN = re.compile("[іїєґ]")
_PERSIAN = re.compile("[پچژگ]")


def language_of(texts: Sequence[str], declared: str = "") -> str:
    """Return the two-letter language of a page with these lines; ``declared`` is its ``lang``. "" if unknown."""
    tag = _TAG.fullmatch(declared.strip())
    code = tag.group(1).lower() if tag else ""
    return _language_of_sample(_sample(texts), _RENAMED.get(code, code))


@lru_cache(maxsize=1)  # a text that is cleaned again often begins with the same text
def _language_of_sample(sample: str, code: str) -> str:
    """Return the language of a sample of a page that declares the language ``code``."""
    counts = _letters(sample)
    letters = sum(counts.values())
    if not letters:
        return code
    script = _script(counts, letters)
    if code and script in _WRITTEN_IN.get(code, {"latin"}):
        return code
    return _by_script(script, sample) or _by_words(sample) or _by_langdetect(sample, letters)


def _letters(sample: str) -> dict[str, int]:
    """Count the letters by script; of a sample that is clearly Latin, only the ASCII letters."""
    plain = sample.encode("ascii", "ignore")
    latin = len(plain) - len(plain.translate(None, _ASCII_LETTERS))
    if latin >= MIN_DETECTED_LETTERS and latin > 3 * (len(sample) - len(plain)):  # the others cannot be the majority
        return {"latin": latin}
    other = "".join(_NOT_ASCII.findall(sample))
    counts = {name: sum(map(len, pattern.findall(other))) for name, pattern in _SCRIPTS}
    counts["latin"] += latin
    return counts


def _sample(texts: Sequence[str]) -> str:
    """Return the beginning of the page's running text: short lines are often in the site's language, not the text's."""
    for least in (60, 0):
        chosen: list[str] = []
        room = LANGUAGE_SAMPLE_CHARS
        for text in texts:
            if room <= 0:
                break
            if len(text) >= least:
                chosen.append(text[:room])
                room -= len(text)
        if LANGUAGE_SAMPLE_CHARS - room >= 400 or not least:
            return "\n".join(chosen).lower()
    return ""


def _script(counts: dict[str, int], letters: int) -> str:
    kana, han = counts.get("kana", 0), counts.get("han", 0)
    # A character of these scripts holds about as much as three letters.
    if kana + han > letters / 4:
        return "kana" if kana * 20 >= han else "han"
    return max(counts, key=lambda name: counts[name])


def _by_script(script: str, sample: str) -> str:
    if script == "han":
        return "zh"
    if script == "arabic" and not _PERSIAN.search(sample):
        return "ar"
    if script == "cyrillic" and len(_UKRAINIAN.findall(sample)) * 50 >= len(sample.split()):
        return "uk"
    return _ONE_LANGUAGE.get(script, "")


def _by_words(sample: str) -> str:
    languages = _languages_by_word()
    words = letter_runs(sample)
    votes = dict.fromkeys(function_words(), 0)
    for word, times in Counter(filter(languages.__contains__, words)).items():
        for code in languages[word]:
            votes[code] += times
    (best, code), (second, _) = sorted(((count, code) for code, count in votes.items()), reverse=True)[:2]
    return code if best >= 5 and best >= MIN_FUNCTION_WORD_SHARE * len(words) and best >= 1.25 * second else ""


@lru_cache(maxsize=1)
def _languages_by_word() -> dict[str, list[str]]:
    """Return the languages of each function word."""
    languages: dict[str, list[str]] = {}
    for code, known in function_words().items():
        for word in known:
            languages.setdefault(word, []).append(code)
    return languages


def _by_langdetect(sample: str, letters: int) -> str:
    if letters < MIN_DETECTED_LETTERS:
        return ""
    from langdetect import DetectorFactory, LangDetectException, detect_langs  # noqa: PLC0415  0.6 s, seldom needed

    DetectorFactory.seed = 0
    try:
        best = detect_langs(sample[:MAX_DETECTED_LETTERS])[0]
    except LangDetectException:
        return ""
    return str(best.lang)[:2] if best.prob >= 0.9 else ""
