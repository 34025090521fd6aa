"""Headless Chromium for tests of what a person sees; tests that ask for it are skipped where it is absent."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

#: The names that Debian and others install it under.
NAMES = ("chromium", "chromium-browser", "google-chrome")

#: It runs as root in CI, and must not look for updates.
SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@contextmanager
def launched() -> Iterator[Any]:
    """A browser."""
    api = pytest.importorskip("playwright.sync_api", reason='no playwright: pip install -e ".[test-browser]"')
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium: apt-get install chromium")
    with api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page of the browser, and what it did that a report must not do."""

    tab: Any
    faults: list[str] = field(default_factory=list)

    def go(self, file: Path, place: str = "") -> Any:
        """Open a file."""
        self.tab.goto(file.as_uri() + place)
        return self.tab


@contextmanager
def visiting(browser: Any, width: int = 1440, scheme: str = "light") -> Iterator[Visit]:
    """A tab that notes messages, dialogs and requests that leave the disk; there must be none when it closes."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    visit = Visit(context.new_page())
    tab, faults = visit.tab, visit.faults
    tab.on("console", lambda message: faults.append(f"console: {message.text}"))
    tab.on("pageerror", lambda error: faults.append(f"script: {error}"))
    tab.on("dialog", lambda dialog: (faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    tab.on("popup", lambda popup: faults.append(f"window: {popup.url}"))
    tab.on(
        "request",
        lambda request: (
            None if request.url.startswith(("file:", "data:")) else faults.append(f"request: {request.url}")
        ),
    )
    yield visit
    context.close()
    assert faults == []
