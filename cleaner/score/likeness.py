"""The codes of the model's evidence: they name what a line resembles, by detectors' evidence on the line or near it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from cleaner.records import Evidence, Rule

#: Evidence on lines up to this far away decides what a line resembles.
MAX_LINES_AWAY = 20


def _like(code: str, name: str, what: str, goes: str) -> Rule:
    return Rule(code, name, f"resembles {what}", goes=goes, stays="The vote is on Monday, said the mayor of the town.")


#: The codes of evidence from the other pages of a site: they have the line, or they do not.
SHARED_CODE, OWN_CODE = "DU501", "DU502"

#: The codes of the model.
RULES = (
    _like("LM101", "like-navigation", "navigation", "Home\n> Moorings\nAbout us\nContact"),
    _like("LM102", "like-related", "links to other pages", "Related articles\n> The harbour wall is to be raised"),
    _like("LM103", "like-comments", "readers' comments", "3 comments\n> Agreed, every word.\nReply"),
    _like("LM104", "like-legal", "legal and footer lines", "Privacy Policy\n> Harbour Post Ltd\nAll rights reserved"),
    _like("LM105", "like-form", "a form", "Leave a comment\n> Name\nEmail"),
    _like("LM106", "like-promotion", "promotion", "Subscribe now\n> The whole harbour for one pound"),
    _like("LM107", "like-sharing", "sharing links", "Share on Facebook\n> Pinboard\nCopy link"),
    _like("LM109", "like-residue", "what stands around articles", "> Harbour Post\n> Quay Street"),
    Rule(
        "LM201",
        "like-text",
        "resembles the text of a page",
        goes="> The vote is on Monday, said the mayor of the town, and nobody was surprised.",
        stays="Home\nContact us\nPrivacy Policy",
    ),
    Rule(
        SHARED_CODE,
        "site-template",
        "stands on other pages of this site",
        goes="(a page of a site whose other pages are known)\n> Harbour Post, the paper of the islands",
        stays="The vote is on Monday.",
    ),
    Rule(
        OWN_CODE,
        "own-line",
        "stands on hardly any other page of this site",
        goes="(a page of a site whose other pages are known)\n> The vote is on Monday.",
        stays="Harbour Post, the paper of the islands",
    ),
)
LIKENESS_REASONS: Mapping[str, str] = {rule.code: rule.why for rule in RULES}


def resemblances(
    odds: Sequence[float], evidence: Sequence[Sequence[Evidence]], by_code: Mapping[str, str]
) -> list[str]:
    """Per line the code of what it resembles, by its own evidence, else by that of the nearest line that goes.

    ``by_code`` gives what each code of a detector resembles, for codes that resemble something.
    """
    own = [_category(some, by_code) if value > 0 else "" for value, some in zip(odds, evidence, strict=True)]
    known = [n for n, code in enumerate(own) if code]
    found = []
    for n, (code, value) in enumerate(zip(own, odds, strict=True)):
        if value <= 0:
            found.append("LM201")
        else:
            found.append(code or _nearest(n, own, known) or "LM109")
    return found


def code_for_weight(code: str, weight: float) -> str:
    """The code of the model's evidence, by what the line resembles and by the ``weight`` of the evidence.

    Evidence for keeping a line has the code of text, whatever the line resembles otherwise.
    """
    if weight <= 0:
        return "LM201"
    return "LM109" if code == "LM201" else code


def _nearest(line: int, own: Sequence[str], known: Sequence[int]) -> str:
    right = bisect_left(known, line)
    near = [at for at in known[max(0, right - 1) : right + 1] if abs(at - line) <= MAX_LINES_AWAY]
    return own[min(near, key=lambda at: (abs(at - line), at))] if near else ""


def _category(evidence: Sequence[Evidence], by_code: Mapping[str, str]) -> str:
    best, highest = "", 0.0
    for _, code, weight, _ in evidence:
        if weight > highest or (weight == highest and best and code > best):
            best, highest = code, weight
    like = by_code.get(best, "")
    return like if like in LIKENESS_REASONS else ""
