"""What holds for all tests."""

import pytest
from hypothesis import settings

# How long an example takes depends on what else the machine does; time is measured by tests made for that.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

#: Files of few and long tests, the longest first: two processes are done at the same time when these come first.
LONG = (
    "test_report_browser.py",
    "test_runs_kills.py",
    "test_quality.py",
    "test_docs_examples.py",
    "test_runs_scenarios.py",
    "test_runs_two_pass.py",
    "test_runs_hostile.py",
    "test_runs_poison.py",
    "test_pre_commit.py",
    "test_markdown_cost.py",
    "test_markdown_words.py",
    "test_bombs.py",
    "test_cli.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files of long tests first."""
    places = {name: at for at, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONG)))
