"""What holds for all tests."""

import signal

import pytest
from hypothesis import settings

# How long an example takes depends on what else the machine does; time is measured by tests made for that.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

#: Files of long tests, the longest first: two processes are done at the same time when these come first.
LONG = (
    "test_report_browser.py",
    "test_runs_kills.py",
    "test_runs_two_pass.py",
    "test_runs_scenarios.py",
    "test_quality.py",
    "test_runs_hostile.py",
    "test_runs_poison.py",
    "test_cli.py",
)


def pytest_configure() -> None:
    """Take SIGINT as usual: what a shell starts in the background ignores it, and so would all that tests start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files of long tests first."""
    places = {name: at for at, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONG)))
