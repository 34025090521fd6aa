"""The product, called as its users call it."""

from __future__ import annotations

import cleaner
from cleaner.records import Cleaned, Kind
from cleaner.settings.record import Policy

NAME = "clean-scrape"
POLICIES: tuple[Policy, ...] = ("safe", "balanced", "strict")

_SETTINGS = {policy: cleaner.Settings(policy=policy) for policy in POLICIES}


def row(policy: Policy) -> str:
    """The name of a policy's row; the default policy has none of its own."""
    return NAME if policy == "balanced" else f"{NAME} {policy}"


def clean(data: bytes, policy: Policy = "balanced", *, kind: Kind | None = None, url: str | None = None) -> Cleaned:
    """Clean one page under a policy; raises CleanScrapeError when it cannot be read."""
    return cleaner.clean(data, kind=kind, url=url, settings=_SETTINGS[policy])


def kept(done: Cleaned, lines: int) -> list[bool]:
    """One verdict for each of the ``lines`` that a text has when it is split at line feeds."""
    stays = [True] * lines
    for verdict in done.verdicts:
        stays[verdict.line.number - 1] = verdict.keep
    return stays


def settled(done: Cleaned, policy: Policy) -> bool:
    """True when cleaning the clean text again changes nothing."""
    body = done.to_bytes()
    return clean(body, policy, kind="text").to_bytes() == body
