"""The checks of the values of each key of the settings, and the messages for mistakes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import get_args

from cleaner.lines.phrases import languages
from cleaner.settings.record import Policy

POLICIES: tuple[str, ...] = get_args(Policy)

_PREFIX = re.compile(r"[A-Z]{2}[0-9]{0,3}")

#: Takes a value as TOML gives it and all known codes; returns the value of the field or raises WrongValueError.
Reader = Callable[[object, frozenset[str]], object]


class WrongValueError(Exception):
    """A wrong value; the arguments are descriptions of its mistakes."""


def suggest(word: str, known: Iterable[str]) -> str:
    """Return the known word that a mistyped one resembles, or else all known words, for a message."""
    near = get_close_matches(word, sorted(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(sorted(known))}"


def _policy(value: object, codes: frozenset[str]) -> object:
    if value in POLICIES:
        return value
    raise WrongValueError(f"unknown policy {value!r}{suggest(str(value), POLICIES)}")


def _strings(value: object, example: str) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise WrongValueError(f"expected a list of strings such as {example}, got {value!r}")


def _codes(value: object, codes: frozenset[str]) -> object:
    prefixes = _strings(value, '["CK", "RL11"]')
    wrong = [mistake for prefix in prefixes if (mistake := code_mistake(prefix, codes))]
    if wrong:
        raise WrongValueError(*wrong)
    return prefixes


def code_mistake(prefix: str, codes: frozenset[str]) -> str:
    """Return the mistake in a code or the beginning of codes, "" when it is right; ``codes`` are all codes."""
    known = {code[: len(prefix)] for code in codes if prefix}
    if prefix in known and _PREFIX.fullmatch(prefix):
        return ""
    # Two letters of which one is right have a similarity of one half.
    near = get_close_matches(prefix.upper(), sorted(known), n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else "`clean-scrape rules` lists the codes"
    if not _PREFIX.fullmatch(prefix):
        return f"{prefix!r} is no code: write two capitals and up to three digits; {hint}"
    return f"no code begins with {prefix!r}; {hint}"


def _languages(value: object, codes: frozenset[str]) -> object:
    wanted = _strings(value, '["en", "de"]')
    wrong = [f"unknown language {one!r}{suggest(one, languages())}" for one in wanted if one not in languages()]
    if wrong:
        raise WrongValueError(*wrong)
    return wanted


def _flag(value: object, codes: frozenset[str]) -> object:
    if isinstance(value, bool):
        return value
    raise WrongValueError(f"expected true or false, got {value!r}")


def _globs(value: object, codes: frozenset[str]) -> object:
    globs = _strings(value, '["old", "raw/*.html"]')
    wrong = [
        f"{glob!r} cannot match: write a relative path with forward slashes"
        for glob in globs
        if not glob.strip("/") or glob.startswith(("/", "./", "../")) or "\\" in glob
    ]
    if wrong:
        raise WrongValueError(*wrong)
    return globs


def _path(value: object, codes: frozenset[str]) -> object:
    if isinstance(value, str) and value:
        return value
    raise WrongValueError(f"expected a path, got {value!r}")


#: The keys that a site may have of its own, all keys, and those that hold lists.
SITE_KEYS: Mapping[str, Reader] = {
    "policy": _policy,
    "select": _codes,
    "ignore": _codes,
    "languages": _languages,
    "second-opinion": _flag,
}
KEYS: Mapping[str, Reader] = {**SITE_KEYS, "exclude": _globs, "allow-list": _path, "profile": _path}
LIST_KEYS = frozenset({"select", "ignore", "languages", "exclude"})
